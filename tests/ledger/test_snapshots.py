"""A snapshot makes opening fast and is never believed over the log."""

import json
import logging
import zlib
from collections.abc import Callable

import numpy as np
import pytest

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import Ledger, LedgerDamaged, post_pending_transfer, snapshot, store, writer
from counterfoil.ledger.state import State
from tests.ledger.given import (
    EVER,
    SECOND,
    START,
    clock,
    crash,
    damage,
    eur,
    fresh,
    hold,
    new_account,
    pay,
    village,
)
from tests.ledger.test_reads import live_busily


def state_of(url: str) -> State:
    with connect(url, writes=False) as database:
        return snapshot.load_state(database).state


def assert_same(one: State, other: State) -> None:
    """Compare what two states mean, whatever slot or place each thing has."""
    assert (one.seq, one.account_count, one.clock_us) == (
        other.seq,
        other.account_count,
        other.clock_us,
    )
    count = one.account_count + 1
    assert (one.accounts[:count] == other.accounts[:count]).all()
    ours, theirs = (np.sort(s.open_holds, order="seq") for s in (one, other))
    assert (ours == theirs).all()
    assert len(ours) > 0
    assert (one.pending_marks == other.pending_marks).all()


def forget_snapshot(url: str) -> None:
    damage(url, "DELETE FROM snapshot WHERE part <> 'marks'")


@pytest.mark.parametrize("tail", [0, 500])
def test_a_snapshot_and_what_came_after_make_the_same_memory_as_the_log(
    database_url: str, tail: int
) -> None:
    """Balances, holds, marks, rules: restored and replayed are equal in every array."""
    time = clock()
    v = village(database_url, time)
    live_busily(v, time, 900)
    carol = v.ledger.open_account(new_account())
    v.ledger.freeze(carol, credits=True)
    v.ledger.save_snapshot()
    if tail:
        v.ledger.freeze(carol, debits=True)
        v.ledger.close_account(v.ledger.open_account(new_account()))
        live_busily(v, time, 900 + tail)
    live = v.ledger._writer.state
    crash(v.ledger)
    restored = state_of(database_url)
    forget_snapshot(database_url)
    replayed = state_of(database_url)
    # A freeze has a time of its own, which the log's rows do not say.
    replayed.clock_us = restored.clock_us = live.clock_us
    assert_same(restored, replayed)
    assert_same(restored, live)


def reseal(database: Database, change: Callable[[dict[str, object]], None]) -> None:
    data = store.get_snapshot(database, "meta", 0)
    assert data is not None
    meta = json.loads(data.partition(b" ")[2])
    change(meta)
    text = json.dumps(meta).encode()
    store.put_snapshot(database, "meta", 0, b"%08x %s" % (zlib.crc32(text), text))


def spoil(part: str, place: int) -> Callable[[Database], None]:
    def change(database: Database) -> None:
        data = bytearray(store.get_snapshot(database, part, 0) or b"")
        data[place] ^= 1
        store.put_snapshot(database, part, 0, bytes(data))

    return change


SPOILED: dict[str, tuple[Callable[[Database], None], str]] = {
    "a flipped bit in the accounts": (spoil("accounts", 60), "accounts 0"),
    "a flipped bit in the holds": (spoil("holds", 9), "holds"),
    "a flipped bit in the head": (spoil("meta", 30), "its head"),
    "no head worth the name": (
        lambda database: store.put_snapshot(database, "meta", 0, b"\xff\x00"),
        "its head",
    ),
    "an older version": (
        lambda database: reseal(database, lambda meta: meta.update(version=0)),
        "version 0",
    ),
    "missing accounts": (
        lambda database: reseal(database, lambda meta: meta.update(account_count=9)),
        "the number of accounts",
    ),
    "a missing piece": (
        lambda database: store.put_snapshot(database, "holds", 0, b""),
        "holds",
    ),
}


@pytest.mark.parametrize("how", SPOILED)
def test_a_snapshot_that_is_not_sound_is_set_aside(
    database_url: str, how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """It is said in a warning, the ledger opens right from the log, and the next one is sound."""
    change, part = SPOILED[how]
    v = village(database_url)
    v.fund(v.alice, 1000)
    held = hold(v.alice, v.bob, 30)
    v.ledger.post(held)
    v.ledger.close()
    with connect(database_url, writes=True) as database:
        change(database)
        database.commit()
    with Ledger.open(database_url) as ledger:
        warning = f"The snapshot is not sound ({part}); reading the whole log instead."
        assert caplog.messages == [warning]
        assert ledger.balances(v.alice).available == eur(970)
        ledger.post(post_pending_transfer(fresh(), subject=held.id))
        assert ledger.verify().is_sound
    caplog.clear()
    with Ledger.open(database_url) as ledger:
        assert (caplog.messages, ledger.balances(v.bob).balance) == ([], eur(30))


def test_a_sound_snapshot_is_used(database_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Opening reads the rows after the snapshot and no others."""
    v = village(database_url)
    v.fund(v.alice, 1000)
    v.ledger.save_snapshot()
    v.ledger.post(pay(v.alice, v.bob, 1))
    crash(v.ledger)
    read: list[int] = []
    rows_after = store.rows_after

    def watched(database: Database, seq: int, limit: int) -> object:
        read.append(seq)
        return rows_after(database, seq, limit)

    monkeypatch.setattr(store, "rows_after", watched)
    with Ledger.open(database_url) as ledger:
        assert ledger.balances(v.bob).balance == eur(1)
    assert read == [1]


def test_a_log_that_is_shorter_than_its_snapshot_is_damaged(database_url: str) -> None:
    """When acknowledged rows are gone, the ledger does not open as if nothing had been."""
    v = village(database_url)
    v.fund(v.alice, 5)
    v.fund(v.alice, 6)
    v.ledger.close()
    damage(database_url, "DELETE FROM transfers WHERE seq = 2")
    with pytest.raises(LedgerDamaged, match="ends at row 1, and a snapshot was saved at row 2"):
        Ledger.open(database_url)


def test_snapshots_are_saved_as_the_log_grows(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After each so many rows one is saved; only what changed since the last is written again."""
    monkeypatch.setattr(writer, "SNAPSHOT_EVERY", 100)
    v = village(database_url)
    v.ledger.post_each([pay(v.mint, v.alice, 1) for _ in range(250)])
    assert v.ledger._writer._snapshot_seq == 250
    assert not v.ledger._writer.state.touched.any()
    v.ledger.post_each([pay(v.mint, v.alice, 1) for _ in range(99)])
    assert v.ledger._writer._snapshot_seq == 250
    crash(v.ledger)
    with Ledger.open(database_url) as ledger:
        assert ledger._writer._snapshot_seq == 250
        assert ledger.balances(v.alice).balance == eur(349)


@pytest.mark.parametrize("snapshot_every", [300, 1 << 20], ids=["snapshots", "no snapshots"])
@pytest.mark.parametrize("marks_max", [2, 4096], ids=["marks stored", "marks kept"])
def test_marks_are_neither_doubled_nor_lost(
    database_url: str, monkeypatch: pytest.MonkeyPatch, snapshot_every: int, marks_max: int
) -> None:
    """Stored or not, over closing, crashes and snapshots: each 256th transfer has one mark."""
    monkeypatch.setattr(writer, "SNAPSHOT_EVERY", snapshot_every)
    monkeypatch.setattr(writer, "MARKS_IN_MEMORY_MAX", marks_max)
    time = clock()
    v = village(database_url, time)
    ledger = v.ledger
    for count, ends in ((400, crash), (130, crash), (1, Ledger.close), (700, crash), (200, crash)):
        time.advance(SECOND)
        ledger.post_each([pay(v.mint, v.alice, 1) for _ in range(count)])
        ends(ledger)
        ledger = Ledger.open(database_url, clock=time)
    with ledger:
        assert ledger.verify().difference is None
        ledger.save_snapshot()
        assert ledger.verify().difference is None
        with connect(database_url, writes=False) as database:
            marks = store.every_mark(database)
        assert sorted(marks["seq"]) == [k for k in range(256, 1431, 256) for _ in range(2)]
        for seconds, balance in ((2, 400), (3, 530), (4, 531), (5, 1231)):
            at = START + seconds * SECOND
            assert ledger.balances_at(v.alice, at).balance == eur(balance)
            assert ledger.statement(v.alice, at, EVER).opening == eur(balance)


@pytest.mark.parametrize("how_it_ends", [Ledger.close, crash], ids=["closed", "crashed"])
def test_open_holds_and_their_expiries_outlive_the_ledger(
    database_url: str, how_it_ends: Callable[[Ledger], None]
) -> None:
    """A hold is open after reopening, can be posted, and expires when its time has come."""
    time = clock()
    v = village(database_url, time)
    v.fund(v.alice, 100)
    brief, lasting = hold(v.alice, v.bob, 30, START + 5 * SECOND), hold(v.alice, v.bob, 20)
    v.ledger.post(brief)
    v.ledger.post(lasting)
    how_it_ends(v.ledger)
    with Ledger.open(database_url, clock=time) as ledger:
        assert ledger.balances(v.alice).available == eur(50)
        assert ledger._writer.state.next_expiry_us() == to_us(START + 5 * SECOND)
    time.advance(5 * SECOND)
    with Ledger.open(database_url, clock=time) as ledger:
        ledger.release_due()
        assert ledger.balances(v.alice).available == eur(80)
        ledger.post(post_pending_transfer(fresh(), subject=lasting.id))
        assert ledger.balances(v.bob).balance == eur(20)
        assert ledger.verify().is_sound


def full(database: Database, state: State, last_change: int) -> None:
    store.put_snapshot(database, "accounts", 0, b"half of it")
    raise StoreUnavailable("The disk is full.")


def test_a_snapshot_that_cannot_be_saved_loses_nothing(
    database_url: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """The batch stays acknowledged, the ledger says so in its log and goes on."""
    monkeypatch.setattr(writer, "SNAPSHOT_EVERY", 10)
    v = village(database_url)
    with v.ledger as ledger, caplog.at_level(logging.WARNING):
        with monkeypatch.context() as patch:
            patch.setattr(writer, "save_snapshot", full)
            ledger.post_each([pay(v.mint, v.alice, 1) for _ in range(12)])
        assert caplog.messages == ["The snapshot at row 12 could not be saved."]
        v.fund(v.alice, 1)
        assert ledger.balances(v.alice).balance == eur(13)
        assert ledger._writer._snapshot_seq == 13
        assert ledger.verify().is_sound
