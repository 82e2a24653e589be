"""How amounts are said in this room's sentences, and how fields of requests are checked."""

import json
import re
from typing import Final

from counterfoil.kernel.i18n import _, current_locale
from counterfoil.money import Money, format_money
from counterfoil.pay.errors import AmountInvalid, RequestInvalid
from counterfoil.pay.order import AMOUNT_MINOR_MAX

NUMBER_MAX: Final = 64
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


def said(amount: Money) -> str:
    """Write an amount with its currency, as the reader's locale does."""
    return format_money(amount, current_locale())


def checked_amount(amount: Money) -> None:
    """Check what is to be moved.

    Raises:
        AmountInvalid: it is not more than nothing, or more than anybody pays at once.

    """
    if not 0 < amount.minor <= AMOUNT_MINOR_MAX:
        raise AmountInvalid(
            _(
                "{amount} cannot be paid: an amount is more than nothing, and at most {amount_max}.",
                amount=said(amount),
                amount_max=said(Money(AMOUNT_MINOR_MAX, amount.currency)),
            ),
            amount=amount,
        )


def checked_text(field: str, text: str, length_max: int, *, is_required: bool = False) -> None:
    """Check a text of a request: its length, and that it has no control characters.

    Raises:
        RequestInvalid: it is too long, empty where something is needed, or not plain text.

    """
    is_plain = _CONTROL.search(text) is None
    if len(text) > length_max or (is_required and not text.strip()) or not is_plain:
        raise RequestInvalid(
            _(
                "The field {field} was refused: give up to {length_max} characters of text.",
                field=field,
                length_max=length_max,
            ),
            field=field,
        )


def checked_number(field: str, number: str) -> None:
    """Check a number of the caller's own: 1 to 64 visible characters.

    Raises:
        RequestInvalid: it is none.

    """
    if not 0 < len(number) <= NUMBER_MAX or not number.isprintable() or " " in number:
        raise RequestInvalid(
            _(
                "The field {field} was refused: give 1 to {length_max} characters without spaces.",
                field=field,
                length_max=NUMBER_MAX,
            ),
            field=field,
        )


def checked_json(
    field: str, text: str, size_max: int, kind: type[list[object] | dict[str, object]]
) -> None:
    """Check JSON that is kept for the caller: its size, and that it is an array or an object.

    Raises:
        RequestInvalid: it is too large, or not that.

    """
    if not text:
        return
    try:
        fits = len(text.encode()) <= size_max and isinstance(json.loads(text), kind)
    except (ValueError, RecursionError):
        fits = False
    if not fits:
        raise RequestInvalid(
            _(
                "The field {field} was refused: give JSON, an {kind}, of up to {size_max} bytes.",
                field=field,
                kind="array" if kind is list else "object",
                size_max=size_max,
            ),
            field=field,
        )
