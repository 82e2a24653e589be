"""Placing holds: asked for by a merchant, placed by a payer with a code, or by the code on a screen."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import ReadingConnection, TransferId, TransferRefused, pending_transfer
from counterfoil.money import Money
from counterfoil.pay import hold_store as store
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import (
    HoldConflict,
    HoldEnded,
    HoldNotFound,
    OrderNotAwaiting,
    PayerIsMerchant,
    PayerMismatch,
    RequestInvalid,
)
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.hold import Hold, HoldState, NewHold, Operation, OperationId, OperationKind
from counterfoil.pay.merchant import Purse
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.movement import Movement
from counterfoil.pay.number import new_numbered_id
from counterfoil.pay.order import HoldId
from counterfoil.pay.orders import EXTRA_BYTES_MAX, SUBJECT_MAX, TEXT_MAX
from counterfoil.pay.purses import Purses
from counterfoil.pay.said import checked_amount, checked_json, checked_number, checked_text
from counterfoil.people import PersonId
from counterfoil.wallet import Wallet, WalletBusy, Wallets

PLACE_WITHIN: Final = timedelta(minutes=15)
HOLD_FOR: Final = timedelta(days=30)
HOLD_FOR_MAX: Final = timedelta(days=365)
Answer = Change[Hold] | Known[Hold]


class Placing:
    """Has holds placed. `Holds` hands its methods on."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        merchants: Merchants,
        purses: Purses,
        wallets: Wallets,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._merchants = merchants
        self._purses = purses
        self._wallets = wallets

    def create(self, new: NewHold) -> Hold:
        """Create a hold that somebody is to place, or find the one that has this number."""

        def prepare(at: datetime) -> Answer:
            if existing := self._existing(new):
                return Known(existing)
            hold = self._made(new, at)
            return Change(
                rows=(store.created_row(hold), hold_event(hold, EventKind.HOLD_CREATED, at)),
                answer=hold,
            )

        return self._commits.make(prepare)

    def place(self, hold: HoldId, person: PersonId) -> Hold:
        """Place a hold on a person's wallet."""

        def prepare(at: datetime) -> Answer:
            found = self.found(hold)
            if found.state is not HoldState.CREATED and found.payer == person:
                return Known(found)
            check_placeable(found, person, at)
            wallet = self._wallets.wallet(person, found.amount.currency)
            return self._placed(found, wallet, at, is_new=False)

        return self._commits.make(prepare)

    def place_by_code(self, new: NewHold, digits: str, till: UUID) -> Hold:
        """Have a hold placed by a code that the payer's phone shows."""
        attempt = derive_id("payer-code", new.merchant, "hold", new.merchant_hold_no, at_us=0)

        def prepare(at: datetime) -> Answer:
            existing = self._existing(new)
            if existing and (existing.state is not HoldState.CREATED or existing.awaiting):
                return Known(existing)
            hold = existing or self._made(new, at)
            claim = self._wallets.codes.claim(digits, till=till, payment=attempt)
            check_placeable(hold, claim.person, at)
            if claim.currency != new.amount.currency:
                raise RequestInvalid(
                    _("A hold is in the currency of the payer's wallet."), field="amount"
                )
            if new.amount > claim.amount_max:
                return _awaiting(
                    hold, claim.person, claim.rows(claim.amount_max, confirmed=True), at,
                    is_new=existing is None,
                )  # fmt: skip
            wallet = self._wallets.wallet(claim.person, claim.currency)
            used = claim.rows(new.amount)
            return self._placed(hold, wallet, at, is_new=existing is None, rows=used)

        return self._commits.make(prepare)

    def decline(self, hold: HoldId, person: PersonId) -> Hold:
        """Say no to a hold that awaits this person: it is closed."""

        def prepare(at: datetime) -> Answer:
            found = self.found(hold)
            if found.awaiting != person or found.state is not HoldState.CREATED:
                raise OrderNotAwaiting(_("This hold does not wait for your answer."))
            return closed(found, at)

        return self._commits.make(prepare)

    def found(self, hold: HoldId) -> Hold:
        """Read a hold."""
        with self._reading.lend() as database:
            found = store.holds_where(database, "id = $1", (hold.bytes,))
        if not found:
            raise HoldNotFound(_("There is no such hold. Check its number."))
        return found[0]

    def _existing(self, new: NewHold) -> Hold | None:
        given = (new.merchant.bytes, new.merchant_hold_no)
        with self._reading.lend() as database:
            found = store.holds_where(database, "merchant = $1 AND merchant_hold_no = $2", given)
        if not found:
            return None
        if (found[0].amount, found[0].request_no) != (new.amount, new.request_no):
            raise HoldConflict(
                _(
                    "The hold number {number} has been used with another amount or request. "
                    "Give each hold a number of its own.",
                    number=new.merchant_hold_no,
                ),
                number=new.merchant_hold_no,
            )
        return found[0]

    def _made(self, new: NewHold, at: datetime) -> Hold:
        _check(new, at)
        self._merchants.selling(new.merchant, new.store, new.till)
        zero = Money.zero(new.amount.currency)
        return Hold(
            id=HoldId(new_numbered_id(to_us(at))), merchant=new.merchant,
            merchant_hold_no=new.merchant_hold_no, request_no=new.request_no,
            state=HoldState.CREATED, version=1, amount=new.amount, rest=zero, captured=zero,
            payer=None, payer_account=None, awaiting=None, pending=None, store=new.store,
            till=new.till, application=new.application, created_at=from_us(to_us(at)),
            placed_at=None, expires_at=new.place_by or at + PLACE_WITHIN,
            holds_until=new.holds_until, ended_at=None, title=new.title, cashier=new.cashier,
            notify_url=new.notify_url, passback=new.passback, extra=new.extra,
        )  # fmt: skip

    def _placed(
        self,
        hold: Hold,
        wallet: Wallet,
        at: datetime,
        *,
        is_new: bool,
        rows: tuple[AttachedRow, ...] = (),
    ) -> Change[Hold]:
        merchant = self._merchants.selling(hold.merchant, hold.store)
        if merchant.owner == wallet.person:
            raise PayerIsMerchant(_("Nobody pays their own shop. Let somebody else pay."))
        until = hold.holds_until or at + HOLD_FOR
        placed = replace(
            hold, state=HoldState.PLACED, version=hold.version if is_new else hold.version + 1,
            rest=hold.amount, payer=wallet.person, payer_account=wallet.account, awaiting=None,
            pending=TransferId(hold.id), placed_at=from_us(to_us(at)), expires_at=until,
        )  # fmt: skip
        available = self._purses.account(hold.merchant, hold.amount.currency, Purse.AVAILABLE)
        transfer = pending_transfer(
            TransferId(hold.id), debit_account=wallet.account, credit_account=available,
            amount=hold.amount, expires_at=until, code=Movement.HOLD, reference=hold.id,
        )  # fmt: skip
        done = Operation(
            id=OperationId(hold.id), hold=hold.id, kind=OperationKind.PLACE,
            request_no=hold.request_no, amount=hold.amount, rest_after=hold.amount, order=None,
            at=at, remark="",
        )  # fmt: skip

        def explain(refused: TransferRefused) -> Exception | None:
            self._merchants.look_again(hold.merchant, hold.store)
            with self._reading.lend() as database:
                now = store.holds_where(database, "id = $1", (hold.id.bytes,))
            if now != ([] if is_new else [hold]):
                return None
            error = self._wallets.explained(refused, wallet.person, hold.amount, at)
            return None if isinstance(error, WalletBusy) else error

        return Change(
            transfers=(transfer,),
            rows=(
                store.created_row(placed) if is_new else store.changed_row(hold, placed),
                store.operation_row(done),
                *rows,
                *self._wallets.spend_rows(wallet.person, hold.amount, at),
                hold_event(placed, EventKind.HOLD_PLACED, at, part=done.id),
            ),
            answer=placed,
            explain=explain,
        )


def closed(hold: Hold, at: datetime) -> Change[Hold]:
    """Prepare the end of a hold that nobody has placed."""
    ended = replace(
        hold, state=HoldState.CLOSED, version=hold.version + 1, awaiting=None,
        ended_at=from_us(to_us(at)),
    )  # fmt: skip
    return Change(
        rows=(store.changed_row(hold, ended), hold_event(ended, EventKind.HOLD_CLOSED, at)),
        answer=ended,
    )


def hold_event(
    hold: Hold, kind: EventKind, at: datetime, *, part: UUID | None = None,
    amount: Money | None = None,
) -> AttachedRow:  # fmt: skip
    """Make the event of a change of a hold."""
    return event_row(
        kind, at, merchant=hold.merchant, about=hold.id, part=part, amount=amount or hold.amount,
        store=hold.store, application=hold.application, notify_url=hold.notify_url,
        is_sale=kind is EventKind.HOLD_PLACED,
    )  # fmt: skip


def check_placeable(hold: Hold, person: PersonId, at: datetime) -> None:
    """Check that a hold waits to be placed, by this person."""
    if hold.state is not HoldState.CREATED or hold.expires_at <= at:
        raise HoldEnded(
            _("The hold {number} can no longer be placed.", number=hold.number), number=hold.number
        )
    if hold.awaiting is not None and hold.awaiting != person:
        raise PayerMismatch(_("This hold is for somebody else to place."))


def _awaiting(
    hold: Hold, person: PersonId, used: tuple[AttachedRow, ...], at: datetime, *, is_new: bool
) -> Change[Hold]:
    waiting = replace(hold, awaiting=person, version=hold.version if is_new else hold.version + 1)
    return Change(
        rows=(
            store.created_row(waiting) if is_new else store.changed_row(hold, waiting),
            *used,
            hold_event(waiting, EventKind.HOLD_AWAITING, at),
        ),
        answer=waiting,
    )


def _check(new: NewHold, at: datetime) -> None:
    checked_number("merchant_hold_no", new.merchant_hold_no)
    checked_number("request_no", new.request_no)
    checked_amount(new.amount)
    checked_text("title", new.title, SUBJECT_MAX, is_required=True)
    checked_text("cashier", new.cashier, 64)
    for field in ("notify_url", "passback"):
        checked_text(field, getattr(new, field), TEXT_MAX)
    checked_json("extra", new.extra, EXTRA_BYTES_MAX, dict)
    for field, end in (("place_by", new.place_by), ("holds_until", new.holds_until)):
        if end is not None and not at < end <= at + HOLD_FOR_MAX:
            raise RequestInvalid(
                _("The field {field} was refused: give a time to come, within a year.",
                  field=field),
                field=field,
            )  # fmt: skip
