"""What every page needs: its route, the check of its form, its language, its rendering.

`Desk.route` makes of a plain function on `Asked` an endpoint: it reads the form, refuses one that is
not ours, and runs the function in a worker thread, in the reader's language. An anticipated refusal
becomes a page that says what to do, in place of a handler's own answer.
"""

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, cast

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, use_locale
from counterfoil.qr import Origin
from counterfoil.web.asked import FIELD_LENGTH_MAX, VISITOR, Asked, new_secret
from counterfoil.web.language import language_of
from counterfoil.web.rendering import Renderer
from counterfoil.web.streams import Streams

Handler = Callable[[Asked], Response]

FILES_MAX: Final = 1
FIELDS_MAX: Final = 40


class Desk:
    """Where pages are made."""

    def __init__(
        self, site: Site, origin: Origin, clock: Clock, renderer: Renderer, streams: Streams
    ) -> None:
        self.site, self.origin, self.clock, self.streams = site, origin, clock, streams
        self._renderer = renderer
        self.is_secure = origin.url.startswith("https:")

    def route(self, path: str, handler: Handler, methods: Sequence[str] = ("GET",)) -> Route:
        """Make a route of a handler."""

        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            asked = await self.asked(request)
            return await run_in_threadpool(self._answer, handler, asked)

        return Route(path, endpoint, methods=list(methods))

    async def asked(self, request: Request) -> Asked:
        """Read what a request asks.

        Raises:
            HTTPException: 400, its form cannot be read.

        """
        form, files = await _form(request) if request.method == "POST" else ({}, {})
        return Asked(
            request=request,
            language=language_of(request),
            form=form,
            files=files,
            secret=request.cookies.get(self._cookie(VISITOR)) or new_secret(),
        )

    def page(self, asked: Asked, template: str, status: int = 200, **values: Any) -> Response:
        """Render a page for a reader."""
        html = self._renderer.html(
            template,
            asked=asked,
            language=asked.language,
            here=_here(asked.request),
            **values,
        )
        response = HTMLResponse(html, status, {"cache-control": "no-store"})
        if asked.request.cookies.get(self._cookie(VISITOR)) != asked.secret:
            response.set_cookie(
                self._cookie(VISITOR), asked.secret, httponly=True, samesite="lax",
                secure=self.is_secure,
            )  # fmt: skip
        return response

    def refusal(self, asked: Asked, error: CounterfoilError, status: int = 422) -> Response:
        """Show why something was refused, and what to do."""
        return self.page(asked, "refusal.html", status, said=error.message, code=error.code)

    @property
    def handlers(self) -> Mapping[Any, ExceptionHandler]:
        """What answers when no handler did."""

        async def missing(request: Request, error: Exception) -> Response:
            status = error.status_code if isinstance(error, HTTPException) else 500
            asked = Asked(
                request=request, language=language_of(request), form={}, files={},
                secret=request.cookies.get(self._cookie(VISITOR)) or new_secret(),
            )  # fmt: skip
            return await run_in_threadpool(self._missing, asked, status)

        answering = cast("Callable[[Request, Exception], Awaitable[Response]]", missing)
        return {HTTPException: answering, Exception: answering}

    def _missing(self, asked: Asked, status: int) -> Response:
        with use_locale(asked.language.locale):
            said = {
                404: _("There is no such page. Check the address, or begin at the first page."),
                405: _("This page cannot be used so. Begin at the first page."),
                413: _("This is too large to be sent here. Send something smaller."),
                500: _(
                    "Something failed here, and it is our fault. Tell us the number {request}.",
                    request=asked.request.scope.get("request_number", "–"),
                ),
            }.get(status, _("This request cannot be read. Go back and try again."))
            return self.page(asked, "refusal.html", status, said=said, code=f"http.{status}")

    def _answer(self, handler: Handler, asked: Asked) -> Response:
        with use_locale(asked.language.locale):
            if asked.request.method == "POST" and not asked.is_ours:
                said = _("This form is too old, or it is not ours. Open the page again.")
                return self.page(asked, "refusal.html", 403, said=said, code="web.form-not-ours")
            try:
                return handler(asked)
            except CounterfoilError as error:
                return self.refusal(asked, error)

    def _cookie(self, name: str) -> str:
        # The prefix ties a cookie to this very host; browsers take it over TLS alone (RFC 6265bis).
        return f"__Host-{name}" if self.is_secure else name


async def _form(request: Request) -> tuple[dict[str, str], dict[str, bytes]]:
    fields: dict[str, str] = {}
    files: dict[str, bytes] = {}
    async with request.form(max_files=FILES_MAX, max_fields=FIELDS_MAX) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                files[name] = await value.read()
            elif len(value) <= FIELD_LENGTH_MAX:
                fields[name] = value
            else:
                raise HTTPException(400)
    return fields, files


def _here(request: Request) -> str:
    query = request.url.query
    return f"{request.url.path}?{query}" if query else request.url.path
