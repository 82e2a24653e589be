"""What happened: events to read in order, and webhooks that are told of them."""

from typing import Annotated, Final
from uuid import UUID

from fastapi import APIRouter, Depends, Path
from starlette.responses import Response

from counterfoil.api import telling_models as models
from counterfoil.api.call import Call, Cursor, IdempotencyKey, Limit, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.api.said import said_event
from counterfoil.api.webhooks import Webhook
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.ids import derive_id

router = APIRouter(tags=["events"])
Reading = Annotated[Call, Depends(may(Scope.EVENTS_READ))]
Writing = Annotated[Call, Depends(may(Scope.WEBHOOKS_WRITE))]
WebhookPath = Annotated[UUID, Path(description="The webhook's id.")]
_LIST: Final = "events"


@router.get("/events", response_model=models.EventPage, summary="List events, the oldest first",
            **documented(Scope.EVENTS_READ))  # fmt: skip
async def list_events(call: Reading, cursor: Cursor = None, limit: Limit = 50) -> Response:
    """List what happened to the merchant; the cursor `next` is good for ever: keep it, ask later."""
    cursors, events = call.rooms.cursors, call.rooms.pay.events
    after = 0
    if cursor is not None:
        after = int.from_bytes(cursors.read(call.merchant, _LIST, cursor))
    there = await call.read(lambda: events.of_merchant(call.merchant, after, limit))
    last = there[-1].number if there else after
    following = cursors.write(call.merchant, _LIST, last.to_bytes(8))
    return said(models.EventPage(items=[said_event(one) for one in there], next=following))


@router.post("/webhooks", status_code=201, response_model=models.MadeWebhook,
             summary="Make a webhook", **documented(Scope.WEBHOOKS_WRITE, 400, 409))  # fmt: skip
async def create_webhook(
    call: Writing, new: models.NewWebhook, key: IdempotencyKey = None
) -> Response:
    """Have an address told of every event from now on, signed with the secret in the answer.

    Messages follow Standard Webhooks: `webhook-id`, `webhook-timestamp`, `webhook-signature`.
    """
    once = await call.asked_once(key)
    webhooks = call.rooms.webhooks
    opened_at = call.rooms.pay.merchants.merchant(call.merchant).opened_at
    id = derive_id("api-webhook", call.merchant, once.number, at_us=to_us(opened_at))  # noqa: A001

    def told(one: Webhook) -> models.MadeWebhook:
        return models.MadeWebhook(
            **_said(one).model_dump(), secret=webhooks.secret_of(one.id)
        )  # fmt: skip

    def made() -> Webhook:
        return webhooks.make(id, call.merchant, new.url, new.types)

    # Its secret is made anew for the answer, and kept nowhere.
    return said(told(await call.read(made)), 201)


@router.get("/webhooks", response_model=models.WebhookList, summary="List the webhooks",
            **documented(Scope.WEBHOOKS_WRITE))  # fmt: skip
async def list_webhooks(call: Writing) -> Response:
    """List the merchant's webhooks; their secrets were shown when they were made."""
    there = await call.read(lambda: call.rooms.webhooks.of_merchant(call.merchant))
    return said(models.WebhookList(items=[_said(one) for one in there]))


@router.delete("/webhooks/{webhook}", status_code=204, response_class=Response,
               summary="Delete a webhook", **documented(Scope.WEBHOOKS_WRITE, 404))  # fmt: skip
async def delete_webhook(call: Writing, webhook: WebhookPath) -> Response:
    """End a webhook: it is told nothing more, not even what waits to be told again."""
    await call.read(lambda: call.rooms.webhooks.end(webhook, of=call.merchant))
    return Response(status_code=204)


def _said(one: Webhook) -> models.Webhook:
    types = sorted(kind.value for kind in one.kinds)
    return models.Webhook(id=one.id, url=one.url, types=types, made_at=one.made_at)
