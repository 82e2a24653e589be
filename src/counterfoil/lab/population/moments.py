"""How a population compares with what was published about real ones."""

from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.kernel.i18n import Message, lazy
from counterfoil.lab.population.model import Population
from counterfoil.policy.words import Layer

EDGE_SAMPLE: Final = 2_000_000
"""Ties looked at for the shares: enough for three digits, and quick."""
Moment = tuple[Message, float, float | None, Message | None]
"""What is measured, its value here, the published one if there is one, and whose that is."""

_LAYERS: Final = {
    Layer.HOUSEHOLD: lazy("contacts at home"),
    Layer.WORK: lazy("contacts at work"),
    Layer.FRIENDS: lazy("contacts among friends"),
}


def moments_table(population: Population) -> pa.Table:
    """One row a moment: measured here, published elsewhere (or empty), and by whom; in English."""
    income = np.sort(population.residents.income.astype(np.float64))
    place = np.arange(1, len(income) + 1)
    gini = ((2 * place - len(income) - 1) @ income) / (len(income) * income.sum())
    rural = population.residents.group_of == 1
    mean = population.residents.income.astype(np.float64)
    bureau = lazy("China's statistics bureau, 2024")
    rows: list[Moment] = [
        (lazy("Gini of income"), float(gini), 0.465, lazy("China's statistics bureau, 2023")),
        (lazy("mean income, yuan a year"), float(mean.mean()), 41_300, bureau),
        (lazy("mean income, urban"), _mean(mean[~rural]), 54_200, bureau),
        (lazy("mean income, rural"), _mean(mean[rural]), 23_100, bureau),
        *_contacts(population),
    ]
    return pa.Table.from_pylist(
        [
            {
                "moment": moment.template,
                "here": here,
                "published": published,
                "source": source.template if source else "",
            }
            for moment, here, published, source in rows
        ]
    )


def _mean(values: np.ndarray[tuple[int], np.dtype[np.float64]]) -> float:
    return float(values.mean()) if len(values) else 0.0


def _contacts(population: Population) -> list[Moment]:
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
    facebook = lazy("Chetty et al. 2022, 72.2 million users (unverified here)")
    found: list[Moment] = [
        (lazy("contacts a person"), float(degree.mean()), None, lazy("the specification")),
        (lazy("spread of contacts"), float(degree.std()), None, None),
        (lazy("most contacts of anyone"), float(degree.max()), None, None),
        *[
            (said, float((layer == name).mean() * degree.mean()), None, None)
            for name, said in _LAYERS.items()
        ],
        (lazy("richer half among the poorer half's contacts"), _share(rich[other], ~rich[row]),
         0.388, facebook),
        (lazy("richer half among the richer half's contacts"), _share(rich[other], rich[row]),
         0.706, facebook),
        (lazy("contacts in the same district"), float(near.mean()), None,
         lazy("tie chance falls as distance squared (Lambiotte et al. 2008)")),
        (lazy("contacts in the same group"), float(same_group.mean()), None, None),
        (lazy("degree tail exponent"), _tail(degree), 5.0,
         lazy("Lambiotte et al. 2008, 2.5 million phones")),
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
