"""Amounts as people write them: printed and read by the customs of a locale.

`format_money` and `parse_money` are inverses: what one prints the other reads back, in every
locale and for every currency. Reading is strict. A person who types `1.23` where a point groups
thousands may mean 1,23 or 123, and a wallet that guesses is wrong by a factor of a hundred; so
the text is refused with the way it is written in that locale.

Words: the *label* is the sign or code of the currency beside the number.
"""

import unicodedata
from enum import StrEnum
from fractions import Fraction
from typing import Final

from counterfoil.money.amount import Money, require_precision
from counterfoil.money.convention import (
    Convention,
    convention_of,
    fold_label,
    labels_of,
    strip_bidi,
)
from counterfoil.money.currency import Currency, as_currency, currency_by_code
from counterfoil.money.decimal_text import MAX_LENGTH, is_digits, shorten
from counterfoil.money.errors import (
    AmbiguousAmount,
    CurrencyMismatch,
    UnknownCurrency,
    UnreadableAmount,
)
from counterfoil.money.rate import ExchangeRate
from counterfoil.money.rounding import Rounding

_ASCII_DIGITS: Final = "0123456789"
_RATE_DIGITS: Final = 6
"""As many as the European Central Bank gives its rates."""
_NO_BREAK_SPACE: Final = "\u00a0"
_MINUS_SIGNS: Final = ("-", "\u2212")
_APOSTROPHES: Final = "'\u2019"
_POINTS: Final = ".,\u066b\u066c\u060c"


class Label(StrEnum):
    """What stands beside the number."""

    SYMBOL = "symbol"
    """The locale's sign for the currency, or its code where the locale has none."""
    CODE = "code"
    """The ISO 4217 code: for statements and whenever two dollars could meet."""
    NONE = "none"
    """Nothing: for a column or a field that names the currency elsewhere."""


def format_money(amount: Money, locale: str, *, label: Label = Label.SYMBOL) -> str:
    """Write an amount as a locale does, with every digit its currency has.

    `locale` is a CLDR name (de_DE) or a BCP 47 tag (de-DE).

    Raises:
        UnknownLocale: CLDR has no such locale.

    """
    convention = convention_of(locale)
    number = _format_number(amount, convention)
    if label is Label.NONE:
        return convention.minus + number if amount.minor < 0 else number
    code = amount.currency.code
    name = code if label is Label.CODE else convention.symbol(code)
    before, after = convention.negative if amount.minor < 0 else convention.positive
    if before.endswith("¤") and _needs_space(strip_bidi(name)[-1:]):
        before += _NO_BREAK_SPACE
    if after.startswith("¤") and _needs_space(strip_bidi(name)[:1]):
        after = _NO_BREAK_SPACE + after
    return f"{before}{number}{after}".replace("¤", name)


def format_rate(rate: ExchangeRate, locale: str) -> str:
    """Write what one unit of the dearer currency is worth, to six digits or to its unit.

    Raises:
        UnknownLocale: CLDR has no such locale.

    """
    shown = rate if rate.rate >= 1 else rate.invert()
    decimals = max(_RATE_DIGITS - len(str(int(shown.rate))), 0)
    units = Rounding.HALF_EVEN.apply(shown.rate * 10**decimals)
    whole, fraction = divmod(units, 10**decimals)
    plain = f"{whole}.{fraction:0{decimals}}".rstrip("0").rstrip(".") if decimals else str(whole)
    sign = "=" if Fraction(units, 10**decimals) == shown.rate else "≈"
    number = _localized(plain, convention_of(locale))
    return f"1 {shown.base.code} {sign} {number} {shown.quote.code}"


def parse_money(text: str, locale: str, *, currency: Currency | str | None = None) -> Money:
    """Read an amount as a locale writes it, exactly or not at all.

    The currency is `currency`, or the one the text names by its code or by the locale's sign;
    where both are given they must agree. Digits may be the locale's own or ASCII. Groups may be
    left out; where they are written they must be whole. Spaces and apostrophes of any kind count
    as one another.

    Raises:
        UnreadableAmount: the text is not an amount.
        TooPrecise: it has more digits after the decimal sign than the currency.
        AmbiguousAmount: its separators could mean two things, or no currency is named.
        CurrencyMismatch: it names another currency than `currency`.
        UnknownCurrency: its label, or `currency`, is none that the locale or ISO 4217 knows.
        AmountOverflow: the amount is outside int64.
        UnknownLocale: CLDR has no such locale.

    """
    is_negative, label, core = _take_apart(text, locale)
    expected = None if currency is None else as_currency(currency)
    found = _currency_of(label, text, locale, expected)
    convention = convention_of(locale, latin=core[0] in _ASCII_DIGITS)
    whole, fraction = _read_number(core, text, convention)
    require_precision(text, len(fraction), found)
    magnitude = int(whole + fraction.ljust(found.exponent, "0"))
    return Money(-magnitude if is_negative else magnitude, found)


def _format_number(amount: Money, convention: Convention) -> str:
    return _localized(amount.plain.lstrip("-"), convention)


def _localized(plain: str, convention: Convention) -> str:
    whole, _, fraction = plain.partition(".")
    number = convention.group.join(convention.group_digits(whole))
    if fraction:
        number += convention.decimal + fraction
    return number.translate(str.maketrans(_ASCII_DIGITS, convention.digits))


def _needs_space(edge: str) -> bool:
    """Tell whether a label's edge would run into a digit (UTS #35, currency spacing)."""
    return unicodedata.category(edge)[0] not in "SZ"


def _take_apart(text: str, locale: str) -> tuple[bool, str, str]:
    """Separate sign, label and number; the number reaches from the first digit to the last."""
    plain = strip_bidi(text).strip()
    places = [place for place, letter in enumerate(plain) if letter.isdecimal()]
    if not places or len(plain) > MAX_LENGTH:
        raise _unreadable(text, locale, "is not an amount")
    head, core, tail = (
        plain[: places[0]],
        plain[places[0] : places[-1] + 1],
        plain[places[-1] + 1 :],
    )
    head, leading = _take_minus(head)
    tail, trailing = _take_minus(tail)
    # A trailing minus is read only where the locale writes one.
    negative_after = strip_bidi(convention_of(locale).negative[1])
    if trailing and not any(sign in negative_after for sign in _MINUS_SIGNS):
        raise _unreadable(text, locale, "has its minus after the number")
    if leading + trailing > 1 or (head and tail):
        raise _unreadable(text, locale, "has more than one sign or currency")
    label = head or tail
    if label and set(label) <= set(_POINTS):
        raise _unreadable(text, locale, "begins or ends with a separator")
    return leading + trailing == 1, label, core


def _take_minus(text: str) -> tuple[str, int]:
    """Take a minus from each end, where one may stand; count them."""
    inner = text.strip()
    count = 0
    if inner.startswith(_MINUS_SIGNS):
        inner, count = inner[1:], count + 1
    if inner.endswith(_MINUS_SIGNS):
        inner, count = inner[:-1], count + 1
    return fold_label(inner), count


def _currency_of(label: str, text: str, locale: str, expected: Currency | None) -> Currency:
    if not label:
        if expected is None:
            raise AmbiguousAmount(
                f"{shorten(text)} names no currency; add its code, such as EUR",
                text=text,
            )
        return expected
    code = labels_of(locale).get(label)
    if code is None:
        raise UnknownCurrency(
            f"{label!r} is no currency's code or sign in {locale}; write the code, such as EUR",
            currency=label,
        )
    found = currency_by_code(code)
    if expected is not None and expected != found:
        raise CurrencyMismatch(
            f"{shorten(text)} is in {found}; give an amount in {expected}",
            currencies=(found, expected),
        )
    return found


def _read_number(core: str, text: str, convention: Convention) -> tuple[str, str]:
    """Read the digits before and after the decimal sign, both as ASCII."""
    number = core.translate(str.maketrans(convention.digits, _ASCII_DIGITS))
    group = _unify(strip_bidi(convention.group))
    number = "".join(_unify(letter) for letter in number)
    strangers = set(number) - {*_ASCII_DIGITS, *_POINTS, convention.decimal, group, " ", "'"}
    if strangers:
        raise _unreadable(text, str(convention.locale), f"contains {min(strangers)!r}")
    whole, point, fraction = number.partition(convention.decimal)
    groups = whole.split(group)
    digits = "".join(groups)
    is_grouped_right = len(groups) == 1 or (
        groups == convention.group_digits(digits) and not digits.startswith("0")
    )
    if not is_digits(digits) or (point and not is_digits(fraction)) or not is_grouped_right:
        raise _ambiguous(text, convention)
    return digits, fraction


def _unify(letter: str) -> str:
    """Take all spaces for one and both apostrophes for one: keyboards have one of each."""
    if unicodedata.category(letter) == "Zs":
        return " "
    return "'" if letter in _APOSTROPHES else letter


def _unreadable(text: str, locale: str, what: str) -> UnreadableAmount:
    return UnreadableAmount(
        f"{shorten(text)} {what}; write an amount as in {_example(convention_of(locale))}",
        text=text[:MAX_LENGTH],
    )


def _ambiguous(text: str, convention: Convention) -> AmbiguousAmount:
    return AmbiguousAmount(
        f"The separators of {shorten(text)} are not where {convention.locale} puts them, so it "
        f"could be two amounts; write it as in {_example(convention)}",
        text=text[:MAX_LENGTH],
    )


def _example(convention: Convention) -> str:
    example = _format_number(Money(123456750, currency_by_code("EUR")), convention)
    return strip_bidi(example)
