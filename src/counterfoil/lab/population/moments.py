"""How a population compares with what was published about real ones."""

from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.lab.population.model import Population
from counterfoil.policy.words import Layer

EDGE_SAMPLE: Final = 2_000_000
"""Ties looked at for the shares: enough for three digits, and quick."""


def moments_table(population: Population) -> pa.Table:
    """One row a moment: measured here, published elsewhere (or empty), and by whom."""
    income = np.sort(population.residents.income.astype(np.float64))
    place = np.arange(1, len(income) + 1)
    gini = ((2 * place - len(income) - 1) @ income) / (len(income) * income.sum())
    rural = population.residents.group_of == 1
    mean = population.residents.income.astype(np.float64)
    rows: list[tuple[str, float, float | None, str]] = [
        ("Gini of income", float(gini), 0.465, "China's statistics bureau, 2023"),
        ("mean income, yuan a year", float(mean.mean()), 41_300, "the same, 2024"),
        ("mean income, urban", _mean(mean[~rural]), 54_200, "the same, 2024"),
        ("mean income, rural", _mean(mean[rural]), 23_100, "the same, 2024"),
        *_contacts(population),
    ]
    names = ("moment", "here", "published", "source")
    return pa.Table.from_pylist([dict(zip(names, row, strict=True)) for row in rows])


def _mean(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _contacts(population: Population) -> list[tuple[str, float, float | None, str]]:
    degree = np.diff(population.offsets)
    step = max(1, len(population.ties) // EDGE_SAMPLE)
    where = np.arange(0, len(population.ties), step)
    tie = population.ties[where]
    other = (tie >> np.uint32(4)).astype(np.int64)
    row = np.searchsorted(population.offsets, where, side="right") - 1
    rich = population.residents.income > np.median(population.residents.income)
    near = population.residents.district[row] == population.residents.district[other]
    layer = tie >> np.uint32(2) & np.uint32(3)
    same_group = population.residents.group_of[row] == population.residents.group_of[other]
    facebook = "Chetty et al. 2022, 72.2 million users (unverified here)"
    found: list[tuple[str, float, float | None, str]] = [
        ("contacts a person", float(degree.mean()), None, "the specification"),
        ("spread of contacts", float(degree.std()), None, ""),
        ("most contacts of anyone", float(degree.max()), None, ""),
        *[
            (f"contacts through {name.name.lower()}", float((layer == name).mean() * degree.mean()),
             None, "")
            for name in Layer
        ],
        ("richer half among the poorer half's contacts", _share(rich[other], ~rich[row]), 0.388,
         facebook),
        ("richer half among the richer half's contacts", _share(rich[other], rich[row]), 0.706,
         facebook),
        ("contacts in the same district", float(near.mean()), None, ("tie chance falls as distance "
         "squared (Lambiotte et al. 2008)")),
        ("contacts in the same group", float(same_group.mean()), None, ""),
        ("degree tail exponent", _tail(degree), 5.0, "Lambiotte et al. 2008, 2.5 million phones"),
    ]  # fmt: skip
    return found


def _share(
    part: np.ndarray[tuple[int], np.dtype[np.bool_]],
    among: np.ndarray[tuple[int], np.dtype[np.bool_]],
) -> float:
    return float(part[among].mean()) if among.any() else 0.0


def _tail(degree: np.ndarray[tuple[int], np.dtype[np.int64]]) -> float:
    """Estimate the exponent of the tail above the 95th percentile (Hill)."""
    start = np.quantile(degree, 0.95)
    tail = degree[degree > start].astype(np.float64)
    if len(tail) < 10 or start <= 0:
        return 0.0
    return float(1 + len(tail) / np.log(tail / start).sum())
