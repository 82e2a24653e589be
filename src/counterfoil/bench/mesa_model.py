"""The spiral in Mesa's manner, one object a person: what the lab's speed is compared with.

Run as a program of its own by an interpreter that has Mesa and nothing of this project:
`python mesa_model.py PEOPLE MONTHS` prints Mesa's version and the seconds that the months took,
as JSON. It leaves out the twin, loans, errors in records and every metric but the count of the
listed, so the comparison favors Mesa.
"""

import importlib
import json
import random
import sys
import time
from typing import Any, Final

WORTH: Final = (10, 10, 10, 10, 10, 15, 50, 50, -5, -5, -5, -10, -20, -50, -50, -50)


def main(people: int, months: int) -> dict[str, object]:
    """Live so many months and tell how long they took, the making of the people left out."""
    mesa = importlib.import_module("mesa")
    model = _model(mesa, people)
    started = time.perf_counter()
    for _month in range(months):
        model.agents.do("live")
        model.agents.do("settle")
    seconds = time.perf_counter() - started
    listed = sum(model.agents.get("listed"))
    return {"version": mesa.__version__, "seconds": seconds, "listed": listed}


def _model(mesa: Any, people: int) -> Any:
    """Make a model of people with ten contacts each, on average."""
    chance = random.Random(1)  # noqa: S311 - a benchmark's peer, not a secret

    class Person(mesa.Agent):  # type: ignore[misc]
        """One resident as an object."""

        def __init__(self, model: Any) -> None:
            super().__init__(model)
            self.own = self.score = self.next = 1000.0
            self.listed = False
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
    for _tie in range(min(10, people - 1) * people // 2):
        one, other = chance.sample(persons, 2)
        one.contacts.append(other)
        other.contacts.append(one)
    for person in persons:
        person.first = len(person.contacts)
    return model


if __name__ == "__main__":
    sys.stdout.write(json.dumps(main(int(sys.argv[1]), int(sys.argv[2]))))
