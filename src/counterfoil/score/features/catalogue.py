"""The catalogue: every feature that a score may use, with its meaning.

Its hash names the list; it is written down before any fold of a validation is looked at, so that
nobody can choose features by their result. A change of meaning is a new version.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from counterfoil.kernel.i18n import lazy
from counterfoil.score.binning import Trend
from counterfoil.score.features.aggregate import (
    DAY_MINUTES,
    EVENT_AGGREGATES,
    MONTH_AGGREGATES,
    MONTH_DAYS,
    MONTH_SUMS,
    WINDOWS,
)
from counterfoil.score.features.feature import Dimension, Feature, Unit

_TENURE = f"(now_minute - first_minute) / {DAY_MINUTES}.0"


def _windowed(days: int) -> Iterator[Feature]:
    known = f"least({days}.0, {_TENURE})"
    months = f"nullif({known} / {MONTH_DAYS}.0, 0)"
    minutes = f"nullif({known} * {DAY_MINUTES}.0, 0)"
    # The balance after the last event still stands, from then or from the window's edge on.
    standing = f"least(now_minute - last_minute, {days * DAY_MINUTES})"
    mean = f"((balance_minutes_{days} + last_balance * {standing}) / {minutes})"
    lowest = f"least(coalesce(lowest_{days}, last_balance), last_balance)"
    spending = f"nullif(outflow_{days} / {months}, 0)"

    def made(
        name: str, dimension: Dimension, unit: Unit, trend: Trend, meaning: str, formula: str
    ) -> Feature:
        return Feature(
            name=f"{name}_{days}", version=1, dimension=dimension, unit=unit, trend=trend,
            meaning=_MEANINGS[meaning], formula=formula,
        )  # fmt: skip

    capacity, behavior = Dimension.CAPACITY, Dimension.BEHAVIOR
    yield made("inflow", capacity, Unit.MONEY_A_MONTH, Trend.FALLING, "inflow",
               f"inflow_{days} / {months}")  # fmt: skip
    yield made("savings", capacity, Unit.SHARE, Trend.FALLING, "savings",
               f"(inflow_{days} - outflow_{days}) / nullif(inflow_{days} * 1.0, 0)")  # fmt: skip
    yield made("balance_mean", capacity, Unit.MONEY, Trend.FALLING, "balance_mean", mean)
    yield made("balance_lowest", capacity, Unit.MONEY, Trend.FALLING, "balance_lowest", lowest)
    yield made("buffer", capacity, Unit.MONTHS, Trend.FALLING, "buffer", f"{mean} / {spending}")
    yield made("floor", capacity, Unit.MONTHS, Trend.FALLING, "floor", f"{lowest} / {spending}")
    yield made("overdrawn", behavior, Unit.DAYS, Trend.RISING, "overdrawn",
               f"(overdrawn_minutes_{days} + CASE WHEN last_balance < 0 THEN {standing} ELSE 0 END) "
               f"/ {DAY_MINUTES}.0")  # fmt: skip
    yield made("penalties", behavior, Unit.COUNT, Trend.RISING, "penalties",
               f"penalty_{days}")  # fmt: skip
    yield made("obligations", capacity, Unit.SHARE, Trend.EITHER, "obligations",
               f"owed_{days} / nullif(inflow_{days} * 1.0, 0)")  # fmt: skip
    yield made("cash_share", behavior, Unit.SHARE, Trend.EITHER, "cash_share",
               f"cash_out_{days} / nullif(outflow_{days} * 1.0, 0)")  # fmt: skip
    yield made("activity", behavior, Unit.COUNT_A_MONTH, Trend.EITHER, "activity",
               f"count_{days} / {months}")  # fmt: skip


_MEANINGS: Final = {
    "inflow": lazy("what came in, a month"),
    "savings": lazy("the share of what came in that was not spent"),
    "balance_mean": lazy("the mean balance over time"),
    "balance_lowest": lazy("the lowest balance"),
    "buffer": lazy("for how many months of spending the mean balance would last"),
    "floor": lazy("for how many months of spending the lowest balance would last"),
    "overdrawn": lazy("days on which the account was overdrawn"),
    "penalties": lazy("how often an overdraft or an unpaid debit was charged"),
    "obligations": lazy("the share of what came in that went to rent, insurance and repayments"),
    "cash_share": lazy("the share of spending that was taken out in cash"),
    "activity": lazy("payments a month"),
}


def _volatility(name: str) -> str:
    """Write a coefficient of variation over months, from exact sums."""
    spread = f"greatest(month_count * month_{name}_squares - month_{name} * month_{name}, 0)"
    return f"sqrt(CAST({spread} AS DOUBLE)) / nullif(CAST(month_{name} AS DOUBLE), 0)"


def _yearly() -> Iterator[Feature]:
    def made(
        name: str, dimension: Dimension, unit: Unit, trend: Trend, meaning: str, formula: str
    ) -> Feature:
        return Feature(name=name, version=1, dimension=dimension, unit=unit, trend=trend,
                       meaning=_YEARLY_MEANINGS[meaning], formula=formula)  # fmt: skip

    capacity, behavior = Dimension.CAPACITY, Dimension.BEHAVIOR
    each = "nullif(month_count * 1.0, 0)"
    yield made("tenure", Dimension.HISTORY, Unit.DAYS, Trend.FALLING, "tenure", _TENURE)
    yield made("inflow_volatility", capacity, Unit.RATIO, Trend.RISING, "inflow_volatility",
               _volatility("inflow"))  # fmt: skip
    yield made("outflow_volatility", behavior, Unit.RATIO, Trend.RISING, "outflow_volatility",
               _volatility("outflow"))  # fmt: skip
    yield made("wage_volatility", capacity, Unit.RATIO, Trend.RISING, "wage_volatility",
               _volatility("largest"))  # fmt: skip
    yield made("inflow_steadiness", capacity, Unit.RATIO, Trend.FALLING, "inflow_steadiness",
               "month_inflow_least * month_count / nullif(month_inflow * 1.0, 0)")  # fmt: skip
    yield made("bill_months", behavior, Unit.SHARE, Trend.FALLING, "bill_months",
               f"month_owed / {each}")  # fmt: skip
    yield made("deficit_months", behavior, Unit.SHARE, Trend.RISING, "deficit_months",
               f"month_deficit / {each}")  # fmt: skip


_YEARLY_MEANINGS: Final = {
    "tenure": lazy("since when payments are known"),
    "inflow_volatility": lazy("how much what comes in differs from month to month"),
    "outflow_volatility": lazy("how much spending differs from month to month"),
    "wage_volatility": lazy("how much the month's largest payment received differs"),
    "inflow_steadiness": lazy("the poorest month's inflow, against the mean month's"),
    "bill_months": lazy("the share of months in which rent, insurance or a repayment was paid"),
    "deficit_months": lazy("the share of months in which more went out than came in"),
}

FEATURES: Final[tuple[Feature, ...]] = (
    *(feature for days in WINDOWS for feature in _windowed(days)),
    *_yearly(),
)


def catalogue_hash(features: Sequence[Feature] = FEATURES) -> str:
    """Name a list of features by what they compute: SHA-256, in hexadecimal."""
    told = {
        "features": [[one.name, one.version, one.formula, one.trend.value] for one in features],
        "aggregates": [EVENT_AGGREGATES, MONTH_SUMS, MONTH_AGGREGATES],
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
