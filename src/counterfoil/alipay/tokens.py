"""Tokens for what a person has agreed to with one application, sealed so that nothing of them is stored.

A *code* is made when the person agrees on their own page; the application exchanges it, once and within
five minutes, for an access token and a token to renew it. Each says who, for which application and for
what, under AES-GCM with a key of the operator's, so that it is good after a restart and in every process
that has the key. That a code was exchanged is a row, whose primary key refuses a second one; it holds
the code's nonce and says nothing of anybody. A token opens no door by itself: whoever acts on it still
asks the gate, which believes the person's grant alone, so that revoking the grant ends it.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Writes, single
from counterfoil.kernel.errors import StoreConflict
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import ApplicationId
from counterfoil.people import PersonId

_SECOND_US: Final = 1_000_000
_NONCE_BYTES: Final = 12
_CODE, _ACCESS, _REFRESH = "c", "a", "r"


@dataclass(frozen=True, slots=True)
class Grant:
    """Who agreed, to which application, to what."""

    person: PersonId
    application: ApplicationId
    scope: str


@dataclass(frozen=True, slots=True)
class _Opened:
    """What stands in a code or token that is good."""

    grant: Grant
    nonce: bytes
    until_us: int


class Tokens:
    """Makes and reads codes and tokens."""

    CODE_S: ClassVar[int] = 300
    ACCESS_S: ClassVar[int] = 1_296_000
    """Fifteen days."""
    REFRESH_S: ClassVar[int] = 2_592_000
    """Thirty days."""

    def __init__(self, key: bytes, writes: Writes, reading: ReadingConnection) -> None:
        """Take a key of 32 bytes, and where it is kept which codes were exchanged."""
        self._cipher = AESGCM(key)
        self._writes, self._reading = writes, reading

    def code(self, grant: Grant, at: datetime) -> str:
        """Make the code that a person's browser takes back to the application."""
        return self._sealed(_CODE, grant, at, self.CODE_S)

    def access_token(self, grant: Grant, at: datetime) -> str:
        """Make a token to act with."""
        return self._sealed(_ACCESS, grant, at, self.ACCESS_S)

    def refresh_token(self, grant: Grant, at: datetime) -> str:
        """Make a token to get newer ones with."""
        return self._sealed(_REFRESH, grant, at, self.REFRESH_S)

    def redeem(self, code: str, application: ApplicationId, at: datetime) -> Grant | None:
        """Take a code, once; None when it is used, over, or another application's.

        Raises:
            StoreUnavailable: it is not known whether it was taken.

        """
        found = self._opened(_CODE, code, application, at)
        if found is None:
            return None
        # Not the text of the code: base64 has several for the same bytes.
        row = (found.nonce, found.until_us)
        try:
            self._writes.write(
                AttachedRow("INSERT INTO redeemed_codes (nonce, until) VALUES ($1, $2)", row)
            )
        except StoreConflict:
            return None
        return found.grant

    def forget(self, at: datetime) -> int:
        """Forget the codes that are over, which nobody can exchange again; tell how many."""
        until = to_us(at)
        with self._reading.lend() as database:
            found = database.query(
                "SELECT count(*) AS n FROM redeemed_codes WHERE until < $1", (until,)
            )
        count = int(single(found) or 0)
        if count:
            self._writes.write(
                AttachedRow("DELETE FROM redeemed_codes WHERE until < $1", (until,), count)
            )
        return count

    def renew(self, token: str, application: ApplicationId, at: datetime) -> Grant | None:
        """Read a token to renew; None when it is over or another application's."""
        found = self._opened(_REFRESH, token, application, at)
        return found.grant if found else None

    def acting(self, token: str, application: ApplicationId, at: datetime) -> Grant | None:
        """Read an access token; None when it is over or another application's."""
        found = self._opened(_ACCESS, token, application, at)
        return found.grant if found else None

    def _sealed(self, kind: str, grant: Grant, at: datetime, life_s: int) -> str:
        until = to_us(at) + life_s * _SECOND_US
        said = json.dumps([grant.person.hex, grant.scope, until]).encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, said, _about(kind, grant.application))
        return base64.urlsafe_b64encode(nonce + sealed).decode("ascii").rstrip("=")

    def _opened(
        self, kind: str, text: str, application: ApplicationId, at: datetime
    ) -> _Opened | None:
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            said = self._cipher.decrypt(nonce, rest, _about(kind, application))
        except (ValueError, InvalidTag):
            return None
        person, scope, until = json.loads(said)
        if until <= to_us(at):
            return None
        return _Opened(Grant(PersonId(UUID(hex=person)), application, scope), nonce, until)


def _about(kind: str, application: ApplicationId) -> bytes:
    return f"{kind} {application}".encode()
