"""The one writer: a batch goes through the engine, into one transaction, and only then is answered.

The order of things, each time:

1. release what is due, judge the batch, update the sums (engine);
2. look up the ids that were refused: a repeated id is answered with its first result;
3. append the rows, run the callers' own statements, commit;
4. answer.

Ids are not looked up before they are posted: the unique index speaks when one is repeated, and
then the batch is undone in memory, the ids are looked up, and it runs again knowing them. Whatever
else fails, the batch is undone; when it is unknown whether a commit went through, memory is built
again from the log before anything else happens.
"""

import logging
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, prefer_indexes
from counterfoil.kernel.errors import (
    CounterfoilError,
    StoreConflict,
    StoreError,
    StoreUnavailable,
)
from counterfoil.ledger import books as bk
from counterfoil.ledger import store
from counterfoil.ledger.attached import (
    Attached,
    RowRefused,
    RowsRefused,
    write_alone,
    write_together,
)
from counterfoil.ledger.books import Batch, forget_resolved, release_due, undo
from counterfoil.ledger.engine import answer, post
from counterfoil.ledger.layout import Flags, Int64s, Records
from counterfoil.ledger.lookup import Known, explain_holds, look_up, with_subjects
from counterfoil.ledger.refusal import ClockWentBack, LedgerDamaged, Refusal
from counterfoil.ledger.snapshot import load_state, save_snapshot
from counterfoil.ledger.state import Room, State

BATCH_MAX = 8192
"""Transfers in one commit; larger batches gain little and make everyone wait longer."""

MARKS_IN_MEMORY_MAX = 4096
SNAPSHOT_EVERY = 1 << 20
"""Rows between snapshots: opening reads at most so many back."""

_CORRECTION = int(Flags.CORRECTION)

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Answers:
    """What became of each transfer of a batch; arrays of one length, in the order asked."""

    status: Int64s
    """0 accepted, REPLAYED, or the number of a `Refusal`."""
    seq: Int64s
    amount: Int64s
    at: Int64s
    fact: Int64s
    currency: Int64s
    refused_rows: dict[int, str]
    """Why attached rows were refused, by their place in what was attached."""

    @property
    def accepted_count(self) -> int:
        """How many transfers were made now."""
        return int((self.status == 0).sum())


class Writer:
    """Holds the memory, the connection that writes, and the lock that makes it one at a time."""

    def __init__(self, connect: Callable[[], Database], clock: Clock) -> None:
        self.lock = threading.RLock()
        self.state = State()
        self._connect = connect
        self._clock = clock
        self._database: Database | None = None
        self._closed = False
        self._room = Room.of(BATCH_MAX)
        self._snapshot_seq = 0
        self.last_change = 0
        self.on_commit: list[Callable[[Records], None]] = []
        """Given the rows, with the lock held, after each commit that added some."""
        self.recover()

    @property
    def database(self) -> Database:
        """The connection that writes."""
        if self._database is None:
            self.recover()
        assert self._database is not None
        return self._database

    def recover(self) -> None:
        """Connect and build the memory from the log.

        Raises:
            StoreUnavailable: the database cannot be reached.
            WriterPresent: somebody else writes now.
            RuntimeError: this writer has been closed.

        """
        with self.lock:
            if self._closed:
                raise RuntimeError("the ledger is closed")
            self._give_up_connection()
            database = self._connect()
            try:
                prefer_indexes(database)
                loaded = load_state(database)
                database.commit()
            except BaseException:
                database.close()
                raise
            self.state = loaded.state
            self.last_change = loaded.last_change
            self._snapshot_seq = loaded.snapshot_seq
            self._database = database

    def post(self, asked: Records, attached: Sequence[Attached] = ()) -> Answers:
        """Post one batch, at most `BATCH_MAX` transfers, and answer once it is durable.

        Raises:
            ClockWentBack: nothing was written.
            StoreUnavailable: nothing was acknowledged; asking again is safe.

        """
        with self.lock:
            database = self.database
            now = self._read_clock()
            known = Known()
            while True:
                asked = self._with_subjects(database, asked)
                batch = self._room.batch(asked, corrects=bool((asked["flags"] & _CORRECTION).any()))
                for place, status in known.presets.items():
                    batch.preset[place] = status
                if self._run(database, batch, now, attached, known):
                    break
            self._settle(batch, now)
            answers = self._answer(database, batch, known)
            self._tell(batch)
            return answers

    def release_due(self) -> None:
        """Write an expiry for each hold whose time has come."""
        with self.lock:
            _ = self.database
            due = self.state.next_expiry_us()
            while due is not None and due <= self._clock.now_us():
                self.post(self._room.no_asked)
                due = self.state.next_expiry_us()

    def transact(self, change: Callable[[Database, int], None], rows: tuple[AttachedRow, ...],
                 refuse: Callable[[str], Exception]) -> None:  # fmt: skip
        """Run a change of accounts, given the database and the time, and commit it with its rows.

        `refuse` makes the error for a row that is refused.
        """
        with self.lock:
            database = self.database
            now = self._read_clock()
            try:
                change(database, now)
                write_alone(database, rows)
                self._commit(database)
            except RowRefused as refused:
                database.rollback()
                raise refuse(refused.reason) from refused
            except CounterfoilError:
                self._roll_back()
                raise
            except BaseException:
                self._give_up_connection()
                raise
            self.state.clock_us = now

    def save_snapshot(self) -> None:
        """Store the memory, so that opening need not read the whole log."""
        with self.lock:
            database = self.database
            try:
                save_snapshot(database, self.state, self.last_change)
                self._commit(database)
            except BaseException:
                self._give_up_connection()
                raise
            self.state.drop_pending_marks()
            self.state.touched[:] = 0
            self._snapshot_seq = self.state.seq

    def close(self) -> None:
        """Save a snapshot if the log has grown, and give up the lock."""
        with self.lock:
            self._closed = True
            if self._database is None:
                return
            try:
                if self.state.seq > self._snapshot_seq:
                    self.save_snapshot()
            except StoreUnavailable:
                # All that was answered is durable; the next opening reads more of the log.
                _log.warning("The snapshot at row %d could not be saved.", self.state.seq)
            finally:
                self._give_up_connection()

    def _read_clock(self) -> int:
        now, last = self._clock.now_us(), self.state.clock_us
        if now < last:
            raise ClockWentBack(
                f"The clock reads {from_us(now):%Y-%m-%d %H:%M:%S.%f} UTC, and the last batch was at "
                f"{from_us(last):%Y-%m-%d %H:%M:%S.%f}; nothing was written. Put the clock right, or "
                "ask again when it has caught up.",
                now_us=now,
                last_us=last,
            )
        return now

    def _with_subjects(self, database: Database, asked: Records) -> Records:
        try:
            return with_subjects(database, asked)
        except StoreError:  # a connection that is lost is found out, and given up, by rolling back
            self._roll_back()
            raise

    def _run(self, database: Database, batch: Batch, now: int, attached: Sequence[Attached],
             known: Known) -> bool:  # fmt: skip
        """Run the batch once; tell whether it is committed, or has to run again knowing more."""
        books, released = self._post(batch, now)
        if released == len(batch.rows) // 2 and len(batch.asked):
            # More may be due than fit in front of one batch, and a hold that is due is not one.
            undo(books, batch, 0)
            self.release_due()
            return False
        try:
            if self._look_up(database, batch, batch.status > 0, known):
                undo(books, batch, 0)
                return False
            self._write(database, batch, attached, known)
        except StoreConflict:
            self._roll_back()
            undo(books, batch, 0)
            if not self._look_up(database, batch, batch.status <= 0, known):
                raise LedgerDamaged(
                    "The log has rows that this writer did not write; open the ledger again."
                ) from None
            return False
        except RowRefused as refused:
            self._roll_back()
            undo(books, batch, 0)
            start, end = attached[refused.place].start, attached[refused.place].end
            known.reasons[refused.place] = refused.reason
            known.presets |= dict.fromkeys(range(start, end), int(Refusal.ATTACHED_ROW_REFUSED))
            return False
        except RowsRefused:
            self._roll_back()
            undo(books, batch, 0)
            known.writes_alone = True
            return False
        except StoreUnavailable:
            undo(books, batch, 0)
            self._roll_back()
            raise
        except BaseException:  # an interrupt, say: what the database did is unknown
            self._give_up_connection()
            raise
        return True

    def _post(self, batch: Batch, now: int) -> tuple[bk.Books, int]:
        self.state.make_room(len(batch.rows))
        books = self.state.books
        books.counters[bk.ROW_COUNT] = 0
        released = release_due(books, batch, now, len(batch.rows) // 2, secrets.randbits(61))
        post(books, batch, now)
        return books, released

    def _write(self, database: Database, batch: Batch, attached: Sequence[Attached],
               known: Known) -> None:  # fmt: skip
        rows = batch.rows[: int(self.state.counters[bk.ROW_COUNT])]
        if len(rows):
            store.append_rows(database, rows)
        self._write_attached(database, batch, attached, known)
        if not len(rows) and not attached:
            return
        are_marks_due = len(self.state.pending_marks) >= MARKS_IN_MEMORY_MAX
        if are_marks_due:
            store.append_marks(database, self.state.pending_marks)
            store.put_snapshot(database, "marks", 0, str(self.state.seq).encode())
        self._commit(database)
        if are_marks_due:
            self.state.drop_pending_marks()

    def _write_attached(self, database: Database, batch: Batch, attached: Sequence[Attached],
                        known: Known) -> None:  # fmt: skip
        accepted = {
            place: one.rows
            for place, one in enumerate(attached)
            if place not in known.reasons and (batch.status[one.start : one.end] == 0).all()
        }
        if len(accepted) > 1 and not known.writes_alone:
            write_together(database, accepted.values())
            return
        for place, rows in accepted.items():
            try:
                write_alone(database, rows)
            except RowRefused as refused:
                refused.place = place
                raise

    def _commit(self, database: Database) -> None:
        try:
            database.commit()
        except BaseException:
            # It may have gone through. Memory is built again from the log before the next batch.
            self._give_up_connection()
            raise

    def _roll_back(self) -> None:
        if self._database is None:
            return
        try:
            self._database.rollback()
        except StoreError:
            self._give_up_connection()

    def _give_up_connection(self) -> None:
        if self._database is not None:
            self._database.close()
        self._database = None

    def _settle(self, batch: Batch, now: int) -> None:
        """Bring the memory in line with what has just become durable."""
        forget_resolved(self.state.books, batch)
        self.state.clock_us = now

    def _tell(self, batch: Batch) -> None:
        rows = batch.rows[: int(self.state.counters[bk.ROW_COUNT])]
        if not len(rows):
            return
        for tell in self.on_commit:
            tell(rows)
        if self.state.seq - self._snapshot_seq >= SNAPSHOT_EVERY:
            try:
                self.save_snapshot()
            except StoreUnavailable:
                # The batch itself is durable; the next one tries again.
                _log.warning("The snapshot at row %d could not be saved.", self.state.seq)

    def _look_up(self, database: Database, batch: Batch, which: NDArray[np.bool], known: Known
                 ) -> bool:  # fmt: skip
        return look_up(database, batch, np.flatnonzero(which), known, self.state.accounts)

    def _answer(self, database: Database, batch: Batch, known: Known) -> Answers:
        """Copy the answers out of the batch."""
        accounts = self.state.accounts
        status = batch.status.copy()
        before = self.state.seq - int(self.state.counters[bk.ROW_COUNT])
        explain_holds(database, batch, status, before)
        seq, amount, at, currency = (np.zeros(len(status), np.int64) for _ in range(4))
        answer(self.state.books, batch, seq, amount, at, currency)
        for k, row in known.rows.items():
            seq[k], amount[k], at[k] = row["seq"], row["amount"], row["at"]
            currency[k] = accounts[row["debit_account"]]["currency"]
        return Answers(status, seq, amount, at, batch.fact.copy(), currency, known.reasons)
