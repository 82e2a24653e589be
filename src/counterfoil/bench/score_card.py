"""A card of drawn outcomes: what everybody's scores take from features, and one live score from payments."""

import time
from statistics import median
from typing import Final

import numpy as np
import pyarrow as pa

from counterfoil.bench.events import AS_OF_US, DAY_US, YEAR_DAYS
from counterfoil.ledger import Side
from counterfoil.money import currency_by_code
from counterfoil.score.features import FEATURES, catalogue_hash
from counterfoil.score.judged import judge
from counterfoil.score.model import Model, model_of
from counterfoil.score.payments import PAYMENTS
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.table import Numbers, Table, checked

LEARNED_MAX: Final = 30_000
LIVE_PAYMENTS: Final = 5_000
LIVE_RUNS: Final = 25
_EUR: Final = currency_by_code("EUR")


def measured(found: pa.Table) -> dict[str, float]:
    """Learn a card from some, score everybody, and judge one person live, with the explanation."""
    columns = {one.name: Numbers(one.name, found[one.name].to_numpy()) for one in FEATURES}
    model = _model(_learned(columns, min(LEARNED_MAX, found.num_rows)))
    started = time.perf_counter()
    scores = model.card.scores(columns)
    seconds = time.perf_counter() - started
    assert len(scores) == found.num_rows
    return {"scoring_seconds": seconds, "card_columns": len(model.card.items),
            "live_ms": _live_ms(model)}  # fmt: skip


def _learned(columns: dict[str, Numbers], rows: int) -> Table:
    some = np.arange(rows)
    learned = {name: column.take(some) for name, column in columns.items()}
    spent = np.nan_to_num(learned["outflow_90"].values)
    chance = np.where(spent > np.median(spent), 0.3, 0.1)
    return checked(learned.values(), np.random.default_rng(1).random(rows) < chance)


def _model(table: Table) -> Model:
    return model_of(
        fit_scorecard(table, Settings()), table, name="drawn", version=1,
        made_at="2026-01-05T09:00:00Z", currency=_EUR.code, catalogue=catalogue_hash(),
    )  # fmt: skip


def _live_ms(model: Model) -> float:
    payments = _payments(LIVE_PAYMENTS)
    times = []
    for _run in range(LIVE_RUNS):
        started = time.perf_counter()
        (judged,) = judge(model, payments, [1], AS_OF_US)
        times.append(time.perf_counter() - started)
        assert judged.payments == LIVE_PAYMENTS
    return median(times) * 1e3


def _payments(count: int) -> pa.Table:
    """Draw one person's year, as a reader of history is given it."""
    chance = np.random.default_rng(2)
    at = np.sort(AS_OF_US - chance.integers(1, YEAR_DAYS * DAY_US, count))
    change = chance.integers(1, 3_000, count) * chance.choice([-1, 1], count)
    fixed = {
        "subject": 1,
        "account": 1,
        "currency": _EUR.numeric,
        "flags": 0,
        "code": 0,
        "resolves": 0,
    }
    drawn = {
        "number": np.arange(1, count + 1),
        "occurred_at": at,
        "side": np.where(change > 0, int(Side.CREDIT), int(Side.DEBIT)),
        "amount": np.abs(change),
        "other": chance.integers(1, 60, count),
        "balance": np.cumsum(change),
    }
    columns = {**{name: np.full(count, value) for name, value in fixed.items()}, **drawn}
    return pa.table(
        [pa.array(columns[field.name]).cast(field.type) for field in PAYMENTS], schema=PAYMENTS
    )
