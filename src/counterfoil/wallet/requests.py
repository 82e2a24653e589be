"""Asking people for money, and splitting a bill among several.

Who is asked sees who asks, by the registered name, and pays or declines; a request expires. The
asker gives their name by asking, and may note what it is for: both are sealed for the payer, and
forgotten when the request is decided. Paying is one commit: the money, the limits, the request.

A bill is split to the unit: equally, the first ones bearing what does not divide, or by amounts that
must add up to it. Whoever splits it may be among those who share; their own part is asked of nobody.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from counterfoil.consent import PeopleReaders
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import (
    Posted,
    ReadingConnection,
    Refusal,
    Transfer,
    TransferId,
    TransferRefused,
)
from counterfoil.money import Money, split
from counterfoil.people import KeyService, PersonId, SignedIn
from counterfoil.people.keys import open_once, seal_once
from counterfoil.wallet import request_store
from counterfoil.wallet.errors import (
    AmountInvalid,
    RequestClosed,
    RequestNotFound,
    SentToSelf,
    SharesInvalid,
)
from counterfoil.wallet.model import MoneyRequest, Movement, RequestState
from counterfoil.wallet.noted import Noted, checked_note, read_noted
from counterfoil.wallet.said import said
from counterfoil.wallet.wallets import Rooms, Wallets

LIFETIME: Final = timedelta(days=14)
SHARES_MAX: Final = 50


class Requests:
    """Requests for money, for the wallets of one operator."""

    def __init__(
        self, rooms: Rooms, wallets: Wallets, keys: KeyService, readers: PeopleReaders, url: str
    ) -> None:
        """Open this beside the wallets.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        self._rooms = rooms
        self._wallets = wallets
        self._keys = keys
        self._readers = readers
        self._reading = ReadingConnection(url)

    def ask(
        self,
        id: UUID,  # noqa: A002  # the field's name
        asker: SignedIn,
        payer: PersonId,
        amount: Money,
        *,
        note: str = "",
        called: str = "",
        lifetime: timedelta = LIFETIME,
    ) -> MoneyRequest:
        """Ask somebody for money; asking twice with one id asks once.

        `note` says what for; `called` is how the asker names the payer, for their own list.

        Raises:
            NotSignedIn: the session has ended.
            NoteInvalid: the note is too long, or could lead its reader somewhere.
            SentToSelf, AmountInvalid, CurrencyNotOffered: it cannot be.
            PersonNotFound: one of the two is not there, or no longer.

        """
        (request,) = self._ask(id, asker, [(id, payer, amount, called)], note, lifetime)
        return request

    def split(
        self,
        bill: UUID,
        asker: SignedIn,
        total: Money,
        among: Sequence[PersonId],
        *,
        amounts: Sequence[Money] | None = None,
        note: str = "",
        called: Sequence[str] = (),
        lifetime: timedelta = LIFETIME,
    ) -> Sequence[MoneyRequest]:
        """Split a bill among people, the asker among them or not; asking twice splits once.

        `amounts` are what each bears, in their order; without them it is split equally. `called` is
        how the asker names each.

        Raises:
            NoteInvalid: the note is too long, or could lead its reader somewhere.
            SharesInvalid: nobody else shares, somebody twice, or the amounts are not the bill.
            AmountInvalid, CurrencyNotOffered: it cannot be.
            PersonNotFound: somebody is not there, or no longer.

        """
        if (
            not 1 <= len(among) <= SHARES_MAX
            or len(set(among)) != len(among)
            or set(among) == {asker.person}
        ):
            raise SharesInvalid(
                _("A bill is split among one to {most} others, each named once.", most=SHARES_MAX)
            )
        parts = split(total, len(among)) if amounts is None else tuple(amounts)
        zero = Money.zero(total.currency)
        if len(parts) != len(among) or sum(parts, start=zero) != total:
            raise SharesInvalid(
                _("The parts are not {total} together. Give each a part that adds up to it.",
                  total=said(total))
            )  # fmt: skip
        names = tuple(called) or ("",) * len(among)
        asked = [
            (derive_id("share", bill, place, at_us=_made_us(bill)), person, part, name)
            for place, (person, part, name) in enumerate(zip(among, parts, names, strict=True))
            if person != asker.person and part != zero
        ]
        return self._ask(bill, asker, asked, note, lifetime)

    def _ask(
        self,
        bill: UUID,
        signed_in: SignedIn,
        asked: Sequence[tuple[UUID, PersonId, Money, str]],
        note: str,
        lifetime: timedelta,
    ) -> list[MoneyRequest]:
        now_us = self._rooms.clock.now_us()
        note = checked_note(note)
        asker, name = signed_in.person, self._registered_name(signed_in)
        requests, rows = [], []
        for id_, payer, amount, called in asked:
            self._check(asker, payer, amount)
            request = MoneyRequest(
                id=id_, share_of=bill, asker=asker, payer=payer, amount=amount,
                asked_at=from_us(now_us), expires_at=from_us(now_us) + lifetime,
                state=RequestState.OPEN, decided_at=None,
            )  # fmt: skip
            requests.append(request)
            sealed = seal_once(self._keys, _holder(id_), str(Noted(name, note, called)))
            rows.append(request_store.request_row(request, *sealed))
        with self._reading.lend() as database:
            forgetting = request_store.forgetting_rows(database, asker, now_us)
        try:
            self._rooms.ledger.write(*forgetting, *rows)
        except StoreConflict:
            # Asked before, or else it is refused again.
            known = self.shares(bill)
            told = {(one.id, one.payer, one.amount) for one in known if one.asker == asker}
            if told != {one[:3] for one in asked}:
                raise
            return list(known)
        return requests

    def _check(self, asker: PersonId, payer: PersonId, amount: Money) -> None:
        if asker == payer:
            raise SentToSelf(_("Money cannot be sent to oneself. Name another person."))
        if amount.minor <= 0:
            raise AmountInvalid(
                _("{amount} cannot be asked for: an amount is more than nothing.",
                  amount=said(amount)),
                amount=amount,
            )  # fmt: skip
        with self._wallets.accounts.people_lock:
            self._rooms.people.registration(payer)
        # Where the money is to go; it also refuses a currency that is not offered.
        self._wallets.accounts.open_wallet(asker, amount.currency)

    def noted(self, request: UUID, person: PersonId) -> Noted:
        """Show the two who are in an open request what goes with it.

        Whoever is asked sees the registered name of who asks and the note; the asker sees the name
        by which they called the other, besides.

        Raises:
            RequestNotFound: this person is not in it.
            RequestClosed: it has been decided, or has expired.

        """
        stored = self._in_it(request, person)
        self._require_open(stored.request)
        found = read_noted(open_once(self._keys, _holder(request), stored.name_key, stored.name))
        return found if person == stored.request.asker else replace(found, called="")

    def request(self, request: UUID, person: PersonId) -> MoneyRequest:
        """Describe a request to one of the two who are in it.

        Raises:
            RequestNotFound: this person is not in it.

        """
        return self._in_it(request, person).request

    def pay(self, request: UUID, payer: PersonId) -> Posted:
        """Pay what one was asked for; paying twice pays once.

        Raises:
            RequestNotFound, RequestClosed: there is nothing to pay.
            WalletNotFound, WalletFrozen, FundsMissing, DayLimitExceeded, MonthLimitExceeded: not
                from this wallet.
            RecipientUnable: the asker's wallet cannot receive.
            StoreUnavailable: it is not known whether it was paid; ask again.

        """
        asked = self._asked_of(request, payer).request
        at = from_us(self._rooms.clock.now_us())
        currency = asked.amount.currency
        transfer = Transfer(
            id=TransferId(derive_id("request-paid", request, at_us=to_us(asked.asked_at))),
            debit_account=self._wallets.accounts.number(payer, currency),
            credit_account=self._wallets.accounts.open_wallet(asked.asker, currency),
            amount=asked.amount,
            code=Movement.SEND,
            reference=request,
        )
        rows = (
            request_store.decided_row(request, RequestState.PAID, to_us(at)),
            *self._wallets.spend_rows(payer, asked.amount, at),
        )
        try:
            (posted,) = self._rooms.ledger.post(transfer, rows=rows)
        except TransferRefused as refused:
            if refused.refusal is Refusal.ATTACHED_ROW_REFUSED:
                self._require_open(self._asked_of(request, payer).request)
            raise self._wallets.explained(refused, payer, asked.amount, at) from refused
        return posted

    def decline(self, request: UUID, payer: PersonId) -> None:
        """Refuse to pay what one was asked for; declining twice changes nothing.

        Raises:
            RequestNotFound, RequestClosed: there is nothing to decline.

        """
        self._decide(self._asked_of(request, payer).request, RequestState.DECLINED)

    def take_back(self, request: UUID, asker: PersonId) -> None:
        """Take back what one asked for; doing so twice changes nothing.

        Raises:
            RequestNotFound, RequestClosed: there is nothing to take back.

        """
        asked = self._in_it(request, asker).request
        if asked.asker != asker:
            raise _not_found(request)
        self._decide(asked, RequestState.WITHDRAWN)

    def _decide(self, request: MoneyRequest, state: RequestState) -> None:
        if request.state is state:
            return
        self._require_open(request)
        try:
            self._rooms.ledger.write(
                request_store.decided_row(request.id, state, self._rooms.clock.now_us())
            )
        except StoreConflict as conflict:
            raise _closed(request.id) from conflict

    def to(self, payer: PersonId) -> list[MoneyRequest]:
        """Show a person what they have been asked for, latest first."""
        with self._reading.lend() as database:
            return [one.request for one in request_store.requests_to(database, payer)]

    def by(self, asker: PersonId) -> list[MoneyRequest]:
        """Show a person what they have asked for, latest first."""
        with self._reading.lend() as database:
            return [one.request for one in request_store.requests_from(database, asker)]

    def shares(self, bill: UUID) -> list[MoneyRequest]:
        """List the requests that a bill was split into, and what became of each."""
        with self._reading.lend() as database:
            return [one.request for one in request_store.shares(database, bill)]

    def _in_it(self, request: UUID, person: PersonId) -> request_store.StoredRequest:
        with self._reading.lend() as database:
            stored = request_store.request_by_id(database, request)
        if stored is None or person not in {stored.request.payer, stored.request.asker}:
            raise _not_found(request)
        return stored

    def _asked_of(self, request: UUID, payer: PersonId) -> request_store.StoredRequest:
        stored = self._in_it(request, payer)
        if stored.request.payer != payer:
            raise _not_found(request)
        return stored

    def _require_open(self, request: MoneyRequest) -> None:
        now: datetime = from_us(self._rooms.clock.now_us())
        if request.state_at(now) is not RequestState.OPEN:
            raise _closed(request.id)

    def _registered_name(self, signed_in: SignedIn) -> str:
        with self._wallets.accounts.people_lock:
            self._rooms.people.registration(signed_in.person)
            with self._rooms.gate.own(signed_in) as own:
                names = own.rows(self._readers.name)
        return names[0] if names else ""

    def close(self) -> None:
        """Give up the connection."""
        self._reading.close()


def _holder(request: UUID) -> bytes:
    return b"money-request:" + request.bytes


def _made_us(made: UUID) -> int:
    """Tell when an id was made: what follows from it stands beside it."""
    return (made.int >> 80) * 1000


def _not_found(request: UUID) -> RequestNotFound:
    return RequestNotFound(
        _("There is no request {request} for you.", request=request), request=request
    )


def _closed(request: UUID) -> RequestClosed:
    return RequestClosed(
        _(
            "This request was paid, declined or withdrawn before, or has expired. Ask for a new one."
        ),
        request=request,
    )
