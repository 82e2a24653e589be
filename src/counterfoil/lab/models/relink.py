"""Identity resolution by data brokers: who can be found again by what is not a name.

Every broker holds some of the residents under the same quasi-identifiers: sex, date of birth to
some precision, postcode. Names are gone, and a join on the rest brings them back. A resident is
*re-linked* when exactly one record of another broker has the same key and it is theirs, and
*mis-linked* when it is somebody else's. k-anonymity asks how many share a key (Sweeney 2002).
"""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.kernel.i18n import lazy
from counterfoil.lab.models.summary import Row, Told, share, summary_of
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, threshold, words
from counterfoil.policy.model import Policy

Keys = NDArray[np.int64]
Mask = NDArray[np.bool_]


def run_relink(
    policy: Policy, population: Population, *, months: int, seed: int, told: Told
) -> dict[str, pa.Table]:
    """Join the brokers' files and count who is found again; time plays no part."""
    setting = policy.settings
    people, k = population.people, int(setting["k"])
    precisions = (1, 2, 3)
    keys = {level: true_keys(population, level, int(setting["postcodes"]), seed)
            for level in precisions}  # fmt: skip
    chosen = keys[int(setting["birth_precision"])]
    brokers = [_file(chosen, setting, seed, number) for number in range(int(setting["brokers"]))]
    found, wrong = np.zeros(people, dtype=bool), np.zeros(people, dtype=bool)
    rows = []
    for number in range(1, len(brokers)):
        right, mistaken = join(brokers[0], brokers[number])
        found |= right
        wrong |= mistaken
        told(number, len(brokers) - 1)
        rows.append(
            {
                "month": number,
                "brokers": number + 1,
                "relinked_share": share(found.sum(), brokers[0][1].sum()),
                "mislinked_share": share(wrong.sum(), brokers[0][1].sum()),
            }
        )
    sizes = group_sizes(chosen)
    summary: list[Row] = [
        ("relinked_share", share(found.sum(), brokers[0][1].sum()), "share",
         lazy("of the first file: found again in at least one other")),
        ("mislinked_share", share(wrong.sum(), brokers[0][1].sum()), "share",
         lazy("of the first file: joined to somebody else at least once")),
        ("unique_share", share((sizes == 1).sum(), people), "share",
         lazy("alone with their sex, date of birth and postcode")),
        ("below_k_share", share((sizes < k).sum(), people), "share",
         lazy("share their key with fewer people than the k asked for, themselves included")),
        ("median_k", float(np.median(sizes)), "people", lazy("who share one's key, half the time")),
    ]  # fmt: skip
    by_precision = [
        {
            "birth": ("year", "year and month", "full date")[level - 1],
            "unique_share": share((group_sizes(keys[level]) == 1).sum(), people),
            "below_k_share": share((group_sizes(keys[level]) < k).sum(), people),
        }
        for level in precisions
    ]
    assert months >= 1
    return {
        "months": pa.Table.from_pylist(rows),
        "precision": pa.Table.from_pylist(by_precision),
        "summary": summary_of(summary),
    }


def true_keys(population: Population, precision: int, postcodes: int, seed: int) -> Keys:
    """Write everyone's quasi-identifiers as one number; precision 1 year, 2 month, 3 day."""
    draw = words(population.people, seed=seed, stream=Stream.RELINK).astype(np.int64)
    sex = draw[:, 0] >> 31
    month, day = (draw[:, 1] * 12) >> 32, (draw[:, 2] * 30) >> 32
    # Postcodes lie inside districts, so neighbors share them.
    districts = population.spec.districts
    inside = max(1, postcodes // districts)
    code = population.residents.district.astype(np.int64) * inside + ((draw[:, 3] * inside) >> 32)
    key = code * 128 + population.residents.age
    key = key * 2 + sex
    key = key * 12 + (month if precision >= 2 else 0)
    return key * 31 + (day if precision >= 3 else 0)


def _file(key: Keys, setting: Mapping[str, float], seed: int, number: int) -> tuple[Keys, Mask]:
    """Give one broker's keys, some of them wrong, and whom it holds."""
    draw = words(len(key), seed=seed, stream=Stream.RELINK, month=number + 1)
    holds = draw[:, 0] < threshold(setting["coverage"])
    wrong = draw[:, 1] < threshold(setting["error_rate"])
    # A typing error in the day, the month or the postcode moves a key to a near one.
    shifts = np.array([1, 31, 12 * 31 * 2 * 128], dtype=np.int64)
    shift = shifts[(draw[:, 2].astype(np.int64) * len(shifts)) >> 32]
    return np.where(wrong, key + shift, key), holds


def group_sizes(key: Keys) -> Keys:
    """Give, for everyone, how many share their key."""
    _, where, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.asarray(count[where])


def join(one: tuple[Keys, Mask], other: tuple[Keys, Mask]) -> tuple[Mask, Mask]:
    """Join two files on keys that are unique in the other: (found again, joined wrongly)."""
    (key, holds), (other_key, other_holds) = one, other
    there = np.flatnonzero(other_holds)
    order = there[np.argsort(other_key[there], kind="stable")]
    ranked = other_key[order]
    first = np.searchsorted(ranked, key, side="left")
    last = np.searchsorted(ranked, key, side="right")
    single = holds & (last - first == 1)
    match = np.full(len(key), -1, dtype=np.int64)
    match[single] = order[first[single]]
    right = single & (match == np.arange(len(key)))
    return right, single & ~right
