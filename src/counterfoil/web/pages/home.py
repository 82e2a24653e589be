"""The first page, and the switch of languages."""

from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute

from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk
from counterfoil.web.language import COOKIE, by_tag

_YEAR_S = 365 * 24 * 60 * 60


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""

    def home(asked: Asked) -> Response:
        return desk.page(asked, "home.html", signed_in=asked.signed_in)

    def side_by_side(asked: Asked) -> Response:
        """Show a till beside a phone, each as on a device of its own."""
        return desk.page(asked, "side-by-side.html")

    def language(asked: Asked) -> Response:
        """Remember a language, and go back to where the reader was."""
        response = RedirectResponse(asked.back, 303)
        if chosen := by_tag(asked.field("language")):
            response.set_cookie(
                COOKIE, chosen.tag, max_age=_YEAR_S, httponly=True, samesite="lax",
                secure=desk.is_secure,
            )  # fmt: skip
        return response

    return [
        desk.route("/", home),
        desk.route("/side-by-side", side_by_side),
        desk.route("/language", language, methods=("POST",)),
    ]
