"""Features: what they mean, and that later payments never change what was."""

import re
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from counterfoil.kernel.i18n import lazy
from counterfoil.score.binning import Trend
from counterfoil.score.features import (
    CUTOFFS,
    EVENTS,
    FEATURES,
    Dimension,
    EventKind,
    EventsRefused,
    Feature,
    FeatureForbidden,
    catalogue_hash,
    compute,
)
from counterfoil.score.features.feature import FORBIDDEN, Unit
from counterfoil.score.recompute import DAY, MINUTE_US, features_of

DAY_US = DAY * MINUTE_US
NOW = 20_000 * DAY_US


@dataclass(frozen=True)
class Event:
    """One posting of one person."""

    occurred_at: int
    change: int
    balance: int
    kind: EventKind
    other: int

    @property
    def row(self) -> list[int]:
        """Lay it out as an export does."""
        return [self.occurred_at, self.change, self.balance, int(self.kind), self.other]


drawn = st.tuples(
    st.integers(1, 60 * DAY_US),
    st.integers(-500_000, 500_000).filter(bool),
    st.sampled_from(list(EventKind)),
    st.integers(1, 4),
)
histories = st.lists(drawn, max_size=25)
Drawn = list[tuple[int, int, EventKind, int]]


def history_of(drawn: Drawn, start: int = NOW - 500 * DAY_US) -> list[Event]:
    """Make a history whose balances follow from its changes."""
    made, at, balance = [], start, 0
    for gap, change, kind, other in drawn:
        at, balance = at + gap, balance + change
        made.append(Event(at, change, balance, kind, other))
    return made


def table_of(people: dict[int, list[Event]]) -> pa.Table:
    """Lay histories out as the columns that features are computed from."""
    rows = []
    for subject, history in people.items():
        alike: dict[EventKind, int] = {}
        for number, (before, event) in enumerate(zip([None, *history], history, strict=False)):
            rows.append((
                subject, number, event.occurred_at, before.occurred_at if before else None,
                alike.get(event.kind), event.change, event.balance, int(event.kind), event.other,
            ))  # fmt: skip
            alike[event.kind] = event.occurred_at
    columns = list(zip(*rows, strict=True)) if rows else [()] * len(EVENTS)
    return pa.table([pa.array(column, field.type) for column, field in
                     zip(columns, EVENTS, strict=True)], schema=EVENTS)  # fmt: skip


def cutoffs_of(*asked: tuple[int, int]) -> pa.Table:
    """Name persons and instants."""
    return pa.table([list(column) for column in zip(*asked, strict=True)], schema=CUTOFFS)


def told(events: pa.Table, subject: int, as_of: int) -> dict[str, float | None]:
    """Compute one person's features."""
    (row,) = compute(events, cutoffs_of((subject, as_of)), threads=1).to_pylist()
    return {feature.name: row[feature.name] for feature in FEATURES}


@settings(max_examples=60)
@given(histories, st.integers(NOW - 400 * DAY_US, NOW + 400 * DAY_US))
def test_they_are_what_plain_loops_give(drawn: Drawn, as_of: int) -> None:
    """The query and a page of loops agree on every feature, to the bit, of any history at any instant."""
    history = history_of(drawn)
    found = told(table_of({7: history}), 7, as_of)
    expected = features_of([event.row for event in history], as_of)
    assert set(expected) <= set(found)
    assert found == {name: expected.get(name) for name in found}


@settings(max_examples=25)
@given(histories, histories)
def test_what_comes_later_never_changes_what_was(before: Drawn, after: Drawn) -> None:
    """Adding payments at the instant or later leaves every feature of that instant as it is."""
    past = history_of(before)
    past = [event for event in past if event.occurred_at < NOW]
    balance = past[-1].balance if past else 0
    future = [
        replace(event, balance=event.balance + balance)
        for event in history_of([(0, 5, EventKind.CASH, 1), *after], start=NOW)
    ]
    assert told(table_of({7: past}), 7, NOW) == told(table_of({7: past + future}), 7, NOW)


@settings(max_examples=25)
@given(histories, histories)
def test_nobody_else_counts(hers: Drawn, his: Drawn) -> None:
    """Alice's features are the same whoever else is in the table."""
    alice, bob = history_of(hers), history_of(his)
    alone = told(table_of({1: alice}), 1, NOW)
    assert told(table_of({1: alice, 2: bob}), 1, NOW) == alone


def test_one_person_alone_has_the_features_of_the_batch(tmp_path: Path) -> None:
    """Live from memory, and for everybody from Parquet segments: the same bits."""
    rng = np.random.default_rng(3)
    people = {
        subject: history_of([
            (int(rng.integers(1, 10 * DAY_US)), int(rng.integers(-9999, 9999)) or 1,
             EventKind(int(rng.integers(0, 10))), int(rng.integers(1, 9)))
            for _ in range(60)
        ])
        for subject in range(200)
    }  # fmt: skip
    segments = []
    for part in range(4):
        segments.append(tmp_path / f"{part}.parquet")
        chosen = {subject: history for subject, history in people.items() if subject % 4 == part}
        parquet.write_table(table_of(chosen), segments[-1])
    asked = cutoffs_of(*((subject, NOW - 5 * DAY_US) for subject in people))
    batch = compute(segments, asked, threads=2).to_pylist()
    for subject in (0, 57, 199):
        live = told(table_of({subject: people[subject]}), subject, NOW - 5 * DAY_US)
        assert live == {name: batch[subject][name] for name in live}


def test_somebody_without_payments_has_nothing_to_tell() -> None:
    """Nothing is known, and nothing is made up: every feature is null."""
    assert set(told(table_of({}), 7, NOW).values()) == {None}


@pytest.mark.parametrize("word", sorted(FORBIDDEN))
def test_what_no_score_may_use_cannot_be_declared(word: str) -> None:
    """Friends, places, health, belief, birth, things bought: refused by name, singular and plural."""
    for name in (f"{word}_count", f"recent_{word}s"):
        with pytest.raises(FeatureForbidden, match=word):
            Feature(
                name=name, version=1, dimension=Dimension.BEHAVIOR, meaning=lazy("balance"),
                unit=Unit.COUNT, trend=Trend.EITHER, formula="count_30",
            )  # fmt: skip


def test_features_see_nothing_but_the_declared_columns() -> None:
    """There is no column for who the other is, a place, a shop or a thing that was bought."""
    assert EVENTS.names == [
        "subject", "number", "occurred_at", "previous_at", "alike_at", "change", "balance", "kind",
        "other",
    ]  # fmt: skip


def test_the_catalogue_has_a_name_for_each_and_a_hash_for_all() -> None:
    """No name comes twice, each is a word of SQL, and any change of any formula changes the hash."""
    names = [feature.name for feature in FEATURES]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch("[a-z_0-9]+", name) for name in names)
    assert catalogue_hash() != catalogue_hash(FEATURES[:-1])


def test_columns_that_are_not_there_are_named() -> None:
    """A table without balances, amounts that are no whole numbers, a file that is none."""
    events, asked = table_of({1: history_of([(1, 5, EventKind.CASH, 1)])}), cutoffs_of((1, NOW))
    with pytest.raises(EventsRefused, match="balance"):
        compute(events.drop_columns(["balance"]), asked)
    place = events.schema.get_field_index("change")
    with pytest.raises(EventsRefused, match="change"):
        compute(events.set_column(place, "change", pa.array([0.5])), asked)
    with pytest.raises(EventsRefused, match="segments"):
        compute([Path("nowhere.parquet")], asked)


@settings(max_examples=25)
@given(histories, st.integers(1, 10**9))
def test_money_sent_in_a_circle_changes_nothing_but_the_balance(drawn: Drawn, amount: int) -> None:
    """What goes out to one's own account and comes back is no income, no spending, no activity."""
    history = history_of(drawn, start=NOW - 200 * DAY_US)
    history = [event for event in history if event.occurred_at < NOW - DAY_US]
    balance = history[-1].balance if history else 0
    circle = [
        Event(NOW - 5 * MINUTE_US, -amount, balance - amount, EventKind.OWN, 9),
        Event(NOW - 5 * MINUTE_US, amount, balance, EventKind.OWN, 9),
    ]
    before = told(table_of({7: history}), 7, NOW)
    after = told(table_of({7: history + circle}), 7, NOW)
    same = {
        feature.name
        for feature in FEATURES
        if not feature.family.startswith(("balance", "floor", "tenure", "overdrawn", "near_zero"))
        and feature.family != "buffer"
    }
    if history:
        assert {name for name in same if before[name] != after[name]} == set()
