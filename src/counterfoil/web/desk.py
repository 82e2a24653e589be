"""What every page needs: its route, the check of its form, its language, its rendering.

`Desk.route` makes of a plain function on `Asked` an endpoint: it reads the form, refuses one that is
not ours, and runs the function in a worker thread, in the reader's language. An anticipated refusal
becomes a page that says what to do, in place of a handler's own answer. A page that is somebody's own
asks for a session first: a person's, or a till's.
"""

import functools
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Final, cast
from urllib.parse import urlencode, urlsplit

from starlette.concurrency import run_in_threadpool
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import MultiPartParser
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route
from starlette.types import ExceptionHandler

from counterfoil.bootstrap import Site
from counterfoil.consent import Operator
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, use_locale
from counterfoil.people import NotSignedIn, RelyingParty, SignedIn
from counterfoil.qr import Origin
from counterfoil.web.asked import FIELD_LENGTH_MAX, VISITOR, Asked, new_secret
from counterfoil.web.briefly import Challenges, ShownNames
from counterfoil.web.language import language_of
from counterfoil.web.rendering import Renderer
from counterfoil.web.returning import Returning
from counterfoil.web.streams import Streams

Handler = Callable[[Asked], Response]


class Who(StrEnum):
    """Whose page it is; the value names the cookie that has the session."""

    ANYBODY = "anybody"
    PERSON = "session"
    TILL = "till"


FILES_MAX: Final = 1
FIELDS_MAX: Final = 40
_SESSION_S: Final = 90 * 24 * 60 * 60

# A picture is looked at in memory and never lies in a file, not even for a moment.
MultiPartParser.spool_max_size = 16 * 1024 * 1024


class Desk:
    """Where pages are made."""

    def __init__(
        self,
        site: Site,
        origin: Origin,
        clock: Clock,
        renderer: Renderer,
        streams: Streams,
        returning: Returning,
    ) -> None:
        self.site, self.origin, self.clock, self.streams = site, origin, clock, streams
        self.returning = returning
        self._renderer = renderer
        self.challenges = Challenges(clock)
        self.shown_names = ShownNames(clock)
        self.is_secure = origin.url.startswith("https:")

    def route(
        self,
        path: str,
        handler: Handler,
        *,
        who: Who = Who.ANYBODY,
        methods: Sequence[str] = ("GET",),
    ) -> Route:
        """Make a route of a handler."""

        @functools.wraps(handler)
        async def endpoint(request: Request) -> Response:
            asked = await self.asked(request)
            return await run_in_threadpool(self._answer, handler, asked, who)

        return Route(path, endpoint, methods=list(methods))

    def posted(self, path: str, handler: Handler, *, who: Who = Who.ANYBODY) -> Route:
        """Make a route of a handler of forms."""
        return self.route(path, handler, who=who, methods=("POST",))

    @property
    def party(self) -> RelyingParty:
        """Who asks for passkeys."""
        parts = urlsplit(self.origin.url)
        return RelyingParty(parts.hostname or "localhost", "Counterfoil", self.origin.url)

    @property
    def operator(self) -> Operator:
        """Who runs this and answers for the data, as notices name them."""
        return Operator(urlsplit(self.origin.url).hostname or "Counterfoil", self.origin.url)

    def own_name(self, me: SignedIn) -> str:
        """Read one's own name."""
        with self.site.consent.gate.own(me) as own:
            return next(iter(own.rows(self.site.readers.name)), "")

    @property
    def now(self) -> datetime:
        """Tell the time."""
        return from_us(self.clock.now_us())

    def identified(self, asked: Asked, who: Who) -> tuple[Asked, str | None]:
        """Find whose session the browser bears; and the token to give it, if it is another."""
        token = asked.request.cookies.get(self.cookie(who))
        if token is None:
            return asked, None
        try:
            checked = self.site.people.sessions.check(token)
        except NotSignedIn:
            return asked, None
        if (checked.signed_in.till is not None) is not (who is Who.TILL):
            return asked, None
        return replace(asked, signed_in=checked.signed_in), checked.token

    def enter(self, response: Response, token: str, who: Who = Who.PERSON) -> Response:
        """Give a browser the token of a session; no script and no other site can read it."""
        response.set_cookie(
            self.cookie(who), token, max_age=_SESSION_S, httponly=True, samesite="lax",
            secure=self.is_secure,
        )  # fmt: skip
        return response

    def leave(self, response: Response, who: Who = Who.PERSON) -> Response:
        """Take the token from a browser."""
        response.delete_cookie(
            self.cookie(who), httponly=True, samesite="lax", secure=self.is_secure
        )
        return response

    def go_out(self, url: str) -> Response:
        """Send the reader on to another site, which is not told where they come from."""
        return RedirectResponse(url, 303, {"referrer-policy": "no-referrer"})

    def go(self, target: str) -> Response:
        """Send the reader on to another page of ours."""
        return RedirectResponse(target, 303)

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
            secret=request.cookies.get(self.cookie(VISITOR)) or new_secret(),
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
        if asked.request.cookies.get(self.cookie(VISITOR)) != asked.secret:
            response.set_cookie(
                self.cookie(VISITOR), asked.secret, httponly=True, samesite="lax",
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
                secret=request.cookies.get(self.cookie(VISITOR)) or new_secret(),
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

    def _answer(self, handler: Handler, asked: Asked, who: Who) -> Response:
        with use_locale(asked.language.locale):
            if asked.request.method == "POST" and not asked.is_ours:
                said = _("This form is too old, or it is not ours. Open the page again.")
                return self.page(asked, "refusal.html", 403, said=said, code="web.form-not-ours")
            try:
                asked, token = self.identified(asked, Who.PERSON if who is Who.ANYBODY else who)
                if who is not Who.ANYBODY and asked.signed_in is None:
                    return self._to_the_door(asked, who)
                response = handler(asked)
            except CounterfoilError as error:
                return self.refusal(asked, error)
            return self.enter(response, token, who) if token else response

    def _to_the_door(self, asked: Asked, who: Who) -> Response:
        if who is Who.TILL:
            return self.go("/shop")
        here = _here(asked.request) if asked.request.method == "GET" else "/wallet"
        return self.go(f"/in?{urlencode({'next': here})}")

    def cookie(self, name: str) -> str:
        """Name a cookie."""
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
