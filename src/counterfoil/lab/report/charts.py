"""Which drawings a run gets: chosen by what it found, never an empty one."""

from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.report import svg
from counterfoil.lab.rules import rules_of
from counterfoil.lab.run import Result
from counterfoil.lab.stories import Story
from counterfoil.policy.model import Model

Floats = NDArray[np.float64]
Drawing = tuple[str, str]
"""An SVG and its caption."""

LEVEL_NAMES = {
    "income": ("poorest fifth", "second fifth", "third fifth", "fourth fifth", "richest fifth"),
    "age": ("15–29", "30–44", "45–59", "60 and over"),
    "child": ("no small child", "small child"),
    "ill": ("not depressed", "depressed"),
    "schooled": ("left school early", "finished school"),
    "group": ("urban", "rural"),
}


def charts_of(result: Result, against: Result | None) -> list[Drawing]:
    """Draw a run's charts, with another policy's lines beside where they compare."""
    if result.policy.model is Model.ENROLMENT:
        return _enrolment(result)
    if result.policy.model is Model.RELINK:
        return _relink(result)
    if result.policy.model is Model.FACE:
        return _face(result)
    drawings = [_listed(result, against), _causes(result), _scores(result, against)]
    drawings += [_flows(result), _contacts(result), _traits(result, "denied_months")]
    drawings += [_traits(result, "mean_score"), _lending(result)]
    return [drawing for drawing in drawings if drawing]


def _column(result: Result, name: str) -> Floats:
    return np.asarray(result.tables["months"].column(name).to_numpy(), dtype=np.float64)


def _listed(result: Result, against: Result | None) -> Drawing | None:
    people = result.population.people
    if not _column(result, "listed").any():
        return None
    series = {
        "listed": (_column(result, "listed") / people, svg.RED),
        "without errors": (_column(result, "twin_listed") / people, svg.BLUE),
    }
    if against and "listed" in against.tables["months"].column_names:
        series[against.policy.name] = (
            _column(against, "listed") / against.population.people,
            svg.OCHRE,
        )
    return (
        svg.lines("Share of residents on the list", series, share=True),
        (
            "Share of residents on the list, by month. Without errors: the same people and events, "
            "and no record ever wrong. What lies between was caused by wrong records."
        ),
    )


def _causes(result: Result) -> Drawing | None:
    names = {
        "listed_for_event": "for an event",
        "listed_for_own_score": "own score too low",
        "listed_falsely": "by error",
        "listed_for_contacts": "only for their contacts",
    }
    inks = (svg.INK, svg.BLUE, svg.RED, svg.OCHRE)
    last = [(said, float(_column(result, name)[-1]), ink)
            for (name, said), ink in zip(names.items(), inks, strict=True)]  # fmt: skip
    if not any(value for _, value, _ in last):
        return None
    return svg.bars("Why residents are on the list", last), (
        "Residents on the list in the last month, by cause. Only for their contacts: their own "
        "record would not have listed them."
    )


def _scores(result: Result, against: Result | None) -> Drawing | None:
    series = {
        "score": (_column(result, "mean_score"), svg.RED),
        "without errors": (_column(result, "twin_mean_score"), svg.BLUE),
        "own record": (_column(result, "mean_own_points"), svg.FAINT),
    }
    if np.ptp(series["score"][0]) < 0.05:
        return None
    if against and "mean_score" in against.tables["months"].column_names:
        series[against.policy.name] = (_column(against, "mean_score"), svg.OCHRE)
    return (
        svg.lines("Mean score", series, zero=False),
        (
            "Mean score in points. Own record: what people did themselves, before friends and the "
            "loss of friends are counted."
        ),
    )


def _flows(result: Result) -> Drawing | None:
    trace, grades = result.trace, result.policy.grades
    if trace is None or len(grades) < 2 or not len(trace.who):
        return None
    rules = rules_of(result.policy, calendar=result.population.spec.calendar, seed=result.seed)
    columns = min(6, result.months)
    months = np.unique(np.linspace(0, result.months - 1, columns).astype(int))
    scored = (trace.flags[-1] & 4) != 0
    score = trace.seen[months][:, scored].astype(np.int64) >> 1 & 0x7FFF
    place = np.searchsorted(rules.grade_starts[1:], score, side="right")
    people = max(int(scored.sum()), 1)
    moves = []
    for one, other in pairwise(place):
        pairs = np.bincount(one * len(grades) + other, minlength=len(grades) ** 2)
        moves.append((pairs.reshape(len(grades), -1) / people).tolist())
    if not moves:
        return None
    said = [f"month {month + 1}" for month in months]
    return (
        svg.flows("Moves between grades", said, [grade.name for grade in grades], moves),
        (
            f"Who moves between grades. A band is a share of {people:,} traced residents, colored by "
            "the grade it leaves."
        ),
    )


def _contacts(result: Result) -> Drawing | None:
    first = float(result.population.directed_ties) or 1.0
    alive, twin = _column(result, "ties") / first, _column(result, "twin_ties") / first
    if alive[-1] > 0.9999:
        return None
    return (
        svg.lines(
            "Contacts left",
            {"with errors": (alive, svg.RED), "without errors": (twin, svg.BLUE)},
            share=True,
            zero=bool(alive[-1] < 0.7),
        ),
        "Share of all contacts that are left.",
    )


def _traits(result: Result, column: str) -> Drawing | None:
    rows = [row for row in result.tables["traits"].to_pylist() if row["people"]]
    shown = []
    for row in rows:
        ink = svg.RED if row["trait"] in {"income", "group"} else svg.BLUE
        shown.append((LEVEL_NAMES[row["trait"]][row["level"]], float(row[column]), ink))
    if column == "mean_score":
        mean = float(_column(result, "mean_score")[-1])
        shown = [(name, value - mean, ink) for name, value, ink in shown]
    if max(abs(value) for _, value, _ in shown) < 0.05:
        return None
    caption = {
        "denied_months": "Months in which something was refused, on average, by who people are.",
        "mean_score": "Mean score against everybody's mean, in points, by who people are: what "
        "the policy actually measures.",
    }[column]
    return svg.bars(caption, shown), caption


def _lending(result: Result) -> Drawing | None:
    asked = max(float(_column(result, "loans_asked").sum()), 1.0)
    granted = float(_column(result, "loans_granted").sum())
    repaid = float(_column(result, "loans_repaid").sum())
    refused = float(_column(result, "refused_reliable").sum())
    if granted / asked > 0.9999:
        return None
    rows = [
        ("granted, repaid", repaid / asked, svg.GREEN),
        ("granted, not repaid", (granted - repaid) / asked, svg.OCHRE),
        ("refused, would have repaid", refused / asked, svg.RED),
        ("refused for friends' scores", float(_column(result, "refused_for_friends").sum()) / asked,
         svg.INK),
        ("refused, would not have", (asked - granted - refused) / asked, svg.FAINT),
    ]  # fmt: skip
    return svg.bars("What becomes of requests for a loan", rows, share=True), (
        "What becomes of requests for a loan. Refused for friends' scores is part of the refused."
    )


def _enrolment(result: Result) -> list[Drawing]:
    people = result.population.people
    series = {
        "scored": (_column(result, "scored") / people, svg.INK),
        "unaware": (_column(result, "scored_unknowing") / people, svg.OCHRE),
        "against their will": (_column(result, "scored_against_will") / people, svg.RED),
    }
    return [
        (
            svg.lines("Who is scored", series, share=True),
            "Share of residents who are scored, do not know it, or would have said no.",
        )
    ]


def _relink(result: Result) -> list[Drawing]:
    series = {
        "found again": (_column(result, "relinked_share"), svg.RED),
        "joined to a stranger": (_column(result, "mislinked_share"), svg.OCHRE),
    }
    rows = [
        (f"by {row['birth']} of birth", float(row["unique_share"]), svg.BLUE)
        for row in result.tables["precision"].to_pylist()
    ]
    return [
        (
            svg.lines("Found again", series, share=True),
            "Share of one broker's file that is found again in the others', by how many are joined.",
        ),
        (
            svg.bars("Alone with their data", rows, share=True),
            "Share of residents who are alone with their sex, birth and postcode.",
        ),
    ]


def _face(result: Result) -> list[Drawing]:
    rows = [
        (f"{row['cameras'] / 1e6:.0f} million, {row['year']}", row["false_alarms_a_day"], svg.RED)
        for row in result.tables["cameras"].to_pylist()
    ]
    sample = {
        "measured": (_column(result, "alarm_share_measured"), svg.RED),
        "1 − (1 − f)ᴺ": (_column(result, "alarm_share_computed"), svg.BLUE),
    }
    sizes = result.tables["months"].column("gallery").to_pylist()
    speed = result.tables["measured_speed"].to_pylist()[0]
    return [
        (
            svg.bars("False alarms a day", rows),
            (
                "False alarms a day by number of cameras, in the two published series: 176 to 626 "
                "million (2016 to 2020) and 170 to 570 million (2017 to 2020)."
            ),
        ),
        (
            svg.lines("Searches that raise a false alarm", sample, share=True),
            "Searches of random vectors in galleries of "
            + ", ".join(f"{size:,}" for size in sizes)
            + f": measured against the law. This machine compares "
            f"{svg.number(speed['comparisons_per_second'])} vectors a second, so one exact search "
            f"of 1.4 billion takes {svg.number(speed['seconds_for_one_of_1_4_billion'])} s on it.",
        ),
    ]


def story_chart(story: Story) -> str:
    """Draw one resident's months."""
    return svg.lines(
        f"{story.name}'s score",
        {
            "with the rule": (story.score.tolist(), svg.RED),
            "no wrong records": (story.twin.tolist(), svg.BLUE),
            "own record": (story.own.tolist(), svg.FAINT),
        },
        zero=False,
    )
