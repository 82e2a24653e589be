"""What every request passes first: a number of its own, limits of size and time, safe headers.

Whatever goes wrong behind it is told to the caller as a status and a request's number, and to the log
by its kind and place; the words of an error can quote somebody, so they go nowhere.
"""

import asyncio
import json
import secrets
from dataclasses import dataclass
from typing import Final

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from counterfoil.kernel.clock import Stopwatch
from counterfoil.server import logs
from counterfoil.server.metrics import Metrics

BODY_BYTES_MAX: Final = 64 * 1024
PICTURE_BYTES_MAX: Final = 8 * 1024 * 1024
"""A still picture from a phone's camera."""
GATEWAY_BYTES_MAX: Final = 2 * 1024 * 1024
"""The gateway answers what is too large for it in its own words; beyond this nothing is read."""
TIME_S_MAX: Final = 30
SURFACES: Final = {"/gateway.do": "alipay", "/api": "api", "/livez": "health", "/readyz": "health",
                   "/health": "health", "/metrics": "health"}  # fmt: skip
_PICTURES: Final = frozenset({"/wallet/picture", "/till/picture"})
HEADERS: Final = {
    "content-security-policy": (
        "default-src 'self'; img-src 'self' data: blob:; media-src 'self' blob:; object-src 'none'; "
        "base-uri 'none'; frame-ancestors 'self'; form-action 'self'"
    ),
    "x-content-type-options": "nosniff",
    "x-frame-options": "SAMEORIGIN",
    "referrer-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(self), geolocation=(), microphone=(), payment=(), usb=(), "
        "publickey-credentials-get=(self), publickey-credentials-create=(self)"
    ),
}

_log = logs.logger("counterfoil.requests")


class _TooLarge(HTTPException):
    """A surface that knows it answers it as its own kind of page."""

    def __init__(self) -> None:
        super().__init__(413)


@dataclass(slots=True)
class _Seen:
    """What is known of an answer so far."""

    status: int = 0
    is_stream: bool = False


class Guard:
    """Stands before the surfaces."""

    def __init__(self, app: ASGIApp, metrics: Metrics, *, is_secure: bool) -> None:
        self._app, self._metrics, self._is_secure = app, metrics, is_secure

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        watch, request, seen = Stopwatch(), secrets.token_hex(8), _Seen()
        scope["request_number"] = request
        try:
            await self._answer(scope, receive, self._sending(send, request, seen), seen)
        except _TooLarge:
            await self._refuse(scope, send, request, seen, 413)
            self._tell(scope, seen, request, watch)
        except TimeoutError:
            await self._refuse(scope, send, request, seen, 503)
            self._tell(scope, seen, request, watch)
        except Exception as caught:  # noqa: BLE001  # it is told in the log
            await self._refuse(scope, send, request, seen, 500)
            self._tell(scope, seen, request, watch, caught)
        else:
            self._tell(scope, seen, request, watch)

    async def _answer(self, scope: Scope, receive: Receive, send: Send, seen: _Seen) -> None:
        limit = body_limit(scope["path"])
        if int(Headers(scope=scope).get("content-length") or 0) > limit:
            raise _TooLarge
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > limit:
                raise _TooLarge
            return message

        async with asyncio.timeout(TIME_S_MAX) as running:

            async def streaming(message: Message) -> None:
                if message["type"] == "http.response.start":
                    kind = Headers(raw=message.get("headers", [])).get("content-type", "")
                    seen.is_stream = kind.startswith("text/event-stream")
                    if seen.is_stream:  # it lasts as long as somebody listens
                        running.reschedule(None)
                await send(message)

            await self._app(scope, counted, streaming)

    def _sending(self, send: Send, request: str, seen: _Seen) -> Send:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
                headers = MutableHeaders(raw=message.setdefault("headers", []))
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
                if self._is_secure:
                    headers.setdefault("strict-transport-security", "max-age=31536000")
                headers["x-request-id"] = request
            await send(message)

        return guarded

    async def _refuse(
        self, scope: Scope, send: Send, request: str, seen: _Seen, status: int
    ) -> None:
        if seen.status:  # it has begun; all that is left is to break it off
            return
        said = {413: "too large", 503: "not in time; ask again", 500: "failed"}[status]
        words, kind = f"This request {said}. Its number is {request}.", "text/plain; charset=utf-8"
        body = f"{words}\n".encode()
        if surface_of(scope["path"]) == "api":
            kind, body = "application/problem+json", _problem(status, words)
        guarded = self._sending(send, request, seen)
        headers = [(b"content-type", kind.encode()),
                   (b"content-length", str(len(body)).encode())]  # fmt: skip
        await guarded({"type": "http.response.start", "status": status, "headers": headers})
        await guarded({"type": "http.response.body", "body": body})

    def _tell(
        self,
        scope: Scope,
        seen: _Seen,
        request: str,
        watch: Stopwatch,
        error: Exception | None = None,
    ) -> None:
        surface = surface_of(scope["path"])
        if not seen.is_stream:
            self._metrics.request(surface, scope["method"], seen.status, watch.elapsed_s)
        page = getattr(scope.get("endpoint"), "__name__", "none")
        told = {
            "surface": surface, "page": page, "method": scope["method"], "status": seen.status,
            "elapsed_ms": watch.elapsed_us // 1000, "request": request,
        }  # fmt: skip
        if error is not None:
            _log.error(
                "request-failed", **told, error=type(error).__name__, where=logs.where(error)
            )
        elif surface != "health":
            _log.info("request", **told)


def _problem(status: int, words: str) -> bytes:
    """Say a refusal as the REST API does (RFC 9457), for what never reached it."""
    code = "api.too-large" if status == 413 else "api.unexpected"
    told = {"type": f"/api/v1/problems#{code}", "title": words, "status": status, "detail": words,
            "code": code, "is_transient": status >= 500}  # fmt: skip
    return json.dumps(told).encode()


def surface_of(path: str) -> str:
    """Tell whose a path is."""
    for start, surface in SURFACES.items():
        if path == start or path.startswith(f"{start}/"):
            return surface
    return "web"


def body_limit(path: str) -> int:
    """Tell how many bytes a request's body may have."""
    if path in _PICTURES:
        return PICTURE_BYTES_MAX
    return GATEWAY_BYTES_MAX if surface_of(path) == "alipay" else BODY_BYTES_MAX
