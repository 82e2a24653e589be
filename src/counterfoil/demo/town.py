"""The town: who is in it, and what they do with their money. Nothing here prints.

Each scene asks the ledger for real, and gives back what the ledger answered.
"""

from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction
from typing import Final

from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    Ledger,
    Limit,
    NewAccount,
    Posted,
    Posting,
    Statement,
    Transfer,
    TransferId,
    TransferRefused,
    pending_transfer,
    post_pending_transfer,
)
from counterfoil.money import ExchangeRate, Money, Rounding, currency_by_code

_EUR: Final = currency_by_code("EUR")
_JPY: Final = currency_by_code("JPY")
_FEE_BASIS_POINTS: Final = 90
YEN_PER_EURO: Final = "161.37"
"""The demonstration's own rate; it comes from no market."""


@dataclass(frozen=True, slots=True)
class Town:
    """The accounts, by the names that the scenes use."""

    cash: AccountNumber
    fees: AccountNumber
    liquidity_eur: AccountNumber
    liquidity_jpy: AccountNumber
    alice: AccountNumber
    bob: AccountNumber
    bakery: AccountNumber
    hotel: AccountNumber
    ramen: AccountNumber


@dataclass(frozen=True, slots=True)
class Resident:
    """An account as it is opened."""

    name: str
    new: NewAccount


def residents() -> list[Resident]:
    """Everyone whom the scenes need, in the order of `Town`."""
    wallet = Limit.DEBITS_NOT_OVER_CREDITS
    return [
        _resident("The bank's cash", AccountKind.ASSET),
        _resident("Fees earned", AccountKind.INCOME),
        _resident("Liquidity in euro", AccountKind.LIABILITY),
        _resident("Liquidity in yen", AccountKind.LIABILITY, currency="JPY"),
        _resident("Alice", AccountKind.LIABILITY, limit=wallet),
        _resident("Bob", AccountKind.LIABILITY, limit=wallet),
        _resident("Noor's bakery", AccountKind.LIABILITY, limit=wallet),
        _resident("Hotel Lumière", AccountKind.LIABILITY, limit=wallet),
        _resident("Kenji's ramen", AccountKind.LIABILITY, limit=wallet, currency="JPY"),
    ]


def _resident(
    name: str, kind: AccountKind, *, limit: Limit = Limit.NONE, currency: str = "EUR"
) -> Resident:
    return Resident(
        name,
        NewAccount(
            id=AccountId(new_id()), currency=currency_by_code(currency), kind=kind, limit=limit
        ),
    )


def open_town(ledger: Ledger, everyone: list[Resident]) -> Town:
    """Open everyone's account in one commit."""
    return Town(*ledger.open_accounts([resident.new for resident in everyone]))


def top_up(ledger: Ledger, town: Town) -> list[Posted]:
    """Alice and Bob bring cash to the bank."""
    return ledger.post(
        _transfer(town.cash, town.alice, Money.of("250.00", _EUR)),
        _transfer(town.cash, town.bob, Money.of("40.00", _EUR)),
    )


def pay_with_fee(ledger: Ledger, town: Town, order: AccountId) -> tuple[list[Posted], list[Posted]]:
    """Alice buys a cake, the bakery pays the fee; then her phone asks again, having lost touch."""
    price = Money.of("12.50", _EUR)
    fee = price.scale(Fraction(_FEE_BASIS_POINTS, 10_000), rounding=Rounding.HALF_EVEN)
    chain = (
        _transfer(town.alice, town.bakery, price, reference=order),
        _transfer(town.bakery, town.fees, fee, reference=order),
    )
    return ledger.post(*chain), ledger.post(*chain)


def place_hold(ledger: Ledger, town: Town) -> Posted:
    """The hotel reserves a deposit on Alice's wallet for an hour."""
    return ledger.post(
        pending_transfer(
            TransferId(new_id()),
            debit_account=town.alice,
            credit_account=town.hotel,
            amount=Money.of("80.00", _EUR),
            expires_at=from_us(SystemClock().now_us()) + timedelta(hours=1),
        )
    )[0]


def capture_part(ledger: Ledger, hold: Posted) -> Posted:
    """Alice checks out; the hotel takes what the night cost, and the rest is released."""
    return ledger.post(
        post_pending_transfer(TransferId(new_id()), subject=hold.id, amount=Money.of("61.40", _EUR))
    )[0]


def refund(ledger: Ledger, town: Town, order: AccountId) -> Posted:
    """A part of the cake was missing."""
    money = Money.of("2.50", _EUR)
    return ledger.post(_transfer(town.bakery, town.alice, money, reference=order))[0]


def convert(ledger: Ledger, town: Town) -> tuple[ExchangeRate, list[Posted]]:
    """Alice pays in Tokyo: two linked transfers, one a currency, through liquidity accounts."""
    rate = ExchangeRate.parse(
        YEN_PER_EURO,
        base=_EUR,
        quote=_JPY,
        source="demonstration",
        at=from_us(SystemClock().now_us()),
    )
    bill = Money(2_400, _JPY)
    in_euro = rate.invert().convert(bill, rounding=Rounding.UP)
    return rate, ledger.post(
        _transfer(town.alice, town.liquidity_eur, in_euro),
        _transfer(town.liquidity_jpy, town.ramen, bill),
    )


def overdraw(ledger: Ledger, town: Town) -> TransferRefused:
    """Bob tries to spend what he does not have."""
    try:
        ledger.post(_transfer(town.bob, town.bakery, Money.of("500.00", _EUR)))
    except TransferRefused as refused:
        return refused
    raise AssertionError("the ledger let Bob overdraw")


def alices_statement(ledger: Ledger, town: Town) -> Statement:
    """Everything that happened on Alice's account until now."""
    opened = ledger.account(town.alice).opened_at
    return ledger.statement(town.alice, opened, from_us(SystemClock().now_us() + 1))


def latest(ledger: Ledger, account: AccountNumber) -> Posting:
    """The latest thing that happened on an account."""
    return ledger.latest(account, 1)[0]


def _transfer(
    debit: AccountNumber,
    credit: AccountNumber,
    amount: Money,
    *,
    reference: AccountId | None = None,
) -> Transfer:
    return Transfer(
        id=TransferId(new_id()),
        debit_account=debit,
        credit_account=credit,
        amount=amount,
        reference=reference,
    )
