"""Running a policy on a population: `lab.run(policy, population)`.

A run is decided by the policy, the population's specification, the months and the seed; engine
and threads change nothing but the time. Between two months it can be stopped: Ctrl-C finishes
the month, saves what is done where a checkpoint was asked for, and a later run with the same
four inputs goes on from there to the same checksum.
"""

import hashlib
import signal
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.kernel.clock import Stopwatch
from counterfoil.kernel.i18n import _
from counterfoil.lab.checkpoint import Checkpoint, identity_of
from counterfoil.lab.compiled import Longs
from counterfoil.lab.engine import Engine, EngineName, engine_of, set_threads
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.memory import check_memory
from counterfoil.lab.metrics import tables_of
from counterfoil.lab.models import run_model
from counterfoil.lab.population.model import Population
from counterfoil.lab.rules import Rules, rules_of
from counterfoil.lab.state import State, begin, bytes_needed
from counterfoil.lab.tally import Count
from counterfoil.lab.trace import Trace
from counterfoil.policy.model import Model, Policy

MONTHS_MAX: Final = 1200
"""A century; counts of months are kept in 16 bits."""
SAVE_EVERY_S: Final = 30.0

Progress = Callable[[int, int], None]
"""Told after each month: how many are done, of how many."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Result:
    """What a run found.

    `tables` are Arrow tables by name: `months`, `grades`, `flows`, `traits`, `summary`, and for
    the models that are not of conduct their own. `checksum` is over every count of every month
    and the state at the end, and equal on every engine.
    """

    policy: Policy
    population: Population
    months: int
    seed: int
    engine: str
    threads: int
    seconds: float
    checksum: str
    tables: Mapping[str, pa.Table]
    counts: Longs = field(repr=False)
    trace: Trace | None = field(repr=False, default=None)
    state: State | None = field(repr=False, default=None)
    processor_seconds: float | None = None
    """What all threads together computed for the months; without waiting for other programs."""

    def metric(self, name: str) -> float:
        """Give one number of the summary.

        Raises:
            KeyError: the summary has no such metric.

        """
        summary = self.tables["summary"]
        names = summary.column("metric").to_pylist()
        if name not in names:
            raise KeyError(f"no metric {name!r}; there are {', '.join(names)}")
        return float(summary.column("value")[names.index(name)].as_py())


class Interrupted(KeyboardInterrupt):
    """Ctrl-C between two months; says how far the run got and where it was kept."""

    def __init__(self, months_done: int, kept_at: Path | None) -> None:
        super().__init__(f"stopped after {months_done} months")
        self.months_done = months_done
        self.kept_at = kept_at


def run(
    policy: Policy,
    population: Population,
    *,
    months: int = 120,
    seed: int = 1,
    engine: str = EngineName.NUMBA,
    threads: int | None = None,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
    keep_whole: bool = False,
    traced: int = 4096,
    stop: threading.Event | None = None,
) -> Result:
    """Run a policy on a population and measure what it does.

    `checkpoint` is deleted at the end; with `keep_whole` it then holds the whole run instead, and
    the same call gives the same result at once. `stop`, once set, does what Ctrl-C does.

    Raises:
        RunInvalid: months, seed, engine or threads that cannot be.
        MemoryShort: the run would not fit in this machine's free memory.
        CheckpointInvalid: `checkpoint` holds another run.
        Interrupted: Ctrl-C or `stop`; what is done is at `checkpoint`, if one was given.

    """
    check_months(months)
    check_seed(seed)
    if policy.model is not Model.CONDUCT:
        return _run_model(policy, population, months=months, seed=seed, told=progress)
    check_memory(bytes_needed(population.people, population.directed_ties), population.people)
    used = set_threads(threads)
    rules = rules_of(policy, calendar=population.spec.calendar, seed=seed)
    identity = identity_of(policy, population, months=months, seed=seed)
    saved = Checkpoint.load(checkpoint, identity) if checkpoint else None
    state = saved.state if saved else begin(population, rules)
    counts = saved.counts if saved else np.zeros((months, Count.SIZE), dtype=np.int64)
    trace = saved.trace if saved else Trace.begin(population.people, months, traced)
    mover = engine_of(engine, population, rules, state)
    watch, before = Stopwatch(), time.process_time()
    loop = _Loop(mover, counts, trace, months, progress, checkpoint, identity, stop)
    loop.run(saved.done if saved else 0)
    seconds, worked = watch.elapsed_s, time.process_time() - before
    state = mover.state()
    if checkpoint and keep_whole:
        done = Checkpoint(done=months, state=state, counts=counts, trace=trace)
        done.save(checkpoint, identity)
    elif checkpoint:
        checkpoint.unlink(missing_ok=True)
    return Result(
        policy=policy,
        population=population,
        months=months,
        seed=seed,
        engine=engine,
        threads=1 if engine == EngineName.CUDA else used,
        seconds=seconds,
        processor_seconds=worked,
        checksum=checksum_of(counts, state),
        tables=tables_of(policy, population, counts, state),
        counts=counts,
        trace=trace,
        state=state,
    )


def check_months(months: int) -> None:
    """Refuse a length that no run has.

    Raises:
        RunInvalid: no months, or more than a century.

    """
    if not 1 <= months <= MONTHS_MAX:
        raise RunInvalid(
            _("{months:,} months: a run takes 1 to {most:,} (a century).",
              months=months, most=MONTHS_MAX),
            months=months,
        )  # fmt: skip


def check_seed(seed: int) -> None:
    """Refuse a seed that does not fit in 64 bits.

    Raises:
        RunInvalid: a negative or larger one.

    """
    if not 0 <= seed < 1 << 64:
        raise RunInvalid(_("Seed {seed}: a seed is between 0 and 2^64 − 1.", seed=seed), seed=seed)


def _run_model(
    policy: Policy, population: Population, *, months: int, seed: int, told: Progress | None
) -> Result:
    watch = Stopwatch()
    tables = run_model(
        policy, population, months=months, seed=seed, told=told or (lambda _done, _total: None)
    )
    digest = hashlib.blake2b(digest_size=8)
    for name in sorted(tables):
        if name.startswith("measured_"):
            continue
        digest.update(repr(tables[name].to_pydict()).encode())
    return Result(
        policy=policy,
        population=population,
        months=months,
        seed=seed,
        engine=EngineName.NUMPY,
        threads=1,
        seconds=watch.elapsed_s,
        checksum=digest.hexdigest(),
        tables=tables,
        counts=np.zeros((0, Count.SIZE), dtype=np.int64),
    )


@dataclass(slots=True)
class _Loop:
    """The months of one run, stoppable between any two."""

    engine: Engine
    counts: Longs
    trace: Trace
    months: int
    progress: Progress | None
    checkpoint: Path | None
    identity: str
    stop: threading.Event | None

    def run(self, first: int) -> None:
        saved = Stopwatch()
        with held_interrupt() as held:
            interrupted = self.stop or held
            for month in range(first, self.months):
                self.engine.move(month, self.counts[month])
                self.trace.note(month, self.engine)
                if self.progress:
                    self.progress(month + 1, self.months)
                if interrupted.is_set():
                    self._keep(month + 1)
                    raise Interrupted(month + 1, self.checkpoint)
                if saved.elapsed_s > SAVE_EVERY_S:
                    self._keep(month + 1)
                    saved = Stopwatch()

    def _keep(self, done: int) -> None:
        if self.checkpoint:
            Checkpoint(
                done=done, state=self.engine.state(), counts=self.counts, trace=self.trace
            ).save(self.checkpoint, self.identity)


@contextmanager
def held_interrupt() -> Iterator[threading.Event]:
    """Hold Ctrl-C back until a month is whole; a half-moved city could not be resumed."""
    event = threading.Event()
    if threading.current_thread() is not threading.main_thread():
        yield event
        return
    before = signal.signal(signal.SIGINT, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)


def checksum_of(counts: Longs, state: State) -> str:
    """Give 16 hex digits over every month's counts and the people and ties at the end.

    Rows are packed in the same order by every engine, and what lies behind a row's used length
    is left out.
    """
    digest = hashlib.blake2b(digest_size=8)
    digest.update(np.ascontiguousarray(counts).tobytes())
    for name in ("seen", "own", "twin_own", "flags", "past", "closed", "denied", "kept"):
        digest.update(getattr(state, name).tobytes())
    offsets = np.cumsum(state.degree, dtype=np.int64) - state.degree
    place = np.arange(len(state.ties)) - np.repeat(offsets, state.degree)
    digest.update(state.ties[place < np.repeat(state.kept, state.degree)].tobytes())
    return digest.hexdigest()


__all__ = ["Interrupted", "Progress", "Result", "Rules", "checksum_of", "run"]
