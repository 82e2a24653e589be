"""Runs that do not wait for each other, side by side, each on one thread.

A run on every core leaves all but one of them idle while it makes its rules, tables and metrics, a
sixth of a run of 100,000 people and 120 months, an eighth of one of 1,100,000. Runs on one thread each
fill that time with each other's months.
"""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed

from counterfoil.lab.engine import set_threads
from counterfoil.lab.kept import Kept
from counterfoil.lab.memory import free_bytes
from counterfoil.lab.population.model import Population
from counterfoil.lab.run import held_interrupt
from counterfoil.lab.state import bytes_needed
from counterfoil.policy.model import Policy

Done = Callable[[int, int], None]


def metrics_of_all(
    policies: Sequence[Policy], population: Population, *, months: int, seed: int, kept: Kept,
    done: Done | None = None,
) -> list[dict[str, float]]:  # fmt: skip
    """Give every policy's metrics on one population, in the policies' order.

    `done` is told how many are, of how many. Ctrl-C ends every run between two months.

    Raises:
        Interrupted: Ctrl-C; says where the runs done so far are kept.
        RunInvalid, MemoryShort: as `run`.

    """
    lanes = lanes_for(population, len(policies))
    with held_interrupt() as stop, ThreadPoolExecutor(max_workers=lanes) as pool:
        threads = 1 if lanes > 1 else None
        futures = [
            pool.submit(
                kept.metrics, policy, population, months=months, seed=seed, threads=threads,
                stop=stop,
            )
            for policy in policies
        ]  # fmt: skip
        try:
            for number, future in enumerate(as_completed(futures)):
                future.result()
                if done:
                    done(number + 1, len(policies))
        except BaseException:
            stop.set()
            pool.shutdown(cancel_futures=True)
            raise
    return [future.result() for future in futures]


def lanes_for(population: Population, runs: int) -> int:
    """Tell how many runs go side by side: one a thread, where that many fit in free memory."""
    free = free_bytes()
    one = bytes_needed(population.people, population.directed_ties)
    fits = runs if free is None else max(1, free // one)
    return min(set_threads(None), runs, fits)
