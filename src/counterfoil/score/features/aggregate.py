"""Aggregates: exact whole numbers over a person's events before the cutoff.

`events` are one row a posting, with `back`: how many whole minutes before the cutoff it happened,
`lasted`: how many minutes the balance before it had stood, `was`: that balance, and `since`: how many
minutes after the last event of its kind it came. What moves between one's own accounts counts for
the balance and for nothing else, so that sending money in a circle changes no feature. `months` are
the events of thirty days each, counted back from the cutoff, for the last twelve.

Minutes, and not microseconds, so that a balance times its time fits into 64 bits up to ten billion.
"""

from typing import Final

from counterfoil.score.features.event import OBLIGATIONS, EventKind

MINUTE_US: Final = 60_000_000
DAY_MINUTES: Final = 1440
MONTH_DAYS: Final = 30
WINDOWS: Final = (7, 30, 90, 365)
"""Days."""
YEAR_DAYS: Final = 365
MONTH_COUNT: Final = 12
NEAR_ZERO_MINOR: Final = 10_000
"""A balance below this is near zero: 100.00 in most currencies."""
LATE_DAYS: Final = 35
"""What is owed each month and comes later than this after the last time is late."""

_OWED = ", ".join(str(int(kind)) for kind in OBLIGATIONS)
_IS_OWED = f"kind IN ({_OWED}) AND change < 0"
_IS_OWN = f"kind = {EventKind.OWN:d}"
_CAME_IN = f"CASE WHEN {_IS_OWN} THEN 0 ELSE greatest(change, 0) END"
_WENT_OUT = f"CASE WHEN {_IS_OWN} THEN 0 ELSE greatest(-change, 0) END"


def _within(days: int, value: str) -> str:
    return f"sum(CASE WHEN back < {days * DAY_MINUTES} THEN {value} ELSE 0 END)"


def _if(condition: str, value: str = "1") -> str:
    return f"CASE WHEN {condition} THEN {value} ELSE 0 END"


def _latest(condition: str) -> str:
    return f"min(CASE WHEN {condition} THEN back END)"


def _over_events() -> dict[str, str]:
    income = f"kind = {EventKind.INCOME:d}"
    found = {
        "first_minute": "min(minute)",
        "last_minute": "max(minute)",
        "last_balance": "arg_max(balance, number)",
        "event_count": "count(*)",
        "income_back": _latest(f"{income} AND change > 0"),
        "inflow_back": _latest(f"NOT {_IS_OWN} AND change > 0"),
        "penalty_back": _latest(f"kind = {EventKind.PENALTY:d}"),
    }
    for days in WINDOWS:
        found |= {f"{name}_{days}": sql for name, sql in _of_window(days).items()}
    return found | _of_year(income)


def _of_window(days: int) -> dict[str, str]:
    inside = f"back < {days * DAY_MINUTES}"
    # The balance before an event stood from the event before it, or from the window's edge.
    stood = f"least(lasted, {days * DAY_MINUTES} - back)"
    cash_out = _if(f"kind = {EventKind.CASH:d} AND change < 0", "-change")
    return {
        "inflow": _within(days, _CAME_IN),
        "outflow": _within(days, _WENT_OUT),
        "count": _within(days, _if(f"NOT {_IS_OWN}")),
        "penalty": _within(days, _if(f"kind = {EventKind.PENALTY:d}")),
        "owed": _within(days, _if(_IS_OWED, "-change")),
        "cash_out": _within(days, cash_out),
        "lowest": f"min(CASE WHEN {inside} THEN balance END)",
        "balance_minutes": _within(days, f"was * {stood}"),
        "overdrawn_minutes": _within(days, _if("was < 0", stood)),
        "low_minutes": _within(days, _if(f"was < {NEAR_ZERO_MINOR}", stood)),
        "payees": f"count(DISTINCT CASE WHEN {inside} AND NOT {_IS_OWN} AND change < 0 "
                  "THEN other END)",
    }  # fmt: skip


def _of_year(income: str) -> dict[str, str]:
    """Aggregate what is owed and earned again and again, over a year."""
    is_due_again = f"{_IS_OWED} AND since IS NOT NULL"
    is_paid_again = f"{income} AND change > 0 AND since IS NOT NULL"
    late = LATE_DAYS * DAY_MINUTES
    return {
        **{
            f"{kind.name.lower()}_{YEAR_DAYS}": _within(
                YEAR_DAYS, _if(f"kind = {kind:d} AND change < 0", "-change")
            )
            for kind in OBLIGATIONS
        },
        "bill_count": _within(YEAR_DAYS, _if(is_due_again)),
        "bill_punctual": _within(YEAR_DAYS, _if(f"{is_due_again} AND since <= {late}")),
        "bill_gap": f"max(CASE WHEN back < {YEAR_DAYS * DAY_MINUTES} AND {is_due_again} "
                    "THEN since END)",
        "repaid_count": _within(YEAR_DAYS, _if(f"kind = {EventKind.REPAYMENT:d} AND change < 0")),
        "income_count": _within(YEAR_DAYS, _if(is_paid_again)),
        "income_gaps": _within(YEAR_DAYS, _if(is_paid_again, "since")),
        "income_gap_squares": _within(YEAR_DAYS, _if(is_paid_again, "since * since")),
    }  # fmt: skip


EVENT_AGGREGATES: Final = _over_events()

MONTH_SUMS: Final = {
    "inflow": "sum(greatest(change, 0))",
    "outflow": "sum(greatest(-change, 0))",
    "largest": f"max(CASE WHEN kind = {EventKind.INTEREST:d} THEN 0 ELSE greatest(change, 0) END)",
    "owes": f"max({_if(_IS_OWED)})",
}
"""Of each month, without what moves between one's own accounts; what `MONTH_AGGREGATES` are made from."""


def _square_sum(name: str) -> str:
    wide = f"CAST({name} AS DECIMAL(38, 0))"
    return f"sum({wide} * {wide})"


MONTH_AGGREGATES: Final = {
    "month_count": "count(*)",
    "month_inflow": "sum(inflow)",
    "month_inflow_squares": _square_sum("inflow"),
    "month_inflow_least": "min(inflow)",
    "month_outflow": "sum(outflow)",
    "month_outflow_squares": _square_sum("outflow"),
    "month_largest": "sum(largest)",
    "month_largest_squares": _square_sum("largest"),
    "month_owed": "sum(owes)",
    "month_deficit": "sum(CASE WHEN inflow < outflow THEN 1 ELSE 0 END)",
}
