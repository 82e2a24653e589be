"""One request: whose key it is, what the key may do, and the ways to answer."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import Future
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Any, Final, TypeVar

from fastapi import Header, Query
from pydantic import BaseModel
from starlette.requests import Request
from starlette.responses import Response

from counterfoil.api.answers import Answer, Once, once
from counterfoil.api.cursors import LENGTH_MAX
from counterfoil.api.errors import KeyMissing, ScopeMissing
from counterfoil.api.keys import Key, Scope
from counterfoil.api.problems import Problem
from counterfoil.api.rooms import Rooms
from counterfoil.pay import MerchantId

T = TypeVar("T")
Json = dict[str, Any]

PAGE_MAX: Final = 200
Limit = Annotated[int, Query(ge=1, le=PAGE_MAX, description="How many at most.")]
Cursor = Annotated[
    str | None,
    Query(
        min_length=1,
        max_length=LENGTH_MAX,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="The `next` of the page before; without it, the first page.",
    ),
]
IdempotencyKey = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        min_length=1,
        max_length=257,
        description=(
            "A key of your own for this request, such as a UUID: however often it is sent, it is "
            "done once and answered the same. It has to be given."
        ),
        examples=["7d0c6a5e-3a86-4c8b-9d0e-0b1f0f1f3a55"],
    ),
]


@dataclass(slots=True)
class Call:
    """A request whose key is known."""

    rooms: Rooms
    key: Key
    request: Request

    @property
    def merchant(self) -> MerchantId:
        """Whose rows it may touch: nobody else's."""
        return self.key.merchant

    async def read(self, ask: Callable[[], T]) -> T:
        """Ask a room that waits, in a worker thread."""
        in_ours = partial(copy_context().run, ask)  # the words of its refusals are in English, too
        return await asyncio.get_running_loop().run_in_executor(self.rooms.threads, in_ours)

    async def page(
        self,
        name: str,
        cursor: str | None,
        limit: int,
        read: Callable[[bytes | None, int], Sequence[T]],
        place: Callable[[T], bytes],
    ) -> tuple[Sequence[T], str | None]:
        """Read a page of a list, and the cursor of what follows; None: it is the last.

        `read` is given the place after which it begins, None for the first, and how many at most;
        `place` tells one's place. `name` holds the filters: a cursor is good for the same alone.

        Raises:
            CursorInvalid: it was not handed out for this list.

        """
        cursors = self.rooms.cursors
        after = cursors.read(self.merchant, name, cursor) if cursor is not None else None
        there = await self.read(lambda: read(after, limit + 1))
        shown = there[:limit]
        if len(there) == len(shown):
            return shown, None
        return shown, cursors.write(self.merchant, name, place(shown[-1]))

    async def submit(self, submit: Callable[[], "Future[T]"]) -> T:
        """Ask a room that gives a future; what is under way goes on without whoever asked."""
        answers = self.rooms.answers
        begun = submit() if answers.submits_inline else await self.read(submit)
        return await answers.arrivals.of(begun)

    async def asked_once(self, key: str | None) -> Once:
        """Read the key by which this request is done once.

        Raises:
            IdempotencyKeyMissing, IdempotencyKeyInvalid: there is none that can be used.

        """
        request = self.request
        body = await request.body()
        path, query = request.scope["path"].encode(), request.scope["query_string"]
        return once(self.merchant, key, request.method.encode(), path, query, body)

    async def give(
        self,
        asked: Once,
        submit: Callable[[], "Future[T]"],
        say: Callable[[T], BaseModel],
        status: int = 201,
    ) -> Response:
        """Do what is asked, once."""
        given = self.rooms.answers.give(asked, submit, _saying(say, status))
        return _again(await given)

    async def give_plain(
        self, asked: Once, act: Callable[[], T], say: Callable[[T], BaseModel], status: int = 201
    ) -> Response:
        """Do what is asked of a room that waits, once."""
        given = self.rooms.answers.give_plain(asked, act, _saying(say, status))
        return _again(await given)

    async def give_after(
        self, asked: Once, act: Callable[[], T], say: Callable[[T], BaseModel], status: int = 201
    ) -> Response:
        """Do what is asked, once; its answer is kept after its commit, and it is harmless twice."""
        given = self.rooms.answers.give_plain(asked, act, _saying(say, status), in_commit=False)
        return _again(await given)


def may(scope: Scope) -> Callable[[Request], Awaitable[Call]]:
    """Make the dependency that lets in keys with a scope."""

    async def lets_in(request: Request) -> Call:
        rooms: Rooms = request.app.state.rooms
        kind, _, text = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not text:
            raise KeyMissing("Give a key: Authorization: Bearer cfk_…")
        key = rooms.keys.asking(text.strip())
        rooms.rates.count(key.id)
        if scope not in key.scopes:
            raise ScopeMissing(f"This key may not do this: it has no {scope.value}.", scope=scope)
        return Call(rooms, key, request)

    return lets_in


def said(model: BaseModel, status: int = 200, headers: dict[str, str] | None = None) -> Response:
    """Answer with what was found."""
    return _response(model.model_dump_json(), status, headers or {})


def documented(scope: Scope, *statuses: int, **more: Any) -> Json:
    """Say for OpenAPI which scope an operation needs, and which problems it can answer with."""
    problems = {401, 403, 422, 429, 500, 503, *statuses}
    return {
        "responses": {status: _refused(status) for status in sorted(problems)},
        "openapi_extra": {"security": [{"key": [scope.value]}], **more},
    }


def downloading(scope: Scope, kind: Json, *statuses: int) -> Json:
    """Say the same for an operation that answers with a file."""
    said_of = documented(scope, *statuses)
    return said_of | {"responses": {200: kind, **said_of["responses"]}}


def _refused(status: int) -> Json:
    return {
        "description": _DESCRIPTIONS[status],
        "content": {
            "application/problem+json": {
                "schema": Problem.model_json_schema(ref_template="#/components/schemas/{model}"),
                "example": _EXAMPLES.get(status, _EXAMPLES[500]) | {"status": status},
            }
        },
    }


_DESCRIPTIONS: Final = {
    400: "The request cannot be read, or has no Idempotency-Key.",
    401: "There is no such key.",
    403: "The key may not do this, or the operator has stopped the merchant.",
    404: "The merchant has no such thing.",
    409: "It cannot be done as things stand; `code` says why.",
    413: "The request is too large.",
    422: "A field is wrong, or the Idempotency-Key has been used for another request.",
    429: "The key asks too fast, or too many payers' codes were none; `Retry-After` says when.",
    500: "Something failed; ask again with the same key.",
    503: "It cannot be done at this moment; ask again with the same key.",
}


def _example(code: str, title: str, *, is_transient: bool = False) -> Json:
    return {
        "type": f"https://pay.example/api/v1/problems#{code}",
        "title": title,
        "status": 0,
        "detail": title,
        "code": code,
        "is_transient": is_transient,
    }


_EXAMPLES: Final = {
    400: _example("api.idempotency-key-missing", "The request needs an Idempotency-Key."),
    401: _example("api.key-unknown", "There is no such key, or it was revoked."),
    403: _example("api.scope-missing", "The key may not do this."),
    404: _example("pay.order-not-found", "The merchant has no such order."),
    409: _example("pay.order-closed", "The order is closed."),
    413: _example("api.too-large", "The request is too large."),
    422: _example("api.fields-invalid", "A field or parameter cannot be what it is."),
    429: _example("api.too-many-requests", "The key asks too fast.", is_transient=True),
    500: _example("api.unexpected", "Something failed.", is_transient=True),
    503: _example("pay.busy", "Something changed at the same moment.", is_transient=True),
}


def _saying(say: Callable[[T], BaseModel], status: int) -> Callable[[T], Answer]:
    return lambda told: Answer(status, say(told).model_dump_json())


def _again(answer: Answer) -> Response:
    headers = {"idempotency-replayed": "true"} if answer.is_again else {}
    return _response(answer.body, answer.status, headers)


def _response(body: str, status: int, headers: dict[str, str]) -> Response:
    return Response(body, status, {"cache-control": "no-store", **headers}, "application/json")
