"""The Berka loans: features from a real bank's ledger strictly before each loan, and who kept it.

Payments are read back from the ledger into which the bank was imported, not from the bank's files;
the label comes from `loan.asc`: B (finished, unpaid) and D (running, in debt) are bad. Contracts
that run and are in order (C) count as good here, as in every published result on this data; they
are censored, and `finished_only` leaves them and D out.
"""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.i18n import _
from counterfoil.ledger import NotFound, Side
from counterfoil.ledger.imports.berka import mapping
from counterfoil.ledger.imports.berka.rows import Operation, Symbol, day_of, midnight_us
from counterfoil.ledger.reader import Reads
from counterfoil.score.errors import TableRefused
from counterfoil.score.features import EVENTS, FEATURES, EventKind, compute
from counterfoil.score.table import FloatArray, Numbers, Table, checked

SINCE: Final = date(1997, 1, 1)
"""Loans from here on have all their payments in the published file."""
_BEGINNING: Final = datetime(1990, 1, 1, tzinfo=UTC)
_END: Final = datetime(2000, 1, 1, tzinfo=UTC)
_CASH: Final = {Operation.CASH_CREDIT, Operation.CASH_WITHDRAWAL, Operation.CARD_WITHDRAWAL}
_KINDS: Final = {
    Symbol.INTEREST: EventKind.INTEREST,
    Symbol.SANCTION_INTEREST: EventKind.PENALTY,
    Symbol.STATEMENT_FEE: EventKind.FEE,
    Symbol.HOUSEHOLD: EventKind.RENT,
    Symbol.INSURANCE: EventKind.INSURANCE,
    Symbol.PENSION: EventKind.INCOME,
    Symbol.LOAN_PAYMENT: EventKind.REPAYMENT,
}


@dataclass(frozen=True, slots=True)
class Loan:
    """A loan and how it went."""

    account: int
    """The bank's own number."""
    granted_on: date
    status: str
    """A, B, C or D."""

    @property
    def is_bad(self) -> bool:
        """Whether it was not kept."""
        return self.status in {"B", "D"}

    @property
    def is_finished(self) -> bool:
        """Whether its outcome is known."""
        return self.status in {"A", "B"}


def read_loans(folder: Path, since: date = SINCE) -> list[Loan]:
    """Read the loans granted from a day on.

    Raises:
        TableRefused: the file is missing, or a line is no loan.

    """
    path = folder / "loan.asc"
    try:
        with path.open(encoding="ascii", newline="") as file:
            lines = list(csv.reader(file, delimiter=";"))[1:]
        loans = [Loan(int(line[1]), day_of(line[2]), line[6]) for line in lines if line]
    except (OSError, UnicodeDecodeError, ValueError, IndexError) as error:
        raise TableRefused(
            _("{path} cannot be read: {why}. Give the folder with the bank's files.",
              path=path, why=error)
        ) from error  # fmt: skip
    return [loan for loan in loans if loan.granted_on >= since]


def events_of(ledger: Reads, loans: list[Loan]) -> pa.Table:
    """Read the payments of the loans' accounts from the ledger, as events.

    Raises:
        TableRefused: an account was not imported.

    """
    columns: list[list[int | None]] = [[] for _field in EVENTS]
    for loan in loans:
        for row in _rows(ledger, loan.account):
            for column, value in zip(columns, row, strict=True):
                column.append(value)
    return pa.table([pa.array(column, field.type)
                     for column, field in zip(columns, EVENTS, strict=True)], schema=EVENTS)  # fmt: skip


def _rows(ledger: Reads, account: int) -> Iterator[tuple[int | None, ...]]:
    try:
        number = ledger.account_by_id(mapping.new_account(account).id).number
    except NotFound as error:
        raise TableRefused(
            _("Account {account} of the bank is not in the ledger; import the bank first.",
              account=account)
        ) from error  # fmt: skip
    previous: int | None = None
    alike: dict[EventKind, int] = {}
    others: dict[int, int] = {}
    for posting in ledger.statement(number, _BEGINNING, _END).postings:
        at = to_us(posting.at)
        amount = posting.amount.minor
        change = amount if posting.side is Side.CREDIT else -amount
        balance = posting.balance_after.minor
        kind, other = _kind(posting.code), others.setdefault(posting.other_account, len(others) + 1)
        yield account, posting.seq, at, previous, alike.get(kind), change, balance, kind, other
        previous = alike[kind] = at


def _kind(code: int) -> EventKind:
    """Tell the kind of a row from the three digits that the import kept of it."""
    operation, symbol = Operation(code // 10 % 10), Symbol(code % 10)
    return _KINDS.get(symbol) or (EventKind.CASH if operation in _CASH else EventKind.OTHER)


def features_at(ledger: Reads, loans: list[Loan]) -> dict[str, FloatArray]:
    """Compute every feature at the first moment of each loan's day, in order of the accounts.

    Raises:
        TableRefused: an account was not imported.

    """
    ordered = sorted(loans, key=lambda loan: loan.account)
    cutoffs = pa.table(
        {
            "subject": pa.array([loan.account for loan in ordered], pa.int64()),
            "as_of": pa.array([midnight_us(loan.granted_on) for loan in ordered], pa.int64()),
        }
    )
    found = compute(events_of(ledger, ordered), cutoffs)
    return {
        one.name: np.array(found[one.name].to_numpy(zero_copy_only=False), np.float64)
        for one in FEATURES
    }


def table_of(ledger: Reads, loans: list[Loan]) -> Table:
    """Put the outcome of each loan beside its features.

    Raises:
        TableRefused: an account was not imported.

    """
    ordered = sorted(loans, key=lambda loan: loan.account)
    columns = [Numbers(name, values) for name, values in features_at(ledger, ordered).items()]
    return checked(columns, np.array([loan.is_bad for loan in ordered]))
