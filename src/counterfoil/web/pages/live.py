"""What a page is told while it is open: look again (server-sent events, WHATWG HTML §9.2)."""

from collections.abc import AsyncIterator

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import BaseRoute, Route

from counterfoil.web.desk import Desk, Who


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""

    async def rings(topic: str) -> AsyncIterator[bytes]:
        async for has_rung in desk.streams.rings(topic):
            # A beat lets the page notice a connection that has died without a word.
            yield b"event: ring\ndata: 1\n\n" if has_rung else b"event: beat\ndata: 1\n\n"

    async def stream(request: Request, who: Who) -> Response:
        asked, _token = await run_in_threadpool(desk.identified, await desk.asked(request), who)
        if asked.signed_in is None:
            return Response(status_code=403)
        topic = f"till:{asked.signed_in.till}" if who is Who.TILL else f"person:{asked.me.person}"
        headers = {"cache-control": "no-store", "x-accel-buffering": "no"}
        return StreamingResponse(rings(topic), media_type="text/event-stream", headers=headers)

    async def till(request: Request) -> Response:
        return await stream(request, Who.TILL)

    async def person(request: Request) -> Response:
        return await stream(request, Who.PERSON)

    return [Route("/till/live", till), Route("/wallet/live", person)]
