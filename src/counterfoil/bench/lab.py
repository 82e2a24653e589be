"""How fast the lab is, as a share of what the machine's memory allows.

The work is the spiral on a plain random graph: everybody's contacts' scores are read every
month, in no order that a cache could guess. So the limit is the random gather, measured here on
the same contacts with the same threads and doing nothing else. `peak_bytes` is the process's
high-water mark, the population's making included.
"""

import os
import resource
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final

import numba
import numpy as np

from counterfoil.lab.compiled import Words, compiled_parallel
from counterfoil.lab.engine import check_engine, set_threads
from counterfoil.lab.ensemble import replicas_seconds, run_replicas
from counterfoil.lab.memory import check_spec
from counterfoil.lab.population import Calendar, Population, PopulationSpec, Shape, generate
from counterfoil.lab.run import Progress, run
from counterfoil.lab.sweep import neighbor
from counterfoil.policy import Policy, load

GATHER_REPEATS: Final = 5
_PART: Final = 65_536


class Regime(StrEnum):
    """How much of the city the list takes."""

    MILD = "mild"
    """Thresholds 850/900: about 1% listed at the end."""
    COLLAPSE = "collapse"
    """Thresholds 920/970: nearly everybody."""


@dataclass(frozen=True, slots=True)
class LabSpeed:
    """One measurement; `load_average` says how idle the machine was."""

    people: int
    directed_ties: int
    months: int
    regime: str
    engine: str
    threads: int
    seconds: float
    processor_seconds: float | None
    """Of all threads together: without the time in which other programs were served."""
    build_seconds: float
    agent_steps_per_second: float
    gather_limit_seconds: float
    share_of_gather_limit: float
    peak_bytes: int
    load_average: float
    listed_share: float
    checksum: str
    replicas: int = 0
    ensemble_seconds: float | None = None
    ensemble_cost: float | None = None
    """Seconds of all replicas over seconds of the single run, tables left out of both."""


def policy_of(regime: Regime) -> Policy:
    """Give the spiral in a regime."""
    rule = load("spiral")
    return neighbor(rule, "listing.below", 920) if Regime(regime) is Regime.COLLAPSE else rule


def measure(
    *,
    people: int = 1_100_000,
    months: int = 120,
    regime: Regime = Regime.MILD,
    engine: str = "numba",
    threads: int | None = None,
    seed: int = 1,
    replicas: int = 0,
    progress: Progress | None = None,
) -> LabSpeed:
    """Make a population, run the spiral on it with every metric, and measure both.

    With `replicas`, that many seeds are run side by side as well.

    Raises:
        RunInvalid: an engine, number of threads, months or replicas that cannot be.
        PopulationInvalid: a population that cannot be.
        MemoryShort: one that this machine's free memory will not hold.
        ExtraMissing: the engine is `cuda`, and no card can be used.

    """
    check_engine(engine)
    check_spec(spec_of(people, seed))
    _compile(replicas)
    city = generate(spec_of(people, seed))
    used = set_threads(threads)
    gather = gather_seconds(city) * months
    result = run(
        policy_of(regime), city, months=months, seed=seed, engine=engine, threads=used,
        progress=progress,
    )  # fmt: skip
    return LabSpeed(
        people=people,
        directed_ties=city.directed_ties,
        months=months,
        regime=regime,
        engine=engine,
        threads=result.threads,
        seconds=result.seconds,
        processor_seconds=result.processor_seconds,
        build_seconds=city.build_seconds,
        agent_steps_per_second=people * months / result.seconds,
        gather_limit_seconds=gather,
        share_of_gather_limit=gather / result.seconds,
        peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024,
        load_average=os.getloadavg()[0],
        listed_share=result.metric("listed_share"),
        checksum=result.checksum,
        **_ensemble(regime, city, months, seed, used, replicas, result.seconds),
    )


def _ensemble(
    regime: Regime, city: Population, months: int, seed: int, threads: int, replicas: int,
    single: float,
) -> dict[str, Any]:  # fmt: skip
    """Measure the replicas side by side; nothing where none are asked for."""
    if not replicas:
        return {}
    seconds = replicas_seconds(
        policy_of(regime), city, replicas=replicas, months=months, seed=seed, threads=threads
    )
    return {"replicas": replicas, "ensemble_seconds": seconds, "ensemble_cost": seconds / single}


def spec_of(people: int, seed: int) -> PopulationSpec:
    """Describe the benchmark's city: ten contacts each, at random."""
    return PopulationSpec(
        people=people,
        seed=seed,
        shape=Shape.UNIFORM,
        calendar=Calendar.PLAIN,
        mean_contacts=min(10.0, people - 1),
    )


def _compile(replicas: int) -> None:
    """Compile everything on a handful of people, so that no measurement holds a compiler."""
    few = generate(spec_of(100, 1))
    run(load("spiral"), few, months=1)
    if replicas:
        run_replicas(load("spiral"), few, replicas=2, months=1)
    _gather(np.zeros(4, dtype=np.uint32), np.zeros(4, dtype=np.uint32))


@compiled_parallel
def _gather(table: Words, places: Words) -> Any:
    """Add up a table at random places; the sum is returned so that no compiler drops it."""
    parts = (places.shape[0] + _PART - 1) // _PART
    sums = np.zeros(parts, dtype=np.int64)
    for part in numba.prange(parts):
        row = places[part * _PART : (part + 1) * _PART]  # counted from its start: wide loads
        total = np.uint64(0)
        for k in range(row.shape[0]):
            total += np.uint64(table[row[k] >> np.uint32(4)])
        sums[part] = np.int64(total)
    return sums.sum()


def gather_seconds(city: Population) -> float:
    """Measure one look at every contact, the best of some, with the threads now set."""
    table = np.arange(city.people, dtype=np.uint32)
    best = float("inf")
    for _ in range(GATHER_REPEATS):
        started = time.perf_counter()
        _gather(table, city.ties)
        best = min(best, time.perf_counter() - started)
    return best
