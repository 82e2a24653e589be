"""Webhooks: merchants' addresses that are told what happens, as Standard Webhooks write and sign it.

A message is an event of pay's, which is in the commit of the money itself; the courier carries it. It
keeps its id on every attempt; the time of the attempt is signed with it. A webhook's secret follows from
the API's own, so that none is stored.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final
from uuid import UUID

from counterfoil.api.errors import (
    FieldsInvalid,
    IdempotencyKeyReused,
    TooManyWebhooks,
    WebhookNotFound,
)
from counterfoil.api.said import said_event
from counterfoil.api.secret import derived
from counterfoil.courier import Addressed, Batch, Delivery, Guard, Message
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Writes
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import Event, EventKind, Events, MerchantId

GAPS: Final = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2),
    timedelta(hours=5), timedelta(hours=10), timedelta(hours=14), timedelta(hours=20),
    timedelta(hours=24),
)  # fmt: skip
"""The schedule that Standard Webhooks propose."""
OF_MERCHANT_MAX: Final = 16
_FIELDS: Final = "id, merchant, url, kinds, made_at, ended_at"


@dataclass(frozen=True, slots=True)
class Webhook:
    """A webhook as it stands."""

    id: UUID
    merchant: MerchantId
    url: str
    kinds: frozenset[EventKind]
    """Which events it is told; empty: all."""
    made_at: datetime
    ended_at: datetime | None

    def hears(self, event: Event) -> bool:
        """Tell whether it is told of an event."""
        return event.at >= self.made_at and (not self.kinds or event.kind in self.kinds)

    def delivery_id(self, event: Event) -> UUID:
        """Make the id under which it is told of an event: the same on every attempt."""
        return derive_id("webhook", self.id, event.number, at_us=to_us(event.at))


class Webhooks:
    """The webhooks of all merchants, and the channel by which they are told."""

    name = "webhooks"
    gaps: tuple[timedelta, ...] = GAPS

    def __init__(
        self,
        writes: Writes,
        reading: ReadingConnection,
        events: Events,
        guard: Guard,
        secret: bytes,
        clock: Clock,
    ) -> None:
        self._writes, self._reading, self._events = writes, reading, events
        self._guard, self._secret, self._clock = guard, secret, clock

    def make(
        self, id: UUID, merchant: MerchantId, url: str, kinds: Sequence[str]  # noqa: A002
    ) -> Webhook:  # fmt: skip
        """Make a webhook; made twice with one id, it is one.

        Raises:
            AddressInvalid, AddressForbidden: nothing may be sent there.
            FieldsInvalid: there is no such type of event.
            TooManyWebhooks: the merchant has as many as it can have.

        """
        self._guard.check_url(url)
        unknown = sorted(set(kinds) - set(EventKind))
        if unknown:
            raise FieldsInvalid(
                f"There is no event of the type {unknown[0]!r}. Types: {', '.join(EventKind)}.",
            )
        there = self.of_merchant(merchant)
        if found := next((one for one in there if one.id == id), None):
            if (found.url, found.kinds) != (url, frozenset(kinds)):
                raise IdempotencyKeyReused(
                    "This Idempotency-Key has made another webhook. Give each a key of its own."
                )
            return found
        if len(there) >= OF_MERCHANT_MAX:
            raise TooManyWebhooks(
                f"A merchant has at most {OF_MERCHANT_MAX} webhooks. Delete one first."
            )
        self._writes.write(
            AttachedRow(
                f"INSERT INTO webhooks ({_FIELDS}) VALUES ($1, $2, $3, $4, $5, 0)",  # noqa: S608
                (id.bytes, merchant.bytes, url, " ".join(sorted(set(kinds))), self._clock.now_us()),
            )
        )
        return self.webhook(id, of=merchant)

    def webhook(self, id: UUID, *, of: MerchantId) -> Webhook:  # noqa: A002
        """Describe a merchant's webhook.

        Raises:
            WebhookNotFound: it has none such.

        """
        found = self._read("id = $1 AND merchant = $2 AND ended_at = 0", (id.bytes, of.bytes))
        if not found:
            raise WebhookNotFound("The merchant has no such webhook. List its webhooks.")
        return found[0]

    def of_merchant(self, merchant: MerchantId) -> Sequence[Webhook]:
        """List a merchant's webhooks."""
        return self._read("merchant = $1 AND ended_at = 0 ORDER BY id", (merchant.bytes,))

    def end(self, id: UUID, *, of: MerchantId) -> None:  # noqa: A002
        """End a webhook: it is told nothing more, not even what waits.

        Raises:
            WebhookNotFound: the merchant has none such.

        """
        self.webhook(id, of=of)
        self._writes.write(
            AttachedRow(
                "UPDATE webhooks SET ended_at = $1 WHERE id = $2 AND ended_at = 0",
                (self._clock.now_us(), id.bytes),
            )
        )

    def secret_of(self, webhook: UUID) -> str:
        """Tell what a webhook's messages are signed with."""
        key = derived(self._secret, "webhook", webhook.hex)
        return "whsec_" + base64.b64encode(key).decode()

    def after(self, position: int, limit: int) -> Batch:
        """Read events after a place, each with the webhooks that are told it."""
        events = self._events.after(position, limit)
        merchants = {event.merchant for event in events}
        listening = {one: self.of_merchant(one) for one in merchants}
        return Batch(
            events[-1].number if events else position,
            [
                Addressed(webhook.delivery_id(event), event.number, webhook.url, event.merchant)
                for event in events
                for webhook in listening[event.merchant]
                if webhook.hears(event)
            ],
        )

    def message(self, delivery: Delivery, at: datetime) -> Message | None:
        """Write and sign a message as it is sent now; None: its webhook has ended."""
        (event,) = self._events.after(delivery.event - 1, 1)
        there = self.of_merchant(event.merchant)
        webhook = next((one for one in there if one.delivery_id(event) == delivery.id), None)
        if webhook is None:
            return None
        told = {
            "type": event.kind.value,
            "timestamp": event.at.isoformat(),
            "data": said_event(event).model_dump(mode="json"),
        }
        body = json.dumps(told, separators=(",", ":")).encode()
        id, timestamp = delivery.id.hex, str(to_us(at) // 1_000_000)  # noqa: A001
        signed = b".".join((id.encode(), timestamp.encode(), body))
        key = derived(self._secret, "webhook", webhook.id.hex)
        signature = base64.b64encode(hmac.digest(key, signed, hashlib.sha256)).decode()
        return Message(
            body,
            (
                ("Content-Type", "application/json"),
                ("User-Agent", "counterfoil"),
                ("webhook-id", id),
                ("webhook-timestamp", timestamp),
                ("webhook-signature", f"v1,{signature}"),
            ),
        )

    def is_acknowledged(self, status: int, body: bytes) -> bool:  # noqa: ARG002  # any body will do
        """Take any success for an answer."""
        return 200 <= status < 300

    def _read(self, condition: str, parameters: tuple[bytes, ...]) -> list[Webhook]:
        with self._reading.lend() as database:
            found = database.query(
                f"SELECT {_FIELDS} FROM webhooks WHERE {condition}",  # noqa: S608
                parameters,
            )
        return [_webhook(row) for row in found.to_pylist()]


def _webhook(row: dict[str, Any]) -> Webhook:
    return Webhook(
        UUID(bytes=row["id"]),
        MerchantId(UUID(bytes=row["merchant"])),
        row["url"],
        frozenset(EventKind(kind) for kind in row["kinds"].split()),
        from_us(row["made_at"]),
        from_us(row["ended_at"]) if row["ended_at"] else None,
    )
