"""The engines that can move a month, behind one protocol.

An engine owns the state while it runs and gives it back as plain arrays, so that a checkpoint
written by one can be resumed by another.
"""

from enum import StrEnum
from typing import Protocol

import numba
import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.lab import kernel
from counterfoil.lab.compiled import Longs
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.population.model import Population
from counterfoil.lab.reference import Reference
from counterfoil.lab.rules import Rules
from counterfoil.lab.state import State
from counterfoil.lab.tally import Count


class EngineName(StrEnum):
    """Which engine."""

    NUMBA = "numba"
    NUMPY = "numpy"
    CUDA = "cuda"


class Engine(Protocol):
    """Whatever moves a city through one month."""

    @property
    def now(self) -> State:
        """Give the state as the engine holds it; its rows of ties may be laid out differently."""

    def move(self, month: int, counts: Longs) -> None:
        """Move everyone through one month and add its row to `counts`."""

    def state(self) -> State:
        """Give the state after the last month moved."""


class Compiled:
    """The default: Numba on the machine's cores; its rows of ties stand close together.

    On one thread it does without Numba's own, so that several may run side by side.
    """

    def __init__(self, population: Population, rules: Rules, state: State) -> None:
        self.now = state
        is_alone = numba.get_num_threads() == 1
        self._draw = kernel.draw_quarter_alone if is_alone else kernel.draw_quarter
        self._move = kernel.move_month_alone if is_alone else kernel.move_month
        self._close_up = kernel.close_up_alone if is_alone else kernel.close_up
        self._spread_out = kernel.spread_out_alone if is_alone else kernel.spread_out
        self._fixed = kernel.fixed_of(population, rules)
        self._is_spread = True
        self._compile()

    def _compile(self) -> None:
        """Compile, or load what an earlier run compiled, on nobody: a run's time is its own."""
        nobody = kernel.Moving(*(getattr(self.now, name)[:0] for name in kernel.Moving._fields))
        self._draw(0, self._fixed, nobody.events)
        self._close_up(self._fixed.offsets, nobody)
        self._move(0, self._fixed, nobody, np.zeros(Count.SIZE, dtype=np.int64))
        self._spread_out(self._fixed.offsets, nobody)

    def _moving(self) -> kernel.Moving:
        return kernel.Moving(*(getattr(self.now, name) for name in kernel.Moving._fields))

    def move(self, month: int, counts: Longs) -> None:
        """Move everyone through one month and add its row to `counts`."""
        now = self.now
        if self._is_spread:
            self._close_up(self._fixed.offsets, self._moving())
            self._is_spread = False
        if month % 4 == 0:
            self._draw(month // 4, self._fixed, now.events)
        self._move(month, self._fixed, self._moving(), counts)
        now.seen, now.fresh = now.fresh, now.seen

    def state(self) -> State:
        """Give the state after the last month moved, its rows where the population has them."""
        if not self._is_spread:
            self._spread_out(self._fixed.offsets, self._moving())
            self._is_spread = True
        return self.now


def engine_of(name: str, population: Population, rules: Rules, state: State) -> Engine:
    """Make the engine of a name.

    Raises:
        RunInvalid: no such engine.
        ExtraMissing: the engine is `cuda`, and there is no card or no toolkit.
        MemoryShort: the engine is `cuda`, and the card's memory will not hold the run.

    """
    if name == EngineName.NUMBA:
        return Compiled(population, rules, state)
    if name == EngineName.NUMPY:
        return Reference(population, rules, state)
    if name == EngineName.CUDA:
        # Loaded where it is wanted: Numba's CUDA target looks for a driver when it is imported.
        from counterfoil.lab.gpu import Cuda

        return Cuda(population, rules, state)
    known = ", ".join(EngineName)
    raise RunInvalid(
        _("There is no engine {name!r}; use one of {known}.", name=name, known=known), engine=name
    )


def check_engine(name: str) -> None:
    """Refuse, before a city is made, an engine that could not run on it.

    Raises:
        ExtraMissing: the engine is `cuda`, and there is no card or no toolkit.

    """
    if name == EngineName.CUDA:
        from counterfoil.lab.gpu import check_card

        check_card()


def set_threads(count: int | None) -> int:
    """Set how many threads the compiled engine uses; give how many it will.

    Raises:
        RunInvalid: fewer than one, or more than Numba was started with.

    """
    most = int(numba.config.NUMBA_NUM_THREADS)
    wanted = most if count is None else count
    if not 1 <= wanted <= most:
        raise RunInvalid(
            _("{wanted} threads: this machine runs 1 to {most}.", wanted=wanted, most=most),
            threads=wanted,
        )
    numba.set_num_threads(wanted)
    return wanted
