"""The spiral in Mesa's manner, one object a person: what the lab's speed is compared with.

It leaves out the twin, loans, errors in records and every metric but the count of the listed,
so the comparison favors Mesa. Run at 10,000 people and scaled up by the number of people, which
favors it again: objects of a million people do not fit a cache.
"""

import importlib
import random
import time
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import ExtraMissing

WORTH: Final = (10, 10, 10, 10, 10, 15, 50, 50, -5, -5, -5, -10, -20, -50, -50, -50)


@dataclass(frozen=True, slots=True)
class MesaSpeed:
    """Seconds that Mesa took, and what they come to for another size."""

    version: str
    people: int
    months: int
    seconds: float
    extrapolated_seconds: float


def measure_mesa(
    *, people: int = 10_000, months: int = 12, to_people: int = 1_100_000, to_months: int = 120
) -> MesaSpeed:
    """Run the spiral in Mesa and extrapolate.

    Raises:
        ExtraMissing: Mesa is not installed.

    """
    try:
        mesa = importlib.import_module("mesa")
    except ModuleNotFoundError as problem:
        raise ExtraMissing(
            _("Mesa is not installed; install it with pip, to run it beside.")
        ) from problem
    model = _model(mesa, people)
    started = time.perf_counter()
    for _month in range(months):
        model.agents.do("live")
        model.agents.do("settle")
    seconds = time.perf_counter() - started
    scale = (to_people / people) * (to_months / months)
    return MesaSpeed(mesa.__version__, people, months, seconds, seconds * scale)


def _model(mesa: Any, people: int) -> Any:
    """Make a model of people with ten contacts each, on average."""
    chance = random.Random(1)  # noqa: S311 - a benchmark's peer, not a secret

    class Person(mesa.Agent):  # type: ignore[misc]
        """One resident as an object."""

        def __init__(self, model: Any) -> None:
            super().__init__(model)
            self.own = self.score = self.next = 1000.0
            self.listed = self.was = False
            self.contacts: list[Person] = []
            self.first = 0

        def live(self) -> None:
            """Move by a month, from what the contacts were last month."""
            if chance.random() < 0.05:
                self.own += chance.choice(WORTH)
            kept = [
                other
                for other in self.contacts
                if not (self.listed or other.listed) or chance.random() >= 0.1
            ]
            self.contacts = kept
            mean = sum(other.score for other in kept) / len(kept) if kept else self.own
            lost = 200 * (self.first - len(kept)) / max(self.first, 1)
            self.next = max(0.0, 0.7 * self.own + 0.3 * mean - lost)

        def settle(self) -> None:
            """Take over the month's score, once everybody has theirs."""
            self.score = self.next
            self.listed = self.score < (900 if self.listed else 850)

    model = mesa.Model()
    persons = [Person(model) for _number in range(people)]
    for _tie in range(5 * people):
        one, other = chance.sample(persons, 2)
        one.contacts.append(other)
        other.contacts.append(one)
    for person in persons:
        person.first = len(person.contacts)
    return model
