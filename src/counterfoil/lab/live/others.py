"""A year under enrolment, data brokers or face search."""

from dataclasses import dataclass, field
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _, ngettext
from counterfoil.lab.live.asking import Answer
from counterfoil.lab.live.life import abilities, introduction, unknown
from counterfoil.lab.models.face import NATION, false_alarm_rate
from counterfoil.lab.models.relink import group_sizes, true_keys
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, threshold, words
from counterfoil.policy.model import Model, Policy
from counterfoil.policy.words import Entitlement

DAYS: Final = 30.4
ITEMS: Final = (
    Entitlement.FAST_TRAVEL, Entitlement.PERMIT, Entitlement.SMALL_LOAN, Entitlement.SCHOOL_PLACE,
)  # fmt: skip
ASKS: Final = [f"ask {item}" for item in ITEMS]
COMMANDS: Final = {
    Model.ENROLMENT: ["next", *ASKS, "status", "list", "contest", "leave"],
    Model.RELINK: ["next", *ASKS, "look", "list", "contest", "leave"],
    Model.FACE: ["next", *ASKS, "list", "contest"],
}


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

    def introduce(self) -> list[str]:
        """Say who the reader is and what they can do."""
        commands = COMMANDS[self.policy.model]
        return [*introduction(self.policy, self.town, self.who), abilities(commands)]

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """
        verb, commands = command.strip().lower(), COMMANDS[self.policy.model]
        if verb not in commands:
            raise unknown(command, commands)
        if verb == "next":
            self.month += 1
            return self._next()
        answers = {
            "status": self._status,
            "look": self._look,
            "contest": self._contest,
            "list": self._list,
        }
        if verb in ASKS:
            item = Entitlement(verb.removeprefix("ask "))
            return [str(Answer(item, self._ask(item)))]
        if verb == "leave":
            is_file = self.policy.model is Model.RELINK
            return self._leave_file() if is_file else self._leave()
        return answers[verb]()

    def _draw(self, stream: Stream) -> int:
        drawn = words(self.who + 1, seed=self.seed, stream=stream, month=1000 + self.month)
        return int(drawn[self.who, 0])

    def _next(self) -> list[str]:
        if self.policy.model is Model.FACE:
            return self._walk()
        month = _("Month {month}.", month=self.month)
        return [month, *(self._look() if self.policy.model is Model.RELINK else self._status())]

    def _status(self) -> list[str]:
        if not self.is_in:
            return [_("You are not scored.")]
        return [_("You are scored.") if self.month else _("You are scored. Nobody asked you.")]

    def _leave(self) -> list[str]:
        setting = self.policy.settings
        if not self.is_in:
            return [_("You are out already.")]
        if self._draw(Stream.ENROLMENT) < threshold(setting["leave_friction"]):
            self.month += 1
            return [
                _("You try to leave. The page leads back to its beginning. Month {month}.",
                  month=self.month)
            ]  # fmt: skip
        self.is_in = False
        return [
            _("You are out. {lost:g} of your {services:g} services close.",
              lost=setting["services_lost_on_leaving"], services=setting["services"])
        ]  # fmt: skip

    def _leave_file(self) -> list[str]:
        return [
            _(
                "You ask to be taken out. The file holds no name, you are told, so it cannot be "
                "about you."
            )
        ]

    def _look(self) -> list[str]:
        setting = self.policy.settings
        precision, codes = int(setting["birth_precision"]), int(setting["postcodes"])
        same = int(group_sizes(true_keys(self.town, precision, codes, self.seed))[self.who])
        if same == 1:
            return [
                _("You are the only one in town with your sex, birth and postcode: found again.")
            ]
        return [
            _("{count} residents share your sex, birth and postcode, you among them.", count=same)
        ]

    def _ask(self, item: Entitlement) -> str:
        """Answer a request: what the policy has no say in is granted, and said to be so."""
        asked = (self.policy.model, item)
        if asked == (Model.FACE, Entitlement.FAST_TRAVEL):
            return self._pass_a_gate()
        if asked == (Model.RELINK, Entitlement.SMALL_LOAN):
            if self._is_mixed_up():
                return _(
                    "REFUSED: a file joined to yours holds what is not yours; whose, nobody says."
                )
            return _("Granted: the files joined to you hold nothing against you.")
        if asked == (Model.ENROLMENT, Entitlement.SMALL_LOAN):
            if self.is_in:
                return _("Granted: by a score that nobody asked you about.")
            return _("REFUSED: it is among the services that close for whoever leaves.")
        return _("Granted: this policy has no say in it.")

    def _pass_a_gate(self) -> str:
        setting = self.policy.settings
        chance = false_alarm_rate(setting["false_match_rate"], setting["watchlist"])
        count = setting["watchlist"]
        if self._draw(Stream.FACE) < threshold(chance):
            return _("REFUSED: the gate takes you for somebody on a list of {count:,.0f}.",
                     count=count)  # fmt: skip
        return _("Granted: the gate has compared your face with {count:,.0f} others.", count=count)

    def _is_mixed_up(self) -> bool:
        """Tell whether one of the brokers' records of the resident has a slip that joins another."""
        setting = self.policy.settings
        clean = (1 - setting["coverage"] * setting["error_rate"]) ** setting["brokers"]
        drawn = words(self.who + 1, seed=self.seed, stream=Stream.RELINK, month=2000)
        return int(drawn[self.who, 0]) < threshold(1 - clean)

    def _list(self) -> list[str]:
        setting = self.policy.settings
        if self.policy.model is Model.FACE:
            return [
                _("There is no public list: {count:,.0f} faces are searched for, and whose, is secret.",
                  count=setting["watchlist"])
            ]  # fmt: skip
        if self.policy.model is Model.RELINK:
            return [_("There is no public list: {count:g} brokers sell files without names.",
                      count=setting["brokers"])]  # fmt: skip
        return [_("There is no public list under this policy.")]

    def _contest(self) -> list[str]:
        if self.policy.model is Model.RELINK:
            return [_("You object. No broker has a file under your name, so none can correct one.")]
        if self.policy.model is Model.ENROLMENT:
            return [
                _("You object to being scored without a question. You may leave, you are told.")
            ]
        return [
            ngettext(
                "You object. You have been stopped {count} time; no office keeps count.",
                "You object. You have been stopped {count} times; no office keeps count.",
                self.stops,
            )
        ]

    def _walk(self) -> list[str]:
        setting = self.policy.settings
        chance = false_alarm_rate(setting["false_match_rate"], setting["watchlist"])
        seen = int(setting["cameras"] * setting["faces_per_camera_day"] / NATION * DAYS)
        alarm = float(-np.expm1(seen * np.log1p(-chance * setting["stop_share"])))
        if self._draw(Stream.FACE) < threshold(alarm):
            self.stops += 1
            return [
                _("Month {month}: {seen:,} searches of your face. You are STOPPED: you look like "
                  "somebody.", month=self.month, seen=seen)
            ]  # fmt: skip
        return [
            _("Month {month}: {seen:,} searches of your face. Nobody stops you.",
              month=self.month, seen=seen)
        ]  # fmt: skip
