"""What the worker's callers ask for: small stories, each a run of requests.

A story is a generator: it yields a request's kind and content and is sent the answer (None when
it was refused), so that threads and event loops tell the same stories. Every kind has a closed
list of refusals that may meet it; any other refusal is a contradiction.
"""

import random
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.ids import derive_id, new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    AttachedRow,
    Flags,
    Ledger,
    Limit,
    NewAccount,
    Posted,
    Refusal,
    Request,
    Transfer,
    TransferId,
    correcting_transfer,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.money import Currency, Money, currency_by_code

Story = Generator[tuple[str, Request], Sequence[Posted] | None, None]

WALLET_COUNT: Final = 40
BULK_SIZES: Final = (50, 200, 800)
FIRST_DAY_US: Final = 1_700_000_000_000_000
"""The accounts' ids carry this time, so that every worker asks for the same accounts."""

PAYMENT_CODE: Final = 7001
"""Marks a transfer that pays an order: there is one if and only if the order's row is there."""
REFUND_CODE: Final = 7002
"""Marks a correction that refunds an order: if and only if the order's row names it."""

ORDERS_TABLE: Final = (
    "CREATE TABLE IF NOT EXISTS soak_orders (payment TEXT PRIMARY KEY, fee TEXT NOT NULL, "
    "refund TEXT)"
)
_PAY_ORDER: Final = "INSERT INTO soak_orders (payment, fee, refund) VALUES ($1, $2, NULL)"
_REFUND_ORDER: Final = "UPDATE soak_orders SET refund = $1 WHERE payment = $2 AND refund IS NULL"

_LITTLE: Final = {Refusal.EXCEEDS_CREDITS}
_HOLD: Final = {*_LITTLE, Refusal.EXPIRY_IN_PAST}
_RESOLVE: Final = {
    Refusal.HOLD_EXPIRED,
    Refusal.HOLD_ALREADY_POSTED,
    Refusal.HOLD_ALREADY_VOIDED,
}
MAY_REFUSE: Final[dict[str, set[Refusal]]] = {
    "bulk": set(),
    "top up": set(),
    "send": _LITTLE,
    "pay": _LITTLE,
    "refund": {Refusal.ALREADY_CORRECTED, *_LITTLE},
    "convert": _LITTLE,
    "sweep": {Refusal.NOTHING_AVAILABLE},
    "repay": {Refusal.NOTHING_AVAILABLE, Refusal.EXCEEDS_CREDITS},
    "hold": _HOLD,
    "post": _RESOLVE,
    "void": _RESOLVE,
    "overdraw": _LITTLE,
    "row of no order": {Refusal.ATTACHED_ROW_REFUSED, *_LITTLE},
}
MUST_REFUSE: Final = frozenset({"overdraw", "row of no order"})


@dataclass(frozen=True, slots=True)
class Economy:
    """The accounts that the stories move money between."""

    cash: AccountNumber
    fees: AccountNumber
    liquidity: AccountNumber
    liquidity_eur: AccountNumber
    cash_eur: AccountNumber
    lender: AccountNumber
    wallets: tuple[AccountNumber, ...]
    wallets_eur: tuple[AccountNumber, ...]


def open_economy(ledger: Ledger) -> Economy:
    """Open the accounts; a worker that comes later finds the same ones."""
    czk, eur = currency_by_code("CZK"), currency_by_code("EUR")
    wallets = [_account(f"wallet {k}", czk, is_wallet=True) for k in range(WALLET_COUNT)]
    wallets_eur = [_account(f"wallet EUR {k}", eur, is_wallet=True) for k in range(WALLET_COUNT)]
    named = [_account(name, czk) for name in ("cash", "fees", "liquidity")]
    named += [_account(name, eur) for name in ("liquidity EUR", "cash EUR")]
    named += [_loan("lender", czk)]
    numbers = ledger.open_accounts([*named, *wallets, *wallets_eur])
    cash, fees, liquidity, liquidity_eur, cash_eur, lender = numbers[: len(named)]
    first_eur = len(named) + WALLET_COUNT
    return Economy(
        cash=cash,
        fees=fees,
        liquidity=liquidity,
        liquidity_eur=liquidity_eur,
        cash_eur=cash_eur,
        lender=lender,
        wallets=tuple(numbers[len(named) : first_eur]),
        wallets_eur=tuple(numbers[first_eur:]),
    )


def _account(name: str, currency: Currency, *, is_wallet: bool = False) -> NewAccount:
    return NewAccount(
        id=AccountId(derive_id("soak", name, at_us=FIRST_DAY_US)),
        currency=currency,
        kind=AccountKind.LIABILITY if is_wallet else AccountKind.ASSET,
        limit=Limit.DEBITS_NOT_OVER_CREDITS if is_wallet else Limit.NONE,
    )


def _loan(name: str, currency: Currency) -> NewAccount:
    return NewAccount(
        id=AccountId(derive_id("soak", name, at_us=FIRST_DAY_US)),
        currency=currency,
        kind=AccountKind.ASSET,
        limit=Limit.CREDITS_NOT_OVER_DEBITS,
    )


class Stories:
    """Tells one story after the other, as chance would have it."""

    def __init__(self, economy: Economy, chance: random.Random) -> None:
        self._economy = economy
        self.chance = chance
        self._czk, self._eur = currency_by_code("CZK"), currency_by_code("EUR")
        self._clock = SystemClock()
        self._every: tuple[tuple[Callable[[], Story], int], ...] = (
            (self._send, 30),
            (self._pay_an_order, 15),
            (self._hold, 20),
            (self._convert, 8),
            (self._balance, 8),
            (self._ask_for_what_is_refused, 4),
        )

    def next(self) -> Story:
        """Begin a story for a caller."""
        stories, weights = zip(*self._every, strict=True)
        story: Callable[[], Story] = self.chance.choices(stories, weights)[0]
        return story()

    def next_bulk(self) -> Story:
        """Begin the story of a salary run: many transfers in one batch, none refusable."""
        economy, chance = self._economy, self.chance
        yield (
            "bulk",
            Request(
                tuple(
                    self._plain(economy.cash, chance.choice(economy.wallets), chance.randint(1, 99))
                    for _ in range(chance.choice(BULK_SIZES))
                )
            ),
        )

    def _send(self) -> Story:
        """Bob tops up, and sends some of it to Alice."""
        bob, alice = self.chance.sample(self._economy.wallets, 2)
        amount = self.chance.randint(1, 10_000)
        if self.chance.random() < 0.5:
            yield "top up", Request((self._plain(self._economy.cash, bob, amount),))
        yield "send", Request((self._plain(bob, alice, self.chance.randint(1, amount)),))

    def _pay_an_order(self) -> Story:
        """Bob pays Alice for an order, with a fee and the order's row; some are refunded."""
        bob, alice = self.chance.sample(self._economy.wallets, 2)
        price, fee = self.chance.randint(10, 5000), self.chance.randint(1, 9)
        payment = self._plain(bob, alice, price, code=PAYMENT_CODE, reference=new_id())
        charge = self._plain(alice, self._economy.fees, fee, reference=payment.reference)
        row = AttachedRow(_PAY_ORDER, (payment.id.hex, charge.id.hex))
        posted = yield "pay", Request((payment, charge), (row,))
        if posted is None or self.chance.random() < 0.6:
            return
        refund = correcting_transfer(_new_id(), subject=payment.id, code=REFUND_CODE)
        row = AttachedRow(_REFUND_ORDER, (refund.id.hex, payment.id.hex))
        yield "refund", Request((refund,), (row,))

    def _hold(self) -> Story:
        """Bob's money is held for Alice; it is posted, in part, voided, or left to expire."""
        bob, alice = self.chance.sample(self._economy.wallets, 2)
        amount, end = self.chance.randint(2, 3000), self.chance.random()
        lasts = timedelta(milliseconds=self.chance.randint(20, 400))
        hold = pending_transfer(
            _new_id(),
            debit_account=bob,
            credit_account=alice,
            amount=Money(amount, self._czk),
            expires_at=from_us(self._clock.now_us()) + lasts if end < 0.4 else None,
        )
        posted = yield "hold", Request((hold,))
        if posted is None or end < 0.3:
            return
        if end < 0.5:
            yield "void", Request((void_pending_transfer(_new_id(), subject=hold.id),))
            return
        part = Money(self.chance.randint(1, amount), self._czk) if end < 0.75 else None
        yield "post", Request((post_pending_transfer(_new_id(), subject=hold.id, amount=part),))

    def _convert(self) -> Story:
        """Bob changes CZK for EUR: two linked transfers through the liquidity accounts."""
        economy = self._economy
        place = self.chance.randrange(WALLET_COUNT)
        amount = self.chance.randint(25, 5000)
        sell = self._plain(economy.wallets[place], economy.liquidity, amount)
        buy = Transfer(
            id=_new_id(),
            debit_account=economy.liquidity_eur,
            credit_account=economy.wallets_eur[place],
            amount=Money(amount // 25, self._eur),
        )
        yield "convert", Request((sell, buy))

    def _balance(self) -> Story:
        """What Bob has is swept, up to a limit; a loan is repaid as far as there is one."""
        bob = self.chance.choice(self._economy.wallets)
        limit = Money(self.chance.randint(1, 20_000), self._czk)
        sweep = Transfer(
            id=_new_id(),
            debit_account=bob,
            credit_account=self._economy.cash,
            amount=limit,
            flags=Flags.BALANCING_DEBIT,
        )
        yield "sweep", Request((sweep,))
        lend = self._plain(self._economy.lender, bob, self.chance.randint(1, 500))
        yield "top up", Request((lend,))
        repay = Transfer(
            id=_new_id(),
            debit_account=bob,
            credit_account=self._economy.lender,
            amount=limit,
            flags=Flags.BALANCING_CREDIT | Flags.BALANCING_DEBIT,
        )
        yield "repay", Request((repay,))

    def _ask_for_what_is_refused(self) -> Story:
        """Bob asks for too much; and a payment comes with a row for an order that is not there."""
        bob, alice = self.chance.sample(self._economy.wallets, 2)
        good = self._plain(self._economy.cash, alice, 5)
        yield "overdraw", Request((good, self._plain(bob, alice, 1 << 60)))
        row = AttachedRow(_REFUND_ORDER, (_new_id().hex, _new_id().hex))
        yield "row of no order", Request((self._plain(self._economy.cash, bob, 1),), (row,))

    def _plain(
        self,
        debit_account: AccountNumber,
        credit_account: AccountNumber,
        amount_minor: int,
        *,
        code: int = 0,
        reference: UUID | None = None,
    ) -> Transfer:
        return Transfer(
            id=_new_id(),
            debit_account=debit_account,
            credit_account=credit_account,
            amount=Money(amount_minor, self._czk),
            code=code,
            reference=reference,
        )


def _new_id() -> TransferId:
    return TransferId(new_id())
