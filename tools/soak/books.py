"""A second bookkeeping: the log read as plain rows and added up in plain Python.

It shares no code with the ledger's engine, its replay or its queries, so that one mistake cannot
hide in both. What it finds wrong it names by kind: see `Findings`.
"""

import hashlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from counterfoil.kernel.database import Database
from counterfoil.ledger import Flags
from tools.soak.load import PAYMENT_CODE, REFUND_CODE

_PART: Final = 50_000
_MESSAGES_MAX: Final = 20

_ROWS_AFTER: Final = {
    "sqlite": """
        SELECT seq, lower(hex(id)), debit_account, credit_account, amount, code, flags,
            coalesce(lower(hex(reference)), ''), at, coalesce(subject, 0), coalesce(expires_at, 0)
        FROM transfers WHERE seq > $1 ORDER BY seq LIMIT $2
        """,
    "postgresql": """
        SELECT seq, replace(id::text, '-', ''), debit_account, credit_account, amount, code, flags,
            coalesce(replace(reference::text, '-', ''), ''), at, coalesce(subject, 0),
            coalesce(expires_at, 0)
        FROM transfers WHERE seq > $1 ORDER BY seq LIMIT $2
        """,
}
"""The fields of `Row`, ids in hexadecimal digits."""


@dataclass(slots=True)
class Findings:
    """What must not be; all counts have to stay 0."""

    losses: int = 0
    doubles: int = 0
    halves: int = 0
    contradictions: int = 0
    messages: list[str] = field(default_factory=list)
    """The first few, in words."""

    @property
    def count(self) -> int:
        """How many there are of all kinds."""
        return self.losses + self.doubles + self.halves + self.contradictions

    def lost(self, message: str) -> None:
        """Note that something acknowledged is gone."""
        self.losses += 1
        self._note("lost", message)

    def doubled(self, message: str) -> None:
        """Note that something is there twice."""
        self.doubles += 1
        self._note("doubled", message)

    def halved(self, message: str) -> None:
        """Note that a part of what belongs together is there without the rest."""
        self.halves += 1
        self._note("half", message)

    def contradicted(self, message: str) -> None:
        """Note any other disagreement."""
        self.contradictions += 1
        self._note("contradiction", message)

    def _note(self, kind: str, message: str) -> None:
        if len(self.messages) < _MESSAGES_MAX:
            self.messages.append(f"{kind}: {message}")

    def add(self, other: "Findings") -> None:
        """Take in another round's findings."""
        self.losses += other.losses
        self.doubles += other.doubles
        self.halves += other.halves
        self.contradictions += other.contradictions
        self.messages += other.messages


class Row(NamedTuple):
    """A row of the log; ids are 32 hexadecimal digits, and what is missing is 0 or empty."""

    seq: int
    id: str
    debit_account: int
    credit_account: int
    amount: int
    code: int
    flags: int
    reference: str
    at: int
    subject: int
    expires_at: int


def rows_after(database: Database, seq: int) -> Iterator[Row]:
    """Read the log from after a row."""
    while True:
        found = database.query(_ROWS_AFTER[database.dialect], (seq, _PART))
        if not found.num_rows:
            return
        columns = [column.to_pylist() for column in found.columns]
        yield from map(Row._make, zip(*columns, strict=True))
        seq = columns[0][-1]


def read_orders(database: Database) -> dict[str, str]:
    """Read which payment each order's row names, and which refund."""
    found = database.query("SELECT payment, coalesce(refund, '') FROM soak_orders")
    payments, refunds = (column.to_pylist() for column in found.columns)
    return dict(zip(payments, refunds, strict=True))


@dataclass(slots=True)
class Sums:
    """What an account's rows add up to, in minor units."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0


class Books:
    """The log as far as it has been read, added up."""

    def __init__(self) -> None:
        self.seq = 0
        self.seq_by_id: dict[str, int] = {}
        self.rows: dict[str, Row] = {}
        """The rows of the present round, by id."""
        self.sums: dict[int, Sums] = {}
        self.orders: dict[str, str] = {}
        """Each payment of an order, and its refund or nothing, as the log has them."""
        self._open_holds: dict[int, Row] = {}
        self._brief: dict[int, tuple[str, int, int, int]] = {}
        self._corrected: set[int] = set()
        self._digest = hashlib.sha256()

    @property
    def digest(self) -> str:
        """A fingerprint of every row so far."""
        return self._digest.hexdigest()

    @property
    def open_hold_seqs(self) -> set[int]:
        """The rows of the holds that are neither posted, voided nor expired."""
        return set(self._open_holds)

    def begin_round(self) -> None:
        """Forget the rows of the round before; what they add up to is kept."""
        self.rows.clear()

    def absorb(self, rows: Iterable[Row], findings: Findings) -> None:
        """Take in the rows that follow."""
        for row in rows:
            self._digest.update(repr(tuple(row)).encode())
            if row.seq != self.seq + 1:
                findings.contradicted(f"row {row.seq} follows row {self.seq}")
            self.seq = row.seq
            if row.id in self.seq_by_id:
                findings.doubled(f"id {row.id} is in rows {self.seq_by_id[row.id]} and {row.seq}")
            self.seq_by_id[row.id] = row.seq
            self.rows[row.id] = row
            self._brief[row.seq] = (row.id, row.debit_account, row.credit_account, row.amount)
            self._post(row, findings)

    def subject_of(self, row: Row) -> tuple[str, int, int, int] | None:
        """The row that a row resolves or corrects: its id, both accounts, its amount."""
        return self._brief.get(row.subject)

    def _post(self, row: Row, findings: Findings) -> None:
        debited = self.sums.setdefault(row.debit_account, Sums())
        credited = self.sums.setdefault(row.credit_account, Sums())
        if row.flags & Flags.PENDING:
            debited.debits_pending += row.amount
            credited.credits_pending += row.amount
            self._open_holds[row.seq] = row
            return
        if row.flags & (Flags.POST | Flags.VOID | Flags.EXPIRY):
            hold = self._open_holds.pop(row.subject, None)
            if hold is None:
                findings.doubled(f"row {row.seq} ends hold {row.subject}, which is not open")
                return
            debited.debits_pending -= hold.amount
            credited.credits_pending -= hold.amount
            if not row.flags & Flags.POST:
                return
        debited.debits_posted += row.amount
        credited.credits_posted += row.amount
        self._note_order(row, findings)

    def _note_order(self, row: Row, findings: Findings) -> None:
        if row.code == PAYMENT_CODE:
            self.orders[row.id] = ""
        if not row.flags & Flags.CORRECTION:
            return
        if row.subject in self._corrected:
            findings.doubled(f"row {row.seq} corrects row {row.subject} once more")
        self._corrected.add(row.subject)
        if row.code == REFUND_CODE:
            self.orders[self._brief[row.subject][0]] = row.id
