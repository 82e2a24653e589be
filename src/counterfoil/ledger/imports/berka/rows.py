"""One line of the bank's transaction files, read strictly, in either of its two languages.

The original speaks Czech codes and quotes its texts; a translation of it that is in use speaks
English and quotes nothing. Both separate by semicolons, write dates as YYMMDD in the 1900s, and
amounts in koruna with two decimals. Amounts are read into haléř exactly.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import cache
from typing import Final, TypeVar

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.ledger.imports.berka.errors import BerkaFileUnreadable, BerkaLineUnreadable
from counterfoil.money import Money, MoneyError, currency_by_code

CZK: Final = currency_by_code("CZK")
COLUMNS: Final = (
    "trans_id",
    "account_id",
    "date",
    "type",
    "operation",
    "amount",
    "balance",
    "k_symbol",
    "bank",
    "account",
)
NUMBER_MAX: Final = 59_999_999
"""Highest transaction number; `mapping` counts it in microseconds, within a minute."""


class Direction(IntEnum):
    """Whether a row raises the account's balance or lowers it."""

    CREDIT = 1
    WITHDRAWAL = 2
    CASH_WITHDRAWAL = 3
    """The bank also writes VYBER, an operation, as a type; it lowers the balance like VYDAJ."""


class Operation(IntEnum):
    """By which way the money came or went."""

    NONE = 0
    CASH_CREDIT = 1
    FROM_OTHER_BANK = 2
    CASH_WITHDRAWAL = 3
    TO_OTHER_BANK = 4
    CARD_WITHDRAWAL = 5


class Symbol(IntEnum):
    """What it was for."""

    NONE = 0
    INTEREST = 1
    SANCTION_INTEREST = 2
    STATEMENT_FEE = 3
    HOUSEHOLD = 4
    INSURANCE = 5
    PENSION = 6
    LOAN_PAYMENT = 7


DIRECTIONS: Final = {
    "PRIJEM": Direction.CREDIT,
    "credit": Direction.CREDIT,
    "VYDAJ": Direction.WITHDRAWAL,
    "withdrawal": Direction.WITHDRAWAL,
    "VYBER": Direction.CASH_WITHDRAWAL,
    "withdrawal in cash": Direction.CASH_WITHDRAWAL,
}
OPERATIONS: Final = {
    "": Operation.NONE,
    "VKLAD": Operation.CASH_CREDIT,
    "credit in cash": Operation.CASH_CREDIT,
    "PREVOD Z UCTU": Operation.FROM_OTHER_BANK,
    "collection from another bank": Operation.FROM_OTHER_BANK,
    "VYBER": Operation.CASH_WITHDRAWAL,
    "withdrawal in cash": Operation.CASH_WITHDRAWAL,
    "PREVOD NA UCET": Operation.TO_OTHER_BANK,
    "remittance to another bank": Operation.TO_OTHER_BANK,
    "VYBER KARTOU": Operation.CARD_WITHDRAWAL,
    "credit card withdrawal": Operation.CARD_WITHDRAWAL,
}
SYMBOLS: Final = {
    "": Symbol.NONE,
    "UROK": Symbol.INTEREST,
    "interest credited": Symbol.INTEREST,
    "SANKC. UROK": Symbol.SANCTION_INTEREST,
    "sanction interest if negative balance": Symbol.SANCTION_INTEREST,
    "SLUZBY": Symbol.STATEMENT_FEE,
    "payment for statement": Symbol.STATEMENT_FEE,
    "SIPO": Symbol.HOUSEHOLD,
    "household": Symbol.HOUSEHOLD,
    "POJISTNE": Symbol.INSURANCE,
    "insurance payment": Symbol.INSURANCE,
    "insurrance payment": Symbol.INSURANCE,  # as the English file has it in places
    "DUCHOD": Symbol.PENSION,
    "old-age pension": Symbol.PENSION,
    "UVER": Symbol.LOAN_PAYMENT,
    "loan payment": Symbol.LOAN_PAYMENT,
}


@dataclass(frozen=True, slots=True)
class Row:
    """One transaction as the bank wrote it down; amounts in haléř."""

    file: str
    line: int
    number: int
    """The bank's own, `trans_id`."""
    account: int
    """The bank's own, `account_id`."""
    day: date
    direction: Direction
    operation: Operation
    symbol: Symbol
    amount: int
    balance: int
    """As printed, after this row."""

    @property
    def change(self) -> int:
        """What it did to the balance."""
        return self.amount if self.direction is Direction.CREDIT else -self.amount

    @property
    def code(self) -> int:
        """Its kind in three digits: direction, operation, symbol."""
        return 100 * self.direction + 10 * self.operation + self.symbol


def read_rows(file: str, lines: Iterable[Sequence[str]]) -> Iterator[Row]:
    """Read a file's lines, already split at the semicolons, the column names first.

    Raises:
        BerkaFileUnreadable: the columns are not the bank's.
        BerkaLineUnreadable: a line is not a row.

    """
    every = iter(lines)
    if tuple(next(every, ())) != COLUMNS:
        raise BerkaFileUnreadable(
            _(
                "{file} does not begin with the columns {columns}; nothing was imported. Give the "
                "bank's transaction file as it was published.",
                file=file,
                columns=";".join(COLUMNS),
            ),
            file=file,
        )
    for line, cells in enumerate(every, start=2):
        if cells:  # a blank line at the end is not a row
            yield _Line(file, line, cells).row()


_SHORT = lazy("{file}, line {line}: {value} has not ten columns. Nothing was imported.")
_NO_NUMBER = lazy(
    "{file}, line {line}: {value} is no number from 1 to {most}. Nothing was imported."
)
_NO_DATE = lazy("{file}, line {line}: {value} is no date in the form YYMMDD. Nothing was imported.")
_NOT_KNOWN = lazy("{file}, line {line}: {value} is none of {known}. Nothing was imported.")
_NO_AMOUNT = lazy("{file}, line {line}: {value} is no amount in koruna. Nothing was imported.")
_NOT_POSITIVE = lazy("{file}, line {line}: {value} is not a positive amount. Nothing was imported.")

Choice = TypeVar("Choice")


@dataclass(frozen=True, slots=True)
class _Line:
    """A line while it is being read: every complaint knows where it is."""

    file: str
    line: int
    cells: Sequence[str]

    def row(self) -> Row:
        if len(self.cells) != len(COLUMNS):
            raise self._unreadable(_SHORT, ";".join(self.cells))
        number, account, day, direction, operation, amount, balance, symbol = self.cells[:8]
        return Row(
            self.file,
            self.line,
            self._number(number),
            self._number(account),
            self._day(day),
            self._one_of(DIRECTIONS, direction),
            self._one_of(OPERATIONS, operation.strip()),
            self._one_of(SYMBOLS, symbol.strip()),
            self._amount(amount),
            self._minor(balance),
        )

    def _number(self, text: str) -> int:
        if not (text.isascii() and text.isdigit() and 0 < int(text) <= NUMBER_MAX):
            raise self._unreadable(_NO_NUMBER, text, most=NUMBER_MAX)
        return int(text)

    def _day(self, text: str) -> date:
        try:
            return day_of(text)
        except ValueError as error:
            raise self._unreadable(_NO_DATE, text) from error

    def _one_of(self, choices: dict[str, Choice], text: str) -> Choice:
        if text not in choices:
            known = ", ".join(repr(choice) for choice in choices if choice)
            raise self._unreadable(_NOT_KNOWN, text, known=known)
        return choices[text]

    def _amount(self, text: str) -> int:
        minor = self._minor(text)
        if minor <= 0:
            raise self._unreadable(_NOT_POSITIVE, text)
        return minor

    def _minor(self, text: str) -> int:
        try:
            return Money.of(text, CZK).minor
        except MoneyError as error:
            raise self._unreadable(_NO_AMOUNT, text) from error

    def _unreadable(self, complaint: Message, value: str, **more: object) -> BerkaLineUnreadable:
        where = {"file": self.file, "line": self.line, "value": repr(value), **more}
        return BerkaLineUnreadable(complaint(**where), **where)


@cache
def day_of(text: str) -> date:
    """Read a date such as 930131.

    Raises:
        ValueError: it is none.

    """
    if len(text) != 6 or not (text.isascii() and text.isdigit()):
        raise ValueError(text)
    return date(1900 + int(text[:2]), int(text[2:4]), int(text[4:]))


@cache
def midnight_us(day: date) -> int:
    """Tell when a day begins, in microseconds since the epoch, UTC."""
    return to_us(datetime(day.year, day.month, day.day, tzinfo=UTC))
