"""Residents' traits: household, district, age, income, child, illness, schooling, group.

Incomes are assigned by rank: each resident gets a latent position from integers alone, and the
k-th of n in that order gets the lognormal quantile (k + ½)/n. So the incomes are lognormal with
exactly the Gini asked for, whatever shifts district and group add, and no float decides an
order. Quantiles come from `statistics.NormalDist`, which is the same Python code everywhere.
"""

import math
from statistics import NormalDist
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Ints, Longs, Words
from counterfoil.lab.population.model import AGE_STARTS, PopulationSpec, Residents
from counterfoil.lab.randomness import Stream, threshold, words

HOUSEHOLD_SIZES: Final = (0.32, 0.38, 0.19, 0.08, 0.03)
"""Shares of households with 1 … 5 residents over 14: an assumption, see the population page."""
AGE_SHARES: Final = ((15, 30, 0.22), (30, 45, 0.27), (45, 60, 0.28), (60, 90, 0.23))
"""Ages of residents over 14: near the 2020 census; an assumption in its details."""
CHILD_RATE_BY_AGE: Final = (0.18, 0.45, 0.12, 0.03)
ILL_RATE_BY_INCOME: Final = (0.060, 0.045, 0.036, 0.030, 0.025)
"""Depression falls with income; 6.9% had ever had it in Huang et al., Lancet Psychiatry 2019."""
SCHOOLED_RATE_BY_INCOME: Final = (0.30, 0.42, 0.55, 0.68, 0.82)
QUANTILES: Final = 1 << 12
HOUSEHOLD_SHARE_OF_RANK: Final = 3
DISTRICT_SHIFT: Final = 0.9
GROUP_SHIFT: Final = 1.1


def gini_to_sigma(gini: float) -> float:
    """Give the sigma of the lognormal whose Gini index is this: G = 2Φ(s/√2) − 1."""
    return math.sqrt(2) * NormalDist().inv_cdf((gini + 1) / 2)


def quantile_table(sigma: float, count: int = QUANTILES) -> NDArray[np.float64]:
    """Give exp(sigma·z) at the middles of `count` equal slices of a standard normal."""
    normal = NormalDist()
    return np.array([math.exp(sigma * normal.inv_cdf((k + 0.5) / count)) for k in range(count)])


def make_residents(spec: PopulationSpec) -> Residents:
    """Make everyone's traits."""
    household, household_count = _households(spec)
    draws = words(spec.people, seed=spec.seed, stream=Stream.PERSON)
    home = words(household_count, seed=spec.seed, stream=Stream.HOUSEHOLD, month=1)
    district_of_home = np.arange(household_count, dtype=np.int64) * spec.districts
    district_of_home //= household_count
    group_of_home = _groups(spec, district_of_home, home[:, 0])
    rank = _income_rank(spec, household, draws, home, district_of_home, group_of_home)
    income = _income(spec, rank)
    level = (rank * 5 // spec.people).astype(np.uint8)
    age = _ages(draws[:, 1])
    band = np.searchsorted(AGE_STARTS[1:], age, side="right").astype(np.uint8)
    child = _draw(draws[:, 2], CHILD_RATE_BY_AGE, band)
    ill = _draw(draws[:, 3], ILL_RATE_BY_INCOME, level)
    # The low half of the word: its high half has decided the illness.
    schooled = _draw(draws[:, 3] << np.uint32(16), SCHOOLED_RATE_BY_INCOME, level)
    class_of = (((level * 4 + band) * 2 + child) * 2 + ill) * 2 + schooled
    return Residents(
        household=household,
        district=district_of_home[household].astype(np.int32),
        age=age,
        income=income,
        class_of=class_of.astype(np.uint8),
        group_of=group_of_home[household],
    )


def _households(spec: PopulationSpec) -> tuple[Ints, int]:
    draws = words(spec.people, seed=spec.seed, stream=Stream.HOUSEHOLD)[:, 0]
    steps = np.array([threshold(p) for p in np.cumsum(HOUSEHOLD_SIZES[:-1])], dtype=np.uint32)
    sizes = 1 + np.searchsorted(steps, draws, side="right")
    ends = np.cumsum(sizes)
    count = int(np.searchsorted(ends, spec.people)) + 1
    household = np.repeat(np.arange(count, dtype=np.int32), sizes[:count])
    return household[: spec.people], count


def _groups(spec: PopulationSpec, district: Longs, draw: Words) -> Bytes:
    """Label households rural or urban; segregation moves the labels into half the districts."""
    inside = spec.rural_share + (1 - spec.rural_share) * spec.rural_segregation
    rural_district = district * 618 % 1000 < 1000 * spec.rural_share
    share = rural_district.mean()
    outside = max(0.0, (spec.rural_share - inside * share) / max(1 - share, 1e-9))
    limit = np.where(rural_district, threshold(inside), threshold(outside))
    return (draw < limit).astype(np.uint8)


def _income_rank(
    spec: PopulationSpec, household: Ints, draws: Words, home: Words, district: Longs, group: Bytes
) -> Longs:
    """Rank residents from poorest to richest, 0 to people - 1, ties by id."""
    unit = 1 << 32
    lift = (words(spec.districts, seed=spec.seed, stream=Stream.HOUSEHOLD, month=2)[:, 0]).astype(
        np.int64
    )
    family = (
        HOUSEHOLD_SHARE_OF_RANK * (home[:, 1].astype(np.int64) + home[:, 2].astype(np.int64)) // 2
    )
    family += (lift[district] * int(DISTRICT_SHIFT * 1024)) >> 10
    family -= group.astype(np.int64) * int(GROUP_SHIFT * unit)
    latent = family[household] + 2 * draws[:, 0].astype(np.int64)
    rank = np.empty(spec.people, dtype=np.int64)
    rank[np.argsort(latent, kind="stable")] = np.arange(spec.people)
    return rank


def _income(spec: PopulationSpec, rank: Longs) -> Ints:
    table = quantile_table(gini_to_sigma(spec.income_gini), 1 << 16) * spec.income_median
    yuan = np.rint(table).astype(np.int32)
    return np.asarray(yuan[rank * (1 << 16) // spec.people])


def _ages(draw: Words) -> Bytes:
    years = [
        start + (end - start) * step / 1000
        for start, end, share in AGE_SHARES
        for step in np.linspace(0, 999, round(share * 1000))
    ]
    return np.asarray(np.array(years, dtype=np.uint8)[(draw.astype(np.int64) * len(years)) >> 32])


def _draw(word: Words, rates: tuple[float, ...], level: Bytes) -> Bytes:
    limits = np.array([threshold(rate) for rate in rates], dtype=np.uint32)
    return np.asarray((word < limits[level]).astype(np.uint8))
