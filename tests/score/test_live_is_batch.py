"""One person alone and among others: the same features, to the bit, and the same score."""

import numpy as np
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.ledger import Side
from counterfoil.money import currency_by_code
from counterfoil.score.features import EventKind
from counterfoil.score.judged import Judged, judge
from counterfoil.score.payments import AGREEMENT_CODES, PAYMENTS
from tests.score.people import DAY_US, NOW_US, crowd_model

EUR = currency_by_code("EUR")
KINDS = [kind for kind in EventKind if kind is not EventKind.OTHER]
Paid = tuple[int, int, int, int]

paid = st.tuples(
    st.integers(1, 500),  # days ago
    st.integers(-300_000, 300_000).filter(bool),
    st.sampled_from([0, *(AGREEMENT_CODES + int(kind) for kind in KINDS)]),
    st.integers(1, 5),
)
histories = st.lists(st.lists(paid, max_size=40), min_size=1, max_size=5)


def payments(subject: int, history: list[Paid], filler: int) -> list[tuple[int, ...]]:
    """Lay out somebody's payments: those that were drawn, among monthly ones, so that there is a score."""
    drawn = [(day, change, code, other) for day, change, code, other in history]
    monthly = [(30 * month + 2, 100_000 + filler, AGREEMENT_CODES + int(EventKind.INCOME), 9)
               for month in range(14)]  # fmt: skip
    rows: list[tuple[int, ...]] = []
    balance = 0
    for number, (day, change, code, other) in enumerate(
        sorted([*drawn, *monthly], key=lambda one: -one[0]), start=1
    ):
        balance += change
        side = Side.CREDIT if change > 0 else Side.DEBIT
        at = NOW_US - day * DAY_US + number
        rows.append((subject, subject + 1, number, at, int(side), abs(change), EUR.numeric, 0, code,
                     other, 0, balance))  # fmt: skip
    return rows


def table(rows: list[tuple[int, ...]]) -> pa.Table:
    """Lay rows out as the gate does."""
    columns = list(zip(*rows, strict=True))
    return pa.table([pa.array(column, field.type)
                     for column, field in zip(columns, PAYMENTS, strict=True)], schema=PAYMENTS)  # fmt: skip


def bits(judged: Judged) -> tuple[object, ...]:
    """Tell all that came out, numbers as their bits."""
    told = judged.explained
    inputs = {name: None if value is None else np.float64(value).tobytes()
              for name, value in judged.inputs.items()}  # fmt: skip
    return inputs, told and (told.score, told.low, told.high), judged.payments, judged.days


@given(histories=histories, seed=st.integers(0, 1000))
@settings(max_examples=25, deadline=None)
def test_alone_and_among_others_a_person_gets_the_same_to_the_bit(
    histories: list[list[Paid]], seed: int
) -> None:
    """A live score is the monthly run's score, whoever else is in the run and in whatever order."""
    model = crowd_model()
    people = [payments(subject, history, subject) for subject, history in enumerate(histories)]
    mixed = [row for rows in people for row in rows]
    np.random.default_rng(seed).shuffle(mixed)
    together = judge(
        model, table([tuple(map(int, row)) for row in mixed]), range(len(people)), NOW_US
    )
    for subject, rows in enumerate(people):
        (alone,) = judge(model, table(rows), [subject], NOW_US)
        assert bits(alone) == bits(together[subject])
