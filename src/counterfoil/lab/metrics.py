"""What a run did to people, as Arrow tables, from its counts and its state at the end.

Floats begin here: everything before was whole numbers. A resident is *harmed* who was listed or
refused something; *blameless* whoever had, until then, done nothing that is both a wrong of
their own and counted by the policy. The *twin* is the same city without wrong records.
"""

from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.kernel.i18n import lazy
from counterfoil.lab.businesses import business_rows
from counterfoil.lab.compiled import Longs
from counterfoil.lab.models.summary import Row, share, summary_of
from counterfoil.lab.population.calendar import levels_by_class
from counterfoil.lab.population.model import GROUPS_MAX, Population
from counterfoil.lab.rules import LISTED_STATUS, STATUS_COUNT, UNIT
from counterfoil.lab.state import State
from counterfoil.lab.tally import GRADES, Count, Flag, Past
from counterfoil.policy.model import Policy

_SILENCE: Final = lazy("critical posts not written")
_NO_SILENCE: Final = lazy("not part of this policy")
GROUP_NAMES: Final = ("urban", "rural")
MONTHLY: Final = {
    "listed_falsely": Count.LISTED_FALSELY,
    "listed_for_event": Count.LISTED_FOR_EVENT,
    "listed_for_own_score": Count.LISTED_FOR_OWN_SCORE,
    "listed_for_contacts": Count.LISTED_FOR_CONTACTS,
    "entered": Count.ENTERED,
    "left": Count.LEFT,
    "false_entries": Count.FALSE_ENTRIES,
    "corrected": Count.CORRECTED,
    "ties": Count.TIES,
    "twin_ties": Count.TWIN_TIES,
    "isolated": Count.ISOLATED,
    "denied": Count.DENIED,
    "denied_blameless": Count.DENIED_BLAMELESS,
    "first_listed": Count.FIRST_LISTED,
    "twin_first_listed": Count.TWIN_FIRST_LISTED,
    "loans_asked": Count.LOANS_ASKED,
    "loans_granted": Count.LOANS_GRANTED,
    "loans_repaid": Count.LOANS_REPAID,
    "refused_reliable": Count.REFUSED_RELIABLE,
    "refused_for_friends": Count.REFUSED_FOR_FRIENDS,
    "silent": Count.SILENT,
    "speech_given_up": Count.SPEECH_GIVEN_UP,
    "wrong_records": Count.WRONG_RECORDS,
    "exempted": Count.EXEMPTED,
    "unscored": Count.UNSCORED,
}

Floats = NDArray[np.float64]


def tables_of(
    policy: Policy, population: Population, counts: Longs, state: State
) -> dict[str, pa.Table]:
    """Make every table of a run of conduct."""
    return {
        "months": months_table(counts),
        "grades": grades_table(policy, counts),
        "flows": flows_table(policy, counts),
        "traits": traits_table(population, state),
        "summary": summary_table(policy, population, counts, state),
    }


def months_table(counts: Longs) -> pa.Table:
    """One row a month: how many people, contacts and loans, and mean scores in points."""
    status = counts[:, Count.STATUS : Count.TWIN_STATUS].reshape(-1, GROUPS_MAX, STATUS_COUNT)
    twin = counts[:, Count.TWIN_STATUS : Count.FLOW]
    scored = np.maximum(twin.sum(axis=1), 1)
    scores = counts[:, Count.SCORE_SUM : Count.TWIN_SCORE_SUM].sum(axis=1)
    columns: dict[str, NDArray[np.generic]] = {
        "month": np.arange(1, len(counts) + 1),
        "listed": status[:, :, LISTED_STATUS:].sum(axis=(1, 2)),
        "twin_listed": twin[:, LISTED_STATUS:].sum(axis=1),
        "mean_score": scores / scored / UNIT,
        "twin_mean_score": counts[:, Count.TWIN_SCORE_SUM] / scored / UNIT,
        "mean_own_points": counts[:, Count.OWN_SUM] / scored / UNIT,
    }
    columns |= {name: counts[:, place] for name, place in MONTHLY.items()}
    return pa.table(columns)


def grades_table(policy: Policy, counts: Longs) -> pa.Table:
    """One row a month, group, grade and standing on the list: how many people."""
    status = counts[:, Count.STATUS : Count.TWIN_STATUS].reshape(-1, GROUPS_MAX, 2, GRADES)
    rows = [
        (month + 1, group, grade.name, bool(listed), int(status[month, number, listed, place]))
        for month in range(len(counts))
        for number, group in enumerate(GROUP_NAMES)
        for listed in (0, 1)
        for place, grade in enumerate(policy.grades)
    ]
    names = ("month", "group", "grade", "listed", "people")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def flows_table(policy: Policy, counts: Longs) -> pa.Table:
    """One row a year, grade before and grade after: moves between months, added up."""
    flow = counts[:, Count.FLOW : Count.SCORE_SUM].reshape(-1, GRADES, GRADES)
    years = (len(counts) + 11) // 12
    rows = [
        (year + 1, one.name, other.name, int(flow[12 * year : 12 * year + 12, i, j].sum()))
        for year in range(years)
        for i, one in enumerate(policy.grades)
        for j, other in enumerate(policy.grades)
    ]
    names = ("year", "from", "to", "moves")
    return pa.table(dict(zip(names, map(list, zip(*rows, strict=True)), strict=True)))


def traits_table(population: Population, state: State) -> pa.Table:
    """One row a trait and level: whom the policy scores low, lists and refuses."""
    scored = (state.flags & Flag.ENROLLED) != 0
    score = (state.seen >> np.uint32(1) & np.uint32(0x7FFF)) / UNIT
    blameless = (state.past & (Past.LISTED_BLAMELESS | Past.DENIED_BLAMELESS)) != 0
    levels = {
        name: level[population.residents.class_of] for name, level in levels_by_class().items()
    }
    levels["group"] = population.residents.group_of.astype(np.int64)
    rows = []
    for trait, level in levels.items():
        for number in range(int(level.max()) + 1):
            who = scored & (level == number)
            people = max(int(who.sum()), 1)
            rows.append(
                {
                    "trait": trait,
                    "level": number,
                    "people": int(who.sum()),
                    "mean_score": float(score[who].sum() / people),
                    "ever_listed": float(((state.past[who] & Past.LISTED) != 0).sum() / people),
                    "denied_months": float(state.denied[who].sum() / people),
                    "harmed_blameless": float(blameless[who].sum() / people),
                    "contacts_lost": float(
                        (state.degree[who].astype(int) - state.alive[who]).sum() / people
                    ),
                }
            )
    return pa.Table.from_pylist(rows)


def gini(values: Floats) -> float:
    """Give the Gini index of non-negative values: 0 where all are equal."""
    total = values.sum()
    if not len(values) or total <= 0:
        return 0.0
    ranked = np.sort(values)
    place = np.arange(1, len(ranked) + 1)
    return float(((2 * place - len(ranked) - 1) @ ranked) / (len(ranked) * total))


def summary_table(policy: Policy, population: Population, counts: Longs, state: State) -> pa.Table:
    """One row a metric: its value, unit and meaning."""
    rows = [
        *_exposure(population, counts, state),
        *_harm(policy, population, counts, state),
        *_dynamics(counts, state),
        *_fairness(policy, population, counts, state),
        *_usefulness(policy, counts),
    ]
    if policy.people.businesses:
        rows += business_rows(population, state)
    return summary_of(rows)


def _exposure(population: Population, counts: Longs, state: State) -> list[Row]:
    people, last = population.people, counts[-1]
    listed = int(((state.seen & np.uint32(1)) != 0).sum())
    twin = int(((state.seen >> np.uint32(16) & np.uint32(1)) != 0).sum())
    ever = int(((state.past & Past.LISTED) != 0).sum())
    causes = last[Count.LISTED_FALSELY : Count.LISTED_FOR_CONTACTS + 1]
    return [
        ("listed_share", share(listed, people), "share", lazy("on the list in the last month")),
        ("twin_listed_share", share(twin, people), "share", lazy("the same, had no record been wrong")),
        ("ever_listed_share", share(ever, people), "share", lazy("on the list at any time")),
        ("listed_falsely_share", share(causes[0], listed), "share", lazy("of the list: by error")),
        ("listed_for_contacts_share", share(causes[3], listed), "share",
         lazy("of the list: only because of whom they know")),
        ("unscored_share", share(last[Count.UNSCORED], people), "share", lazy("outside the policy")),
        ("exempted_acts", float(counts[:, Count.EXEMPTED].sum()), "acts",
         lazy("punishable acts of exempt people that counted for nothing")),
    ]  # fmt: skip


def _harm(policy: Policy, population: Population, counts: Longs, state: State) -> list[Row]:
    people, past = population.people, state.past
    harmed = (past & (Past.LISTED_BLAMELESS | Past.DENIED_BLAMELESS)) != 0
    false = (past & Past.WRONGED) != 0
    never = false & ((past & Past.CORRECTED) == 0)
    ties = counts[:, Count.TIES]
    first = int(state.degree.astype(np.int64).sum())
    return [
        ("harmed_blameless_share", share(harmed.sum(), people), "share",
         lazy("listed or refused something by no act of their own")),
        ("denied_person_months", float(counts[:, Count.DENIED].sum()), "person-months",
         lazy("months in which somebody was refused at least one thing")),
        ("wronged_people", float(false.sum()), "people", lazy("held a wrong record at any time")),
        ("never_corrected_share", share(never.sum(), false.sum()), "share",
         lazy("of them: no correction by the end")),
        ("contacts_lost_share", share(first - ties[-1], first), "share",
         lazy("of all contacts: gone by the end")),
        ("isolated_people", float(counts[-1, Count.ISOLATED]), "people",
         lazy("had contacts and have none left")),
        ("silent_share", share(counts[-1, Count.SILENT], people), "share",
         lazy("keep quiet in the last month")),
        ("speech_given_up", float(counts[:, Count.SPEECH_GIVEN_UP].sum()), "posts",
         _SILENCE if policy.people.silence else _NO_SILENCE),
        ("wrong_records", float(counts[:, Count.WRONG_RECORDS].sum()), "records",
         lazy("booked to somebody who had done nothing")),
    ]  # fmt: skip


def _dynamics(counts: Longs, state: State) -> list[Row]:
    left, corrected = counts[:, Count.LEFT].sum(), counts[:, Count.CORRECTED].sum()
    flow = counts[:, Count.FLOW : Count.SCORE_SUM].sum(axis=0).reshape(GRADES, GRADES)
    moves = flow.sum()
    down = np.tril(flow, -1).sum()
    up = np.triu(flow, 1).sum()
    past = state.past
    cascade = ((past & Past.LISTED) != 0) & ((past & (Past.TWIN_LISTED | Past.WRONGED)) == 0)
    errors = counts[:, Count.FALSE_ENTRIES].sum() + counts[:, Count.WRONG_RECORDS].sum()
    lost = int(counts[-1, Count.TWIN_TIES] - counts[-1, Count.TIES])
    return [
        ("months_to_recover", share(counts[:, Count.LEFT_MONTHS].sum(), left), "months",
         lazy("mean stay of those who came off the list")),
        ("months_to_correction", share(counts[:, Count.CORRECTED_MONTHS].sum(), corrected),
         "months", lazy("mean wait of those whose false entry was corrected")),
        ("moved_down_yearly", 12 * share(down, moves), "moves", lazy("a person a year, to a lower grade")),
        ("moved_up_yearly", 12 * share(up, moves), "moves", lazy("a person a year, to a higher grade")),
        ("cascade_people", float(cascade.sum()), "people",
         lazy("listed although never in error and not in the twin: drawn in by others' errors")),
        ("cascade_size", share(cascade.sum(), errors), "people", lazy("drawn in for each wrong record")),
        ("contacts_lost_to_errors", float(lost // 2), "contacts",
         lazy("alive in the twin and gone here at the end")),
    ]  # fmt: skip


def _fairness(policy: Policy, population: Population, counts: Longs, state: State) -> list[Row]:
    scored = (state.flags & Flag.ENROLLED) != 0
    score = (state.seen >> np.uint32(1) & np.uint32(0x7FFF))[scored] / UNIT
    items = len(policy.entitlements())
    opened = items * len(counts) - state.closed[scored].astype(np.float64)
    rural = (population.residents.group_of == 1)[scored]
    denied = state.denied[scored].astype(np.float64)
    listed = (state.past[scored] & Past.LISTED) != 0
    poor = (population.income_level() == 0)[scored]
    rich = (population.income_level() == 4)[scored]
    return [
        ("gini_score", gini(score - policy.score.floor), "index", lazy("inequality of scores")),
        ("gini_access", gini(opened), "index", lazy("inequality of what is open to people")),
        ("rural_gap_listed", _mean(listed, rural) - _mean(listed, ~rural), "share",
         lazy("ever listed: rural less urban")),
        ("rural_gap_denied", _mean(denied, rural) - _mean(denied, ~rural), "months",
         lazy("months with a refusal: rural less urban")),
        ("rural_gap_score", _mean(score, rural) - _mean(score, ~rural), "points",
         lazy("mean score: rural less urban")),
        ("poor_gap_denied", _mean(denied, poor) - _mean(denied, rich), "months",
         lazy("months with a refusal: poorest less richest fifth")),
        ("poor_gap_score", _mean(score, poor) - _mean(score, rich), "points",
         lazy("mean score: poorest less richest fifth")),
    ]  # fmt: skip


def _mean(values: NDArray[np.generic], who: NDArray[np.bool_]) -> float:
    return float(values[who].mean()) if who.any() else 0.0


def _usefulness(policy: Policy, counts: Longs) -> list[Row]:
    total = counts.sum(axis=0)
    asked, granted = total[Count.LOANS_ASKED], total[Count.LOANS_GRANTED]
    repaid = total[Count.LOANS_REPAID]
    loan = policy.loan
    profit = loan.lender_gain * repaid - loan.lender_loss * (granted - repaid)
    points = loan.repaid_points * repaid + loan.default_points * (granted - repaid)
    return [
        ("loans_granted_share", share(granted, asked), "share", lazy("of requests for a loan")),
        ("loans_repaid_share", share(repaid, granted), "share", lazy("of loans granted")),
        ("lender_gain_per_request", share(profit, asked), "units",
         lazy("what loans repaid bring, less what defaults cost")),
        ("borrower_change_per_loan", share(points, granted), "points",
         lazy("delayed impact: mean change of a borrower's record after a loan")),
        ("refused_reliable_share", share(total[Count.REFUSED_RELIABLE], asked), "share",
         lazy("of requests: refused although it would have been repaid")),
        ("refused_for_friends_share", share(total[Count.REFUSED_FOR_FRIENDS], asked), "share",
         lazy("of requests: refused although the own score passes")),
    ]  # fmt: skip
