"""Five simulated residents, month by month, with the rule and without.

Each story answers one question a reader asks, and its person is the traced resident who fits it
best by a stated rule, ties to the lowest number. *Without the rule* nobody keeps a list, so
nothing is refused and no contact is dropped; the *twin* is the same rule without wrong records.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import Message, _, lazy, ngettext
from counterfoil.lab.population.model import Population
from counterfoil.lab.rules import LISTED_STATUS, UNIT, Rules, rules_of
from counterfoil.lab.run import Result
from counterfoil.lab.tally import Flag
from counterfoil.lab.trace import Trace
from counterfoil.policy.words import Event

NAMES: Final = ("An", "Bao", "Chun", "Dan", "En", "Fei", "Gang", "Hua", "Jing", "Kai", "Lan", "Min")
"""Given names for residents who do not exist; picked by number, not by fate."""

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Story:
    """One resident's months: scores in points, contacts counted, what happened and was refused."""

    person: int
    name: str
    question: str
    about: str
    score: Floats
    twin: Floats
    own: Floats
    listed: NDArray[np.bool_]
    denied: NDArray[np.bool_]
    contacts: NDArray[np.int64]
    lines: tuple[str, ...]


def stories_of(result: Result) -> tuple[Story, ...]:
    """Pick and tell up to five stories of a run of conduct; none for other models."""
    trace, state = result.trace, result.state
    if trace is None or state is None or not len(trace.who):
        return ()
    rules = rules_of(result.policy, calendar=result.population.spec.calendar, seed=result.seed)
    seen = trace.seen.astype(np.int64)
    score, twin = (seen >> 1 & 0x7FFF) / UNIT, (seen >> 17) / UNIT
    listed = (seen & 1) != 0
    status = _grades(seen >> 1 & 0x7FFF, rules) + LISTED_STATUS * listed
    scored = (trace.flags & Flag.ENROLLED) != 0
    denied = (rules.denied[status] > 0) & scored
    fault = (trace.flags[-1] & Flag.AT_FAULT) != 0
    wrong = ((trace.flags & Flag.WRONG) != 0).any(axis=0)
    lost = state.degree[trace.who].astype(np.int64) - trace.alive[-1]
    months_denied = denied.sum(axis=0)
    measures: dict[str, NDArray[np.generic]] = {
        _("Whom did a wrong record hurt most?"): wrong * (1 + (twin - score).sum(axis=0)),
        _("Who did nothing and was refused most?"): ~fault * ~wrong * months_denied,
        _("Who lost the most contacts?"): ~wrong * lost,
        _("Who fell and came back?"): _came_back(score) * (scored.any(axis=0)),
        _("Who gained?"): (score[-1] - score[0]) * scored[-1],
    }
    told: dict[int, Story] = {}
    for question, measure in measures.items():
        order = np.argsort(-measure.astype(np.float64), kind="stable")
        index = next((int(i) for i in order if int(i) not in told), None)
        if index is None or not measure[index] > 0:
            continue
        told[index] = _tell(result, rules, question, index, score, twin, listed, denied)
    return tuple(told.values())


def _grades(score: NDArray[np.int64], rules: Rules) -> NDArray[np.int64]:
    return np.searchsorted(rules.grade_starts[1:], score, side="right")


def _came_back(score: Floats) -> Floats:
    """Measure how far somebody fell and then rose again: the smaller of the two."""
    lowest = score.min(axis=0)
    return np.asarray(np.minimum(score[0] - lowest, score[-1] - lowest))


def _tell(
    result: Result, rules: Rules, question: str, index: int, score: Floats, twin: Floats,
    listed: NDArray[np.bool_], denied: NDArray[np.bool_],
) -> Story:  # fmt: skip
    trace = result.trace
    assert trace is not None
    person = int(trace.who[index])
    return Story(
        person=person,
        name=NAMES[person % len(NAMES)],
        question=question,
        about=describe(result.population, person),
        score=score[:, index],
        twin=twin[:, index],
        own=trace.own[:, index] / UNIT,
        listed=listed[:, index],
        denied=denied[:, index],
        contacts=trace.alive[:, index].astype(np.int64),
        lines=_lines(rules, trace, index, listed[:, index], denied[:, index]),
    )


def describe(population: Population, person: int) -> str:
    """Say who a resident is."""
    residents = population.residents
    parts = [
        _("{age} years old", age=residents.age[person]),
        (_("urban"), _("rural"))[residents.group_of[person]],
        _("{income:,} yuan a year", income=residents.income[person]),
        _("with a small child") if population.has_child()[person] else "",
        _("living with depression") if population.is_ill()[person] else "",
    ]
    return _(", ").join(part for part in parts if part)


WORDS: Final[Mapping[Event, Message]] = {
    Event.LATE_BILL: lazy("a late bill"),
    Event.MISSED_REPAYMENT: lazy("a missed repayment"),
    Event.TRAFFIC_FINE: lazy("a traffic fine"),
    Event.DRUNK_DRIVING: lazy("drunk driving"),
    Event.BRIBERY: lazy("bribing an official"),
    Event.COURT_JUDGMENT: lazy("a court judgment"),
    Event.EXAM_CHEATING: lazy("cheating in an examination"),
    Event.CRITICAL_POST: lazy("a critical post"),
    Event.ELDER_CARE: lazy("caring for elderly family"),
    Event.HELPING_THE_POOR: lazy("helping the poor"),
    Event.MEDIA_MENTION: lazy("a mention in the media"),
    Event.DONATION: lazy("a donation"),
    Event.VIDEO_GAMES: lazy("video games"),
    Event.DIAPERS: lazy("buying diapers"),
    Event.ANTIDEPRESSANTS: lazy("buying antidepressants"),
    Event.RETURNED_GOODS: lazy("returning goods"),
    Event.NAME_IN_CAPITALS: lazy("a name in capitals"),
    Event.LOAN_REQUEST: lazy("asking for a loan"),
    Event.RECORD_ERROR: lazy("a record error"),
}


def say_event(event: Event, points: float) -> str:
    """Name an event, with the points it is worth where it is worth any."""
    if not points:
        return str(WORDS[event])
    return _("{event} ({points:+.3g} points)", event=WORDS[event], points=points)


def _lines(
    rules: Rules, trace: Trace, index: int, listed: NDArray[np.bool_],
    denied: NDArray[np.bool_],
) -> tuple[str, ...]:  # fmt: skip
    """Say what changed in the months in which something did."""
    events = trace.event[:, index]
    alive = trace.alive[:, index].astype(int)
    lines = []
    before = (False, False, int(alive[0]))
    for month, event in enumerate(events):
        parts = []
        if event and (rules.points[event] or rules.lists[event] or event == Event.RECORD_ERROR):
            points = int(rules.points[event]) / UNIT
            parts.append(say_event(Event(int(event)), points))
        if bool(listed[month]) != before[0]:
            parts.append(_("put on the list") if listed[month] else _("off the list"))
        if bool(denied[month]) != before[1]:
            refused = _("refused from now on")
            parts.append(refused if denied[month] else _("nothing refused any more"))
        if alive[month] < before[2]:
            gone = before[2] - int(alive[month])
            parts.append(
                ngettext("{count} contact gone, {left} left", "{count} contacts gone, {left} left",
                         gone, left=alive[month])
            )  # fmt: skip
        before = (bool(listed[month]), bool(denied[month]), int(alive[month]))
        if parts:
            lines.append(_("Month {month}: {events}.", month=month + 1, events=_("; ").join(parts)))
    return tuple(lines)
