"""Automatic enrolment against consent: who ends up scored, who can leave, what it costs.

Each month an enrolled resident who knows of it may try to leave; some tries fail on friction
(five taps deep, a branch to visit). Leaving closes some of the services that were bound to the
score. With consent, only those who say yes are ever scored, and nothing is bound to leaving.
"""

import numpy as np
import pyarrow as pa

from counterfoil.kernel.i18n import lazy
from counterfoil.lab.models.summary import Row, Told, share, summary_of
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, threshold, words
from counterfoil.policy.model import Policy


def run_enrolment(
    policy: Policy, population: Population, *, months: int, seed: int, told: Told
) -> dict[str, pa.Table]:
    """Follow enrolment, knowledge and leaving for some months."""
    setting = policy.settings
    people = population.people
    first = words(people, seed=seed, stream=Stream.ENROLMENT)
    agrees = first[:, 0] < threshold(setting["consent_rate"])
    knows = first[:, 1] < threshold(setting["notice_share"])
    automatic = setting["default_on"] >= 0.5
    enrolled = np.ones(people, dtype=bool) if automatic else agrees.copy()
    knows = knows if automatic else np.ones(people, dtype=bool)
    left = np.zeros(people, dtype=bool)
    tries = np.zeros(people, dtype=np.int32)
    rows = []
    lost_services = 0.0
    for month in range(months):
        draw = words(people, seed=seed, stream=Stream.ENROLMENT, month=month + 1)
        # Whoever would have said no wants to leave; whoever would have said yes stays.
        wants = enrolled & knows & ~agrees & (draw[:, 0] < threshold(setting["leave_rate"]))
        leaves = wants & (draw[:, 1] >= threshold(setting["leave_friction"]))
        tries += wants
        enrolled &= ~leaves
        left |= leaves
        lost_services += float(left.sum()) * setting["services_lost_on_leaving"]
        told(month + 1, months)
        rows.append(
            {
                "month": month + 1,
                "scored": int(enrolled.sum()),
                "scored_against_will": int((enrolled & ~agrees).sum()),
                "scored_unknowing": int((enrolled & ~knows).sum()),
                "tried_to_leave": int(wants.sum()),
                "left": int(leaves.sum()),
            }
        )
    against = enrolled & ~agrees
    summary: list[Row] = [
        ("scored_share", share(enrolled.sum(), people), "share", lazy("scored in the last month")),
        ("against_will_share", share(against.sum(), people), "share",
         lazy("scored although they would have said no")),
        ("unknowing_share", share((enrolled & ~knows).sum(), people), "share",
         lazy("scored and not aware of it")),
        ("left_share", share(left.sum(), people), "share", lazy("got out")),
        ("tries_per_exit", share(tries[left].sum(), left.sum()), "tries",
         lazy("attempts that one exit took")),
        ("service_months_lost", lost_services, "service-months", lazy("price paid for leaving")),
        ("service_share_lost", share(lost_services, people * months * setting["services"]),
         "share", lazy("of all service-months, by those who left")),
    ]  # fmt: skip
    return {
        "months": pa.Table.from_pylist(rows),
        "traits": _traits(population, against, left),
        "summary": summary_of(summary),
    }


def _traits(
    population: Population, against: np.ndarray[tuple[int], np.dtype[np.bool_]],
    left: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> pa.Table:  # fmt: skip
    rows = []
    for trait, level in (("age", population.age_level()), ("income", population.income_level())):
        for number in range(int(level.max()) + 1):
            who = level == number
            rows.append(
                {
                    "trait": trait,
                    "level": number,
                    "people": int(who.sum()),
                    "against_will": share(against[who].sum(), who.sum()),
                    "left": share(left[who].sum(), who.sum()),
                }
            )
    return pa.Table.from_pylist(rows)
