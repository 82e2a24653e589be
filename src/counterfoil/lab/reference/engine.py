"""The NumPy engine: a month is moved part by part, on every core that a run may use."""

from concurrent.futures import ThreadPoolExecutor
from typing import Final

import numba

from counterfoil.lab.compiled import Longs
from counterfoil.lab.population.model import Population
from counterfoil.lab.reference.part import Part
from counterfoil.lab.reference.ties import Ties
from counterfoil.lab.rules import Rules
from counterfoil.lab.state import State

PART: Final = 32_768
"""Residents whose month a core's own cache holds."""


class Reference:
    """The NumPy engine.

    Parts write to their own residents only, and what they read of others is last month's; so they
    may be moved in any order and at once. NumPy gives up the GIL while it computes.
    """

    def __init__(self, population: Population, rules: Rules, state: State) -> None:
        self._rules, self._population, self.now = rules, population, state
        self._ties = Ties(population, rules.scalars, state)

    def state(self) -> State:
        """Give the state after the last month moved, its rows packed as others pack them."""
        self._ties.pack(self.now)
        return self.now

    def move(self, month: int, counts: Longs) -> None:
        """Move everyone through one month and add its row to `counts`."""
        now, people = self.now, self._population.people
        self._ties.begin_month(now)
        parts = [
            Part(slice(lo, min(lo + PART, people)), self._rules, self._population, now, self._ties)
            for lo in range(0, people, PART)
        ]
        with ThreadPoolExecutor(max_workers=numba.get_num_threads()) as pool:
            if month % 4 == 0:
                # All of them first: a namesake's event may be another part's.
                list(pool.map(lambda part: part.draw_quarter(month // 4), parts))
            for row in pool.map(lambda part: part.move(month), parts):
                counts += row
        now.seen, now.fresh = now.fresh, now.seen
