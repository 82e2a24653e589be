"""Tokens for what a person has agreed to with one application, sealed so that nothing is stored.

A *code* is made when the person agrees on their own page; the application exchanges it, once and within
five minutes, for an access token and a token to renew it. Each says who, for which application and for
what, under AES-GCM with a key of the operator's. A token opens no door by itself: whoever acts on it
still asks the gate, which believes the person's grant alone, so that revoking the grant ends it.
"""

import base64
import json
import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Final
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from counterfoil.kernel.clock import to_us
from counterfoil.pay import ApplicationId
from counterfoil.people import PersonId

_SECOND_US: Final = 1_000_000
_NONCE_BYTES: Final = 12
_CODE, _ACCESS, _REFRESH = "c", "a", "r"
_USED_MAX: Final = 100_000


@dataclass(frozen=True, slots=True)
class Grant:
    """Who agreed, to which application, to what."""

    person: PersonId
    application: ApplicationId
    scope: str


class Tokens:
    """Makes and reads codes and tokens."""

    CODE_S: ClassVar[int] = 300
    ACCESS_S: ClassVar[int] = 1_296_000
    """Fifteen days."""
    REFRESH_S: ClassVar[int] = 2_592_000
    """Thirty days."""

    def __init__(self, key: bytes) -> None:
        """Take a key of 32 bytes."""
        self._cipher = AESGCM(key)
        self._used: OrderedDict[str, None] = OrderedDict()
        self._lock = threading.Lock()

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
        """Take a code, once; None when it is used, over, or another application's."""
        grant = self._opened(_CODE, code, application, at)
        with self._lock:
            if grant is None or code in self._used:
                return None
            self._used[code] = None
            if len(self._used) > _USED_MAX:
                self._used.popitem(last=False)
        return grant

    def renew(self, token: str, application: ApplicationId, at: datetime) -> Grant | None:
        """Read a token to renew; None when it is over or another application's."""
        return self._opened(_REFRESH, token, application, at)

    def acting(self, token: str, application: ApplicationId, at: datetime) -> Grant | None:
        """Read an access token; None when it is over or another application's."""
        return self._opened(_ACCESS, token, application, at)

    def _sealed(self, kind: str, grant: Grant, at: datetime, life_s: int) -> str:
        until = to_us(at) + life_s * _SECOND_US
        said = json.dumps([grant.person.hex, grant.scope, until]).encode()
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed = self._cipher.encrypt(nonce, said, _about(kind, grant.application))
        return base64.urlsafe_b64encode(nonce + sealed).decode("ascii").rstrip("=")

    def _opened(
        self, kind: str, text: str, application: ApplicationId, at: datetime
    ) -> Grant | None:
        try:
            sealed = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
            nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
            said = self._cipher.decrypt(nonce, rest, _about(kind, application))
        except (ValueError, InvalidTag):
            return None
        person, scope, until = json.loads(said)
        if until <= to_us(at):
            return None
        return Grant(PersonId(UUID(hex=person)), application, scope)


def _about(kind: str, application: ApplicationId) -> bytes:
    return f"{kind} {application}".encode()
