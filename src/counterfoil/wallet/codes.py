"""Payer codes: what a person's phone shows and a till reads, good for one payment and one minute.

18 digits that begin with 28, so that a till tells them from a product's bar code; the other sixteen
come from the system's random numbers. A code is bound to one wallet and to what it pays without
asking its person again. It is kept as a keyed hash, in the memory of the one process that writes;
what becomes durable is that it was used, with the payment that used it (docs/adr/0035).

    claim = codes.claim(digits, till=till, payment=payment)   # whose wallet, or a named refusal
    rows = claim.rows(amount)                                 # attach them to the payment

A code is spent by being claimed, whatever becomes of the payment; the same payment may claim it
again, so that a retry is harmless. Every refused code is on record, and a till that shows ten in
ten minutes that are none is not believed until the first of them is ten minutes old.
"""

import hashlib
import hmac
import secrets
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final
from uuid import UUID

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Writes
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.kernel.ids import IdMaker
from counterfoil.ledger import AccountNumber, ReadingConnection
from counterfoil.money import Currency, Money
from counterfoil.people import PersonId
from counterfoil.wallet import code_store
from counterfoil.wallet.accounts import Accounts
from counterfoil.wallet.errors import (
    AmountInvalid,
    PayerCodeExpired,
    PayerCodeOverLimit,
    PayerCodeRefused,
    PayerCodeUnknown,
    PayerCodeUsed,
    TillPaused,
)
from counterfoil.wallet.said import said

PREFIX: Final = "28"
RANDOM_DIGITS: Final = 16
LIFETIME_S: Final = 60
ALIVE_MAX: Final = 3
"""Codes of one wallet that are good at once: a phone shows the next before the last has ended."""
REMEMBERED_S: Final = 600
"""How long after its end a code is still known by name."""
FAILURES_MAX: Final = 10
FAILURES_WITHIN_S: Final = 600

_SECOND_US: Final = 1_000_000
_KEY_BYTES: Final = 32
_SAYS: Final[dict[type[PayerCodeRefused], Message]] = {
    PayerCodeUnknown: lazy("This payer code is none. Show a new one."),
    PayerCodeExpired: lazy("This payer code has expired. Show a new one."),
    PayerCodeUsed: lazy("This payer code has been used. Show a new one."),
}


@dataclass(frozen=True, slots=True)
class PayerCode:
    """A code as the phone shows it, once; nobody can ask for it again."""

    digits: str = field(repr=False)
    expires_at: datetime
    amount_max: Money
    """What it pays without asking its person again."""


@dataclass(frozen=True, slots=True)
class Claim:
    """A code that belongs to one payment now: whose wallet pays, and up to what."""

    id: UUID
    person: PersonId
    account: AccountNumber
    amount_max: Money
    payment: UUID
    claimed_at: datetime

    @property
    def currency(self) -> Currency:
        """The currency of the wallet that pays."""
        return self.amount_max.currency

    def rows(self, amount: Money, *, confirmed: bool = False) -> tuple[AttachedRow, ...]:
        """Make the rows that use the code up; attach them to the payment, with its `spend_rows`.

        `amount` is what leaves the wallet, in its currency. `confirmed`: the person has agreed to
        this very amount on their own device.

        Raises:
            AmountInvalid: the amount is not more than nothing.
            CurrencyMismatch: it is not in the wallet's currency.
            PayerCodeOverLimit: its person has to agree to that amount first.

        """
        if amount <= Money.zero(self.currency):
            raise AmountInvalid(
                _("{amount} cannot be spent: an amount is more than nothing.", amount=said(amount)),
                amount=amount,
            )
        if amount > self.amount_max and not confirmed:
            raise PayerCodeOverLimit(
                _(
                    "{amount} is above {amount_max}, which this payer code pays by itself. "
                    "Ask the payer to confirm on their phone.",
                    amount=said(amount),
                    amount_max=said(self.amount_max),
                ),
                amount=amount,
                amount_max=self.amount_max,
            )
        return (code_store.used_row(self.id, self.account, self.payment, self.claimed_at),)


@dataclass(slots=True, eq=False)
class _Issued:
    id: UUID
    digest: bytes
    person: PersonId
    account: AccountNumber
    amount_max: Money
    expires_us: int
    payment: UUID | None = None


class PayerCodes:
    """The codes that are alive, and the tills that guess."""

    def __init__(
        self, writes: Writes, reading: ReadingConnection, accounts: Accounts, clock: Clock
    ) -> None:
        self._writes = writes
        self._accounts = accounts
        self._clock = clock
        self._new_id = IdMaker(clock)
        self._key = secrets.token_bytes(_KEY_BYTES)
        self._lock = threading.Lock()
        self._by_digest: dict[bytes, _Issued] = {}
        self._in_order: deque[_Issued] = deque()
        self._alive: dict[AccountNumber, deque[_Issued]] = {}
        since = clock.now_us() - FAILURES_WITHIN_S * _SECOND_US
        with reading.lend() as database:
            self._failures = code_store.failures_since(database, since)

    def issue(self, person: PersonId, amount_max: Money) -> PayerCode:
        """Make a code for a person's wallet in a currency; of four alive the oldest ends.

        Raises:
            AmountInvalid: it would pay nothing.
            WalletNotFound: the person has no wallet in that currency.

        """
        if amount_max.minor <= 0:
            raise AmountInvalid(
                _("{amount} cannot be spent: an amount is more than nothing.",
                  amount=said(amount_max)),
                amount=amount_max,
            )  # fmt: skip
        account = self._accounts.number(person, amount_max.currency)
        now_us = self._clock.now_us()
        with self._lock:
            self._forget(now_us)
            digits = self._unused_digits()
            issued = _Issued(
                self._new_id(), self._digest(digits), person, account, amount_max,
                now_us + LIFETIME_S * _SECOND_US,
            )  # fmt: skip
            self._by_digest[issued.digest] = issued
            self._in_order.append(issued)
            alive = self._alive.setdefault(account, deque())
            alive.append(issued)
            if len(alive) > ALIVE_MAX:
                oldest = alive.popleft()
                oldest.expires_us = min(oldest.expires_us, now_us)
        return PayerCode(digits, from_us(issued.expires_us), amount_max)

    def claim(self, digits: str, *, till: UUID, payment: UUID) -> Claim:
        """Give a code to a payment; to the same payment as often as it asks.

        `till` is where it was read: the device, or whoever else presents codes.

        Raises:
            PayerCodeUnknown, PayerCodeExpired, PayerCodeUsed: it does not pay; this is on record.
            TillPaused: this till has shown too many such codes.
            StoreUnavailable: a refusal could not be put on record.

        """
        now_us = self._clock.now_us()
        digest = self._digest("".join(digits.split()))
        with self._lock:
            self._forget(now_us)
            self._check_till(till, now_us)
            issued = self._by_digest.get(digest)
            refused = _judge(issued, payment, now_us)
            if refused is None:
                assert issued is not None
                issued.payment = payment
                return Claim(
                    issued.id, issued.person, issued.account, issued.amount_max, payment,
                    from_us(now_us),
                )  # fmt: skip
            self._failures.setdefault(till, deque()).append(now_us)
        account = AccountNumber(0) if issued is None else issued.account
        self._writes.write(
            code_store.refusal_row(self._new_id(), till, now_us, refused.code, account)
        )
        raise refused(_SAYS[refused]())

    def _unused_digits(self) -> str:
        while True:
            digits = f"{PREFIX}{secrets.randbelow(10**RANDOM_DIGITS):0{RANDOM_DIGITS}}"
            if self._digest(digits) not in self._by_digest:
                return digits

    def _digest(self, digits: str) -> bytes:
        return hmac.digest(self._key, digits.encode(), hashlib.sha256)

    def _check_till(self, till: UUID, now_us: int) -> None:
        failures = self._failures.get(till)
        if failures is None:
            return
        while failures and failures[0] <= now_us - FAILURES_WITHIN_S * _SECOND_US:
            failures.popleft()
        if not failures:
            del self._failures[till]
        elif len(failures) >= FAILURES_MAX:
            again_at = from_us(failures[0] + FAILURES_WITHIN_S * _SECOND_US)
            raise TillPaused(
                _(
                    "This till has shown {count} payer codes that are none. "
                    "It can show codes again at {again_at}.",
                    count=len(failures),
                    again_at=f"{again_at:%H:%M:%S} UTC",
                ),
                till=till,
                again_at=again_at,
            )

    def _forget(self, now_us: int) -> None:
        """Drop what ended long ago: codes are in the order of their ends."""
        long_ago = now_us - REMEMBERED_S * _SECOND_US
        while self._in_order and self._in_order[0].expires_us <= long_ago:
            issued = self._in_order.popleft()
            del self._by_digest[issued.digest]
            alive = self._alive.get(issued.account)
            if alive and alive[0] is issued:
                alive.popleft()
            if not alive:
                self._alive.pop(issued.account, None)


def _judge(issued: _Issued | None, payment: UUID, now_us: int) -> type[PayerCodeRefused] | None:
    if issued is None:
        return PayerCodeUnknown
    if issued.payment is not None:
        return None if issued.payment == payment else PayerCodeUsed
    return PayerCodeExpired if issued.expires_us <= now_us else None
