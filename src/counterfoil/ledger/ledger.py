"""A ledger that is open: what can be asked of it.

`Ledger.open` is the one that writes; there is one at a time for a database, and a second is
refused by name. `LedgerReader.open` reads beside it, from any process, and follows the log.
"""

import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from types import TracebackType
from typing import Self
from uuid import UUID

from counterfoil.kernel import schema
from counterfoil.kernel.clock import Clock, SystemClock, from_us
from counterfoil.kernel.database import Database, WriterPresent, connect
from counterfoil.ledger import account as accounts
from counterfoil.ledger import feed, verify
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.group import Answer, GroupCommit
from counterfoil.ledger.layout import ASKED_DTYPE, AccountRules, Flags, Records, empty
from counterfoil.ledger.model import (
    Account,
    AccountId,
    AccountNumber,
    AttachedRow,
    Balances,
    NewAccount,
    Posted,
    Posting,
    RecordedTransfer,
    Request,
    Statement,
    Transfer,
    TransferId,
)
from counterfoil.ledger.queries import Queries, TrialLine
from counterfoil.ledger.refusal import LedgerInUse, Refusal, TransferRefused
from counterfoil.ledger.replay import Replay
from counterfoil.ledger.request import AskedTuple, asked_tuple
from counterfoil.ledger.snapshot import catch_up, drop_stored_marks, load_state
from counterfoil.ledger.state import State
from counterfoil.ledger.verify import Progress, Verification
from counterfoil.ledger.writer import BATCH_MAX, Answers, Writer
from counterfoil.money import Money, currency_by_numeric

Outcome = Posted | TransferRefused
"""What became of a transfer."""


class _Reads:
    """What every open ledger answers."""

    _queries: Queries
    _url: str

    def _reading(self) -> AbstractContextManager[State]:
        raise NotImplementedError

    def balances(self, account: AccountNumber) -> Balances:
        """Tell an account's four sums now; see `Queries.balances`."""
        return self._queries.balances(account)

    def balances_at(self, account: AccountNumber, at: datetime) -> Balances:
        """Tell an account's four sums just before an instant."""
        return self._queries.balances_at(account, at)

    def statement(self, account: AccountNumber, since: datetime, until: datetime) -> Statement:
        """Draw up an account's statement from `since` up to, and without, `until`."""
        return self._queries.statement(account, since, until)

    def latest(self, account: AccountNumber, count: int = 50) -> list[Posting]:
        """List an account's latest postings, latest first."""
        return self._queries.latest(account, count)

    def account(self, account: AccountNumber) -> Account:
        """Describe an account."""
        return self._queries.account(account)

    def account_by_id(self, id: AccountId) -> Account:  # noqa: A002  # the field's name
        """Describe the account that was opened with an id."""
        return self._queries.account_by_id(id)

    def transfer(self, id: TransferId) -> RecordedTransfer:  # noqa: A002
        """Find a transfer by the id that its caller gave it."""
        return self._queries.transfer(id)

    def transfers_by_reference(self, reference: UUID) -> list[RecordedTransfer]:
        """Find the transfers with a reference, in the order of the log."""
        return self._queries.transfers_by_reference(reference)

    def trial_balance(self) -> list[TrialLine]:
        """Add up all accounts by currency and kind."""
        return self._queries.trial_balance()

    @property
    def seq(self) -> int:
        """The number of the log's last row."""
        with self._reading() as state:
            return state.seq

    @property
    def account_count(self) -> int:
        """How many accounts have been opened; their numbers are 1 to this."""
        with self._reading() as state:
            return state.account_count

    def verify(self, progress: Progress | None = None) -> Verification:
        """Rebuild every balance from the log and compare; name the first difference."""
        with connect(self._url, writes=False) as database:
            return verify.verify(self._reading, database, progress)


class LedgerReader(_Reads):
    """A ledger open for reading, beside its writer or without one.

    It keeps the accounts in memory, as the writer does, and takes in what is new before each
    answer: it never shows a transfer that is not durable.
    """

    def __init__(self, url: str) -> None:
        self._url = url
        self._lock = threading.Lock()
        self._follower = connect(url, writes=False)
        try:
            schema.require_current(self._follower)
            loaded = load_state(self._follower)
            self._state, self._last_change = loaded.state, loaded.last_change
            self._replay = Replay(self._state)
            self._database = connect(url, writes=False)
        except BaseException:
            self._follower.close()
            raise
        self._queries = Queries(self._reading, self._database)

    @classmethod
    def open(cls, url: str) -> Self:
        """Open for reading a ledger that exists.

        Raises:
            SchemaMismatch: there is no ledger there, or one of another version.
            StoreUnavailable: the database cannot be reached.
            LedgerDamaged: its log contradicts itself.

        """
        return cls(url)

    @contextmanager
    def _reading(self) -> Iterator[State]:
        with self._lock:
            self._last_change = catch_up(
                self._follower, self._state, self._last_change, self._replay
            )
            drop_stored_marks(self._follower, self._state)
            yield self._state

    def follow(self, after: int = 0, stop: threading.Event | None = None) -> Iterator[Records]:
        """Yield every row of the log after a number, in parts, as they become durable."""
        database = connect(self._url, writes=False)
        return feed.follow(database, feed.bell_for(self._url), after, stop or threading.Event())

    def close(self) -> None:
        """Close the connections."""
        self._database.close()
        self._follower.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Ledger(_Reads):
    """A ledger open for writing. Its methods may be called from several threads."""

    def __init__(self, url: str, clock: Clock) -> None:
        self._url = url
        self._clock = clock
        self._writer = Writer(lambda: _connect_writer(url), clock)
        try:
            self._database = connect(url, writes=False)
        except BaseException:
            self._writer.close()
            raise
        self._bell = feed.WriterBell()
        self._writer.on_commit.append(self._bell.ring)
        self._queries = Queries(self._reading, self._database)
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

        def pass_on(done: "Future[Answer]") -> None:
            try:
                answered.set_result(_all_posted(request, done.result()))
            except Exception as refused:  # noqa: BLE001  # it is the caller's
                answered.set_exception(refused)

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
        return _all_posted(request, await self._group.post(asked, rows))

    def post_each(self, transfers: Sequence[Transfer]) -> list[Outcome]:
        """Make transfers that each stand for themselves, unless they are flagged as linked.

        Raises:
            StoreUnavailable: it is not known which were made; ask again with the same ids.

        """
        outcomes: list[Outcome] = []
        for part in _parts(transfers):
            asked = [asked_tuple(transfer) for transfer in part]
            answers, start, _, _ = self._group.submit(asked, ()).result()
            outcomes += [
                _outcome(transfer, answers, start + k, None) for k, transfer in enumerate(part)
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
        self._database.close()
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
        # A chain is not torn apart between two batches, unless it is longer than one.
        while end < len(transfers) and end > start + 1 and _is_linked(transfers[end - 1]):
            end -= 1
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


def _all_posted(request: Request, answer: Answer) -> list[Posted]:
    answers, start, _, reason = answer
    outcomes = [
        _outcome(transfer, answers, start + k, reason)
        for k, transfer in enumerate(request.transfers)
    ]
    refusals = [outcome for outcome in outcomes if isinstance(outcome, TransferRefused)]
    for refusal in refusals:
        if refusal.refusal is not Refusal.LINKED_REFUSED:
            raise refusal
    if not request.transfers and reason is not None:
        raise TransferRefused(Refusal.ATTACHED_ROW_REFUSED, id="—", reason=reason)
    return [outcome for outcome in outcomes if isinstance(outcome, Posted)]


def _outcome(transfer: Transfer, answers: Answers, k: int, reason: str | None) -> Outcome:
    status = int(answers.status[k])
    if status > 0:
        return _refused(transfer, Refusal(status), int(answers.fact[k]), reason)
    return Posted(
        transfer.id,
        int(answers.seq[k]),
        Money(int(answers.amount[k]), currency_by_numeric(int(answers.currency[k]))),
        from_us(int(answers.at[k])),
        replayed=status == REPLAYED,
    )


def _refused(
    transfer: Transfer, refusal: Refusal, fact: int, reason: str | None
) -> TransferRefused:
    amount = transfer.amount
    return TransferRefused(
        refusal,
        id=transfer.id,
        hold=transfer.subject,
        debit_account=transfer.debit_account,
        credit_account=transfer.credit_account,
        amount="all" if amount is None else amount.minor,
        currency=None if amount is None else amount.currency,
        flags=transfer.flags,
        expires_at=transfer.expires_at,
        at=transfer.at,
        fact=fact,
        reason=reason,
    )
