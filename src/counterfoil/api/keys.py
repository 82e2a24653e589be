"""Keys of merchants' programs: shown once, kept as a hash, each with the scopes that it may use.

A key is `cfk_`, its id, and 256 bits by chance. Its id is no secret: it names the key in lists and
logs. What is kept is the SHA-256 of the whole, which is enough for something that nobody can guess.
"""

import hashlib
import hmac
import re
import secrets
import threading
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final
from uuid import UUID

from counterfoil.api.errors import APIKeyNotFound, FieldsInvalid, KeyUnknown
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Writes
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import MerchantId

NAME_MAX: Final = 64
_FORM: Final = re.compile(r"cfk_([0-9a-f]{16})_[A-Za-z0-9_-]{43}")
_FIELDS: Final = "id, merchant, name, digest, scopes, made_at, revoked_at"
_KNOWN_MAX: Final = 10_000
_NOBODY: Final = bytes(32)


class Scope(StrEnum):
    """What a key may be used for."""

    MERCHANT_READ = "merchant:read"
    """The merchant's own record and what is on its account."""
    STORES_READ = "stores:read"
    STORES_WRITE = "stores:write"
    ORDERS_READ = "orders:read"
    """Orders, their refunds, holds and agreements."""
    ORDERS_WRITE = "orders:write"
    """Create, have paid, close and cancel orders."""
    REFUNDS_WRITE = "refunds:write"
    HOLDS_WRITE = "holds:write"
    AGREEMENTS_WRITE = "agreements:write"
    """Offer and end agreements, and debit by those that payers have signed."""
    SETTLEMENTS_READ = "settlements:read"
    EVENTS_READ = "events:read"
    WEBHOOKS_WRITE = "webhooks:write"
    """Make and end webhooks, see what was told, and have it told again."""
    SCORES_READ = "scores:read"
    """Ask for the live score of a person who has granted it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """A key as it stands."""

    id: str
    """16 hexadecimal digits; no secret."""
    merchant: MerchantId
    name: str
    scopes: frozenset[Scope]
    made_at: datetime
    revoked_at: datetime | None
    digest: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class NewKey:
    """A key that was made just now, and the only time that its text can be read."""

    key: Key
    text: str = field(repr=False)


class Keys:
    """The keys of all merchants. Its methods may be called from several threads."""

    def __init__(self, writes: Writes, reading: ReadingConnection, clock: Clock) -> None:
        self._writes, self._reading, self._clock = writes, reading, clock
        self._lock = threading.Lock()
        # One process writes, and it is this one: what was read stays true until it is changed here.
        self._known: dict[str, Key] = {}

    def make(self, merchant: MerchantId, name: str, scopes: Collection[Scope]) -> NewKey:
        """Make a key; its text is not kept.

        Raises:
            FieldsInvalid: the name is missing or too long, or there is no scope.

        """
        if not 0 < len(name.strip()) <= NAME_MAX or not name.isprintable():
            raise FieldsInvalid(f"Give the key a name of 1 to {NAME_MAX} plain characters.")
        if not scopes:
            raise FieldsInvalid("Give the key at least one scope.")
        id = secrets.token_hex(8)  # noqa: A001
        text = f"cfk_{id}_{secrets.token_urlsafe(32)}"
        listed = " ".join(sorted(scope.value for scope in scopes))
        self._writes.write(
            AttachedRow(
                f"INSERT INTO api_keys ({_FIELDS}) VALUES ($1, $2, $3, $4, $5, $6, 0)",  # noqa: S608
                (id, merchant.bytes, name, _digest(text), listed, self._clock.now_us()),
            )
        )
        return NewKey(self._read("id = $1", (id,))[0], text)

    def of_merchant(self, merchant: MerchantId) -> Sequence[Key]:
        """List a merchant's keys, revoked ones too, in the order in which they were made."""
        return self._read("merchant = $1 ORDER BY made_at, id", (merchant.bytes,))

    def revoke(self, id: str, *, of: MerchantId) -> Key:  # noqa: A002
        """End a key at once; ending it again changes nothing.

        Raises:
            APIKeyNotFound: the merchant has no such key.

        """
        found = self._read("id = $1 AND merchant = $2", (id, of.bytes))
        if not found:
            raise APIKeyNotFound(f"The merchant has no key {id}. List its keys.", key=id)
        if found[0].revoked_at is None:
            self._writes.write(
                AttachedRow(
                    "UPDATE api_keys SET revoked_at = $1 WHERE id = $2 AND revoked_at = 0",
                    (self._clock.now_us(), id),
                )
            )
        with self._lock:
            self._known.pop(id, None)
        return self._read("id = $1", (id,))[0]

    def asking(self, text: str) -> Key:
        """Tell whose key this is; how long that takes tells nothing of how much of it was right.

        Raises:
            KeyUnknown: it is nobody's, or it was revoked.

        """
        shaped = _FORM.fullmatch(text)
        found = self._known_by(shaped[1]) if shaped else None
        is_right = hmac.compare_digest(_digest(text), found.digest if found else _NOBODY)
        if found is None or not is_right or found.revoked_at is not None:
            raise KeyUnknown("This key is not known here, or it was revoked. Ask for a new one.")
        return found

    def _known_by(self, id: str) -> Key | None:  # noqa: A002
        with self._lock:
            if known := self._known.get(id):
                return known
        found = self._read("id = $1", (id,))
        if not found:
            return None
        with self._lock:
            if len(self._known) >= _KNOWN_MAX:
                self._known.clear()
            self._known[id] = found[0]
        return found[0]

    def _read(self, condition: str, parameters: tuple[str | bytes, ...]) -> list[Key]:
        with self._reading.lend() as database:
            found = database.query(
                f"SELECT {_FIELDS} FROM api_keys WHERE {condition}",  # noqa: S608
                parameters,
            )
        return [_key(row) for row in found.to_pylist()]


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _key(row: dict[str, Any]) -> Key:
    return Key(
        id=row["id"],
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        name=row["name"],
        scopes=frozenset(Scope(scope) for scope in row["scopes"].split()),
        made_at=from_us(row["made_at"]),
        revoked_at=from_us(row["revoked_at"]) if row["revoked_at"] else None,
        digest=row["digest"],
    )
