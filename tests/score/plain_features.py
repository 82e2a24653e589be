"""The features once more, in plain Python loops: slow, readable, nothing shared but the numbers."""

from dataclasses import dataclass
from math import sqrt

from counterfoil.score.features import EventKind

MINUTE, DAY, MONTH = 60_000_000, 1440, 30
OWED = {EventKind.RENT, EventKind.INSURANCE, EventKind.REPAYMENT}


@dataclass(frozen=True)
class Event:
    """One posting of one person."""

    occurred_at: int
    change: int
    balance: int
    kind: EventKind


def features_of(history: list[Event], as_of: int) -> dict[str, float | None]:
    """Compute every feature of one person at an instant, from events in their order."""
    seen = [event for event in history if event.occurred_at < as_of]
    if not seen:
        return {}
    now = as_of // MINUTE
    found: dict[str, float | None] = {"tenure": (now - seen[0].occurred_at // MINUTE) / DAY}
    for days in (30, 90, 365):
        found |= {f"{name}_{days}": value for name, value in _window(seen, now, days).items()}
    return found | _months(seen, now)


def _window(seen: list[Event], now: int, days: int) -> dict[str, float | None]:
    first, last = (seen[place].occurred_at // MINUTE for place in (0, -1))
    edge = now - days * DAY
    inside = [event for event in seen if event.occurred_at // MINUTE > edge]
    known_days = min(float(days), (now - first) / DAY)
    months, minutes = known_days / MONTH, known_days * DAY
    inflow = sum(event.change for event in inside if event.change > 0)
    outflow = -sum(event.change for event in inside if event.change < 0)
    area = overdrawn = 0
    for before, event in zip([None, *seen], seen, strict=False):
        if before is None or event.occurred_at // MINUTE <= edge:
            continue
        stood = event.occurred_at // MINUTE - max(before.occurred_at // MINUTE, edge)
        was = event.balance - event.change
        area += was * stood
        overdrawn += stood if was < 0 else 0
    standing = now - max(last, edge)
    balance = seen[-1].balance
    mean = _over(area + balance * standing, minutes)
    lowest = min([event.balance for event in inside] + [balance])
    spending = _over(outflow, months)
    owed = -sum(event.change for event in inside if event.kind in OWED and event.change < 0)
    cash = -sum(e.change for e in inside if e.kind is EventKind.CASH and e.change < 0)
    return {
        "inflow": _over(inflow, months),
        "savings": _over(inflow - outflow, inflow),
        "balance_mean": mean,
        "balance_lowest": lowest,
        "buffer": None if mean is None else _over(mean, spending),
        "floor": _over(lowest, spending),
        "overdrawn": (overdrawn + (standing if balance < 0 else 0)) / DAY,
        "penalties": sum(event.kind is EventKind.PENALTY for event in inside),
        "obligations": _over(owed, inflow),
        "cash_share": _over(cash, outflow),
        "activity": _over(len(inside), months),
    }


def _months(seen: list[Event], now: int) -> dict[str, float | None]:
    by_month: dict[int, list[Event]] = {}
    for event in seen:
        back = now - event.occurred_at // MINUTE
        if back < 12 * MONTH * DAY:
            by_month.setdefault(back // (MONTH * DAY), []).append(event)
    if not by_month:
        return {}
    inflow = [sum(max(e.change, 0) for e in month) for month in by_month.values()]
    outflow = [sum(max(-e.change, 0) for e in month) for month in by_month.values()]
    wages = [
        max([max(e.change, 0) for e in month if e.kind is not EventKind.INTEREST] + [0])
        for month in by_month.values()
    ]
    bills = [any(e.kind in OWED and e.change < 0 for e in month) for month in by_month.values()]
    count = len(by_month)
    return {
        "inflow_volatility": _volatility(inflow),
        "outflow_volatility": _volatility(outflow),
        "wage_volatility": _volatility(wages),
        "inflow_steadiness": _over(min(inflow) * count, sum(inflow)),
        "bill_months": sum(bills) / count,
        "deficit_months": sum(a < b for a, b in zip(inflow, outflow, strict=True)) / count,
    }


def _volatility(values: list[int]) -> float | None:
    spread = len(values) * sum(value * value for value in values) - sum(values) ** 2
    return _over(sqrt(max(spread, 0)), sum(values))


def _over(value: float, by: float | None) -> float | None:
    return None if not by else value / by
