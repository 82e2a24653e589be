"""From the bank's files to the ledger's log, and back for the comparison.

Everything is read and put in order before anything is posted. Then the transfers go in batches, in
the order of their time over the whole bank, because an account's time never goes back and the
bank's own accounts have a part in every row. Whoever is stopped in between runs it again: what is
there already is answered with its first result.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import numpy as np

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.i18n import _
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.imports.berka import mapping, ties
from counterfoil.ledger.imports.berka.errors import BerkaTooOld
from counterfoil.ledger.imports.berka.files import (
    read_file,
    require_distinct,
    transaction_files,
)
from counterfoil.ledger.imports.berka.mapping import Asked, OwnAccount
from counterfoil.ledger.imports.berka.order import History, histories
from counterfoil.ledger.imports.berka.rows import CZK, Row
from counterfoil.ledger.layout import ROW_DTYPE, Int64s, Record, Records, empty
from counterfoil.ledger.ledger import Ledger
from counterfoil.ledger.model import AccountNumber, TransferId
from counterfoil.ledger.refusal import LedgerDamaged, NotFound, Refusal, TransferRefused
from counterfoil.ledger.request import asked_records, id_of
from counterfoil.ledger.writer import BATCH_MAX, Answers
from counterfoil.money import Money


class Stage(StrEnum):
    """What an import is doing."""

    READ = "read"
    """Counted in files."""
    POST = "post"
    """Counted in transfers."""
    COMPARE = "compare"
    """Counted in transfers."""


Progress = Callable[[Stage, int, int], None]
"""Called with the stage, how much of it is done, and how much there is."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileCount:
    """What became of one file's rows."""

    file: str
    row_count: int
    new_count: int
    """Posted now."""
    known_count: int
    """Posted before; nothing was moved again."""
    tied_count: int


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnBalance:
    """One of the bank's own accounts after the import."""

    own: OwnAccount
    account: AccountNumber
    balance: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Import:
    """What an import did, and how the ledger compares with what the bank printed."""

    files: tuple[FileCount, ...]
    account_count: int
    openings: tuple[tuple[int, Money], ...]
    """Accounts, by the bank's number, that had to be opened with a balance from before the data."""
    misses: tuple[ties.Miss, ...]
    drift_max: Money
    own_balances: tuple[OwnBalance, ...]


def import_berka(ledger: Ledger, folder: Path, progress: Progress | None = None) -> Import:
    """Replay the bank's transactions in a folder, and compare the balances.

    Raises:
        BerkaMissing: there are no transaction files.
        BerkaFileUnreadable: one of them is damaged or not the bank's; nothing was posted.
        BerkaLineUnreadable: a line is not a row; nothing was posted.
        BerkaRowTwice: two lines are one transaction; nothing was posted.
        BerkaTooOld: the ledger has later rows of the bank; nothing was posted.
        TransferRefused: the accounts were used for something else meanwhile; what was posted
            stays, and is known the next time.

    """
    tell = progress or _quietly
    paths = transaction_files(folder)
    rows = _read(paths, tell)
    by_account = histories(rows)
    numbers, own = _open_accounts(ledger, by_account)
    asked = sorted(
        (one for h in by_account for one in mapping.asked_transfers(h, numbers[h.account], own)),
        key=lambda one: one.at_us,
    )
    _require_order(ledger, asked, own)
    posted = _post(ledger, asked, tell)
    logged = _logged(ledger, asked, posted.seq, tell)
    kept = np.array([one.row is not None for one in asked], np.bool_)
    ordered = [one.row for one in asked if one.row is not None]
    accounts = np.array([numbers[row.account] for row in ordered], np.int64)
    compared = ties.compare(ordered, accounts, logged[kept])
    return Import(
        files=_counted(paths, ordered, posted.is_new[kept], compared),
        account_count=len(by_account),
        openings=tuple((h.account, Money(h.opening, CZK)) for h in by_account if h.opening),
        misses=compared.misses,
        drift_max=compared.drift_max,
        own_balances=tuple(_own_balance(ledger, each, own[each]) for each in own),
    )


def _quietly(stage: Stage, done: int, total: int) -> None:
    """Tell nobody."""


def _read(paths: Sequence[Path], tell: Progress) -> list[Row]:
    rows: list[Row] = []
    for place, path in enumerate(paths):
        tell(Stage.READ, place, len(paths))
        rows += read_file(path)
    require_distinct(rows)
    tell(Stage.READ, len(paths), len(paths))
    return rows


def _open_accounts(
    ledger: Ledger, by_account: Sequence[History]
) -> tuple[dict[int, AccountNumber], dict[OwnAccount, AccountNumber]]:
    new = [mapping.new_own_account(own) for own in OwnAccount]
    new += [mapping.new_account(history.account) for history in by_account]
    opened = iter(ledger.open_accounts(new))
    own_numbers = {own: next(opened) for own in OwnAccount}
    return {history.account: next(opened) for history in by_account}, own_numbers


def _require_order(
    ledger: Ledger, asked: Sequence[Asked], own: dict[OwnAccount, AccountNumber]
) -> None:
    """Refuse rows from before those that are there, unless they are known, before any is posted."""
    latest = [posting.at for number in own.values() for posting in ledger.latest(number, 1)]
    if not asked or not latest or max(latest) <= from_us(asked[0].at_us):
        return
    try:
        ledger.transfer(TransferId(id_of(asked_records([asked[0].record])[0])))
    except NotFound as unknown:
        raise BerkaTooOld(
            _(
                "The ledger has the bank's rows up to {latest}, and these begin on {first}; nothing "
                "was imported. Import older rows into a database of their own, or all together "
                "into a new one.",
                latest=f"{max(latest):%Y-%m-%d}",
                first=f"{from_us(asked[0].at_us):%Y-%m-%d}",
            )
        ) from unknown


@dataclass(frozen=True, slots=True)
class _Posted:
    seq: Int64s
    is_new: np.ndarray[tuple[int], np.dtype[np.bool_]]


def _post(ledger: Ledger, asked: Sequence[Asked], tell: Progress) -> _Posted:
    seqs, are_new = [np.zeros(0, np.int64)], [np.zeros(0, np.bool_)]
    for start in range(0, len(asked), BATCH_MAX):
        tell(Stage.POST, start, len(asked))
        part = asked_records([one.record for one in asked[start : start + BATCH_MAX]])
        answers = ledger.post_records(part)
        _require_accepted(part, answers)
        seqs.append(answers.seq)
        are_new.append(answers.status != REPLAYED)
    tell(Stage.POST, len(asked), len(asked))
    return _Posted(np.concatenate(seqs), np.concatenate(are_new))


def _require_accepted(asked: Records, answers: Answers) -> None:
    refused = np.flatnonzero(answers.status > 0)
    if len(refused):
        k = int(refused[0])
        raise _refusal(asked[k], Refusal(int(answers.status[k])), int(answers.fact[k]))


def _refusal(record: Record, refusal: Refusal, fact: int) -> TransferRefused:
    return TransferRefused(
        refusal,
        id=id_of(record),
        hold=None,
        debit_account=int(record["debit_account"]),
        credit_account=int(record["credit_account"]),
        amount=int(record["amount"]),
        currency=CZK,
        flags=int(record["flags"]),
        expires_at=None,
        at=from_us(int(record["at"])),
        fact=fact,
        reason=None,
    )


def _logged(ledger: Ledger, asked: Sequence[Asked], seqs: Int64s, tell: Progress) -> Records:
    """Read the transfers back from the log, in the order asked."""
    if not asked:
        return empty(0, ROW_DTYPE)
    place_by_seq = {int(seq): place for place, seq in enumerate(seqs)}
    parts: list[Records] = []
    places: list[int] = []
    for rows in _rows_between(ledger, int(seqs.min()), int(seqs.max())):
        wanted = [k for k, seq in enumerate(rows["seq"].tolist()) if seq in place_by_seq]
        places += [place_by_seq[int(seq)] for seq in rows["seq"][wanted]]
        parts.append(rows[wanted])
        tell(Stage.COMPARE, len(places), len(asked))
    if len(places) != len(asked):
        raise LedgerDamaged(f"{len(asked)} transfers were answered, and the log has {len(places)}.")
    logged = np.concatenate(parts)
    return logged[np.argsort(np.array(places))]


def _rows_between(ledger: Ledger, first: int, last: int) -> Iterator[Records]:
    stop = threading.Event()
    for rows in ledger.follow(first - 1, stop):
        if rows["seq"][-1] >= last:
            stop.set()
        yield rows[rows["seq"] <= last]


def _counted(
    paths: Sequence[Path],
    rows: Sequence[Row],
    is_new: np.ndarray[tuple[int], np.dtype[np.bool_]],
    compared: ties.Ties,
) -> tuple[FileCount, ...]:
    every = Counter(row.file for row in rows)
    new = Counter(row.file for row, fresh in zip(rows, is_new, strict=True) if fresh)
    tied = Counter(row.file for row, right in zip(rows, compared.is_tied, strict=True) if right)
    return tuple(
        FileCount(
            file=path.name,
            row_count=every[path.name],
            new_count=new[path.name],
            known_count=every[path.name] - new[path.name],
            tied_count=tied[path.name],
        )
        for path in paths
    )


def _own_balance(ledger: Ledger, own: OwnAccount, account: AccountNumber) -> OwnBalance:
    return OwnBalance(own=own, account=account, balance=ledger.balances(account).balance)
