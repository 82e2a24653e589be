"""What a merchant's servers were told, what waits, and telling it again."""

from typing import Annotated, Final, cast
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Query
from starlette.responses import Response

from counterfoil.api import telling_models as models
from counterfoil.api.call import Call, Cursor, Limit, documented, may, said
from counterfoil.api.errors import DeliveryNotFound
from counterfoil.api.keys import Scope
from counterfoil.courier import Delivery, State, ask_again, store

router = APIRouter(tags=["events"])
Seeing = Annotated[Call, Depends(may(Scope.WEBHOOKS_WRITE))]
DeliveryPath = Annotated[UUID, Path(description="The delivery's id.")]
_LIST: Final = "deliveries"
_States = Annotated[
    str | None,
    Query(pattern="^(waiting|delivered|given-up)$", description="Only those that stand so."),
]


@router.get("/deliveries", response_model=models.DeliveryPage,
            summary="List what your servers were told, the latest first",
            **documented(Scope.WEBHOOKS_WRITE))  # fmt: skip
async def list_deliveries(
    call: Seeing, cursor: Cursor = None, limit: Limit = 50, state: _States = None
) -> Response:
    """List messages to webhooks and notices: to which address, how often, and what came back."""
    wanted = next((one for one in State if one.word == state), None)

    def read(place: bytes | None, count: int) -> list[Delivery]:
        before = UUID(bytes=place) if place else None
        with call.rooms.reading.lend() as database:
            return store.of_owner(database, call.merchant, wanted, before, count)

    name = f"{_LIST} {state}"
    there, following = await call.page(name, cursor, limit, read, lambda one: one.id.bytes)
    return said(models.DeliveryPage(items=[_said(one) for one in there], next=following))


@router.get("/deliveries/{delivery}", response_model=models.Delivery,
            summary="Describe a delivery", **documented(Scope.WEBHOOKS_WRITE, 404))  # fmt: skip
async def get_delivery(call: Seeing, delivery: DeliveryPath) -> Response:
    """Describe a delivery as it stands."""
    return said(_said(await call.read(lambda: _found(call, delivery))))


@router.post("/deliveries/{delivery}/resend", status_code=202, response_model=models.Delivery,
             summary="Tell something again",
             **documented(Scope.WEBHOOKS_WRITE, 404))  # fmt: skip
async def resend_delivery(call: Seeing, delivery: DeliveryPath) -> Response:
    """Have something told once more, within a second, by the same id; the answer is how it stands now."""

    def asked() -> Delivery:
        found = _found(call, delivery)
        ask_again(call.rooms.resend, found.id)
        return found

    return said(_said(await call.read(asked)), 202)


def _found(call: Call, delivery: UUID) -> Delivery:
    with call.rooms.reading.lend() as database:
        found = store.delivery(database, delivery, of=call.merchant)
    if found is None:
        raise DeliveryNotFound("You were told nothing by this id. List the deliveries.")
    return found


def _said(one: Delivery) -> models.Delivery:
    return models.Delivery(
        id=one.id, channel=cast("models.Channel", one.channel), event=one.event, url=one.url,
        state=cast("models.DeliveryState", one.state.word), attempts=one.attempts,
        outcome=one.outcome.word, http_status=one.status or None, created_at=one.created_at,
        next_at=one.next_at,
    )  # fmt: skip
