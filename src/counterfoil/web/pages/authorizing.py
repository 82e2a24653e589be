"""A shop asks to know who somebody is, or what their score is: agreed to or refused on a page.

The shop sends the browser here with its application, what it asks for and where to go back to; that
address has to be one that it registered. Whoever agrees takes back a code that is good once and for a
few minutes. Where data is to leave, agreeing makes the grant, for this one shop, that the gate believes;
it can be revoked in the person's record at any time.
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.consent import (
    BasisId,
    Category,
    CollectorId,
    CollectorKind,
    Notice,
    Purpose,
)
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import Message, _, current_locale, lazy
from counterfoil.kernel.ids import new_id
from counterfoil.pay import Application, ApplicationId, Merchant, RequestInvalid, Standing
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who

PATH: Final = "/oauth2/publicAppAuthorize.htm"
GRANT_DAYS: Final = 30
_WHO: Final = lazy("A name for you that only this shop knows, so that it recognizes you again")


@dataclass(frozen=True, slots=True)
class Scope:
    """What a shop can ask for."""

    words: Message
    purpose: Purpose | None = None
    """What a grant is needed for; None: nothing about the person leaves."""


SCOPES: Final = {
    "auth_base": Scope(_WHO),
    "auth_user": Scope(_WHO),
    "auth_zhima": Scope(lazy("Your credit score, as a number"), Purpose.SHARE_SCORE),
    "score_reasons": Scope(
        lazy("Your credit score as it is when they ask, its five parts and what cost most"),
        Purpose.SHARE_REASONS,
    ),
    "auth_zhima_brief": Scope(
        lazy("Whether your credit score reaches the line that this shop has agreed on: yes or no"),
        Purpose.SHARE_ANSWER,
    ),
}


@dataclass(frozen=True, slots=True)
class _Request:
    """What a shop asks, once it is known to be this shop's."""

    application: Application
    merchant: Merchant
    scopes: dict[str, Scope]
    redirect: str
    state: str


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = Authorizing(desk)
    return [
        desk.route(PATH, pages.show, who=Who.PERSON),
        desk.posted(PATH, pages.decide, who=Who.PERSON),
    ]


class Authorizing:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site

    def show(self, asked: Asked) -> Response:
        """Show who asks for what."""
        request = self._request(asked)
        notices = self._notices(request)
        return self._desk.page(
            asked, "authorize.html", shop=request.merchant, name=request.application.name,
            scopes=[str(one.words) for one in request.scopes.values()],
            notices=[one.text for one in notices.values()], days=GRANT_DAYS,
            shown={purpose.value: one.hash.hex() for purpose, one in notices.items()},
        )  # fmt: skip

    def _request(self, asked: Asked) -> _Request:
        """Read what is asked; nobody is sent anywhere before its address is known to be the shop's.

        Raises:
            ApplicationNotFound: there is no such application.
            RequestInvalid: something of it is not as the shop registered it.

        """
        given = asked.request.query_params
        application = self._site.pay.applications.application(
            ApplicationId(given.get("app_id", ""))
        )
        names = [one for one in given.get("scope", "").split(",") if one]
        redirect = given.get("redirect_uri", "")
        known = self._site.pay.applications.return_addresses(application.id)
        is_right = redirect in known and names and set(names) <= set(SCOPES)
        if not is_right or application.standing is not Standing.ACTIVE:
            raise RequestInvalid(
                _(
                    "This is not asked as the shop has registered it. Nothing was told. Go back to it."
                ),
                field="redirect_uri",
            )
        merchant = self._site.pay.merchants.merchant(application.merchant)
        scopes = {name: SCOPES[name] for name in names}
        return _Request(application, merchant, scopes, redirect, given.get("state", "")[:256])

    def _notices(self, request: _Request) -> dict[Purpose, Notice]:
        """Give what a person reads before they agree to each purpose.

        Raises:
            PurposeNotStarted: the operator does not do that.

        """
        purposes = self._site.consent.purposes
        return {
            one.purpose: purposes.notice(one.purpose, current_locale())
            for one in request.scopes.values() if one.purpose is not None
        }  # fmt: skip

    def decide(self, asked: Asked) -> Response:
        """Agree or refuse, and go back to the shop with the answer."""
        request, me = self._request(asked), asked.me.person
        returning, at, scope = self._desk.returning, self._desk.now, ",".join(request.scopes)
        if not asked.field("agreed"):
            back = returning.of_refusal(request.redirect, request.application, request.state)
            return self._desk.page(asked, "authorized.html", back=back, agreed=False)
        for purpose in self._notices(request):
            self._grant(asked, request.merchant, purpose)
        code = returning.of_authorization(
            request.redirect, request.application, me, scope, request.state, at
        )
        return self._desk.page(asked, "authorized.html", back=code, agreed=True)

    def _grant(self, asked: Asked, merchant: Merchant, purpose: Purpose) -> None:
        consent, recipient = self._site.consent, CollectorId(merchant.id)
        with suppress(StoreConflict):  # it has been registered before
            consent.collectors.register(recipient, CollectorKind.MERCHANT, merchant.name)
        consent.grants.grant_consent(
            BasisId(new_id()), subject=asked.me.person, purpose=purpose,
            categories=Category.SCORE, until=self._desk.now + timedelta(days=GRANT_DAYS),
            notice_hash=bytes.fromhex(asked.field(purpose.value)), recipient=recipient,
            method="authorization page",
        )  # fmt: skip
