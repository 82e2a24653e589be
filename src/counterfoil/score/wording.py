"""A score's explanation in the reader's words: values with their units, reasons, changes."""

from math import isinf
from typing import Final

from babel.numbers import format_decimal, format_percent

from counterfoil.kernel.i18n import Message, _, current_locale, lazy
from counterfoil.money import Money, currency_by_code, format_money
from counterfoil.score.binning import Binning
from counterfoil.score.explanation import Change, Explained, Line, Reason, Value
from counterfoil.score.features import FEATURE_BY_NAME, Dimension, Lever, Unit
from counterfoil.score.features.feature import DIMENSION_WORDS

_NUMBERED: Final[dict[Unit, Message]] = {
    Unit.DAYS: lazy("{number} days"),
    Unit.MONTHS: lazy("{number} months"),
    Unit.COUNT_A_MONTH: lazy("{number} a month"),
}


def value_words(column: str, value: Value, currency: str) -> str:
    """Say a column's value as a person reads it."""
    if value is None:
        return _("nothing known")
    known = FEATURE_BY_NAME.get(column)
    if isinstance(value, str) or known is None:
        return str(value) if isinstance(value, str) else _number(value)
    if known.unit in {Unit.MONEY, Unit.MONEY_A_MONTH} and currency:
        return format_money(Money(round(value), currency_by_code(currency)), current_locale())
    if known.unit is Unit.SHARE:
        return str(format_percent(value, "#,##0.#%", current_locale()))
    worded = _NUMBERED.get(known.unit)
    return worded(number=_number(value)) if worded else _number(value)


def meaning_of(column: str) -> str:
    """Say what a column measures, with its window."""
    known = FEATURE_BY_NAME.get(column)
    if known is None:
        return column
    if known.days and known.name != known.family:
        return _("{meaning}, over {days} days", meaning=known.meaning, days=known.days)
    return str(known.meaning)


def range_words(column: str, low: float, high: float, currency: str) -> str:
    """Say a range of a column's values."""
    if isinf(low) and isinf(high):
        return _("anything")
    if isinf(low):
        return _("less than {high}", high=value_words(column, high, currency))
    if isinf(high):
        return _("at least {low}", low=value_words(column, low, currency))
    return _("from {low} to less than {high}", low=value_words(column, low, currency),
             high=value_words(column, high, currency))  # fmt: skip


def reason_words(explained: Explained, reason: Reason) -> str:
    """Say one principal reason, with the person's own number and the reference's."""
    line, currency = reason.line, explained.model.currency
    return _(
        "{meaning}: {value}. Of those who kept their contracts the one in the middle has {usual}. "
        "This costs {loss} points.",
        meaning=_begun(meaning_of(line.column)),
        value=value_words(line.column, line.value, currency),
        usual=_usual(explained, line),
        loss=reason.loss,
    )


def change_words(explained: Explained, change: Change) -> str:
    """Say what would raise the score, by how much, and how long it takes."""
    column, currency = change.line.column, explained.model.currency
    told = {
        "meaning": _begun(meaning_of(column)),
        "value": value_words(column, change.line.value, currency),
        "range": range_words(column, change.low, change.high, currency),
        "gain": change.gain,
        "days": change.days,
    }
    if change.lever is Lever.TIME:
        return _("{meaning}: {value}. In {days} days it is {range}, by itself: {gain} points more.",
                 **told)  # fmt: skip
    if change.days:
        return _("{meaning}: {value}. Were it {range}, the score would be {gain} points higher; what "
                 "you do from now on counts in full after {days} days.", **told)  # fmt: skip
    return _(
        "{meaning}: {value}. Were it {range}, the score would be {gain} points higher.", **told
    )


def line_words(explained: Explained, line: Line) -> tuple[str, str, str]:
    """Say a line of the card: what it measures, the person's value, and the points with their sign."""
    return (
        _begun(meaning_of(line.column)),
        value_words(line.column, line.value, explained.model.currency),
        f"{line.points:+d}",
    )


def dimension_words(dimension: Dimension | None) -> str:
    """Name a dimension."""
    return str(DIMENSION_WORDS[dimension]) if dimension else _("other columns")


def interval_words(explained: Explained) -> str:
    """Say the score and how sure it is."""
    return _("{score}, and 95 times of 100 from {low} to {high}: the less is known, the wider.",
             score=explained.score, low=explained.low, high=explained.high)  # fmt: skip


def _usual(explained: Explained, line: Line) -> str:
    """Say in which bin the reference is; several may give its points, and the nearest is told."""
    item = next(one for one in explained.model.card.items if one.binning.name == line.column)
    bins = item.binning
    places = [k for k in range(bins.bin_count + 2) if item.points[k] == line.usual]
    place = min(places, key=lambda k: abs(k - line.place))
    return _bin_words(bins, place, explained.model.currency)


def _bin_words(bins: Binning, place: int, currency: str) -> str:
    if place == bins.bin_count:
        return _("nothing known")
    if place > bins.bin_count:
        return _("something never seen")
    if bins.groups:
        return ", ".join(bins.groups[place])
    cuts = [float("-inf"), *bins.cuts, float("inf")]
    return range_words(bins.name, cuts[place], cuts[place + 1], currency)


def _number(value: float) -> str:
    return str(format_decimal(round(value, 2), "#,##0.##", current_locale()))


def _begun(text: str) -> str:
    return text[:1].upper() + text[1:]
