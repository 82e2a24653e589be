"""Many replicas of a run: the same city and policy, another seed of luck each.

One run is one draw. An ensemble gives each metric's mean, its spread, and how sure the mean is.
Replicas go side by side, sixteen at a time, through one pass (`lab.kernel.wide`); each ends in
the counts that a run of its own with that seed ends in, which a test holds them to.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.kernel.clock import Stopwatch
from counterfoil.kernel.i18n import _
from counterfoil.lab.engine import set_threads
from counterfoil.lab.ensemble_kept import KeptEnsemble, Replica
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.kernel import Fixed, draw_quarter, fixed_of
from counterfoil.lab.kernel.wide import WIDTH_MAX, Crowd, move_wide
from counterfoil.lab.memory import check_memory
from counterfoil.lab.metrics import summary_table
from counterfoil.lab.population.model import Population
from counterfoil.lab.rules import At, Rules, rules_of
from counterfoil.lab.run import (
    SAVE_EVERY_S,
    Interrupted,
    Progress,
    check_months,
    check_seed,
    held_interrupt,
    run,
)
from counterfoil.lab.state import State, begin, namesakes_of, standing_of
from counterfoil.lab.tally import Count
from counterfoil.policy.model import Model, Policy

REPLICAS_MAX: Final = 256
BYTES_PER_PERSON: Final = 16 * 40
CERTAIN: Final = 1 << 32
NORMAL_95: Final = 1.96

__all__ = ["Replica", "ensemble", "replicas_seconds", "run_replicas"]


def ensemble(
    policy: Policy,
    population: Population,
    *,
    replicas: int = 16,
    months: int = 120,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> pa.Table:
    """Run seeds `seed`, `seed + 1`, … and give a row a metric.

    Columns: metric, unit, mean, lowest, highest, spread (standard deviation), and the ends of the
    mean's 95% interval, `mean_low` and `mean_high` (normal).

    Raises:
        RunInvalid: as `run_replicas`.
        MemoryShort: the replicas would not fit.

    """
    found = run_replicas(
        policy, population, replicas=replicas, months=months, seed=seed, threads=threads,
        progress=progress, checkpoint=checkpoint,
    )  # fmt: skip
    names = found[0].summary.column("metric").to_pylist()
    values = np.array([one.summary.column("value").to_pylist() for one in found], dtype=np.float64)
    mean, spread = values.mean(axis=0), values.std(axis=0, ddof=1)
    half = NORMAL_95 * spread / np.sqrt(len(found))
    return pa.table(
        {
            "metric": names,
            "unit": found[0].summary.column("unit"),
            "mean": mean,
            "lowest": values.min(axis=0),
            "highest": values.max(axis=0),
            "spread": spread,
            "mean_low": mean - half,
            "mean_high": mean + half,
        }
    )


def run_replicas(
    policy: Policy,
    population: Population,
    *,
    replicas: int = 16,
    months: int = 120,
    seed: int = 1,
    threads: int | None = None,
    progress: Progress | None = None,
    checkpoint: Path | None = None,
) -> list[Replica]:
    """Run seeds `seed` to `seed + replicas - 1` on one city.

    `progress` is told of replica-months. Models other than conduct, and a lender who sees only
    authorized contacts (whose rows differ), are run one after the other. Stopped or killed, the
    same call with the same `checkpoint` goes on from there.

    Raises:
        RunInvalid: replicas, months or seed that cannot be.
        MemoryShort: the replicas would not fit.
        CheckpointInvalid: `checkpoint` holds something else.
        Interrupted: Ctrl-C; what is done is at `checkpoint`, if one was given.

    """
    check_months(months)
    check_seed(seed)
    check_seed(seed + replicas - 1)
    if not 2 <= replicas <= REPLICAS_MAX:
        raise RunInvalid(
            _("{replicas} replicas: an ensemble has 2 to {most}.", replicas=replicas,
              most=REPLICAS_MAX), replicas=replicas,
        )  # fmt: skip
    kept = KeptEnsemble.begin(
        checkpoint, policy, population, months=months, seed=seed, replicas=replicas
    )
    told = _Told(progress, replicas * months, done=len(kept.replicas) * months)
    seeds = range(seed + len(kept.replicas), seed + replicas)
    if not _fits_side_by_side(policy):
        for one in seeds:
            kept.add([_alone(policy, population, months, one, threads, told, checkpoint)])
    else:
        check_memory(
            population.people * BYTES_PER_PERSON + population.directed_ties * 8, population.people
        )
        set_threads(threads)
        for first in range(0, len(seeds), WIDTH_MAX):
            part = seeds[first : first + WIDTH_MAX]
            kept.add(_together(policy, population, months, part, told, kept)[0])
    kept.forget()
    return kept.replicas


def replicas_seconds(
    policy: Policy, population: Population, *, replicas: int, months: int, seed: int, threads: int
) -> float:
    """Run replicas and give the seconds that moving them took, without making their tables.

    Raises:
        RunInvalid: more threads than there are.

    """
    set_threads(threads)
    told = _Told(None, replicas * months)
    seeds = range(seed, seed + replicas)
    parts = [seeds[first : first + WIDTH_MAX] for first in range(0, replicas, WIDTH_MAX)]
    kept = KeptEnsemble(None, "")
    return sum(_together(policy, population, months, part, told, kept)[1] for part in parts)


def _fits_side_by_side(policy: Policy) -> bool:
    sees_some = policy.loan.contacts_minimum is not None and policy.loan.authorized_share < 1
    return policy.model is Model.CONDUCT and not sees_some


@dataclass(slots=True)
class _Told:
    """Adds up the replica-months of several runs for one listener."""

    listener: Progress | None
    total: int
    done: int = 0

    def add(self, count: int) -> None:
        """Tell of some more."""
        self.done += count
        if self.listener:
            self.listener(self.done, self.total)


def _alone(
    policy: Policy, population: Population, months: int, seed: int, threads: int | None,
    told: _Told, kept_at: Path | None,
) -> Replica:  # fmt: skip
    """Run one replica; its own saved run stands beside the ensemble's."""
    own = kept_at.with_name(f"{kept_at.name}.{seed}") if kept_at else None
    result = run(
        policy, population, months=months, seed=seed, threads=threads, traced=0, checkpoint=own
    )
    told.add(months)
    return Replica(seed, result.counts, result.tables["summary"])


def _together(
    policy: Policy, population: Population, months: int, seeds: Sequence[int], told: _Told,
    kept: KeptEnsemble,
) -> tuple[list[Replica], float]:  # fmt: skip
    """Run one line of replicas; give them, and the seconds that the months took."""
    rules = [rules_of(policy, calendar=population.spec.calendar, seed=seed) for seed in seeds]
    fixed = fixed_of(population, rules[0])
    crowd = _crowd_of(population, rules)
    counts = np.zeros((months, len(seeds), Count.SIZE), dtype=np.int64)
    first = 0
    if kept.line:
        first, counts = kept.line.done, kept.line.counts
        kept.line.put_into(crowd)
        told.add(first * len(seeds))
    watch, saved = Stopwatch(), Stopwatch()
    with held_interrupt() as interrupted:
        for month in range(first, months):
            if month % 4 == 0:
                for lane, own in enumerate(rules):
                    draw_quarter(month // 4, _with_seed(fixed, own), crowd.events[lane])
            move_wide(month, fixed, crowd, counts[month])
            crowd = crowd._replace(seen=crowd.fresh, fresh=crowd.seen)
            told.add(len(seeds))
            if interrupted.is_set() or saved.elapsed_s > SAVE_EVERY_S:
                kept.keep_line(month + 1, counts, crowd)
                saved = Stopwatch()
            if interrupted.is_set():
                raise Interrupted(month + 1, kept.path)
    seconds = watch.elapsed_s
    base = begin(population, rules[0])

    def replica(lane: int) -> Replica:
        own = np.ascontiguousarray(counts[:, lane])
        state = _state_of(base, crowd, lane)
        return Replica(seeds[lane], own, summary_table(policy, population, own, state))

    with ThreadPoolExecutor(max_workers=2) as pool:
        return list(pool.map(replica, range(len(seeds)))), seconds


def _with_seed(fixed: Fixed, rules: Rules) -> Fixed:
    return fixed._replace(scalars=rules.scalars)


def _crowd_of(population: Population, rules: Sequence[Rules]) -> Crowd:
    """Set every replica to where the policy starts it."""
    people, width = population.people, len(rules)
    state = begin(population, rules[0])
    seeds = [int(own.scalars[At.K0]) | int(own.scalars[At.K1]) << 32 for own in rules]
    seen, fresh = _lines(people), _lines(people)
    seen[:people] = state.seen[:, None]
    months = np.zeros((4, width, people), dtype=np.uint16)
    return Crowd(
        scalars=np.stack([own.scalars for own in rules]),
        seen=seen,
        fresh=fresh,
        alive=np.repeat(state.degree[None], width, axis=0),
        twin_alive=np.repeat(state.degree[None], width, axis=0),
        own=np.repeat(state.own[None], width, axis=0),
        twin_own=np.repeat(state.own[None], width, axis=0),
        flags=np.stack([standing_of(people, own.scalars, seed)
                        for own, seed in zip(rules, seeds, strict=True)]),
        past=np.zeros((width, people), dtype=np.uint8),
        since=months[0],
        false_since=months[1],
        closed=months[2],
        denied=months[3],
        events=np.zeros((width, people, 4), dtype=np.uint8),
        namesake=np.stack([namesakes_of(people, own.scalars, seed)
                           for own, seed in zip(rules, seeds, strict=True)]),
        start=state.start,
        degree=state.degree,
        ties=population.ties,
        gone=np.zeros(len(population.ties), dtype=np.uint32),
    )  # fmt: skip


def _lines(people: int) -> NDArray[np.uint32]:
    """Make an array of sixteen words a person, each row on a line of memory of its own.

    There is room for a number of people that sixteen divides: lines are turned sixteen at a time.
    """
    rows = -(-people // WIDTH_MAX) * WIDTH_MAX
    room = np.zeros((rows + 1) * WIDTH_MAX, dtype=np.uint32)
    skip = -room.ctypes.data % 64 // 4
    return room[skip : skip + rows * WIDTH_MAX].reshape(rows, WIDTH_MAX)


def _state_of(base: State, crowd: Crowd, lane: int) -> State:
    """Give one replica's end as the metrics want it; its rows of ties are left as they began."""
    names = (
        "own", "twin_own", "flags", "past", "since", "false_since", "closed", "denied", "alive",
        "twin_alive",
    )  # fmt: skip
    arrays = {name: getattr(crowd, name)[lane] for name in names}
    seen = np.ascontiguousarray(crowd.seen[: len(base.seen), lane])
    return replace(base, seen=seen, **arrays)
