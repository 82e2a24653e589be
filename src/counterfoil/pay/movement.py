"""What moves when an order is paid and given back: transfers of the ledger, from plain values.

A payment bears its order's id in the ledger, so that an order can be paid once, whatever else fails.
All that belongs to an order refers to it, so that an order can be held against its money.
"""

from enum import IntEnum
from uuid import UUID

from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import AccountNumber, Transfer, TransferId
from counterfoil.money import Money


class Movement(IntEnum):
    """What a transfer of this room is for: the `code` that it bears in the ledger."""

    PAYMENT = 201
    FEE = 202
    REFUND = 203
    FEE_RETURN = 204
    SHARE = 205
    MERCHANT_TRANSFER = 206
    HOLD = 207
    CAPTURE = 208
    RELEASE = 209
    EXCHANGE_IN = 211
    """What the operator pays a merchant out of its liquidity."""
    EXCHANGE_OUT = 212
    """What a merchant's refund brings back into it."""
    MARGIN = 213
    MARGIN_RETURN = 214
    PAYOUT = 221
    PAYOUT_RETURN = 222
    RENT = 702
    """Payments like any other, under an agreement that says what it is for and was signed so."""
    INSURANCE = 703
    REPAYMENT = 704
    UTILITIES = 710


def part_id(of: UUID, movement: Movement, place: int = 0) -> TransferId:
    """Make the id that a further transfer of a payment, refund or share always has."""
    return TransferId(derive_id(movement.name, of, place, at_us=(of.int >> 80) * 1000))


def moved(
    id: UUID,  # noqa: A002
    debit: AccountNumber,
    credit: AccountNumber,
    amount: Money,
    movement: Movement,
    about: UUID,
) -> Transfer:
    """Ask for a transfer that refers to what it is about."""
    return Transfer(
        id=TransferId(id),
        debit_account=debit,
        credit_account=credit,
        amount=amount,
        code=movement,
        reference=about,
    )
