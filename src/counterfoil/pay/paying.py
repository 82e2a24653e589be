"""How orders come to be paid: by a code on a screen, a sticker, a payer's code, or a cashier's page.

Each way ends in the same commit: the money moves, the order says so, the payer's limits count it, and
the event is in the outbox. Above what a payer's code pays by itself, or in another currency than the
payer's, the order *awaits* its payer, who confirms it or says no on their own device.
"""

from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import ReadingConnection, TransferRefused
from counterfoil.money import Currency
from counterfoil.pay import order_store as store
from counterfoil.pay.agreement import AgreementKind
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import OrderNotAwaiting, PayError, QuoteNeeded
from counterfoil.pay.event import EventKind
from counterfoil.pay.exchange import Exchange
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.movement import Movement
from counterfoil.pay.order import (
    AgreementId,
    ClosedBy,
    NewOrder,
    Order,
    OrderId,
    OrderState,
    QuoteId,
    Way,
)
from counterfoil.pay.orders import Orders, Prepared, closing, created_event, created_order
from counterfoil.pay.payment import (
    Payer,
    Payments,
    check_payable,
    check_waiting,
    paid_event,
)
from counterfoil.pay.settings import OperatorTerms
from counterfoil.people import PersonId
from counterfoil.wallet import Claim, WalletNotFound, Wallets

_EPOCH_US: Final = 0
MOVEMENTS: Final = {
    AgreementKind.OTHER: Movement.PAYMENT,
    AgreementKind.RENT: Movement.RENT,
    AgreementKind.UTILITIES: Movement.UTILITIES,
    AgreementKind.INSURANCE: Movement.INSURANCE,
    AgreementKind.REPAYMENT: Movement.REPAYMENT,
}
"""The code that debits under an agreement of each kind bear in the ledger."""
Answer = Change[Order] | Known[Order]
Debited = tuple[PersonId, AgreementKind, tuple[AttachedRow, ...]]
"""Who is debited, what for, and the rows that ask the rules."""
Debiting = Callable[[Order | None, datetime], Debited]
"""Say who is debited, given the order, if it is there."""


class Paying:
    """Takes payments. Its methods may be called from several threads."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        merchants: Merchants,
        orders: Orders,
        payments: Payments,
        exchange: Exchange,
        wallets: Wallets,
        terms: OperatorTerms,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._merchants = merchants
        self._orders = orders
        self._payments = payments
        self._exchange = exchange
        self._wallets = wallets
        self.terms = terms

    def pay(self, order: OrderId, person: PersonId, *, quote: QuoteId | None = None) -> Order:
        """Pay an order, or confirm one that awaits this person; paying it again pays once.

        Raises:
            OrderNotFound: there is no such order.
            OrderPaid: somebody else has paid it.
            OrderClosed, OrderRefunded, OrderFinished: it does not wait.
            PayerMismatch, PayerIsMerchant: it is not this person's to pay.
            QuoteNeeded, QuoteExpired, QuoteNotFound: the wallet is in another currency.
            MerchantSuspended, StoreClosed: nothing is sold there now.
            WalletError: the wallet, or one of its limits, says no.

        """
        return self.submit_pay(order, person, quote=quote).result()

    def submit_pay(
        self, order: OrderId, person: PersonId, *, quote: QuoteId | None = None
    ) -> "Future[Order]":
        """Pay an order as `pay` does; the future has it after the commit."""

        def prepare(at: datetime) -> Answer:
            asked = self._orders.order(order)
            if asked.paid and asked.paid.payer == person:
                return Known(asked)
            check_payable(asked, person, at)
            return self._paying(asked, self._payer(asked, person, quote, at), at, asked.way)

        return self._commits.submit(prepare)

    def pay_new(
        self, new: NewOrder, person: PersonId, *, payment: UUID, quote: QuoteId | None = None
    ) -> Order:
        """Create an order and pay it in one commit, as the payer of a store's static code does.

        `payment` is the caller's id for this attempt: asking again with it pays once.
        `new.merchant_order_no` is ignored, and made of it.

        Raises:
            What `Orders.create` and `pay` raise.

        """
        return self.submit_pay_new(new, person, payment=payment, quote=quote).result()

    def submit_pay_new(
        self, new: NewOrder, person: PersonId, *, payment: UUID, quote: QuoteId | None = None
    ) -> "Future[Order]":
        """Create and pay as `pay_new` does; the future has the order after the commit."""
        id = self._orders.new_id()  # noqa: A001
        asked = replace(new, merchant_order_no=payment.hex)

        def prepare(at: datetime) -> Answer:
            if existing := self._orders.existing(asked):
                if existing.paid and existing.paid.payer == person:
                    return Known(existing)
                check_payable(existing, person, at)
                payer = self._payer(existing, person, quote, at)
                return self._paying(existing, payer, at, asked.way)
            made = self._orders.prepared(id, asked, at)
            payer = self._payer(created_order(made), person, quote, at)
            return self._paid_at_once(made, payer)

        return self._commits.submit(prepare)

    def pay_by_code(self, new: NewOrder, digits: str, *, till: UUID) -> Order:
        """Have an order paid by a code that the payer's phone shows.

        It is answered paid, or awaiting its payer's confirmation; ask again with `Orders.order`.
        `till` is whoever reads codes: guesses are counted against it.

        Raises:
            PayerCodeRefused, TillPaused: the code pays nothing.
            OrderPaid, OrderClosed, OrderRefunded, OrderFinished: the order does not wait.
            What `Orders.create` and `pay` raise.

        """
        return self.submit_by_code(new, digits, till=till).result()

    def submit_by_code(self, new: NewOrder, digits: str, *, till: UUID) -> "Future[Order]":
        """Have an order paid as `pay_by_code` does; the future has it after the commit."""
        id = self._orders.new_id()  # noqa: A001
        asked = replace(new, way=Way.PAYER_CODE)
        attempt = derive_id("payer-code", new.merchant, new.merchant_order_no, at_us=_EPOCH_US)

        def prepare(at: datetime) -> Answer:
            existing = self._orders.existing(asked)
            if existing and (existing.paid or existing.awaiting):
                return Known(existing)
            made = None
            if existing:
                check_waiting(existing, at)
            else:
                made = self._orders.prepared(id, asked, at)
            claim = self._wallets.codes.claim(digits, till=till, payment=attempt)
            if claim.currency != asked.amount.currency or asked.amount > claim.amount_max:
                return self._awaiting(existing, made, claim, at)
            used = claim.rows(asked.amount)
            payer = Payer(person=claim.person, account=claim.account)
            if made:
                return self._paid_at_once(made, payer, used)
            assert existing is not None
            check_payable(existing, claim.person, at)
            return self._paying(existing, payer, at, Way.PAYER_CODE, used)

        return self._commits.submit(prepare)

    def decline(self, order: OrderId, person: PersonId) -> Order:
        """Say no to an order that awaits this person: it is closed.

        Raises:
            OrderNotFound: there is no such order.
            OrderNotAwaiting: it does not await this person.

        """

        def prepare(at: datetime) -> Answer:
            asked = self._orders.order(order)
            if asked.state is OrderState.CLOSED and asked.closed_by is ClosedBy.PAYER:
                return Known(asked)
            if asked.awaiting != person:
                raise OrderNotAwaiting(_("This order does not wait for your answer."))
            return closing(asked, ClosedBy.PAYER, at)

        return self._commits.make(prepare)

    def debit(self, new: NewOrder, agreement: AgreementId, rules: Debiting) -> Order:
        """Debit by an agreement, for `Agreements`, whose rows ask its rules in the commit.

        Raises:
            What `rules`, `Orders.create` and `pay` raise.

        """
        id = self._orders.new_id()  # noqa: A001

        def prepare(at: datetime) -> Answer:
            existing = self._orders.existing(new)
            person, kind, rows = rules(existing, at)
            if existing is not None and existing.paid:
                return Known(existing)
            account = self._payments.account(person, new.amount.currency)
            payer = Payer(
                person=person, account=account, agreement=agreement, movement=MOVEMENTS[kind]
            )
            if existing is not None:
                check_payable(existing, person, at)
                return self._paying(existing, payer, at, Way.AGREEMENT, rows)
            return self._paid_at_once(self._orders.prepared(id, new, at), payer, rows)

        return self._commits.make(prepare)

    def _payer(self, order: Order, person: PersonId, quote: QuoteId | None, at: datetime) -> Payer:
        if quote is not None:
            taken = self._exchange.taken(quote, order, person, at)
            account = self._payments.account(person, taken.payer_amount.currency)
            return Payer(person=person, account=account, quote=taken)
        try:
            account = self._payments.account(person, order.amount.currency)
        except WalletNotFound as missing:
            raise _quote_needed(order.amount.currency) from missing
        return Payer(person=person, account=account)

    def _paying(
        self,
        order: Order,
        payer: Payer,
        at: datetime,
        way: Way,
        rows: tuple[AttachedRow, ...] = (),
    ) -> Change[Order]:
        merchant = self._merchants.selling(order.merchant, order.store)
        payment = self._payments.prepare(order.id, merchant, order.amount, order.terms, payer, at)
        finishes_at = at + self.terms.refund_period
        paid = replace(
            order, state=OrderState.PAID, version=order.version + 1, awaiting=None, way=way,
            paid=payment.paid, finishes_at=finishes_at,
            payer_refunded=payment.paid.amount * 0,
        )  # fmt: skip

        def explain(refused: TransferRefused) -> Exception | None:
            self._merchants.look_again(order.merchant, order.store)
            now = self._orders.order(order.id)
            return None if now != order else self._payments.explained(refused, payment.paid)

        return Change(
            transfers=payment.transfers,
            rows=(
                store.paid_row(order, payment.paid, finishes_at, way),
                *rows,
                *payment.spends,
                paid_event(order, order.id, payment.paid, at),
            ),
            answer=paid,
            explain=explain,
        )

    def _paid_at_once(
        self, made: Prepared, payer: Payer, rows: tuple[AttachedRow, ...] = ()
    ) -> Change[Order]:
        new, at, terms = made.new, made.at, made.merchant.terms
        payment = self._payments.prepare(made.id, made.merchant, new.amount, terms, payer, at)
        finishes_at = at + self.terms.refund_period
        paid = replace(
            created_order(made), state=OrderState.PAID, paid=payment.paid,
            finishes_at=finishes_at, payer_refunded=payment.paid.amount * 0,
        )  # fmt: skip
        row = store.created_row(
            made.id, new, terms, at, made.expires_at, paid=payment.paid, finishes_at=finishes_at
        )

        def explain(refused: TransferRefused) -> Exception | None:
            self._merchants.look_again(new.merchant, new.store)
            is_there = self._orders.existing(new) is not None
            return None if is_there else self._payments.explained(refused, payment.paid)

        return Change(
            transfers=payment.transfers,
            rows=(row, *rows, *payment.spends, paid_event(new, made.id, payment.paid, at)),
            answer=paid,
            explain=explain,
        )

    def _awaiting(
        self, existing: Order | None, made: Prepared | None, claim: Claim, at: datetime
    ) -> Change[Order]:
        """Ask the payer whose code was read to confirm; the code is used up."""
        used = claim.rows(claim.amount_max, confirmed=True)
        if made is None:
            assert existing is not None
            check_payable(existing, claim.person, at)
            row = store.awaiting_row(existing, claim.person, Way.PAYER_CODE)
            order = replace(existing, version=existing.version + 1, way=Way.PAYER_CODE)
        else:
            row = store.created_row(
                made.id, made.new, made.merchant.terms, at, made.expires_at, awaiting=claim.person
            )
            order = created_order(made)
        return Change(
            rows=(row, *used, created_event(order, order.id, EventKind.ORDER_AWAITING, at)),
            answer=replace(order, awaiting=claim.person),
        )


def _quote_needed(currency: Currency) -> PayError:
    return QuoteNeeded(
        _(
            "There is no wallet in {currency}. Ask for a quote in the currency of a wallet.",
            currency=currency.code,
        ),
        currency=currency.code,
    )
