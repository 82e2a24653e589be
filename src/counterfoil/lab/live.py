"""Being one synthetic resident under a policy, for a year.

A small town lives by the policy; one of its residents is the reader. Each month they may ask
for something, look at the public list, object to a wrong record, or let the month pass. What
they are told is what the policy would do, with its cause; the town goes on as in any run, by the
same engine. Policies that are no score of conduct have lives of their own below.
"""

from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from counterfoil.lab.engine import Engine, engine_of
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.models.face import false_alarm_rate
from counterfoil.lab.population.generate import generate
from counterfoil.lab.population.model import Population, PopulationSpec
from counterfoil.lab.randomness import Stream, threshold, words
from counterfoil.lab.rules import UNIT, Rules, rules_of
from counterfoil.lab.state import begin
from counterfoil.lab.stories import NAMES, WORDS, describe
from counterfoil.lab.tally import Count, Flag
from counterfoil.policy.model import Model, Policy
from counterfoil.policy.words import Entitlement, Event

TOWN: Final = 2_000
MONTHS: Final = 12
LIST_SHOWN: Final = 8


class Life(Protocol):
    """A year in somebody's place."""

    month: int

    def introduce(self) -> list[str]:
        """Say who the reader is and what they can do."""

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """


def live(policy: Policy, *, seed: int = 1, resident: int | None = None) -> Life:
    """Begin a year under a policy.

    Raises:
        RunInvalid: no such resident.

    """
    town = generate(PopulationSpec(people=TOWN, seed=seed, districts=8))
    if resident is not None and not 0 <= resident < TOWN:
        raise RunInvalid(f"resident {resident}: the town has residents 0 to {TOWN - 1}")
    if policy.model is Model.CONDUCT:
        return ConductLife(policy, town, seed, resident)
    return OtherLife(policy, town, seed, resident or 0)


@dataclass(slots=True)
class ConductLife:
    """A year under a score of conduct."""

    policy: Policy
    town: Population
    seed: int
    chosen: int | None
    month: int = 0
    who: int = field(init=False)
    rules: Rules = field(init=False)
    engine: Engine = field(init=False)

    def __post_init__(self) -> None:
        """Start the town over, after looking a year ahead for somebody to be."""
        calendar = self.town.spec.calendar
        self.rules = rules_of(self.policy, calendar=calendar, seed=self.seed)
        self.who = self._eventful() if self.chosen is None else self.chosen
        self.engine = engine_of("numpy", self.town, self.rules, begin(self.town, self.rules))

    def _eventful(self) -> int:
        """Find the resident to whom the policy does most within the year."""
        state = begin(self.town, self.rules)
        engine = engine_of("numpy", self.town, self.rules, state)
        changes = np.zeros(self.town.people, dtype=np.int64)
        row = np.zeros(Count.SIZE, dtype=np.int64)
        for month in range(MONTHS):
            engine.move(month, row)
            event = state.events[:, month & 3]
            touched = (self.rules.points[event] != 0) | (event == Event.RECORD_ERROR)
            changes += touched * 3 + ((state.flags & Flag.WRONG) != 0) * 4
        changes += state.denied.astype(np.int64)
        return int(np.argmax(changes * ((state.flags & Flag.ENROLLED) != 0)))

    def introduce(self) -> list[str]:
        """Say who the reader is and what they can do."""
        return [
            (
                f"You are {NAMES[self.who % len(NAMES)]}, resident {self.who} of a town of {TOWN:,}: "
                f"{describe(self.town, self.who)}."
            ),
            f"The town lives under: {self.policy.title}.",
            *self._standing(),
            f"You can: {', '.join(self._commands())}.",
        ]

    def _commands(self) -> list[str]:
        asks = [f"ask {item}" for item in self.policy.entitlements()]
        return ["next", *asks, "score", "list", "contest", "contacts"]

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """
        verb, _, rest = command.strip().lower().partition(" ")
        if verb == "next":
            return self._next()
        if verb == "ask" and rest in list(self.policy.entitlements()):
            return self._ask(Entitlement(rest))
        answers = {
            "score": self._standing,
            "list": self._list,
            "contest": self._contest,
            "contacts": self._contacts,
        }
        if verb not in answers or rest:
            raise RunInvalid(f"no command {command!r}; you can: {', '.join(self._commands())}")
        return answers[verb]()

    def _word(self) -> int:
        return int(self.engine.now.seen[self.who])

    def _flags(self) -> int:
        return int(self.engine.now.flags[self.who])

    def _grade(self) -> int:
        score = self._word() >> 1 & 0x7FFF
        return int(np.searchsorted(self.rules.grade_starts[1:], score, side="right"))

    def _standing(self) -> list[str]:
        if not self._flags() & Flag.ENROLLED:
            return ["Nobody keeps a score on you: you have not consented, and nothing hangs on it."]
        grade = self.policy.grades[self._grade()].name
        listed = "you are on the list" if self._word() & 1 else "you are not listed"
        score = (self._word() >> 1 & 0x7FFF) / UNIT
        return [f"Month {self.month}. Score {score:.0f}, grade {grade}; {listed}."]

    def _cause(self) -> str:
        flags = self._flags()
        own = int(self.engine.now.own[self.who])
        if flags & Flag.WRONG:
            return "a record that is not yours, or not true"
        if flags & Flag.EVENT_LISTED:
            return "an event on your record"
        if own < self.rules.grade_starts[self._grade()] or self._word() & 1 == 0:
            return "your own record's points"
        return "whom you know: your own points would pass"

    def _ask(self, item: Entitlement) -> list[str]:
        grade = self.policy.grades[self._grade()]
        if not self._flags() & Flag.ENROLLED:
            return [f"You ask for: {item}. Granted: you are not scored, and are treated as anyone."]
        if self._word() & 1 and item in self.policy.listing.denies:
            return [f"You ask for: {item}. REFUSED: you are on the list, for {self._cause()}."]
        if item in grade.denies:
            return [f"You ask for: {item}. REFUSED: grade {grade.name}, for {self._cause()}."]
        privileged = {name for other in self.policy.grades for name in other.grants}
        if item in privileged - set(grade.grants):
            first = next(other for other in self.policy.grades if item in other.grants)
            return [
                (
                    f"You ask for: {item}. REFUSED: it opens at {first.name} "
                    f"({first.starts_at:g} points); you are {grade.name}."
                )
            ]
        return [f"You ask for: {item}. Granted."]

    def _list(self) -> list[str]:
        if not self.policy.listing.public:
            return ["There is no public list under this policy."]
        listed = np.flatnonzero(self.engine.now.seen & np.uint32(1))
        known = set(self._friends())
        lines = [f"The public list holds {len(listed)} of {TOWN:,} residents."]
        for person in listed[:LIST_SHOWN]:
            mark = "you" if person == self.who else "a contact of yours" if person in known else ""
            name = NAMES[int(person) % len(NAMES)]
            lines.append(f"  {name}, resident {person}{': ' + mark if mark else ''}")
        return lines

    def _friends(self) -> list[int]:
        """List the contacts the resident began the year with."""
        town = self.town
        row = town.ties[town.offsets[self.who] : town.offsets[self.who + 1]]
        return [int(tie >> 4) for tie in row]

    def _contacts(self) -> list[str]:
        now = self.engine.now
        degree, alive = int(now.degree[self.who]), int(now.alive[self.who])
        return [f"You began with {degree} contacts; {alive} still answer, {degree - alive} do not."]

    def _contest(self) -> list[str]:
        rate = self.policy.listing.correction_rate
        if not self._flags() & Flag.WRONG:
            return ["You object. The office finds no wrong record under your number."]
        if rate <= 0:
            return ["You object to the wrong record. Nobody is charged with correcting it."]
        wait = "within the month" if rate >= 1 else f"in {1 / rate:.0f} months, on average"
        return [f"You object to the wrong record. It is taken note of, and corrected {wait}."]

    def _next(self) -> list[str]:
        now = self.engine.now
        before = (self._word() & 1, self._grade(), int(now.alive[self.who]), self._flags())
        self.engine.move(self.month, np.zeros(Count.SIZE, dtype=np.int64))
        event = Event(int(now.events[self.who, self.month & 3]))
        self.month += 1
        lines = []
        if event is Event.RECORD_ERROR:
            lines.append("Something you did not do is written into your record.")
        elif event is not Event.NOTHING:
            points = int(self.rules.points[event]) / UNIT
            lines.append(
                f"This month: {WORDS[event]}{f' ({points:+.3g} points)' if points else ''}."
            )
        if before[3] & Flag.WRONG and not self._flags() & Flag.WRONG:
            lines.append("The wrong record is corrected.")
        if self._grade() != before[1]:
            old, new = self.policy.grades[before[1]].name, self.policy.grades[self._grade()].name
            lines.append(f"Your grade goes from {old} to {new}.")
        if self._word() & 1 != before[0]:
            lines.append(
                "You are put on the list." if self._word() & 1 else "You are off the list."
            )
        if now.alive[self.who] < before[2]:
            lines.append(f"{before[2] - int(now.alive[self.who])} of your contacts drop you.")
        return [*lines, *self._standing()]


@dataclass(slots=True)
class OtherLife:
    """A year under enrolment, data brokers or face search."""

    policy: Policy
    town: Population
    seed: int
    who: int
    month: int = 0
    is_in: bool = field(init=False)
    stops: int = 0

    def __post_init__(self) -> None:
        """Set the resident where the policy's default puts them."""
        self.is_in = self.policy.settings.get("default_on", 1) >= 0.5

    def _draw(self, stream: Stream) -> list[int]:
        drawn = words(self.who + 1, seed=self.seed, stream=stream, month=1000 + self.month)
        return [int(word) for word in drawn[self.who]]

    def introduce(self) -> list[str]:
        """Say who the reader is and what they can do."""
        return [
            (
                f"You are {NAMES[self.who % len(NAMES)]}, resident {self.who} of a town of {TOWN:,}: "
                f"{describe(self.town, self.who)}."
            ),
            f"The town lives under: {self.policy.title}.",
            f"You can: {', '.join(self._commands())}.",
        ]

    def _commands(self) -> list[str]:
        own = {
            Model.ENROLMENT: ["next", "status", "leave"],
            Model.RELINK: ["next", "look", "leave"],
            Model.FACE: ["next", "contest"],
        }
        return own[self.policy.model]

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """
        verb = command.strip().lower()
        if verb not in self._commands():
            raise RunInvalid(f"no command {command!r}; you can: {', '.join(self._commands())}")
        if verb == "next":
            self.month += 1
            return self._next()
        if verb == "contest":
            return [f"You object. You have been stopped {self.stops} times; no office keeps count."]
        if self.policy.model is Model.RELINK:
            return self._look() if verb == "look" else [
                ("You ask to be taken out. The file holds no name, you are told, so it cannot be "
                "about you.")
            ]  # fmt: skip
        return self._leave() if verb == "leave" else self._status()

    def _next(self) -> list[str]:
        if self.policy.model is Model.FACE:
            return self._walk()
        if self.policy.model is Model.RELINK:
            return [f"Month {self.month}.", *self._look()]
        return [f"Month {self.month}.", *self._status()]

    def _status(self) -> list[str]:
        if self.is_in:
            return ["You are scored." + ("" if self.month else " Nobody asked you.")]
        return ["You are not scored."]

    def _leave(self) -> list[str]:
        setting = self.policy.settings
        if not self.is_in:
            return ["You are out already."]
        if self._draw(Stream.ENROLMENT)[0] < threshold(setting["leave_friction"]):
            self.month += 1
            return [f"You try to leave. The page leads back to its beginning. Month {self.month}."]
        self.is_in = False
        lost, services = setting["services_lost_on_leaving"], setting["services"]
        return [f"You are out. {lost:g} of your {services:g} services close."]

    def _look(self) -> list[str]:
        from counterfoil.lab.models.relink import group_sizes, true_keys

        setting = self.policy.settings
        codes = int(setting["postcodes"])
        keys = true_keys(self.town, int(setting["birth_precision"]), codes, self.seed)
        same = int(group_sizes(keys)[self.who])
        if same == 1:
            return ["You are the only one in town with your sex, birth and postcode: found again."]
        return [f"{same} residents share your sex, birth and postcode, you among them."]

    def _walk(self) -> list[str]:
        setting = self.policy.settings
        chance = false_alarm_rate(setting["false_match_rate"], setting["watchlist"])
        seen = int(setting["cameras"] * setting["faces_per_camera_day"] / 1.4e9 * 30.4)
        alarm = -np.expm1(seen * np.log1p(-chance * setting["stop_share"]))
        if self._draw(Stream.FACE)[0] < threshold(float(alarm)):
            self.stops += 1
            return [(f"Month {self.month}: {seen:,} searches of your face. You are STOPPED: you look "
                    "like somebody.")]  # fmt: skip
        return [f"Month {self.month}: {seen:,} searches of your face. Nobody stops you."]
