"""What fields hold: amounts, times, durations, order numbers, people.

Amounts are yuan, the merchant's currency whatever its name, as decimal text in and out. Times are
`yyyy-MM-dd HH:mm:ss` in GMT+8, as the merchant API writes them, wherever the operator is.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from counterfoil.alipay.reading import Json, text
from counterfoil.alipay.refusal import failed, invalid

ZONE: Final = timezone(timedelta(hours=8))
TIME_FORMAT: Final = "%Y-%m-%d %H:%M:%S"
AMOUNT_MAX: Final = Decimal(100_000_000)
CLOCK_TOLERANCE: Final = timedelta(hours=14, minutes=10)
"""SDKs send the machine's local time without its zone: 14 hours is the widest offset there is."""

_AMOUNT: Final = re.compile(r"[0-9]{1,30}(\.[0-9]{1,2})?", re.ASCII)
_TIME: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2} [0-9]{2}:[0-9]{2}:[0-9]{2}", re.ASCII)
_DURATION: Final = re.compile(r"([0-9]{1,6})([mhd])", re.ASCII)
_UNITS: Final = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}
_TIMEOUT_MAX: Final = timedelta(days=15)

ORDER_NO: Final = text(64, r"[0-9A-Za-z_\-]+", "1 to 64 letters, digits and _")
TRADE_NO: Final = text(64, r"[0-9A-Za-z_\-]+", "an order number of this gateway")
SUBJECT: Final = text(256)
BODY: Final = text(400)


def amount(value: Json) -> Decimal:
    """Read an amount above nothing with at most two decimals, as text or as a number.

    Raises:
        ValueError: it is no such amount.
        Refused: it is above the limit of all payments.

    """
    found = amount_or_nothing(value)
    if not found:
        raise ValueError("an amount from 0.01")
    return found


def amount_or_nothing(value: Json) -> Decimal:
    """Read an amount that may be 0."""
    if not isinstance(value, str) or not _AMOUNT.fullmatch(value):
        raise ValueError("an amount with at most two decimals, such as 12.50")
    found = Decimal(value)
    if found > AMOUNT_MAX:
        raise failed("ACQ.TOTAL_FEE_EXCEED", f"An amount is at most {AMOUNT_MAX:.2f}.")
    return found


def time(value: Json) -> datetime:
    """Read an instant."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise ValueError("a time such as 2026-11-26 08:00:00")
    try:
        return datetime.fromisoformat(value).replace(tzinfo=ZONE).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("a time such as 2026-11-26 08:00:00") from None


def shown_time(at: datetime) -> str:
    """Write an instant as the merchant API does."""
    return f"{at.astimezone(ZONE):{TIME_FORMAT}}"


def timeout(value: Json, now: datetime) -> datetime:
    """Read until when an order may be paid: 1m to 15d from now, or 1c, the end of the day."""
    if value == "1c":
        day = now.astimezone(ZONE).replace(hour=0, minute=0, second=0, microsecond=0)
        return (day + timedelta(days=1)).astimezone(UTC)
    found = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("a duration such as 90m, 2h or 1d")
    lasts = int(found[1]) * _UNITS[found[2]]
    if not timedelta(minutes=1) <= lasts <= _TIMEOUT_MAX:
        raise ValueError("a duration from 1m to 15d")
    return now + lasts


def check_timestamp(value: str, now: datetime) -> None:
    """Check that a request was made at about this time, in whatever zone its maker lives.

    Raises:
        Refused: it is no time, or too far away. That requests are not acted on twice is the work
            of the business ids, not of this check.

    """
    try:
        at = time(value) + timedelta(hours=8)
    except ValueError:
        raise invalid("invalid-timestamp", "The timestamp is not yyyy-MM-dd HH:mm:ss.") from None
    if abs(at - now) > CLOCK_TOLERANCE:
        raise invalid(
            "invalid-timestamp", "The timestamp is too far from this gateway's clock. Set yours."
        )
