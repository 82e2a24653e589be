"""All of one's payments, month by month: looked for by a word, by their direction, and by time."""

from datetime import date, datetime, timedelta

from babel.dates import format_skeleton
from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.kernel.i18n import current_locale
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who
from counterfoil.web.payments import Line, line_of


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""

    def show(asked: Asked) -> Response:
        """Show one month's payments, those that were asked for; older ones are a month away."""
        given, zone = asked.request.query_params, desk.site.wallets.calendar.zone
        word, kind = given.get("q", "").strip(), given.get("kind", "")
        first = _month(given.get("month", "")) or desk.now.astimezone(zone).date().replace(day=1)
        last = (first + timedelta(days=31)).replace(day=1)
        since, until = (datetime(one.year, one.month, 1, tzinfo=zone) for one in (first, last))
        found = desk.site.wallets.payments(asked.me, since, until)
        lines = sorted((line_of(desk.site, one) for one in found), key=lambda one: -one.seq)
        wallets = desk.site.wallets.wallets(asked.me.person)
        return desk.page(
            asked, "past.html", word=word, kind=kind, month=f"{first:%Y-%m}",
            name=format_skeleton("yMMMM", first, locale=current_locale()),
            lines=[one for one in lines if _is_wanted(one, word, kind)],
            older=f"{first - timedelta(days=1):%Y-%m}"
            if any(one.opened_at < since for one in wallets) else "",
        )  # fmt: skip

    return [desk.route("/wallet/past", show, who=Who.PERSON)]


def _month(text: str) -> date | None:
    try:
        return date.fromisoformat(f"{text}-01")
    except ValueError:
        return None


def _is_wanted(line: Line, word: str, kind: str) -> bool:
    direction = "held" if line.is_hold else "in" if line.is_incoming else "out"
    return kind in {"", direction} and word.casefold() in f"{line.who} {line.what}".casefold()
