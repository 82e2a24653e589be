"""Contacts: households, workplaces, friends; or a plain random graph.

Work and friends are made by pairing stubs. A resident who is to have k friends holds k stubs;
each stub is thrown into a pool (own district or the whole city, own half of the incomes or
both) and the pools are shuffled and paired. One sort of 64-bit keys `pool | random | resident`
does it all: it keeps everybody's number of friends, and exposure and friending bias are shares
of stubs, not outcomes of a search. A pair drawn twice, or of one resident with themself, falls
away (under 1% in a city).
"""

from collections.abc import Callable
from itertools import pairwise
from typing import Final

import numba
import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.compiled import Bytes, Ints, Longs, Words, compiled, compiled_parallel
from counterfoil.lab.population.model import CONTACTS_MAX, PopulationSpec, Residents
from counterfoil.lab.population.people import quantile_table
from counterfoil.lab.population.workplaces import WORKERS, workers_in_order
from counterfoil.lab.randomness import Stream, key_of, philox, threshold, words
from counterfoil.policy.words import Layer

ID_BITS: Final = 28
RANDOM_BITS: Final = 18
POOLS: Final = 1 << (64 - ID_BITS - RANDOM_BITS)
WORK_STUBS: Final = 5
FRIENDS_MAX: Final = 150
"""Dunbar's number, as a ceiling for friends."""
PAIRS_LOST: Final = 1.01
RICH_CLASS: Final = 80
"""Classes from the middle of the third fifth of incomes upwards: the richer half."""
PART: Final = 1 << 16
FRIEND_POOL: Final = int(Stream.FRIEND_POOL)

Keys = NDArray[np.uint64]


def make_graph(
    spec: PopulationSpec, residents: Residents, told: Callable[[int], None]
) -> tuple[Longs, Words]:
    """Make everyone's contacts as compressed rows; `told` hears how much is done, of 7."""
    near = _distinct(np.concatenate([_households(residents), _workplaces(spec, residents)]))
    told(2)
    made = 2 * len(near) / spec.people
    friends = _friends(spec, residents, max(0.0, spec.mean_contacts - made))
    told(5)
    return rows_of(spec.people, _distinct(np.concatenate([near, friends])))


def make_uniform(spec: PopulationSpec) -> tuple[Longs, Words]:
    """Make a random graph G(n, m) with m = people · mean_contacts / 2 friendships."""
    wanted = round(spec.people * spec.mean_contacts / 2)
    keys = np.empty(0, dtype=np.uint64)
    for attempt in range(64):
        count = int((wanted - len(keys)) * 1.02) + 64
        draw = words(count, seed=spec.seed, stream=Stream.UNIFORM_TIE, month=attempt)
        one = (draw[:, 0].astype(np.uint64) * np.uint64(spec.people)) >> np.uint64(32)
        other = (draw[:, 1].astype(np.uint64) * np.uint64(spec.people)) >> np.uint64(32)
        fresh = _pair_keys(one, other, Layer.FRIENDS)
        keys = _distinct(np.concatenate([keys, fresh]))
        if len(keys) >= wanted:
            break
    # Surplus pairs leave by a rule that knows nothing of who they join.
    excess = len(keys) - wanted
    if excess > 0:
        keep = np.ones(len(keys), dtype=bool)
        keep[np.linspace(0, len(keys) - 1, excess).astype(np.int64)] = False
        keys = keys[keep]
    return rows_of(spec.people, keys)


def _households(residents: Residents) -> Keys:
    """Everyone knows everyone at home: pairs at distances 1 to 4 with the same household."""
    home = residents.household
    found = []
    for distance in range(1, 5):
        same = np.flatnonzero(home[distance:] == home[:-distance]).astype(np.uint64)
        found.append(_pair_keys(same, same + np.uint64(distance), Layer.HOUSEHOLD))
    return np.concatenate(found)


def _workplaces(spec: PopulationSpec, residents: Residents) -> Keys:
    """Pair colleagues: workers of one workplace, nine of ten of them from one district."""
    workers = workers_in_order(spec, residents)
    firm = np.arange(len(workers), dtype=np.uint32) // np.uint32(WORKERS)
    pools = np.repeat(firm, WORK_STUBS)
    holders = np.repeat(workers.astype(np.uint32), WORK_STUBS)
    return _pair(pools, holders, spec.seed, Stream.WORKPLACE, Layer.WORK)


def _friends(spec: PopulationSpec, residents: Residents, mean: float) -> Keys:
    table = quantile_table(spec.friends_sigma)
    # The ceiling cuts the tail and 1 in 100 pairs falls away: scale again for what is lost.
    capped = np.minimum(table * (mean / table.mean()), FRIENDS_MAX)
    capped = np.minimum(capped * (mean * PAIRS_LOST / max(capped.mean(), 1e-9)), FRIENDS_MAX)
    sixteenths = np.rint(capped * 16).astype(np.int64)
    draw = words(spec.people, seed=spec.seed, stream=Stream.FRIEND)
    wanted = sixteenths[(draw[:, 0] >> np.uint32(20)).astype(np.int64)]
    stubs = (wanted + (draw[:, 1] >> np.uint32(28)).astype(np.int64)) >> 4
    holder = np.repeat(np.arange(spec.people, dtype=np.uint32), stubs)
    pools = np.empty(len(holder), dtype=np.uint32)
    _throw(
        holder,
        residents.district,
        residents.class_of,
        np.array([threshold(spec.exposure), threshold(spec.friending_bias)]),
        *key_of(spec.seed),
        pools,
    )
    return _pair(pools, holder, spec.seed, Stream.FRIEND, Layer.FRIENDS)


@compiled_parallel
def _throw(
    holder: Words,
    district: Ints,
    class_of: Bytes,
    limits: Longs,
    k0: np.uint64,
    k1: np.uint64,
    pools: Words,
) -> None:
    """Throw each friend's stub into a pool: the city or a district, all or one half by income."""
    for part in numba.prange((len(holder) + PART - 1) // PART):
        for k in range(part * PART, min((part + 1) * PART, len(holder))):
            near, alike, _, _ = philox(
                np.uint64(k), np.uint64(0), np.uint64(0), np.uint64(FRIEND_POOL), k0, k1
            )
            who = holder[k]
            half, place = 0, 0
            if np.int64(alike) < limits[1]:
                half = 2 if class_of[who] >= RICH_CLASS else 1
            if np.int64(near) < limits[0]:
                place = district[who] + 1
            pools[k] = place * 3 + half


def _pair(pools: Words, holders: Words, seed: int, stream: Stream, layer: Layer) -> Keys:
    """Shuffle each pool's stubs and join them two by two.

    A key has room for `POOLS` pools. More of them, as a large city has workplaces, go stretch by
    stretch, and must then come in rising order.
    """
    most = int(pools.max(initial=0))
    starts = np.arange(POOLS, most + 1, POOLS)
    edges: list[int] = np.searchsorted(pools, starts).tolist() if most >= POOLS else []
    found = []
    for first, last in pairwise([0, *edges, len(pools)]):
        keys = np.empty(last - first, dtype=np.uint64)
        part = pools[first:last] % np.uint32(POOLS)
        _shuffle_keys(part, holders[first:last], first, int(stream), *key_of(seed), keys)
        keys.sort()
        pairs = np.empty(len(keys) // 2, dtype=np.uint64)
        found.append(pairs[: _join(keys, int(layer) << 2, pairs)])
    return np.concatenate(found)


@compiled_parallel
def _shuffle_keys(
    pools: Words, holders: Words, first: int, stream: int, k0: np.uint64, k1: np.uint64, keys: Keys
) -> None:
    """Write stubs so that a sort groups them by pool and shuffles them inside it."""
    for part in numba.prange((len(keys) + PART - 1) // PART):
        for k in range(part * PART, min((part + 1) * PART, len(keys))):
            _, _, _, random = philox(
                np.uint64(first + k), np.uint64(0), np.uint64(7), np.uint64(stream), k0, k1
            )
            keys[k] = (
                np.uint64(pools[k]) << np.uint64(ID_BITS + RANDOM_BITS)
                | (random >> np.uint64(32 - RANDOM_BITS)) << np.uint64(ID_BITS)
                | np.uint64(holders[k])
            )


@compiled
def _join(keys: Keys, layer: int, pairs: Keys) -> int:
    """Join neighbors of one pool, each once; a stub left over or meeting its own falls away."""
    mask = np.uint64((1 << ID_BITS) - 1)
    found = 0
    for k in range(0, len(keys) - 1, 2):
        one, other = keys[k] & mask, keys[k + 1] & mask
        if one != other and (keys[k] ^ keys[k + 1]) >> np.uint64(ID_BITS + RANDOM_BITS) == 0:
            low, high = min(one, other), max(one, other)
            pairs[found] = low << np.uint64(32) | high << np.uint64(4) | np.uint64(layer)
            found += 1
    return found


def _pair_keys(one: Keys, other: Keys, layer: Layer) -> Keys:
    """Write ties as sortable keys: smaller id, larger id, layer; nobody is their own contact."""
    differ = one != other
    one, other = one[differ], other[differ]
    low, high = np.minimum(one, other), np.maximum(one, other)
    return (low << np.uint64(32)) | (high << np.uint64(4)) | np.uint64(int(layer) << 2)


def _distinct(keys: Keys) -> Keys:
    """Sort, and keep each pair once, in its closest layer."""
    keys.sort()
    pair = keys >> np.uint64(4)
    first = np.ones(len(keys), dtype=bool)
    first[1:] = pair[1:] != pair[:-1]
    return keys[first]


def rows_of(people: int, keys: Keys) -> tuple[Longs, Words]:
    """Lay ties out as rows, each row in the order of its contacts' ids.

    A contact beyond the 255th of anyone is left out at both ends.
    """
    degree = np.zeros(people, dtype=np.int64)
    keep = _count(keys, degree)
    offsets = np.zeros(people + 1, dtype=np.int64)
    np.cumsum(degree, out=offsets[1:])
    ties = np.empty(int(offsets[-1]), dtype=np.uint32)
    _place(keys, keep, offsets[:-1].copy(), ties)
    return offsets, ties


@compiled
def _count(keys: Keys, degree: Longs) -> NDArray[np.bool_]:
    keep = np.ones(len(keys), dtype=np.bool_)
    for k in range(len(keys)):
        low = np.int64(keys[k] >> np.uint64(32))
        high = np.int64((keys[k] >> np.uint64(4)) & np.uint64(0xFFFFFFF))
        if degree[low] >= CONTACTS_MAX or degree[high] >= CONTACTS_MAX:
            keep[k] = False
        else:
            degree[low] += 1
            degree[high] += 1
    return keep


@compiled
def _place(keys: Keys, keep: NDArray[np.bool_], cursor: Longs, ties: Words) -> None:
    for k in range(len(keys)):
        if keep[k]:
            low = np.int64(keys[k] >> np.uint64(32))
            high = np.int64((keys[k] >> np.uint64(4)) & np.uint64(0xFFFFFFF))
            layer = np.int64(keys[k] & np.uint64(0xF))
            ties[cursor[low]] = np.uint32(high << 4 | layer)
            ties[cursor[high]] = np.uint32(low << 4 | layer)
            cursor[low] += 1
            cursor[high] += 1
