"""How amounts are said in this room's sentences: as the reader's locale writes them."""

from counterfoil.kernel.i18n import current_locale
from counterfoil.money import Money, format_money


def said(amount: Money) -> str:
    """Write an amount with its currency, as the reader's locale does."""
    return format_money(amount, current_locale())
