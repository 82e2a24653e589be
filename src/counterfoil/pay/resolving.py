"""What becomes of a hold: captured in one or several parts, released, expired.

The ledger resolves a pending transfer once. So a capture that keeps the rest, or a part that is
released, ends the pending transfer and places another for the rest in the same commit; at no moment
is less held than is left, or more.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import (
    ReadingConnection,
    Refusal,
    Transfer,
    TransferId,
    TransferRefused,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.money import Money
from counterfoil.pay import hold_store as store
from counterfoil.pay import order_store
from counterfoil.pay.commit import Change, Commits, Known, as_refused
from counterfoil.pay.errors import (
    HoldConflict,
    HoldEnded,
    HoldExceeded,
    PayerCannotReceive,
)
from counterfoil.pay.event import EventKind
from counterfoil.pay.hold import Hold, HoldState, Operation, OperationId, OperationKind
from counterfoil.pay.merchant import Purse
from counterfoil.pay.movement import Movement, moved, part_id
from counterfoil.pay.number import new_numbered_id
from counterfoil.pay.order import HoldId, NewOrder, Order, OrderId, OrderState, Paid
from counterfoil.pay.orders import Orders, created_order
from counterfoil.pay.payment import paid_event
from counterfoil.pay.placing import Placing, closed, hold_event
from counterfoil.pay.purses import Purses
from counterfoil.pay.said import checked_amount, said
from counterfoil.pay.settings import OperatorTerms
from counterfoil.wallet import Wallets


class Resolving:
    """Resolves holds. `Holds` hands its methods on."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        placing: Placing,
        orders: Orders,
        purses: Purses,
        wallets: Wallets,
        terms: OperatorTerms,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._placing = placing
        self._orders = orders
        self._purses = purses
        self._wallets = wallets
        self.terms = terms

    def expiring(self, hold: HoldId) -> Callable[[datetime], Change[int] | Known[int]]:
        """Prepare what time does to a hold."""

        def prepare(at: datetime) -> Change[int] | Known[int]:
            found = self._placing.found(hold)
            if found.state is HoldState.CREATED:
                return Change(rows=closed(found, at).rows, answer=1)
            if found.state is not HoldState.PLACED or found.expires_at > at:
                return Known(0)
            ended = self._after(found, Money.zero(found.amount.currency), found.captured, None, at)
            ended = replace(ended, state=HoldState.EXPIRED)
            return Change(
                rows=(
                    store.changed_row(found, ended),
                    *self._uncounted(found, found.rest),
                    hold_event(ended, EventKind.HOLD_EXPIRED, at, amount=found.rest),
                ),
                answer=1,
            )

        return prepare

    def captured(
        self,
        hold: Hold,
        id: OrderId,  # noqa: A002
        new: NewOrder,
        at: datetime,
        *,
        keeps_rest: bool,
    ) -> Change[Order]:
        """Prepare a capture."""
        made = self._orders.prepared(id, new, at)
        assert hold.payer is not None
        assert hold.payer_account is not None
        fee, left = made.merchant.terms.fee(new.amount), hold.rest - new.amount
        paid = Paid(
            payer=hold.payer, account=hold.payer_account, at=at, amount=new.amount, fee=fee,
            hold=hold.id,
        )  # fmt: skip
        kept = left if keeps_rest else left * 0
        pending = part_id(id, Movement.HOLD)
        after = self._after(hold, kept, hold.captured + new.amount, pending, at)
        assert hold.pending is not None
        transfers = [
            post_pending_transfer(
                TransferId(id), subject=hold.pending, amount=new.amount, code=Movement.CAPTURE,
                reference=id,
            ),
            *self._held_again(hold, kept, pending),
        ]  # fmt: skip
        if fee.minor:
            available = self._purses.account(new.merchant, fee.currency, Purse.AVAILABLE)
            fees = self._purses.operator(fee.currency, Purse.FEES)
            transfers.append(
                moved(part_id(id, Movement.FEE), available, fees, fee, Movement.FEE, id)
            )
        finishes_at = at + self.terms.refund_period
        operation = Operation(
            id=OperationId(id), hold=hold.id, kind=OperationKind.CAPTURE,
            request_no=new.merchant_order_no, amount=new.amount, rest_after=kept, order=id, at=at,
            remark="",
        )  # fmt: skip
        order = replace(
            created_order(made), state=OrderState.PAID, paid=paid, finishes_at=finishes_at
        )
        return Change(
            transfers=tuple(transfers),
            rows=(
                order_store.created_row(
                    id, new, made.merchant.terms, at, made.expires_at, paid=paid,
                    finishes_at=finishes_at,
                ),
                store.changed_row(hold, after),
                store.operation_row(operation),
                *(self._uncounted(hold, left) if not keeps_rest else ()),
                paid_event(new, id, paid, at, is_sale=False),
                hold_event(after, EventKind.HOLD_CAPTURED, at, part=id, amount=new.amount),
            ),
            answer=order,
            explain=_explained,
        )  # fmt: skip

    def released(
        self, hold: HoldId, request_no: str, amount: Money | None, remark: str
    ) -> Operation:
        """Give back a part of a hold."""
        id = OperationId(new_numbered_id(to_us(self._commits.now())))  # noqa: A001

        def prepare(at: datetime) -> Change[Operation] | Known[Operation]:
            found = self._placing.found(hold)
            if done := self.done(found, OperationKind.RELEASE, request_no):
                if amount is not None and done.amount != amount:
                    raise HoldConflict(
                        _("The request {number} has released {amount}. Give each request a number "
                          "of its own.", number=request_no, amount=said(done.amount)),
                        number=request_no,
                    )  # fmt: skip
                return Known(done)
            part = found.rest if amount is None else amount
            check_part(found, part, at)
            left, pending = found.rest - part, part_id(id, Movement.HOLD)
            after = self._after(found, left, found.captured, pending, at)
            operation = Operation(
                id=id, hold=hold, kind=OperationKind.RELEASE, request_no=request_no, amount=part,
                rest_after=left, order=None, at=from_us(to_us(at)), remark=remark,
            )  # fmt: skip
            assert found.pending is not None
            void = void_pending_transfer(
                TransferId(id), subject=found.pending, code=Movement.RELEASE, reference=hold
            )
            return Change(
                transfers=(void, *self._held_again(found, left, pending)),
                rows=(
                    store.changed_row(found, after),
                    store.operation_row(operation),
                    *self._uncounted(found, part),
                    hold_event(after, EventKind.HOLD_RELEASED, at, part=id, amount=part),
                ),
                answer=operation,
                explain=_explained,
            )

        return self._commits.make(prepare)

    def _after(
        self, hold: Hold, rest: Money, captured: Money, pending: TransferId | None, at: datetime
    ) -> Hold:
        """Tell what a hold is after a part of it was captured or released."""
        is_over = not rest.minor
        ended = HoldState.CAPTURED if captured.minor else HoldState.VOIDED
        return replace(
            hold, version=hold.version + 1, rest=rest, captured=captured,
            pending=None if is_over else pending, state=ended if is_over else HoldState.PLACED,
            ended_at=from_us(to_us(at)) if is_over else None,
        )  # fmt: skip

    def _held_again(self, hold: Hold, rest: Money, pending: TransferId) -> tuple[Transfer, ...]:
        if not rest.minor:
            return ()
        assert hold.payer_account is not None
        available = self._purses.account(hold.merchant, rest.currency, Purse.AVAILABLE)
        return (
            pending_transfer(
                pending, debit_account=hold.payer_account, credit_account=available, amount=rest,
                expires_at=hold.expires_at, code=Movement.HOLD, reference=hold.id,
            ),
        )  # fmt: skip

    def _uncounted(self, hold: Hold, amount: Money) -> tuple[AttachedRow, ...]:
        if not amount.minor:
            return ()
        assert hold.payer is not None
        assert hold.placed_at is not None
        return self._wallets.limits.give_back_rows(hold.payer, amount, hold.placed_at)

    def done(self, hold: Hold, kind: OperationKind, request_no: str) -> Operation | None:
        """Find what was done under a request number."""
        with self._reading.lend() as database:
            found = store.operations_where(
                database, hold, "AND kind = $2 AND request_no = $3", (kind.value, request_no)
            )
        return found[0] if found else None


def check_part(hold: Hold, amount: Money, at: datetime) -> None:
    """Check that so much of a hold is left."""
    if hold.state is not HoldState.PLACED or hold.expires_at <= at:
        raise _ended(hold)
    checked_amount(amount)
    if amount.currency != hold.amount.currency or amount > hold.rest:
        raise HoldExceeded(
            _("{amount} is more than is left of the hold {number}: {left}.",
              amount=said(amount), left=said(hold.rest), number=hold.number),
            amount=amount, left=hold.rest,
        )  # fmt: skip


def _explained(refused: TransferRefused) -> Exception | None:
    if refused.refusal is Refusal.DEBITS_FROZEN:
        return PayerCannotReceive(
            _("The payer's wallet is frozen, and the rest cannot be held again. Capture what is due "
              "and release the rest.")
        )  # fmt: skip
    return as_refused(refused)


def _ended(hold: Hold) -> HoldEnded:
    return HoldEnded(
        _("Nothing is held by {number} any more.", number=hold.number), number=hold.number
    )
