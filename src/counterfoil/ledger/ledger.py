"""A ledger that is open: what can be asked of it.

`Ledger.open` is the one that writes; there is one at a time for a database, and a second is
refused by name. `LedgerReader.open` reads beside it, from any process, and follows the log.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from types import TracebackType
from typing import Self

from counterfoil.kernel import schema
from counterfoil.kernel.clock import Clock, SystemClock
from counterfoil.kernel.database import AttachedRow, Database, WriterPresent, connect
from counterfoil.kernel.errors import StoreConflict
from counterfoil.ledger import account as accounts
from counterfoil.ledger import feed
from counterfoil.ledger.group import Answer, GroupCommit
from counterfoil.ledger.layout import ASKED_DTYPE, AccountRules, Flags, Records, empty
from counterfoil.ledger.model import (
    AccountNumber,
    NewAccount,
    Posted,
    Request,
    Transfer,
)
from counterfoil.ledger.outcome import Outcome, all_posted, outcome
from counterfoil.ledger.queries import Queries
from counterfoil.ledger.reader import Reads
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.ledger.refusal import LedgerInUse
from counterfoil.ledger.request import AskedTuple, asked_tuple
from counterfoil.ledger.state import State
from counterfoil.ledger.timing import CommitTimes
from counterfoil.ledger.writer import BATCH_MAX, Answers, Writer


class Ledger(Reads):
    """A ledger open for writing. Its methods may be called from several threads."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._writer = Writer(lambda: _connect_writer(url), clock)
        try:
            self._connection = ReadingConnection(url)
        except BaseException:
            self._writer.close()
            raise
        self._bell = feed.WriterBell()
        self._writer.on_commit.append(self._bell.ring)
        self._queries = Queries(self._reading, self._connection)
        self._group = GroupCommit(self._writer, clock)

    @classmethod
    def open(cls, url: str, *, clock: Clock | None = None) -> Self:
        """Open a ledger for writing; make it if the database is empty.

        `url` is `sqlite:///file.db` or `postgresql://user@host/name`.

        Raises:
            LedgerInUse: another writer has it open.
            SchemaMismatch: it was made by another version.
            StoreUnavailable: the database cannot be reached.
            LedgerDamaged: its log contradicts itself.

        """
        return cls(url, clock or SystemClock())

    @contextmanager
    def _reading(self) -> Iterator[State]:
        with self._writer.lock:
            _ = self._writer.database  # builds the memory again if it was given up
            yield self._writer.state

    @property
    def commit_times(self) -> CommitTimes:
        """How long commits have taken since this was opened."""
        return self._group.commit_times

    @property
    def durability(self) -> str:
        """What the database promises of a commit, as it says itself."""
        with self._writer.lock:
            durability = self._writer.database.durability
            self._writer.database.commit()
            return durability

    def open_accounts(
        self, new: Sequence[NewAccount], rows: tuple[AttachedRow, ...] = ()
    ) -> list[AccountNumber]:
        """Open accounts, with rows of the caller's own in the same commit.

        Raises:
            AccountRefused: one of them was refused, and none was opened.

        """
        return accounts.open_accounts(self._writer, new, rows)

    def open_account(self, new: NewAccount, rows: tuple[AttachedRow, ...] = ()) -> AccountNumber:
        """Open one account.

        Raises:
            AccountRefused: it was refused.

        """
        return self.open_accounts([new], rows)[0]

    def freeze(
        self,
        account: AccountNumber,
        *,
        debits: bool = False,
        credits: bool = False,  # noqa: A002  # the side's name
        rows: tuple[AttachedRow, ...] = (),
    ) -> None:
        """Stop an account from being debited, credited or both; its holds can still be resolved.

        Raises:
            AccountRefused: there is no such account.

        """
        added = _frozen(debits=debits, credits=credits)
        self._change(account, added, AccountRules.NONE, rows)

    def unfreeze(
        self,
        account: AccountNumber,
        *,
        debits: bool = False,
        credits: bool = False,  # noqa: A002
        rows: tuple[AttachedRow, ...] = (),
    ) -> None:
        """Undo a freeze of debits, credits or both.

        Raises:
            AccountRefused: there is no such account.

        """
        removed = _frozen(debits=debits, credits=credits)
        self._change(account, AccountRules.NONE, removed, rows)

    def close_account(self, account: AccountNumber, rows: tuple[AttachedRow, ...] = ()) -> None:
        """Close an account that is empty: no balance, no holds.

        Raises:
            AccountRefused: it is not empty, closed already, or unknown.

        """
        accounts.change_account(
            self._writer, account, lambda record: accounts.closed(account, record), rows
        )

    def reopen_account(self, account: AccountNumber, rows: tuple[AttachedRow, ...] = ()) -> None:
        """Open a closed account again.

        Raises:
            AccountRefused: it is not closed, or unknown.

        """
        accounts.change_account(
            self._writer, account, lambda record: accounts.reopened(account, record), rows
        )

    def _change(
        self,
        account: AccountNumber,
        added: AccountRules,
        removed: AccountRules,
        rows: tuple[AttachedRow, ...],
    ) -> None:
        accounts.change_account(
            self._writer, account, lambda record: accounts.with_rules(record, added, removed), rows
        )

    def post(self, *transfers: Transfer, rows: tuple[AttachedRow, ...] = ()) -> list[Posted]:
        """Make transfers that stand or fall together, with rows of the caller's own.

        It returns after the commit; callers that ask at the same time share one.

        Raises:
            TransferRefused: one of them was refused; nothing was made.
            StoreUnavailable: it is not known whether they were made; ask again with the same ids.

        """
        return self.submit(Request(transfers, rows)).result()

    def submit(self, request: Request) -> "Future[list[Posted]]":
        """Ask for transfers and rows that stand or fall together; the future has the answer."""
        asked = _asked(request)
        queued = self._group.submit(asked, request.rows)
        answered: Future[list[Posted]] = Future()
        answered.set_running_or_notify_cancel()  # what is queued will be done

        def pass_on(done: "Future[Answer]") -> None:
            try:
                answered.set_result(all_posted(request, done.result()))
            except Exception as error:  # noqa: BLE001  # it is the caller's
                answered.set_exception(error)

        queued.add_done_callback(pass_on)
        return answered

    async def post_async(
        self, *transfers: Transfer, rows: tuple[AttachedRow, ...] = ()
    ) -> list[Posted]:
        """Make transfers that stand or fall together, from an event loop.

        Raises:
            TransferRefused: one of them was refused; nothing was made.
            StoreUnavailable: it is not known whether they were made; ask again with the same ids.

        """
        request = Request(transfers, rows)
        asked = _asked(request)
        return all_posted(request, await self._group.post(asked, rows))

    def write(self, *rows: AttachedRow) -> None:
        """Commit rows of the caller's own, without a transfer (`kernel.database.Writes`).

        Raises:
            StoreConflict: a row was refused, and none was written.
            StoreUnavailable: it is not known whether they were written; read before you go on.

        """
        *_, refusal = self._group.submit([], rows).result()
        if refusal is not None:
            raise StoreConflict(refusal)

    def post_each(self, transfers: Sequence[Transfer]) -> list[Outcome]:
        """Make transfers that each stand for themselves, unless they are flagged as linked.

        Raises:
            ValueError: a chain is longer than 8,192; nothing was made.
            StoreUnavailable: it is not known which were made; ask again with the same ids.

        """
        outcomes: list[Outcome] = []
        for part in list(_parts(transfers)):
            asked = [asked_tuple(transfer) for transfer in part]
            answers, start, _, _ = self._group.submit(asked, ()).result()
            outcomes += [
                outcome(transfer, answers, start + k, None) for k, transfer in enumerate(part)
            ]
        return outcomes

    def post_records(self, asked: Records) -> Answers:
        """Post up to 8,192 transfers laid out as records: the fastest way in.

        `asked` has the fields of `layout.ASKED_DTYPE`; `subject` and `subject_amount` are ignored.

        Raises:
            ClockWentBack: nothing was written.
            StoreUnavailable: nothing was acknowledged; ask again with the same ids.

        """
        if asked.dtype != ASKED_DTYPE or len(asked) > BATCH_MAX:
            raise ValueError(f"give at most {BATCH_MAX} records of ASKED_DTYPE")
        return self._writer.post(asked)

    def release_due(self) -> None:
        """Release the holds whose time has come; the ledger also does it by itself."""
        self._writer.release_due()

    def follow(self, after: int = 0, stop: threading.Event | None = None) -> Iterator[Records]:
        """Yield every row of the log after a number, in parts, as they become durable."""
        database = connect(self._url, writes=False)
        return feed.follow(database, self._bell.listener(), after, stop or threading.Event())

    def warm_up(self) -> None:
        """Compile the engine now (once for each machine, some seconds) and not at the first post."""
        self._writer.post(empty(0, ASKED_DTYPE))

    def save_snapshot(self) -> None:
        """Store the memory beside the log; the ledger also does it by itself."""
        self._writer.save_snapshot()

    def close(self) -> None:
        """Answer who is waiting, save a snapshot, give up the lock."""
        self._group.close()
        self._connection.close()
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _connect_writer(url: str) -> Database:
    try:
        return connect(url, writes=True, prepare=lambda: schema.create_if_empty(url))
    except WriterPresent as present:
        raise LedgerInUse(present.message, **present.facts) from present


def _frozen(*, debits: bool, credits: bool) -> AccountRules:  # noqa: A002
    if not debits and not credits:
        raise ValueError("say what to freeze: debits=True, credits=True or both")
    rules = AccountRules.DEBITS_FROZEN if debits else AccountRules.NONE
    return rules | AccountRules.CREDITS_FROZEN if credits else rules


def _parts(transfers: Sequence[Transfer]) -> Iterator[Sequence[Transfer]]:
    start = 0
    while start < len(transfers):
        end = min(start + BATCH_MAX, len(transfers))
        # A chain is not torn apart between two batches.
        while end < len(transfers) and end > start and _is_linked(transfers[end - 1]):
            end -= 1
        if end == start:
            raise ValueError(f"a chain has at most {BATCH_MAX} transfers")
        yield transfers[start:end]
        start = end


def _is_linked(transfer: Transfer) -> bool:
    return bool(transfer.flags & Flags.LINKED)


def _asked(request: Request) -> list[AskedTuple]:
    last = len(request.transfers) - 1
    return [
        asked_tuple(transfer, linked=place < last)
        for place, transfer in enumerate(request.transfers)
    ]
