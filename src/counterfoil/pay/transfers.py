"""Transfers from a merchant to a person or another merchant, once for each request number."""

from concurrent.futures import Future
from datetime import datetime

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.i18n import _
from counterfoil.ledger import ReadingConnection, TransferRefused
from counterfoil.pay import passing_store
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import MerchantTransferConflict, MerchantTransferNotFound
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.merchant import MerchantId, Purse
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.movement import Movement, moved
from counterfoil.pay.number import id_of, new_numbered_id
from counterfoil.pay.orders import EXTRA_BYTES_MAX, SUBJECT_MAX, TEXT_MAX
from counterfoil.pay.passing import MerchantTransfer, MerchantTransferId, NewMerchantTransfer
from counterfoil.pay.purses import Purses
from counterfoil.pay.receiving import Receiving, explained
from counterfoil.pay.said import checked_amount, checked_json, checked_number, checked_text

Answer = Change[MerchantTransfer] | Known[MerchantTransfer]


class MerchantTransfers:
    """Pays out of merchants' purses."""

    def __init__(
        self,
        commits: Commits,
        reading: ReadingConnection,
        merchants: Merchants,
        purses: Purses,
        receiving: Receiving,
    ) -> None:
        self._commits = commits
        self._reading = reading
        self._merchants = merchants
        self._purses = purses
        self._receiving = receiving

    def transfer(self, new: NewMerchantTransfer) -> MerchantTransfer:
        """Pay a person or a merchant; the same request number pays once.

        Raises:
            RequestInvalid, AmountInvalid: a field cannot be.
            MerchantNotFound, MerchantSuspended: the giver may not.
            MerchantTransferConflict: the number has been used for another transfer.
            ReceiverNotFound, ReceiverUnable: nobody can receive it.
            MerchantFundsMissing: the giver has not got it.

        """
        return self.submit(new).result()

    def submit(self, new: NewMerchantTransfer) -> "Future[MerchantTransfer]":
        """Pay as `transfer` does; the future has the answer after the commit."""
        made_us = to_us(self._commits.now())
        id = MerchantTransferId(new_numbered_id(made_us))  # noqa: A001

        def prepare(at: datetime) -> Answer:
            _check(new)
            with self._reading.lend() as database:
                existing = passing_store.transfer_where(
                    database,
                    "merchant = $1 AND request_no = $2",
                    (new.merchant.bytes, new.request_no),
                )
            if existing is None:
                return self._prepared(id, new, at)
            if (existing.receiver, existing.amount) != (new.receiver, new.amount):
                raise MerchantTransferConflict(
                    _(
                        "The request {number} has made another transfer. Give each request a "
                        "number of its own.",
                        number=new.request_no,
                    ),
                    number=new.request_no,
                )
            return Known(existing)

        return self._commits.submit(prepare)

    def by_request(self, merchant: MerchantId, request_no: str) -> MerchantTransfer:
        """Find a transfer by its merchant's own number for it.

        Raises:
            MerchantTransferNotFound: there is none.

        """
        return self._found("merchant = $1 AND request_no = $2", (merchant.bytes, request_no))

    def by_number(self, number: str, *, of: MerchantId | None = None) -> MerchantTransfer:
        """Find a transfer by our number for it.

        Raises:
            MerchantTransferNotFound: there is none.

        """
        id = id_of(number)  # noqa: A001
        if id is None:
            raise _not_found()
        found = self._found("id = $1", (id.bytes,))
        if of is not None and found.merchant != of:
            raise _not_found()
        return found

    def _found(self, condition: str, parameters: tuple[str | bytes, ...]) -> MerchantTransfer:
        with self._reading.lend() as database:
            found = passing_store.transfer_where(database, condition, parameters)
        if found is None:
            raise _not_found()
        return found

    def _prepared(
        self,
        id: MerchantTransferId,  # noqa: A002
        new: NewMerchantTransfer,
        at: datetime,
    ) -> Change[MerchantTransfer]:
        self._merchants.selling(new.merchant)
        currency = new.amount.currency
        into = self._receiving.account(new.receiver, currency, giver=new.merchant)
        available = self._purses.account(new.merchant, currency, Purse.AVAILABLE)
        made = MerchantTransfer(
            id=id, merchant=new.merchant, request_no=new.request_no, receiver=new.receiver,
            amount=new.amount, subject=new.subject, remark=new.remark, extra=new.extra,
            at=from_us(to_us(at)),
        )  # fmt: skip
        given = event_row(
            EventKind.TRANSFER_MADE, at, merchant=new.merchant, about=id, amount=new.amount,
            application=new.application, notify_url=new.notify_url, is_sale=True,
        )  # fmt: skip
        received = (
            (event_row(EventKind.TRANSFER_RECEIVED, at, merchant=new.receiver.merchant_id,
                       about=id, amount=new.amount),)
            if new.receiver.merchant_id
            else ()
        )  # fmt: skip

        def explain(refused: TransferRefused) -> Exception | None:
            self._merchants.look_again(new.merchant)
            return explained(refused)

        return Change(
            transfers=(moved(id, available, into, new.amount, Movement.MERCHANT_TRANSFER, id),),
            rows=(passing_store.transfer_row(made), given, *received),
            answer=made,
            explain=explain,
        )


def _check(new: NewMerchantTransfer) -> None:
    checked_number("request_no", new.request_no)
    checked_amount(new.amount)
    checked_text("subject", new.subject, SUBJECT_MAX)
    for field in ("remark", "notify_url"):
        checked_text(field, getattr(new, field), TEXT_MAX)
    checked_json("extra", new.extra, EXTRA_BYTES_MAX, dict)


def _not_found() -> MerchantTransferNotFound:
    return MerchantTransferNotFound(_("The merchant has made no such transfer. Check its number."))
