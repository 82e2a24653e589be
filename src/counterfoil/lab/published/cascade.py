"""Threshold cascades on a random graph, and the theory that predicts their size.

A resident follows when at least a fraction φ of their contacts has (Watts 2002); a share
starts. Gleeson and Cahalane (2007) give the final share on a random graph with Poisson degrees
of mean z. Shares are compared in integers, so that φ·k falls on the same side for both.
"""

import math
from fractions import Fraction
from typing import Final

import numpy as np

from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, threshold, words

DEGREE_MAX: Final = 80
ROUNDS_MAX: Final = 10_000


def simulate(population: Population, *, phi: Fraction, seeds: float, seed: int) -> float:
    """Give the final share of followers, everyone deciding at once in each round."""
    active = words(population.people, seed=seed, stream=Stream.STANDING)[:, 3] < threshold(seeds)
    degree = np.diff(population.offsets)
    used = np.flatnonzero(degree)
    starts = population.offsets[used]
    contact = (population.ties >> np.uint32(4)).astype(np.int64)
    enough = degree[used] * phi.numerator
    for _ in range(ROUNDS_MAX):
        following = np.add.reduceat(active[contact].astype(np.int64), starts)
        fresh = active.copy()
        fresh[used] |= following * phi.denominator >= enough
        if fresh.sum() == active.sum():
            break
        active = fresh
    return float(active.mean())


def predict(mean_degree: float, *, phi: Fraction, seeds: float) -> float:
    """Give the final share that the theory predicts."""
    poisson = [
        math.exp(-mean_degree + k * math.log(mean_degree) - math.lgamma(k + 1))
        for k in range(DEGREE_MAX)
    ]
    q = seeds
    for _ in range(ROUNDS_MAX):
        inner = sum(
            k * poisson[k] / mean_degree * _reached(k - 1, k, q, phi) for k in range(1, DEGREE_MAX)
        )
        fresh = seeds + (1 - seeds) * inner
        if abs(fresh - q) < 1e-13:
            break
        q = fresh
    return seeds + (1 - seeds) * sum(
        poisson[k] * _reached(k, k, q, phi) for k in range(1, DEGREE_MAX)
    )


def _reached(others: int, degree: int, q: float, phi: Fraction) -> float:
    """Give the chance that, of `others` contacts, enough follow for one of this degree."""
    least = max(1, math.ceil(phi * degree))
    return sum(
        math.comb(others, m) * q**m * (1 - q) ** (others - m) for m in range(least, others + 1)
    )
