"""A year under a score of conduct."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _, ngettext, translated
from counterfoil.lab.businesses import Businesses
from counterfoil.lab.engine import Engine, engine_of
from counterfoil.lab.live.asking import Answer, ask, ask_for_loan
from counterfoil.lab.live.life import MONTHS, TOWN, abilities, introduction, name_of, unknown
from counterfoil.lab.population.model import Population
from counterfoil.lab.population.workplaces import NOBODY
from counterfoil.lab.rules import UNIT, Rules, rules_of
from counterfoil.lab.state import begin
from counterfoil.lab.stories import say_event
from counterfoil.lab.tally import Count, Flag
from counterfoil.policy.model import Policy
from counterfoil.policy.words import Entitlement, Event

LIST_SHOWN: Final = 8


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
            *introduction(self.policy, self.town, self.who),
            *self._standing(),
            abilities(self._commands()),
        ]

    def _commands(self) -> list[str]:
        usual = (Entitlement.FAST_TRAVEL, Entitlement.PERMIT, Entitlement.SCHOOL_PLACE)
        items = sorted({*self.policy.entitlements(), *usual})
        return [
            "next",
            *(f"ask {item}" for item in items),
            "ask loan",
            "score",
            "list",
            "contest",
            "contacts",
            *(["business"] if self.policy.people.businesses else []),
        ]

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """
        verb, _space, rest = command.strip().lower().partition(" ")
        if verb == "ask" and rest == "loan":
            return [str(ask_for_loan(self.policy, self.rules, self.engine, self.who))]
        if verb == "ask" and rest in list(Entitlement):
            return [str(self._ask(Entitlement(rest)))]
        answers = {
            "next": self._next,
            "score": self._standing,
            "list": self._list,
            "contest": self._contest,
            "contacts": self._contacts,
        }
        if self.policy.people.businesses:
            answers["business"] = self._business
        if verb not in answers or rest:
            raise unknown(command, self._commands())
        return answers[verb]()

    def _ask(self, item: Entitlement) -> Answer:
        return ask(self.policy, self.rules, self.engine, self.who, item)

    def _word(self) -> int:
        return int(self.engine.now.seen[self.who])

    def _flags(self) -> int:
        return int(self.engine.now.flags[self.who])

    def _grade(self) -> int:
        score = self._word() >> 1 & 0x7FFF
        return int(np.searchsorted(self.rules.grade_starts[1:], score, side="right"))

    def _standing(self) -> list[str]:
        if not self._flags() & Flag.ENROLLED:
            return [
                _("Nobody keeps a score on you: you have not consented, and nothing hangs on it.")
            ]
        return [
            _(
                "Month {month}. Score {score:.0f}, grade {grade}; {listed}.",
                month=self.month,
                score=(self._word() >> 1 & 0x7FFF) / UNIT,
                grade=translated(self.policy.grades[self._grade()].name),
                listed=_("you are on the list") if self._word() & 1 else _("you are not listed"),
            )
        ]

    def _list(self) -> list[str]:
        if not self.policy.listing.public:
            return [_("There is no public list under this policy.")]
        listed = np.flatnonzero(self.engine.now.seen & np.uint32(1))
        known = self._contacts_at_first()
        lines = [
            _("The public list holds {count} of {town:,} residents.", count=len(listed), town=TOWN)
        ]
        for person in map(int, listed[:LIST_SHOWN]):
            entry = _("  {name}, resident {person}", name=name_of(person), person=person)
            if person == self.who:
                entry += _(": you")
            elif person in known:
                entry += _(": a contact of yours")
            lines.append(entry)
        return lines

    def _contacts_at_first(self) -> set[int]:
        """List the contacts the resident began the year with."""
        town = self.town
        row = town.ties[town.offsets[self.who] : town.offsets[self.who + 1]]
        return {int(tie >> 4) for tie in row}

    def _contacts(self) -> list[str]:
        now = self.engine.now
        degree, alive = int(now.degree[self.who]), int(now.alive[self.who])
        return [
            _("You began with {degree} contacts; {alive} still answer, {lost} do not.",
              degree=degree, alive=alive, lost=degree - alive)
        ]  # fmt: skip

    def _business(self) -> list[str]:
        """Say what the file has on the business the resident owns or works in."""
        found = Businesses.of(self.town)
        owner = int(found.owner_of[self.who])
        if owner == NOBODY:
            return [_("You work in no business, and own none.")]
        staff = found.staff_of(owner)
        if owner == self.who:
            lines = [_("You own a business in which {staff} work, you included.", staff=staff)]
        else:
            lines = [_("You work with {others} others in the business of {name}, resident {owner}.",
                       others=staff - 1, name=name_of(owner), owner=owner)]  # fmt: skip
        if not self.engine.now.seen[owner] & np.uint32(1):
            return [*lines, _("Neither its owner nor, therefore, the business is on the list.")]
        closed = ", ".join(self.policy.listing.denies)
        return [*lines, _("Its owner is on the list, and so is the business; closed to it: {closed}.",
                          closed=closed)]  # fmt: skip

    def _contest(self) -> list[str]:
        rate = self.policy.listing.correction_rate
        if not self._flags() & Flag.WRONG:
            return [_("You object. The office finds no wrong record under your number.")]
        if rate <= 0:
            return [_("You object to the wrong record. Nobody is charged with correcting it.")]
        if rate >= 1:
            return [_("You object to the wrong record. It is corrected within the month.")]
        return [
            _("You object to the wrong record. It is taken note of, and corrected in {months:.0f} "
              "months, on average.", months=1 / rate)
        ]  # fmt: skip

    def _next(self) -> list[str]:
        now = self.engine.now
        before = (self._word() & 1, self._grade(), int(now.alive[self.who]), self._flags())
        self.engine.move(self.month, np.zeros(Count.SIZE, dtype=np.int64))
        event = Event(int(self.engine.now.events[self.who, self.month & 3]))
        self.month += 1
        lines = [*self._event(event)]
        if before[3] & Flag.WRONG and not self._flags() & Flag.WRONG:
            lines.append(_("The wrong record is corrected."))
        if self._grade() != before[1]:
            names = [translated(grade.name) for grade in self.policy.grades]
            lines.append(_("Your grade goes from {old} to {new}.", old=names[before[1]],
                           new=names[self._grade()]))  # fmt: skip
        if self._word() & 1 != before[0]:
            on = self._word() & 1
            lines.append(_("You are put on the list.") if on else _("You are off the list."))
        dropped = before[2] - int(self.engine.now.alive[self.who])
        if dropped > 0:
            lines.append(ngettext("{count} of your contacts drops you.",
                                  "{count} of your contacts drop you.", dropped))  # fmt: skip
        return [*lines, *self._standing()]

    def _event(self, event: Event) -> list[str]:
        if event is Event.NOTHING:
            return []
        if event is Event.RECORD_ERROR:
            return [_("Something you did not do is written into your record.")]
        said = say_event(event, int(self.rules.points[event]) / UNIT)
        return [_("This month: {event}.", event=said)]
