"""Aggregates: exact whole numbers over a person's events before the cutoff.

`events` are one row a posting, with `back`: how many whole minutes before the cutoff it happened,
`lasted`: how many minutes the balance before it had stood, and `was`: that balance. `months` are the
events of thirty days each, counted back from the cutoff, for the last twelve.

Minutes, and not microseconds, so that a balance times its time fits into 64 bits up to ten billion.
"""

from typing import Final

from counterfoil.score.features.event import OBLIGATIONS, EventKind

MINUTE_US: Final = 60_000_000
DAY_MINUTES: Final = 1440
MONTH_DAYS: Final = 30
WINDOWS: Final = (30, 90, 365)
"""Days."""
MONTH_COUNT: Final = 12

_OWED = ", ".join(str(int(kind)) for kind in OBLIGATIONS)


def _within(days: int, value: str) -> str:
    return f"sum(CASE WHEN back < {days * DAY_MINUTES} THEN {value} ELSE 0 END)"


def _over_events() -> dict[str, str]:
    found = {
        "first_minute": "min(minute)",
        "last_minute": "max(minute)",
        "last_balance": "arg_max(balance, number)",
        "event_count": "count(*)",
        "income_count": f"sum(CASE WHEN kind = {EventKind.INCOME:d} THEN 1 ELSE 0 END)",
    }
    for days in WINDOWS:
        inside, penalty = f"back < {days * DAY_MINUTES}", f"kind = {EventKind.PENALTY:d}"
        # The balance before an event stood from the event before it, or from the window's edge.
        stood = f"least(lasted, {days * DAY_MINUTES} - back)"
        found |= {
            f"inflow_{days}": _within(days, "greatest(change, 0)"),
            f"outflow_{days}": _within(days, "greatest(-change, 0)"),
            f"count_{days}": _within(days, "1"),
            f"penalty_{days}": _within(days, f"CASE WHEN {penalty} THEN 1 ELSE 0 END"),
            f"owed_{days}": _within(
                days, f"CASE WHEN kind IN ({_OWED}) AND change < 0 THEN -change ELSE 0 END"
            ),
            f"cash_out_{days}": _within(
                days,
                f"CASE WHEN kind = {EventKind.CASH:d} AND change < 0 THEN -change ELSE 0 END",
            ),
            f"lowest_{days}": f"min(CASE WHEN {inside} THEN balance END)",
            f"balance_minutes_{days}": _within(days, f"was * {stood}"),
            f"overdrawn_minutes_{days}": _within(
                days, f"CASE WHEN was < 0 THEN {stood} ELSE 0 END"
            ),
        }
    return found


EVENT_AGGREGATES: Final = _over_events()

MONTH_SUMS: Final = {
    "inflow": "sum(greatest(change, 0))",
    "outflow": "sum(greatest(-change, 0))",
    "largest": f"max(CASE WHEN kind <> {EventKind.INTEREST:d} THEN greatest(change, 0) ELSE 0 END)",
    "owes": f"max(CASE WHEN kind IN ({_OWED}) AND change < 0 THEN 1 ELSE 0 END)",
}
"""Of each month; what `MONTH_AGGREGATES` are made from."""


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
