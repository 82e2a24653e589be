"""Who works with whom: the workplaces from which colleagues are paired, and who owns each.

A workplace has sixteen workers, nine of ten of them from its district. Its owner is the first of
them in an order drawn by lot.
"""

from typing import Final

import numpy as np

from counterfoil.lab.compiled import Ints
from counterfoil.lab.population.model import PopulationSpec, Residents
from counterfoil.lab.randomness import Stream, threshold, words

WORKERS: Final = 16
EMPLOYED_FROM: Final = 18
EMPLOYED_UNTIL: Final = 60
COMMUTES: Final = 0.1
_ID_BITS: Final = 28
NOBODY: Final = -1


def workers_in_order(spec: PopulationSpec, residents: Residents) -> Ints:
    """List everybody who works, workplace by workplace, `WORKERS` each; the last one has the rest."""
    employed = np.flatnonzero(
        (residents.age >= EMPLOYED_FROM) & (residents.age < EMPLOYED_UNTIL)
    ).astype(np.uint64)
    draw = words(spec.people, seed=spec.seed, stream=Stream.WORKPLACE)[employed.astype(np.int64)]
    place = np.where(
        draw[:, 0] < threshold(COMMUTES),
        (draw[:, 1].astype(np.uint64) * np.uint64(spec.districts)) >> np.uint64(32),
        residents.district[employed.astype(np.int64)].astype(np.uint64),
    )
    order = np.sort(
        (place << np.uint64(46))
        | (draw[:, 2].astype(np.uint64) >> np.uint64(14) << np.uint64(28))
        | employed
    )
    return (order & np.uint64((1 << _ID_BITS) - 1)).astype(np.int32)


def owners_of(spec: PopulationSpec, residents: Residents) -> Ints:
    """Give for each resident who owns the workplace: themselves, another, or `NOBODY` without one."""
    workers = workers_in_order(spec, residents)
    owner = np.full(spec.people, NOBODY, dtype=np.int32)
    owner[workers] = workers[np.arange(len(workers)) // WORKERS * WORKERS]
    return owner
