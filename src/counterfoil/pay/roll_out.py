"""Opening a chain's stores from a file: each with a till, a few hundred in a commit, again and again.

Ids follow from the file's own numbers, so that a second run of the same file finds everything there
and changes nothing, and a run that was killed goes on where it was. A store that is there under
another name is told and left as it is: names are changed by whoever decides so, not by a file.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.pay.errors import PayError
from counterfoil.pay.merchant import Merchant, MerchantId, Store
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.store_file import Fault, StoreFile, StoreLine

BATCH: Final = 250
"""Stores in one commit."""

Progress = Callable[[int], None]


@dataclass(slots=True)
class RollOut:
    """What became of a file: how much is new, how much was there, and what is wrong."""

    merchant_count: int = 0
    new_count: int = 0
    known_count: int = 0
    faults: list[Fault] = field(default_factory=list)
    stores: list[Store] = field(default_factory=list)
    """All that the file names and that are there now, in its order."""
    merchants: dict[MerchantId, Merchant] = field(default_factory=dict)


def roll_out(
    merchants: Merchants, file: StoreFile, progress: Progress = lambda _count: None
) -> RollOut:
    """Open what a file names; `progress` is told how many lines are dealt with."""
    told = RollOut(faults=list(file.faults))
    there = _there(merchants, file.lines)
    told.merchant_count = len({line.merchant.id for line in file.lines})
    for start in range(0, len(file.lines), BATCH):
        batch = file.lines[start : start + BATCH]
        opened = _opened(merchants, batch, told)
        told.new_count += sum(line.store.id not in there for line in opened)
        told.known_count += sum(line.store.id in there for line in opened)
        progress(len(batch))
    _read_back(merchants, file.lines, told)
    told.faults.sort(key=lambda fault: fault.line)
    return told


def _opened(merchants: Merchants, batch: Sequence[StoreLine], told: RollOut) -> list[StoreLine]:
    """Open a batch in one commit; if it is refused, one line after the other, to find which."""
    try:
        _open(merchants, batch)
    except PayError:
        opened = []
        for line in batch:
            try:
                _open(merchants, [line])
            except PayError as error:
                told.faults.append(Fault(line.line, error.message))
            else:
                opened.append(line)
        return opened
    return list(batch)


def _open(merchants: Merchants, lines: Sequence[StoreLine]) -> None:
    unique = {line.merchant.id: line.merchant for line in lines}
    merchants.open_all(
        list(unique.values()), [line.store for line in lines], [line.till for line in lines]
    )


def _there(merchants: Merchants, lines: Sequence[StoreLine]) -> set[object]:
    found: set[object] = set()
    for merchant in {line.merchant.id for line in lines}:
        found |= {store.id for store in _stores(merchants, merchant)}
    return found


def _stores(merchants: Merchants, merchant: MerchantId) -> list[Store]:
    found: list[Store] = []
    while page := merchants.stores(merchant, found[-1].id if found else None):
        found += page
    return found


def _read_back(merchants: Merchants, lines: Sequence[StoreLine], told: RollOut) -> None:
    by_id: dict[object, Store] = {}
    for merchant in {line.merchant.id for line in lines}:
        by_id |= {store.id: store for store in _stores(merchants, merchant)}
    for line in lines:
        store = by_id.get(line.store.id)
        if store is None:
            continue
        told.stores.append(store)
        if store.merchant not in told.merchants:
            told.merchants[store.merchant] = merchants.merchant(store.merchant)
        if store.name != line.store.name:
            told.faults.append(
                Fault(
                    line.line,
                    _("Store {number} is there under the name {name}; it was left so.",
                      number=store.number, name=store.name),
                )
            )  # fmt: skip
