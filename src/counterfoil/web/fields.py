"""What was typed into a form, and what our own pages have written into one, read back."""

from typing import Final
from uuid import UUID

from counterfoil.kernel.i18n import _, current_locale
from counterfoil.money import Money, currency_by_code, parse_money
from counterfoil.qr import CodeUnreadable
from counterfoil.wallet import AmountInvalid
from counterfoil.web.asked import Asked

MINOR_DIGITS_MAX: Final = 15


def typed_amount(asked: Asked, currency: str) -> Money:
    """Read an amount that was typed into a form.

    Raises:
        MoneyError: it is no amount.
        AmountInvalid: it is not more than nothing.

    """
    amount = parse_money(
        asked.field("amount"), current_locale(), currency=asked.field("currency") or currency
    )
    if amount.minor <= 0:
        raise AmountInvalid(_("An amount is more than nothing."))
    return amount


def exact_amount(asked: Asked) -> Money:
    """Read back an amount that our own page has written into a form.

    Raises:
        CodeUnreadable: the form has been changed.

    """
    minor = asked.field("minor")
    if not (minor.isascii() and minor.isdigit() and len(minor) <= MINOR_DIGITS_MAX):
        raise _unreadable()
    return Money(int(minor), currency_by_code(asked.field("currency")))


def _unreadable() -> CodeUnreadable:
    return CodeUnreadable(_("This form cannot be read. Open the page again."))


def form_id(text: str) -> UUID:
    """Read back an id that our own page has written into a form.

    Raises:
        CodeUnreadable: the form has been changed.

    """
    try:
        return UUID(text)
    except ValueError as error:
        raise _unreadable() from error
