"""Compute a score again from one's own export, with Python alone: nothing to install, nothing to trust.

    python3 recompute.py score.json

The file holds the payments that a score was made from, the model, and what was said. This program
computes every feature from the payments in plain loops, looks the points up in the model and adds
them. It shares no code with the operator's programs, and says whether it comes to the same number.
"""

import json
import sys
from hashlib import sha256
from math import sqrt
from typing import Any

MINUTE_US, DAY, MONTH = 60_000_000, 1440, 30
WINDOWS = (7, 30, 90, 365)
NEAR_ZERO, LATE = 10_000, 35 * DAY
INCOME, RENT, INSURANCE, REPAYMENT, INTEREST, PENALTY, CASH, OWN = 1, 2, 3, 4, 6, 7, 8, 9
OWED = {RENT, INSURANCE, REPAYMENT}
Values = dict[str, Any]


class Event:
    """One payment: when, what it did to the balance, the balance after it, its kind, the other."""

    def __init__(self, occurred_at: int, change: int, balance: int, kind: int, other: int) -> None:
        self.minute = occurred_at // MINUTE_US
        self.occurred_at, self.change, self.balance = occurred_at, change, balance
        self.kind, self.other = kind, other
        self.since: int | None = None
        """Minutes since the last event of the same kind."""
        self.came_in = 0 if kind == OWN else max(change, 0)
        self.went_out = 0 if kind == OWN else max(-change, 0)
        self.is_owed = kind in OWED and change < 0


def features_of(rows: list[list[int]], as_of: int) -> Values:
    """Compute every feature at an instant, from payments in their order; None is "not known"."""
    seen = [Event(*row) for row in rows if row[0] < as_of]
    if not seen:
        return {}
    last_of_kind: dict[int, int] = {}
    for event in seen:
        if event.kind in last_of_kind:
            event.since = event.minute - last_of_kind[event.kind]
        last_of_kind[event.kind] = event.minute
    now = as_of // MINUTE_US
    found: Values = {}
    for days in WINDOWS:
        for name, value in window(seen, now, days).items():
            found[f"{name}_{days}"] = value
    found.update(months(seen, now))
    found.update(year(seen, now))
    found.update(trends(found))
    return found


def window(seen: list[Event], now: int, days: int) -> Values:
    """Compute what is told of the last so many days."""
    first, last = seen[0].minute, seen[-1].minute
    edge, balance = now - days * DAY, seen[-1].balance
    inside = [event for event in seen if event.minute > edge]
    known_days = min(float(days), (now - first) / DAY)
    in_months, minutes = known_days / MONTH, known_days * DAY
    inflow = sum(event.came_in for event in inside)
    outflow = sum(event.went_out for event in inside)
    area = overdrawn = low = 0
    for before, event in zip(seen, seen[1:]):
        if event.minute <= edge:
            continue
        stood = event.minute - max(before.minute, edge)
        was = event.balance - event.change
        area += was * stood
        overdrawn += stood if was < 0 else 0
        low += stood if was < NEAR_ZERO else 0
    standing = now - max(last, edge)
    mean = over(area + balance * standing, minutes)
    lowest = min([event.balance for event in inside] + [balance])
    spending = over(outflow, in_months)
    counted = [event for event in inside if event.kind != OWN]
    owed = sum(-event.change for event in inside if event.is_owed)
    cash = sum(-event.change for event in inside if event.kind == CASH and event.change < 0)
    return {
        "inflow": over(inflow, in_months),
        "outflow": spending,
        "savings": over(inflow - outflow, inflow),
        "balance_mean": mean,
        "balance_lowest": lowest,
        "buffer": over(mean, spending),
        "floor": over(lowest, spending),
        "overdrawn": (overdrawn + (standing if balance < 0 else 0)) / DAY,
        "near_zero": (low + (standing if balance < NEAR_ZERO else 0)) / DAY,
        "penalties": sum(event.kind == PENALTY for event in inside),
        "obligations": over(owed, inflow),
        "cash_share": over(cash, outflow),
        "activity": over(len(counted), in_months),
        "payees": len({event.other for event in counted if event.change < 0}),
    }


def months(seen: list[Event], now: int) -> Values:
    """Compute what is told of months of thirty days, counted back from the instant."""
    by_month: dict[int, list[Event]] = {}
    for event in seen:
        back = now - event.minute
        if back < 12 * MONTH * DAY and event.kind != OWN:
            by_month.setdefault(back // (MONTH * DAY), []).append(event)
    if not by_month:
        return {}
    inflow = [sum(event.came_in for event in month) for month in by_month.values()]
    outflow = [sum(event.went_out for event in month) for month in by_month.values()]
    largest = [
        max(0 if event.kind == INTEREST else event.came_in for event in month)
        for month in by_month.values()
    ]
    count = len(by_month)
    return {
        "inflow_volatility": volatility(inflow),
        "outflow_volatility": volatility(outflow),
        "wage_volatility": volatility(largest),
        "inflow_steadiness": over(min(inflow) * count, sum(inflow)),
        "bill_months": sum(any(e.is_owed for e in month) for month in by_month.values()) / count,
        "deficit_months": sum(i < o for i, o in zip(inflow, outflow)) / count,
    }


def year(seen: list[Event], now: int) -> Values:
    """Compute what is told of the last year, and of all that is known."""
    inside = [event for event in seen if now - event.minute < 365 * DAY]
    inflow = sum(event.came_in for event in inside)
    again = [event.since for event in inside if event.is_owed and event.since is not None]
    paid = [e for e in inside if e.kind == INCOME and e.change > 0 and e.since is not None]

    def share(kind: int) -> float | None:
        return over(sum(-e.change for e in inside if e.kind == kind and e.change < 0), inflow)

    def latest(events: list[Event]) -> int | None:
        return min((now - event.minute for event in events), default=None)

    return {
        "income_irregularity": volatility([event.since or 0 for event in paid]),
        "bills_on_time": over(sum(since <= LATE for since in again), len(again)),
        "bill_gap": over(max(again, default=None), DAY),
        "rent_share": share(RENT),
        "insurance_share": share(INSURANCE),
        "repayment_share": share(REPAYMENT),
        "tenure": (now - seen[0].minute) / DAY,
        "repayments": sum(event.kind == REPAYMENT and event.change < 0 for event in inside),
        "inflow_recency": over(latest([e for e in seen if e.came_in > 0]), DAY),
        "income_recency": over(latest([e for e in seen if e.kind == INCOME and e.change > 0]), DAY),
        "penalty_recency": over(latest([e for e in seen if e.kind == PENALTY]), DAY),
    }


def trends(found: Values) -> Values:
    """Hold what is recent against the year."""
    mean = found["balance_mean_365"]
    return {
        "inflow_trend": over(found["inflow_90"], found["inflow_365"]),
        "outflow_trend": over(found["outflow_90"], found["outflow_365"]),
        "balance_trend": over(found["balance_mean_30"], mean) if mean and mean > 0 else None,
    }


def volatility(values: list[int]) -> float | None:
    """Compute the standard deviation, as a share of the mean."""
    spread = len(values) * sum(value * value for value in values) - sum(values) ** 2
    return over(sqrt(float(max(spread, 0))), sum(values))


def over(value: float | None, by: float | None) -> float | None:
    """Divide as a database does; nothing by something, or something by nothing, is not known."""
    return None if value is None or not by else float(value) / float(by)


def points_of(item: dict[str, Any], value: float | str | None) -> int:
    """Look up the points of one value in one column of the card."""
    points: list[int] = item["points"]
    *known, missing, unseen = points
    if value is None:
        return missing
    if item["groups"]:
        return next((one for group, one in zip(item["groups"], known) if value in group), unseen)
    place = sum(value >= cut for cut in item["cuts"])
    return known[int(place)]


def score_of(model: dict[str, Any], values: Values) -> tuple[list[tuple[str, int]], int]:
    """Give the lines of a card, and the score that they add up to."""
    lines = [("", model["base_points"])]
    lines += [(one["column"], points_of(one, values.get(one["column"]))) for one in model["items"]]
    total = sum(points for _name, points in lines)
    score = min(max(total, model["scale"]["low"]), model["scale"]["high"])
    if score != total:
        lines.append(("limits", score - total))
    return lines, score


def main(path: str) -> int:
    """Compute the score of a file again, print it line by line, and say whether it is the same."""
    with open(path, encoding="utf-8") as file:
        told = json.load(file)
    model = told["model"]
    text = json.dumps(model, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    values = features_of(told["payments"], told["as_of"])
    values.update(told["given"])
    lines, score = score_of(model, values)
    for name, points in lines:
        value = values.get(name)
        shown = (
            "" if value is None else f"{value:.10g}" if isinstance(value, (int, float)) else value
        )
        print(f"{points:+6d}  {name or 'base':<24} {shown}")
    print(f"{score:6d}  in all; you were told {told['score']}")
    is_same = score == told["score"]
    if sha256(text.encode()).hexdigest() != told["model_hash"]:
        print("The model in this file is not the one whose hash you were given.")
        is_same = False
    print("The same." if is_same else "NOT the same: contest it.")
    return 0 if is_same else 1


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("Usage: python3 recompute.py score.json")
    sys.exit(main(sys.argv[1]))
