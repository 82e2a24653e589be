"""People with payments for the tests: drawn, with outcomes that follow from how they pay."""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa

from counterfoil.score.features import CUTOFFS, EVENTS, FEATURES, EventKind, catalogue_hash, compute
from counterfoil.score.model import Least, Model, model_of
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.table import Numbers, Table, checked

DAY_US = 86_400_000_000
NOW_US = 20_000 * DAY_US


@dataclass(frozen=True, slots=True)
class Drawn:
    """Somebody's payments as events, and how their contract went."""

    events: pa.Table
    is_bad: bool


def drawn(subject: int, rng: np.random.Generator, days: int = 400) -> Drawn:
    """Draw a year of wages, rent and shopping; who is careless runs dry more often, and is bad more."""
    care = rng.normal()
    wage = int(np.exp(rng.normal(12.2, 0.3)))
    rows: list[tuple[int, int, EventKind, int]] = []
    start = NOW_US - days * DAY_US
    for day in range(days):
        at = start + day * DAY_US
        if day % 30 == 3:
            rows.append((at + 1_000_000, wage, EventKind.INCOME, 1))
        if day % 30 == 5 and rng.random() < 0.97 + 0.02 * care:
            rows.append((at + 2_000_000, -int(wage * 0.3), EventKind.RENT, 2))
        if rng.random() < 0.5:
            spent = wage * 0.7 / 15 * np.exp(rng.normal(-0.25 * care, 0.6))
            rows.append((at + 3_000_000, -max(int(spent), 1), EventKind.OTHER,
                         int(rng.integers(3, 12))))  # fmt: skip
    is_bad = bool(rng.random() < 1 / (1 + np.exp(1.6 + 1.8 * care)))
    return Drawn(events_of(subject, rows), is_bad)


def events_of(subject: int, rows: list[tuple[int, int, EventKind, int]]) -> pa.Table:
    """Lay payments out as events: balances follow from changes."""
    told, balance = [], 0
    before: int | None = None
    alike: dict[EventKind, int] = {}
    for number, (at, change, kind, other) in enumerate(rows):
        balance += change
        told.append(
            (subject, number, at, before, alike.get(kind), change, balance, int(kind), other)
        )
        before = alike[kind] = at
    columns = list(zip(*told, strict=True)) if told else [()] * len(EVENTS)
    return pa.table([pa.array(column, field.type)
                     for column, field in zip(columns, EVENTS, strict=True)], schema=EVENTS)  # fmt: skip


@cache
def crowd(count: int = 400, seed: int = 4) -> tuple[Drawn, ...]:
    """Draw a crowd."""
    rng = np.random.default_rng(seed)
    return tuple(drawn(subject, rng) for subject in range(count))


@cache
def crowd_table() -> Table:
    """Compute the crowd's features, with their outcomes."""
    people = crowd()
    cutoffs = pa.table([list(range(len(people))), [NOW_US] * len(people)], schema=CUTOFFS)
    found = compute(pa.concat_tables([one.events for one in people]), cutoffs, threads=1)
    columns = [
        Numbers(one.name, np.array(found[one.name].to_numpy(zero_copy_only=False), np.float64))
        for one in FEATURES
    ]
    return checked(columns, np.array([one.is_bad for one in people]))


@cache
def crowd_model(version: int = 1, strength: float = 3.0, currency: str = "EUR") -> Model:
    """Learn a model from the crowd."""
    table = crowd_table()
    trends = {one.name: one.trend for one in FEATURES}
    card = fit_scorecard(table, Settings(strength=strength, bin_count_max=5, trends=trends))
    return model_of(
        card, table, name="crowd", version=version, made_at="2026-01-05T09:00:00Z",
        currency=currency, catalogue=catalogue_hash(), least=Least(days=60, payments=12),
    )  # fmt: skip


def values_of(events: pa.Table, as_of_us: int = NOW_US) -> dict[str, float | None]:
    """Compute one person's features."""
    subject = events.column("subject")[0].as_py() if events.num_rows else 0
    cutoffs = pa.table([[subject], [as_of_us]], schema=CUTOFFS)
    (row,) = compute(events, cutoffs, threads=1).to_pylist()
    return {one.name: row[one.name] for one in FEATURES}
