"""The gateway as an ASGI application: bytes in, bytes out, always HTTP 200.

Only bytes are handled in the event loop. What verifies, asks `pay` and signs runs in a few worker
threads. No thread waits for a payment's commit, which is shared with whoever asks at the same time:
the commit calls for a thread to answer (docs/adr/0053).
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Final
from urllib.parse import quote, unquote

from counterfoil.alipay.gateway import Gateway, Reply
from counterfoil.alipay.methods.bill import BILL_PATH
from counterfoil.alipay.parameters import BODY_BYTES_MAX

THREADS: Final = 4
"""Requests that are worked on at once. More threads would only take turns at Python's one lock."""

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]


class GatewayApp:
    """Answers at the gateway's address."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="counterfoil-gateway")

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        assert scope["type"] == "http"
        loop = asyncio.get_running_loop()
        if scope["path"] == BILL_PATH:
            token = scope["query_string"].decode("ascii", "replace").partition("token=")[2]
            found = await loop.run_in_executor(self._threads, self.gateway.bill, unquote(token))
            await _send(send, found or _GONE, 200 if found else 404)
            return
        form = b""
        if scope["method"] == "POST":
            read = await _body(receive)
            if read is None:
                await _send(send, self.gateway.too_large(scope["query_string"]))
                return
            form = read if _is_form(scope) else b""
        replied: asyncio.Future[Reply] = loop.create_future()

        def tell(reply: Reply) -> None:
            loop.call_soon_threadsafe(_tell, replied, reply)

        self._threads.submit(self._work, scope["query_string"], form, tell)
        await _send(send, await replied)

    def _work(self, query: bytes, form: bytes, tell: Callable[[Reply], object]) -> None:
        begun = self.gateway.begin(query, form)
        if isinstance(begun, Reply):
            tell(begun)
            return
        reply = begun.reply

        def answer() -> None:
            tell(reply())

        begun.change.add_done_callback(lambda _done: self._threads.submit(answer))

    def close(self) -> None:
        """Answer what is being worked on, end the threads, and give up the connection."""
        self._threads.shutdown()
        self.gateway.rooms.reading.close()


def _tell(replied: "asyncio.Future[Reply]", reply: Reply) -> None:
    if not replied.done():  # whoever asked may have gone
        replied.set_result(reply)


async def _body(receive: Receive) -> bytes | None:
    """Read a body; None when it is larger than any honest request. It is read to its end."""
    parts, size = [], 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b""
        part = message.get("body", b"")
        size += len(part)
        if size <= BODY_BYTES_MAX:
            parts.append(part)
        if not message.get("more_body", False):
            return b"".join(parts) if size <= BODY_BYTES_MAX else None


def _is_form(scope: Scope) -> bool:
    """Tell whether a body is a form; one that does not say what it is counts as one."""
    kind = next((value for name, value in scope["headers"] if name == b"content-type"), b"")
    return not kind or kind.split(b";")[0].strip().lower() == b"application/x-www-form-urlencoded"


async def _send(send: Send, reply: Reply, status: int = 200) -> None:
    headers = [
        (b"content-type", reply.content_type.encode("ascii")),
        (b"content-length", str(len(reply.body)).encode("ascii")),
        (b"cache-control", b"no-store"),
    ]
    if reply.location:
        headers.append((b"location", quote(reply.location, safe=_URL_SAFE).encode("ascii")))
        status = 303
    if reply.filename:
        said = f'attachment; filename="{reply.filename}"'
        headers.append((b"content-disposition", said.encode("ascii")))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body})


_GONE: Final = Reply(b"This bill is no longer here. Ask for its address again.\n", "text/plain")
_URL_SAFE: Final = "%/:=&?~#+!$,;'@()*[]"
