"""What is sent and answered of events, webhooks and what was told to them, as JSON."""

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, StringConstraints

from counterfoil.api.models import Asked, Sum, Told


class Event(Told):
    """Something that happened, as it is listed and as webhooks tell it."""

    number: int = Field(description="Rises; no two are the same.")
    type: str = Field(examples=["order-paid"])
    at: datetime
    about: str = Field(description="Our number for the order, hold or agreement it is about.")
    part: str | None = Field(description="Our number for the refund or operation; null: none.")
    amount: Sum
    fee: Sum
    store: UUID | None


class EventPage(Told):
    """A page of events, the oldest first."""

    items: list[Event]
    next: str = Field(description="The cursor of what comes after these: keep it, and ask later.")


class NewWebhook(Asked):
    """Where you want to be told what happens."""

    url: Annotated[str, StringConstraints(max_length=1024, pattern=r"^https?://[!-~]+$")] = Field(
        examples=["https://shop.example/told"]
    )
    types: list[str] = Field(
        default=[], max_length=32, description="The types of events to be told; empty: all."
    )


class Webhook(Told):
    """A webhook as it stands."""

    id: UUID
    url: str
    types: list[str]
    made_at: datetime


class MadeWebhook(Webhook):
    """A webhook that was made just now."""

    secret: str = Field(
        description="What messages are signed with (Standard Webhooks): whsec_ and 32 bytes in base64."
    )


Channel = Literal["webhooks", "alipay"]
DeliveryState = Literal["waiting", "delivered", "given-up"]


class Delivery(Told):
    """Something on its way to one of your addresses, or told there."""

    id: UUID
    channel: Channel = Field(
        description="Which form it has: a webhook's message, or a notice of the Alipay merchant API."
    )
    event: int = Field(description="The number of the event that it tells.")
    url: str
    state: DeliveryState
    attempts: int = Field(description="How many were made.")
    outcome: str = Field(description="What became of the last attempt.", examples=["acknowledged"])
    http_status: int | None = Field(description="What was answered to it; null: nothing.")
    created_at: datetime
    next_at: datetime | None = Field(description="When the next attempt is due; null: none is.")


class DeliveryPage(Told):
    """A page of deliveries, the latest first."""

    items: list[Delivery]
    next: str | None = Field(description="The cursor of the next page; null: this is the last.")


class WebhookList(Told):
    """A merchant's webhooks."""

    items: list[Webhook]
