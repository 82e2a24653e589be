"""Which drawings a run of conduct gets: chosen by what it found, never an empty one."""

from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.charts import svg
from counterfoil.charts.drawing import Drawing
from counterfoil.kernel.i18n import _, lazy, translated
from counterfoil.lab.report.other_charts import MODEL_CHARTS
from counterfoil.lab.rules import rules_of
from counterfoil.lab.run import Result
from counterfoil.lab.stories import Story
from counterfoil.lab.tally import Flag

Floats = NDArray[np.float64]

LEVELS: Final = {
    "income": (
        lazy("poorest fifth"),
        lazy("second fifth"),
        lazy("third fifth"),
        lazy("fourth fifth"),
        lazy("richest fifth"),
    ),
    "age": (lazy("15–29"), lazy("30–44"), lazy("45–59"), lazy("60 and over")),
    "child": (lazy("no small child"), lazy("small child")),
    "ill": (lazy("not depressed"), lazy("depressed")),
    "schooled": (lazy("left school early"), lazy("finished school")),
    "group": (lazy("urban"), lazy("rural")),
}
FLAT: Final = 0.05
"""A mean that moves less than this many points is no chart."""


def charts_of(result: Result, against: Result | None) -> list[Drawing]:
    """Draw a run's charts, with another policy's lines beside where they compare."""
    if result.policy.model in MODEL_CHARTS:
        return MODEL_CHARTS[result.policy.model](result)
    drawings = [
        _listed(result, against),
        _causes(result),
        _scores(result, against),
        _flows(result),
        _contacts(result),
        _refused_by_trait(result),
        _score_by_trait(result),
        _lending(result),
    ]
    return [drawing for drawing in drawings if drawing]


def _column(result: Result, name: str) -> Floats:
    return np.asarray(result.tables["months"].column(name).to_numpy(), dtype=np.float64)


def _listed(result: Result, against: Result | None) -> Drawing | None:
    people = result.population.people
    if not _column(result, "listed").any():
        return None
    series = {
        _("listed"): (_column(result, "listed") / people, svg.RED),
        _("without errors"): (_column(result, "twin_listed") / people, svg.BLUE),
    }
    if against and "listed" in against.tables["months"].column_names:
        other = _column(against, "listed") / against.population.people
        series[against.policy.name] = (other, svg.OCHRE)
    title = _("Share of residents on the list")
    return Drawing(
        title,
        svg.lines(title, series, share=True),
        _(
            "By month. Without errors: the same people and events, and no record ever wrong. What "
            "lies between was caused by wrong records."
        ),
    )


def _causes(result: Result) -> Drawing | None:
    causes = (
        ("listed_for_event", _("for an event"), svg.INK),
        ("listed_for_own_score", _("own score too low"), svg.BLUE),
        ("listed_falsely", _("by error"), svg.RED),
        ("listed_for_contacts", _("only for their contacts"), svg.OCHRE),
    )
    last = [(said, float(_column(result, name)[-1]), ink) for name, said, ink in causes]
    if not any(value for _said, value, _ink in last):
        return None
    title = _("Why residents are on the list")
    return Drawing(
        title,
        svg.bars(title, last),
        _(
            "Residents on the list in the last month, by cause. Only for their contacts: their own "
            "record would not have listed them."
        ),
    )


def _scores(result: Result, against: Result | None) -> Drawing | None:
    series = {
        _("score"): (_column(result, "mean_score"), svg.RED),
        _("without errors"): (_column(result, "twin_mean_score"), svg.BLUE),
        _("own record"): (_column(result, "mean_own_points"), svg.FAINT),
    }
    if np.ptp(series[_("score")][0]) < FLAT:
        return None
    if against and _share_a_scale(result, against):
        series[against.policy.name] = (_column(against, "mean_score"), svg.OCHRE)
    title = _("Mean score, in points")
    return Drawing(
        title,
        svg.lines(title, series, zero=False),
        _(
            "Own record: what people did themselves, before friends and the loss of friends are "
            "counted."
        ),
    )


def _share_a_scale(result: Result, against: Result) -> bool:
    """Tell whether two policies' points can stand on one axis."""
    here, there = result.policy.score, against.policy.score
    has_scores = "mean_score" in against.tables["months"].column_names
    return has_scores and (here.floor, here.ceiling) == (there.floor, there.ceiling)


def _flows(result: Result) -> Drawing | None:
    trace, grades = result.trace, result.policy.grades
    if trace is None or len(grades) < 2 or not len(trace.who):
        return None
    rules = rules_of(result.policy, calendar=result.population.spec.calendar, seed=result.seed)
    months = np.unique(np.linspace(0, result.months - 1, min(6, result.months)).astype(int))
    scored = (trace.flags[-1] & Flag.ENROLLED) != 0
    score = trace.seen[months][:, scored].astype(np.int64) >> 1 & 0x7FFF
    place = np.searchsorted(rules.grade_starts[1:], score, side="right")
    people = int(scored.sum())
    if not people or len(months) < 2:
        return None
    moves = []
    for one, other in pairwise(place):
        pairs = np.bincount(one * len(grades) + other, minlength=len(grades) ** 2)
        moves.append((pairs.reshape(len(grades), -1) / people).tolist())
    # Only the first is named in full: long words for a month would run into each other.
    said = [_("month {month}", month=1), *(str(month + 1) for month in months[1:])]
    title = _("Moves between grades")
    return Drawing(
        title,
        svg.flows(title, said, [translated(grade.name) for grade in grades], moves),
        _(
            "A band is a share of {people:,} traced residents, colored by the grade it leaves.",
            people=people,
        ),
    )


def _contacts(result: Result) -> Drawing | None:
    first = float(result.population.directed_ties) or 1.0
    alive, twin = _column(result, "ties") / first, _column(result, "twin_ties") / first
    if alive[-1] > 0.9999:
        return None
    series = {_("with errors"): (alive, svg.RED), _("without errors"): (twin, svg.BLUE)}
    title = _("Contacts left")
    return Drawing(
        title,
        svg.lines(title, series, share=True, zero=bool(alive[-1] < 0.7)),
        _("Share of all contacts that are left."),
    )


def _by_trait(result: Result, column: str, less: float) -> list[list[svg.Bar]]:
    """Give one list of bars a trait, one bar a level, each less a common value."""
    groups: dict[str, list[svg.Bar]] = {}
    for row in result.tables["traits"].to_pylist():
        if row["people"]:
            bars = groups.setdefault(row["trait"], [])
            ink = svg.RED if row["trait"] in {"income", "group"} else svg.BLUE
            bars.append((str(LEVELS[row["trait"]][row["level"]]), float(row[column]) - less, ink))
    return list(groups.values())


def _refused_by_trait(result: Result) -> Drawing | None:
    groups = _by_trait(result, "denied_months", 0.0)
    if max(abs(value) for bars in groups for _said, value, _ink in bars) < FLAT:
        return None
    title = _("Who is refused something, and for how long")
    caption = _("Months in which something was refused, on average, by who people are.")
    return Drawing(title, svg.bars(title, *groups), caption)


def _score_by_trait(result: Result) -> Drawing | None:
    groups = _by_trait(result, "mean_score", float(_column(result, "mean_score")[-1]))
    if max(abs(value) for bars in groups for _said, value, _ink in bars) < FLAT:
        return None
    title = _("What the score actually measures")
    caption = _("Mean score against everybody's mean, in points, by who people are.")
    return Drawing(title, svg.bars(title, *groups), caption)


def _lending(result: Result) -> Drawing | None:
    asked = max(float(_column(result, "loans_asked").sum()), 1.0)
    granted = float(_column(result, "loans_granted").sum())
    repaid = float(_column(result, "loans_repaid").sum())
    refused = float(_column(result, "refused_reliable").sum())
    friends = float(_column(result, "refused_for_friends").sum())
    if granted / asked > 0.9999:
        return None
    rows = [
        (_("granted, repaid"), repaid / asked, svg.GREEN),
        (_("granted, not repaid"), (granted - repaid) / asked, svg.OCHRE),
        (_("refused, would have repaid"), refused / asked, svg.RED),
        (_("refused, would not have"), (asked - granted - refused) / asked, svg.FAINT),
        (_("refused for friends' scores"), friends / asked, svg.INK),
    ]
    title = _("What becomes of requests for a loan")
    caption = _("Refused for friends' scores is part of the refused.")
    return Drawing(title, svg.bars(title, rows, share=True), caption)


def story_chart(story: Story) -> str:
    """Draw one resident's months."""
    return svg.lines(
        _("{name}'s score", name=story.name),
        {
            _("with the rule"): (story.score.tolist(), svg.RED),
            _("no wrong records"): (story.twin.tolist(), svg.BLUE),
            _("own record"): (story.own.tolist(), svg.FAINT),
        },
        zero=False,
    )
