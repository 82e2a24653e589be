"""What happens to residents each month: rates by class, the same under every policy.

At most one event a resident a month: the rates are small, and one 32-bit word then decides both
whether and what. The city's calendar is an assumption wherever no source is named; what matters
to a policy is how rates differ between classes, and every such slope is stated here and printed
in reports. The plain calendar is the flat one of the published spiral measurement.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.lab.population.model import AGE_LEVELS, CLASS_COUNT, INCOME_LEVELS, Calendar
from counterfoil.policy.words import EVENT_COUNT, Event

Rates = NDArray[np.float64]


CITY_RATES: Final[Mapping[Event, float]] = MappingProxyType(
    {
        Event.LATE_BILL: 0.020,
        Event.MISSED_REPAYMENT: 0.004,
        Event.TRAFFIC_FINE: 0.012,
        Event.DRUNK_DRIVING: 0.00015,
        Event.BRIBERY: 0.00004,
        Event.COURT_JUDGMENT: 0.00035,
        Event.EXAM_CHEATING: 0.0002,
        Event.CRITICAL_POST: 0.006,
        Event.ELDER_CARE: 0.010,
        Event.HELPING_THE_POOR: 0.008,
        Event.MEDIA_MENTION: 0.0003,
        Event.DONATION: 0.010,
        Event.VIDEO_GAMES: 0.030,
        Event.DIAPERS: 0.002,
        Event.ANTIDEPRESSANTS: 0.0005,
        Event.RETURNED_GOODS: 0.020,
        Event.NAME_IN_CAPITALS: 0.010,
        Event.LOAN_REQUEST: 0.010,
    }
)
"""Mean monthly rates before the slopes below. COURT_JUDGMENT is near the 7.3 million names that
China's supreme court had on its list in 2016-2019, spread over adults and years."""

CITY_SLOPES: Final[Mapping[Event, Mapping[str, tuple[float, ...]]]] = MappingProxyType(
    {
        Event.LATE_BILL: {"income": (1.9, 1.3, 0.9, 0.6, 0.3)},
        Event.MISSED_REPAYMENT: {"income": (1.9, 1.3, 0.9, 0.6, 0.3)},
        Event.COURT_JUDGMENT: {"income": (1.6, 1.2, 1.0, 0.8, 0.4)},
        Event.TRAFFIC_FINE: {"income": (0.5, 0.8, 1.0, 1.3, 1.4), "age": (1.2, 1.2, 1.0, 0.6)},
        Event.DRUNK_DRIVING: {"age": (1.3, 1.3, 1.0, 0.4)},
        Event.EXAM_CHEATING: {"age": (4.0, 0.3, 0.0, 0.0)},
        Event.CRITICAL_POST: {"age": (1.7, 1.3, 0.8, 0.3), "schooled": (0.6, 1.4)},
        Event.ELDER_CARE: {"age": (0.3, 0.9, 1.7, 1.1)},
        Event.HELPING_THE_POOR: {"income": (0.6, 0.8, 1.0, 1.2, 1.4)},
        Event.DONATION: {"income": (0.2, 0.5, 0.9, 1.3, 2.1)},
        Event.VIDEO_GAMES: {"age": (2.6, 1.1, 0.4, 0.1)},
        Event.DIAPERS: {"child": (0.1, 60.0)},
        Event.ANTIDEPRESSANTS: {"ill": (0.1, 250.0)},
        Event.RETURNED_GOODS: {"income": (1.3, 1.1, 1.0, 0.9, 0.7), "age": (1.4, 1.3, 0.8, 0.4)},
        Event.NAME_IN_CAPITALS: {"schooled": (1.6, 0.4), "age": (0.6, 0.8, 1.1, 1.5)},
        Event.LOAN_REQUEST: {"income": (1.2, 1.2, 1.0, 0.9, 0.7), "age": (1.2, 1.4, 0.9, 0.4)},
    }
)
"""By what a rate is multiplied at each level of a trait, from the lowest level up."""

PLAIN_RATES: Final[Mapping[Event, float]] = MappingProxyType(
    {
        Event.HELPING_THE_POOR: 0.05 * 5 / 16,
        Event.MEDIA_MENTION: 0.05 * 1 / 16,
        Event.ELDER_CARE: 0.05 * 2 / 16,
        Event.LATE_BILL: 0.05 * 3 / 16,
        Event.TRAFFIC_FINE: 0.05 * 1 / 16,
        Event.COURT_JUDGMENT: 0.05 * 1 / 16,
        Event.DRUNK_DRIVING: 0.05 * 2 / 16,
        Event.BRIBERY: 0.05 * 1 / 16,
    }
)
"""One event in twenty months, in sixteenths: the calendar of the spiral's measurement."""

REPAY_BY_INCOME: Final = (0.72, 0.80, 0.86, 0.91, 0.95)
"""Share of small loans repaid, by fifth of income: an assumption."""


def rates_of(calendar: Calendar) -> Rates:
    """Give monthly rates by class and event: an array of shape (CLASS_COUNT, EVENT_COUNT)."""
    rates = np.zeros((CLASS_COUNT, EVENT_COUNT))
    flat = CITY_RATES if calendar is Calendar.CITY else PLAIN_RATES
    for event, rate in flat.items():
        rates[:, event] = rate
    if calendar is Calendar.CITY:
        for event, slopes in CITY_SLOPES.items():
            for trait, factors in slopes.items():
                rates[:, event] *= np.array(factors)[levels_by_class()[trait]]
    return rates


def levels_by_class() -> dict[str, NDArray[np.int64]]:
    """Give the level of each trait for every class number."""
    number = np.arange(CLASS_COUNT)
    return {
        "income": number // (AGE_LEVELS * 8),
        "age": number // 8 % AGE_LEVELS,
        "child": number >> 2 & 1,
        "ill": number >> 1 & 1,
        "schooled": number & 1,
    }


def repay_rates() -> Rates:
    """Give the probability that a loan is repaid, by class."""
    assert len(REPAY_BY_INCOME) == INCOME_LEVELS
    return np.array(REPAY_BY_INCOME)[levels_by_class()["income"]]
