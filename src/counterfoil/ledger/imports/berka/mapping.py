"""Which transfer a row is: between the account that it names and one of the bank's own.

Nothing here depends on which files a row came with or where it stood in them, so that the same row
always makes the same transfer, and importing it again moves nothing.
"""

from dataclasses import dataclass
from enum import IntEnum
from typing import Final
from uuid import UUID

from counterfoil.kernel.ids import derive_id
from counterfoil.ledger.imports.berka.order import History, Placed
from counterfoil.ledger.imports.berka.rows import (
    CZK,
    Direction,
    Operation,
    Row,
    Symbol,
    day_of,
    midnight_us,
)
from counterfoil.ledger.layout import Flags
from counterfoil.ledger.model import AccountId, AccountKind, AccountNumber, NewAccount, TransferId
from counterfoil.ledger.request import AskedTuple, halves

_MINUTE_US: Final = 60_000_000
_BEGINNING_US: Final = midnight_us(day_of("930101"))
"""The first day of the published data; it leads the ids of the accounts."""

HELD_FOR_SOMEBODY: Final = 100
"""The code of the accounts that the bank keeps for others; its own have those of `OwnAccount`."""


class OwnAccount(IntEnum):
    """The bank's own accounts: where money comes from and goes to."""

    CASH = 1
    CLEARING = 2
    """What the card network is owed."""
    OTHER_BANKS = 3
    INTEREST_PAID = 4
    INTEREST_EARNED = 5
    FEES = 6
    OPENING = 7
    """Balances from before the data begins."""

    @property
    def kind(self) -> AccountKind:
        """What it stands for in the bank's books."""
        return _KINDS[self]


_KINDS: Final = {
    OwnAccount.CASH: AccountKind.ASSET,
    OwnAccount.CLEARING: AccountKind.LIABILITY,
    OwnAccount.OTHER_BANKS: AccountKind.ASSET,
    OwnAccount.INTEREST_PAID: AccountKind.EXPENSE,
    OwnAccount.INTEREST_EARNED: AccountKind.INCOME,
    OwnAccount.FEES: AccountKind.INCOME,
    OwnAccount.OPENING: AccountKind.EQUITY,
}
_BY_SYMBOL: Final = {
    Symbol.INTEREST: OwnAccount.INTEREST_PAID,
    Symbol.SANCTION_INTEREST: OwnAccount.INTEREST_EARNED,
    Symbol.STATEMENT_FEE: OwnAccount.FEES,
}
_BY_OPERATION: Final = {
    Operation.NONE: OwnAccount.CLEARING,
    Operation.CASH_CREDIT: OwnAccount.CASH,
    Operation.FROM_OTHER_BANK: OwnAccount.OTHER_BANKS,
    Operation.CASH_WITHDRAWAL: OwnAccount.CASH,
    Operation.TO_OTHER_BANK: OwnAccount.OTHER_BANKS,
    Operation.CARD_WITHDRAWAL: OwnAccount.CLEARING,
}


def own_account_of(row: Row) -> OwnAccount:
    """Tell the other side of a row.

    Interest and fees are told by the symbol, because the bank books them as withdrawals in cash.
    """
    return _BY_SYMBOL.get(row.symbol) or _BY_OPERATION[row.operation]


def new_own_account(own: OwnAccount) -> NewAccount:
    """Describe one of the bank's own accounts, to be opened."""
    return NewAccount(
        id=AccountId(derive_id("berka", "own", own.name, at_us=_BEGINNING_US)),
        currency=CZK,
        kind=own.kind,
        code=int(own),
    )


def new_account(account: int) -> NewAccount:
    """Describe an account that the bank keeps for somebody, to be opened.

    It has no limit: the bank let accounts go below zero, and charged sanction interest.
    """
    return NewAccount(
        id=AccountId(derive_id("berka", "account", account, at_us=_BEGINNING_US)),
        currency=CZK,
        kind=AccountKind.LIABILITY,
        code=HELD_FOR_SOMEBODY,
        reference=UUID(int=account),
    )


def transfer_id(row: Row) -> TransferId:
    """Make the id of a row's transfer: from its number, and led by its day.

    The day and not the instant, because the instant depends on the order found for the day. Were
    another order ever found, the ledger would refuse the id with other content, not count it twice.
    """
    return TransferId(derive_id("berka", "transfer", row.number, at_us=midnight_us(row.day)))


@dataclass(frozen=True, slots=True)
class Asked:
    """A transfer to be made, as the engine takes it, and the row it came from."""

    at_us: int
    row: Row | None
    """None for an opening balance."""
    record: AskedTuple


def asked_transfers(
    history: History, number: AccountNumber, own: dict[OwnAccount, AccountNumber]
) -> list[Asked]:
    """Say which transfers an account's history makes, in its order."""
    asked = [_asked(placed, number, own[own_account_of(placed.row)]) for placed in history.rows]
    return [*_opening(history, number, own[OwnAccount.OPENING]), *asked]


def _asked(placed: Placed, number: AccountNumber, other: AccountNumber) -> Asked:
    row = placed.row
    # A minute for each place in the day, and the number as microseconds within it: the account's
    # order is kept, no two instants in the bank are the same, and no other row has a part in it.
    at_us = midnight_us(row.day) + placed.place * _MINUTE_US + row.number
    is_credit = row.direction is Direction.CREDIT
    return Asked(
        at_us,
        row,
        _record(
            transfer_id(row),
            debit=other if is_credit else number,
            credit=number if is_credit else other,
            amount=row.amount,
            at_us=at_us,
            code=row.code,
            reference=UUID(int=row.number),
        ),
    )


def _opening(history: History, number: AccountNumber, other: AccountNumber) -> list[Asked]:
    if not history.opening:
        return []
    at_us = midnight_us(history.rows[0].row.day)
    is_credit = history.opening > 0
    record = _record(
        TransferId(derive_id("berka", "opening", history.account, at_us=at_us)),
        debit=other if is_credit else number,
        credit=number if is_credit else other,
        amount=abs(history.opening),
        at_us=at_us,
        code=0,
        reference=None,
    )
    return [Asked(at_us, None, record)]


def _record(
    id: TransferId,  # noqa: A002  # the field's name
    *,
    debit: AccountNumber,
    credit: AccountNumber,
    amount: int,
    at_us: int,
    code: int,
    reference: UUID | None,
) -> AskedTuple:
    """Lay an imported transfer out in the order of `ASKED_DTYPE`."""
    nothing, never, no_subject = (0, 0), 0, (0, 0)
    return (
        *halves(id),
        *nothing,
        *halves(reference),
        amount,
        never,
        at_us,
        *no_subject,
        debit,
        credit,
        code,
        int(Flags.IMPORTED),
        CZK.numeric,
    )
