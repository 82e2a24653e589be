"""Pages out of templates: HTML that is escaped by default, in the reader's language."""

from datetime import datetime
from typing import Any

from babel.dates import format_date, format_datetime, format_time, get_timezone
from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from counterfoil.kernel.i18n import _, current_locale, ngettext
from counterfoil.money import ExchangeRate, Label, Money, format_money, format_rate
from counterfoil.qr import Origin
from counterfoil.qr.symbol import Symbol
from counterfoil.web.assets import Assets
from counterfoil.web.language import LANGUAGES


class Renderer:
    """Renders templates; it knows no page."""

    def __init__(self, assets: Assets, origin: Origin) -> None:
        self._environment = Environment(
            loader=PackageLoader("counterfoil.web"),
            autoescape=True,
            undefined=StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
            keep_trailing_newline=True,
        )
        self._environment.globals |= {
            "_": _,
            "ngettext": ngettext,
            "asset": assets.url,
            "origin": origin.url,
            "languages": LANGUAGES,
        }
        self._environment.filters |= {
            "money": money,
            "number": number,
            "spoken": spoken,
            "rate": rate,
            "day": day,
            "date": date,
            "grouped": grouped,
            "clock": clock,
            "instant": instant,
            "symbol": symbol,
        }

    def html(self, template: str, **values: Any) -> str:
        """Render a template."""
        return self._environment.get_template(template).render(values)


def money(amount: Money) -> str:
    """Write an amount with its currency."""
    return format_money(amount, current_locale())


def number(amount: Money) -> str:
    """Write an amount without its currency."""
    return format_money(amount, current_locale(), label=Label.NONE)


def spoken(amount: Money) -> str:
    """Write an amount for a screen reader: digits and the currency's code."""
    return f"{number(amount)} {amount.currency.code}"


def rate(exchanged: ExchangeRate) -> str:
    """Write a rate of exchange."""
    return format_rate(exchanged, current_locale())


def day(at: datetime, zone: str = "UTC") -> str:
    """Write a day in full."""
    return str(format_date(at.astimezone(get_timezone(zone)), "full", locale=current_locale()))


def date(at: datetime, zone: str = "UTC") -> str:
    """Write a day briefly."""
    return str(format_date(at.astimezone(get_timezone(zone)), "medium", locale=current_locale()))


def clock(at: datetime, zone: str = "UTC") -> str:
    """Write the time of day."""
    return str(format_time(at, "short", tzinfo=get_timezone(zone), locale=current_locale()))


def instant(at: datetime, zone: str = "UTC") -> str:
    """Write a day and a time."""
    zoned = get_timezone(zone)
    return str(format_datetime(at, "medium", tzinfo=zoned, locale=current_locale()))


def grouped(number: object) -> str:
    """Write a long number in groups of four, as people copy it."""
    text = str(number)
    return " ".join(text[start : start + 4] for start in range(0, len(text), 4))


def symbol(drawn: Symbol, label: str) -> Markup:
    """Draw a symbol in the page; its label is escaped where it is drawn."""
    return Markup(drawn.svg(label))  # noqa: S704
