"""Holds: placed, captured in one or several parts, released, cancelled, expired.

Placing them is in `placing`, what becomes of them in `resolving`.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.i18n import _
from counterfoil.ledger import (
    ReadingConnection,
)
from counterfoil.money import Money
from counterfoil.pay import hold_store as store
from counterfoil.pay.closing import wait_for
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import (
    HoldEnded,
    HoldNotFound,
    OrderConflict,
)
from counterfoil.pay.hold import Hold, HoldState, NewHold, Operation, OperationKind
from counterfoil.pay.listing import latest
from counterfoil.pay.merchant import MerchantId
from counterfoil.pay.number import id_of, id_of_word
from counterfoil.pay.order import HoldId, NewOrder, Order, Way
from counterfoil.pay.orders import Orders
from counterfoil.pay.placing import Placing, closed
from counterfoil.pay.resolving import Resolving, check_part
from counterfoil.pay.said import checked_number, checked_text
from counterfoil.people import PersonId

CANCEL_REQUEST: Final = "the hold"
"""The request number of what is released when a hold is cancelled; nobody else has it."""
_REST: Final = {HoldState.PLACED}


class Holds:
    """The holds of all merchants. Its methods may be called from several threads."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        placing: Placing,
        resolving: Resolving,
        orders: Orders,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._placing = placing
        self._resolving = resolving
        self._orders = orders

    def create(self, new: NewHold) -> Hold:
        """Create a hold that somebody is to place by its code, or find the one with this number.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            MerchantNotFound, StoreNotFound, TillNotFound, MerchantSuspended, StoreClosed: not there.
            HoldConflict: the number has been used with another amount or request.

        """
        return self._placing.create(new)

    def place(self, hold: HoldId, person: PersonId) -> Hold:
        """Place a hold on a person's wallet, or confirm one that awaits them; twice places once.

        Raises:
            HoldNotFound, HoldEnded: it does not wait.
            PayerMismatch, PayerIsMerchant: it is not this person's to place.
            WalletError: the wallet, or one of its limits, says no.

        """
        return self._placing.place(hold, person)

    def place_by_code(self, new: NewHold, digits: str, *, till: UUID) -> Hold:
        """Have a hold placed by a code that the payer's phone shows; it may await its payer.

        Raises:
            PayerCodeRefused, TillPaused: the code pays nothing.
            What `create` and `place` raise.

        """
        return self._placing.place_by_code(new, digits, till)

    def decline(self, hold: HoldId, person: PersonId) -> Hold:
        """Say no to a hold that awaits this person: it is closed.

        Raises:
            HoldNotFound: there is no such hold.
            OrderNotAwaiting: it does not await this person.

        """
        return self._placing.decline(hold, person)

    def hold(self, id: HoldId, *, of: MerchantId | None = None) -> Hold:  # noqa: A002
        """Describe a hold; with `of`, only when it is that merchant's.

        Raises:
            HoldNotFound: there is no such hold.

        """
        found = self._placing.found(id)
        if of is not None and found.merchant != of:
            raise _not_found()
        return found

    def by_number(self, number: str, *, of: MerchantId | None = None) -> Hold:
        """Find a hold by our number for it.

        Raises:
            HoldNotFound: there is none.

        """
        id = id_of(number)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.hold(HoldId(id), of=of)

    def by_word(self, word: str) -> Hold:
        """Find the hold whose code says a word.

        Raises:
            HoldNotFound: there is none.

        """
        id = id_of_word(word)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.hold(HoldId(id))

    def by_merchant_number(self, merchant: MerchantId, number: str) -> Hold:
        """Find a hold by its merchant's own number for it.

        Raises:
            HoldNotFound: there is none.

        """
        given = (merchant.bytes, number)
        with self._reading.lend() as database:
            found = store.holds_where(database, "merchant = $1 AND merchant_hold_no = $2", given)
        if not found:
            raise _not_found()
        return found[0]

    def page(
        self,
        merchant: MerchantId,
        *,
        before: HoldId | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        state: HoldState | None = None,
        limit: int = 100,
    ) -> Sequence[Hold]:
        """List a merchant's holds, the latest first: before one, created in a period, in a state."""
        rest, values = latest(
            merchant, before=before, since=since, until=until, state=state, limit=limit
        )
        with self._reading.lend() as database:
            return store.holds_where(database, rest, values)

    def operations(self, hold: HoldId) -> Sequence[Operation]:
        """List what was done to a hold, in order.

        Raises:
            HoldNotFound: there is no such hold.

        """
        found = self.hold(hold)
        with self._reading.lend() as database:
            return store.operations_where(database, found, "ORDER BY at, id")

    def operation(self, hold: HoldId, kind: OperationKind, request_no: str) -> Operation:
        """Find what was done to a hold by its merchant's own number for it.

        Raises:
            HoldNotFound: there is no such hold, or nothing was done under this number.

        """
        done = self._resolving.done(self.hold(hold), kind, request_no)
        if done is None:
            raise _not_found()
        return done

    def capture(self, hold: HoldId, new: NewOrder, *, keeps_rest: bool = False) -> Order:
        """Capture a part of a hold, or all of it, as an order that is paid by it.

        The order's number makes it happen once. `keeps_rest`: what is left stays held; otherwise it
        is released.

        Raises:
            HoldNotFound, HoldEnded: nothing is held.
            HoldExceeded: it is more than is left.
            OrderConflict: the order number has been used otherwise.
            What `Orders.create` raises.

        """
        id = self._orders.new_id()  # noqa: A001
        asked = replace(new, way=Way.HOLD)

        def prepare(at: datetime) -> Change[Order] | Known[Order]:
            if existing := self._orders.existing(asked):
                if existing.paid is None or existing.paid.hold != hold:
                    raise OrderConflict(
                        _("The order number {number} is not a capture of this hold.",
                          number=new.merchant_order_no),
                        number=new.merchant_order_no,
                    )  # fmt: skip
                return Known(existing)
            found = self.hold(hold, of=new.merchant)
            check_part(found, new.amount, at)
            return self._resolving.captured(found, id, asked, at, keeps_rest=keeps_rest)

        return self._commits.make(prepare)

    def release(
        self, hold: HoldId, request_no: str, amount: Money | None = None, *, remark: str = ""
    ) -> Operation:
        """Give back a part of a hold, or all that is left; the same request number does it once.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            HoldNotFound, HoldEnded: nothing is held.
            HoldExceeded: it is more than is left.
            HoldConflict: the request number has been used for another amount.

        """
        checked_number("request_no", request_no)
        checked_text("remark", remark, 256)
        return self._resolving.released(hold, request_no, amount, remark)

    def cancel(self, hold: HoldId) -> Hold:
        """Undo a hold: close it if nobody has placed it, give back all that is left if it is placed.

        Raises:
            HoldNotFound: there is no such hold.

        """

        def prepare(at: datetime) -> Change[Hold] | Known[Hold]:
            found = self.hold(hold)
            return closed(found, at) if found.state is HoldState.CREATED else Known(found)

        found = self._commits.make(prepare)
        if found.state in _REST:
            try:
                self._resolving.released(hold, CANCEL_REQUEST, None, "")
            except HoldEnded:  # somebody else has ended it meanwhile
                return self.hold(hold)
        return self.hold(hold)

    def end_due(self, now: datetime, limit: int) -> int:
        """End what is due at an instant, at most so many; for `Closing`."""
        with self._reading.lend() as database:
            due = store.holds_where(
                database,
                "state IN ('created', 'placed') AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
                (to_us(now), limit),
            )
        return wait_for(self._commits.submit(self._resolving.expiring(one.id)) for one in due)


def _not_found() -> HoldNotFound:
    return HoldNotFound(_("There is no such hold. Check its number."))
