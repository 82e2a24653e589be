"""The catalogue: every feature that a score may use, with its meaning.

Its hash names the list; it is written down before any fold of a validation is looked at, so that
nobody can choose features by their result. A change of meaning is a new version.
"""

import json
from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import Final

from counterfoil.kernel.i18n import Message
from counterfoil.score.binning import Trend
from counterfoil.score.features.aggregate import (
    DAY_MINUTES,
    EVENT_AGGREGATES,
    MONTH_AGGREGATES,
    MONTH_DAYS,
    MONTH_SUMS,
    WINDOWS,
    YEAR_DAYS,
)
from counterfoil.score.features.feature import Dimension, Feature, Lever, Unit
from counterfoil.score.features.given import GIVEN
from counterfoil.score.features.meaning import MEANINGS

HISTORY, BEHAVIOR, CAPACITY = Dimension.HISTORY, Dimension.BEHAVIOR, Dimension.CAPACITY
RISING, FALLING, EITHER = Trend.RISING, Trend.FALLING, Trend.EITHER

_TENURE = f"(now_minute - first_minute) / {DAY_MINUTES}e0"


def _made(
    name: str, dimension: Dimension, unit: Unit, trend: Trend, formula: str, days: int,
    lever: Lever = Lever.CONDUCT,
) -> Feature:  # fmt: skip
    family = name.removesuffix(f"_{days}")
    meaning: Message = MEANINGS[family]
    return Feature(name=name, version=1, dimension=dimension, unit=unit, trend=trend,
                   meaning=meaning, formula=formula, days=days, lever=lever)  # fmt: skip


def _known(days: int) -> str:
    """Say for how many of the last days something is known."""
    return f"least({days}e0, {_TENURE})"


def _monthly(name: str, days: int) -> str:
    return f"({name}_{days} / nullif({_known(days)} / {MONTH_DAYS}e0, 0))"


def _standing(days: int) -> str:
    """Say how long the balance after the last event has stood, from then or the window's edge on."""
    return f"least(now_minute - last_minute, {days * DAY_MINUTES})"


def _mean_balance(days: int) -> str:
    minutes = f"nullif({_known(days)} * {DAY_MINUTES}e0, 0)"
    return f"((balance_minutes_{days} + last_balance * {_standing(days)}) / {minutes})"


def _share(part: str, whole: str) -> str:
    return f"CAST({part} AS DOUBLE) / nullif(CAST({whole} AS DOUBLE), 0)"


def _days_below(limit: int, name: str, days: int) -> str:
    still = f"CASE WHEN last_balance < {limit} THEN {_standing(days)} ELSE 0 END"
    return f"({name}_{days} + {still}) / {DAY_MINUTES}e0"


def _windowed(days: int) -> Iterator[Feature]:
    mean, lowest = (
        _mean_balance(days),
        f"least(coalesce(lowest_{days}, last_balance), last_balance)",
    )
    spending = f"nullif({_monthly('outflow', days)}, 0)"
    for name, dimension, unit, trend, formula in (
        ("inflow", CAPACITY, Unit.MONEY_A_MONTH, FALLING, _monthly("inflow", days)),
        ("outflow", CAPACITY, Unit.MONEY_A_MONTH, EITHER, _monthly("outflow", days)),
        ("savings", CAPACITY, Unit.SHARE, FALLING,
         _share(f"(inflow_{days} - outflow_{days})", f"inflow_{days}")),
        ("balance_mean", CAPACITY, Unit.MONEY, FALLING, mean),
        ("balance_lowest", CAPACITY, Unit.MONEY, FALLING, lowest),
        ("buffer", CAPACITY, Unit.MONTHS, FALLING, f"{mean} / {spending}"),
        ("floor", CAPACITY, Unit.MONTHS, FALLING, f"{lowest} / {spending}"),
        ("overdrawn", BEHAVIOR, Unit.DAYS, RISING, _days_below(0, "overdrawn_minutes", days)),
        ("near_zero", BEHAVIOR, Unit.DAYS, RISING, _days_below(10_000, "low_minutes", days)),
        ("penalties", BEHAVIOR, Unit.COUNT, RISING, f"penalty_{days}"),
        ("obligations", CAPACITY, Unit.SHARE, EITHER, _share(f"owed_{days}", f"inflow_{days}")),
        ("cash_share", BEHAVIOR, Unit.SHARE, EITHER,
         _share(f"cash_out_{days}", f"outflow_{days}")),
        ("activity", BEHAVIOR, Unit.COUNT_A_MONTH, EITHER, _monthly("count", days)),
        ("payees", BEHAVIOR, Unit.COUNT, EITHER, f"payees_{days}"),
    ):  # fmt: skip
        yield _made(f"{name}_{days}", dimension, unit, trend, formula, days)


def _volatility(count: str, total: str, squares: str) -> str:
    """Write a coefficient of variation from exact sums."""
    spread = f"greatest({count} * {squares} - {total} * {total}, 0)"
    return f"sqrt(CAST({spread} AS DOUBLE)) / nullif(CAST({total} AS DOUBLE), 0)"


def _of_months(name: str) -> str:
    return _volatility("month_count", f"month_{name}", f"month_{name}_squares")


def _yearly() -> Iterator[Feature]:
    income_gaps = (
        "income_count",
        "CAST(income_gaps AS DECIMAL(38, 0))",
        "CAST(income_gap_squares AS DECIMAL(38, 0))",
    )
    year = YEAR_DAYS
    for name, dimension, unit, trend, formula in (
        ("inflow_volatility", CAPACITY, Unit.RATIO, RISING, _of_months("inflow")),
        ("outflow_volatility", BEHAVIOR, Unit.RATIO, RISING, _of_months("outflow")),
        ("wage_volatility", CAPACITY, Unit.RATIO, RISING, _of_months("largest")),
        ("inflow_steadiness", CAPACITY, Unit.RATIO, FALLING,
         _share("month_inflow_least * month_count", "month_inflow")),
        ("income_irregularity", CAPACITY, Unit.RATIO, RISING, _volatility(*income_gaps)),
        ("bill_months", BEHAVIOR, Unit.SHARE, FALLING, _share("month_owed", "month_count")),
        ("bills_on_time", BEHAVIOR, Unit.SHARE, FALLING, _share("bill_punctual", "bill_count")),
        ("bill_gap", BEHAVIOR, Unit.DAYS, RISING, f"bill_gap / {DAY_MINUTES}e0"),
        ("deficit_months", BEHAVIOR, Unit.SHARE, RISING, _share("month_deficit", "month_count")),
        ("rent_share", CAPACITY, Unit.SHARE, EITHER, _share("rent_365", "inflow_365")),
        ("insurance_share", CAPACITY, Unit.SHARE, EITHER, _share("insurance_365", "inflow_365")),
        ("repayment_share", CAPACITY, Unit.SHARE, EITHER, _share("repayment_365", "inflow_365")),
        ("inflow_trend", CAPACITY, Unit.RATIO, FALLING,
         f"{_monthly('inflow', 90)} / nullif({_monthly('inflow', year)}, 0)"),
        ("outflow_trend", BEHAVIOR, Unit.RATIO, EITHER,
         f"{_monthly('outflow', 90)} / nullif({_monthly('outflow', year)}, 0)"),
        ("balance_trend", CAPACITY, Unit.RATIO, FALLING,
         f"CASE WHEN {_mean_balance(year)} > 0 THEN {_mean_balance(30)} / {_mean_balance(year)} END"),
    ):  # fmt: skip
        yield _made(name, dimension, unit, trend, formula, year)


def _lasting() -> Iterator[Feature]:
    for name, dimension, unit, trend, formula, lever in (
        ("tenure", HISTORY, Unit.DAYS, FALLING, _TENURE, Lever.TIME),
        ("repayments", HISTORY, Unit.COUNT, FALLING, "repaid_count", Lever.CONDUCT),
        ("inflow_recency", CAPACITY, Unit.DAYS, RISING, f"inflow_back / {DAY_MINUTES}e0",
         Lever.CONDUCT),
        ("income_recency", CAPACITY, Unit.DAYS, RISING, f"income_back / {DAY_MINUTES}e0",
         Lever.CONDUCT),
        ("penalty_recency", BEHAVIOR, Unit.DAYS, FALLING, f"penalty_back / {DAY_MINUTES}e0",
         Lever.TIME),
    ):  # fmt: skip
        yield _made(name, dimension, unit, trend, formula, 0, lever)


FEATURES: Final[tuple[Feature, ...]] = (
    *(feature for days in WINDOWS for feature in _windowed(days)),
    *_yearly(),
    *_lasting(),
)
FEATURE_BY_NAME: Final = {feature.name: feature for feature in (*FEATURES, *GIVEN)}


def catalogue_hash(features: Sequence[Feature] = FEATURES) -> str:
    """Name a list of features by what they compute: SHA-256, in hexadecimal."""
    told = {
        "features": [[one.name, one.version, one.formula, one.trend.value] for one in features],
        "aggregates": [EVENT_AGGREGATES, MONTH_SUMS, MONTH_AGGREGATES],
    }
    return sha256(json.dumps(told, sort_keys=True).encode()).hexdigest()
