"""Month by month, what happened to a few residents: the material of a report's stories.

Who is traced is decided before the run, by a fixed stride through the city, so that a story is
picked from a sample and not made to order.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from counterfoil.lab.compiled import Bytes, Longs, Shorts, Words

if TYPE_CHECKING:
    from counterfoil.lab.engine import Engine

COLUMNS: Final = ("seen", "own", "alive", "twin_alive", "flags", "event")


@dataclass(slots=True, eq=False)
class Trace:
    """Arrays of shape (months, traced), and who is traced."""

    who: Longs
    seen: Words
    own: Shorts
    alive: Bytes
    twin_alive: Bytes
    flags: Bytes
    event: Bytes

    @classmethod
    def begin(cls, people: int, months: int, traced: int) -> "Trace":
        """Choose who is traced: evenly spread, at most `traced`."""
        count = min(people, traced)
        who = (np.arange(count, dtype=np.int64) * people) // max(count, 1)
        shape = (months, count)
        return cls(
            who=who,
            seen=np.zeros(shape, dtype=np.uint32),
            own=np.zeros(shape, dtype=np.int16),
            alive=np.zeros(shape, dtype=np.uint8),
            twin_alive=np.zeros(shape, dtype=np.uint8),
            flags=np.zeros(shape, dtype=np.uint8),
            event=np.zeros(shape, dtype=np.uint8),
        )

    def note(self, month: int, engine: "Engine") -> None:
        """Write down a month that has just been moved."""
        if not len(self.who):
            return
        now = engine.now
        self.seen[month] = now.seen[self.who]
        self.own[month] = now.own[self.who]
        self.alive[month] = now.alive[self.who]
        self.twin_alive[month] = now.twin_alive[self.who]
        self.flags[month] = now.flags[self.who]
        self.event[month] = now.events[self.who, month & 3]
