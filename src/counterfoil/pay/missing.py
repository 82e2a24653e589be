"""What was looked for: kept when it is there, and named when it is not."""

from typing import Final, TypeVar

from counterfoil.kernel.i18n import _
from counterfoil.pay.errors import MerchantNotFound, StoreNotFound, TillNotFound

_KNOWN_MAX: Final = 100_000
K = TypeVar("K")
V = TypeVar("V")


def remember(known: dict[K, V], key: K, found: V) -> None:
    """Keep what was found, and forget everything when that has become too much."""
    if len(known) >= _KNOWN_MAX:
        known.clear()
    known[key] = found


def no_merchant() -> MerchantNotFound:
    """Say that there is no such merchant."""
    return MerchantNotFound(_("There is no such merchant. Check its number."))


def no_store() -> StoreNotFound:
    """Say that a merchant has no such store."""
    return StoreNotFound(_("The merchant has no such store. Check its number."))


def no_code() -> StoreNotFound:
    """Say that a code is no store's."""
    return StoreNotFound(_("This code is no store's. Scan it again."))


def no_till() -> TillNotFound:
    """Say that a merchant has no such till."""
    return TillNotFound(_("The merchant has no such till. Check its number."))
