"""Following the log and reading beside the writer, from this process and from another."""

import threading
from itertools import pairwise

import numpy as np
import pytest

from counterfoil.kernel.database import Database
from counterfoil.ledger import LedgerReader, Request, feed, post_pending_transfer, store
from counterfoil.ledger.layout import Records
from tests.ledger.given import (
    OtherProcess,
    eur,
    fresh,
    hold,
    log_of,
    meddle,
    new_account,
    pay,
    village,
)

PATIENCE_S = 60
"""A heartbeat so slow that only the bell can have woken the follower in time."""

FOLLOW = f"""
feed._HEARTBEAT_MS = {PATIENCE_S} * 1000
reader = LedgerReader.open(url)
def seen(after, last):
    stop, seqs = threading.Event(), []
    for part in reader.follow(after, stop):
        seqs += part["seq"].tolist()
        if seqs[-1] >= last:
            stop.set()
    return seqs
"""


def test_followers_in_this_process_see_each_row_once(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """From wherever they begin, while the writer writes, followers get every row in order."""
    monkeypatch.setattr(feed, "_HEARTBEAT_MS", PATIENCE_S * 1000)
    monkeypatch.setattr(feed, "PART_ROWS", 7)
    v = village(database_url)
    seen: dict[int, list[int]] = {0: [], 3: [], 40: []}

    def follow(after: int) -> None:
        stop = threading.Event()
        for part in v.ledger.follow(after, stop):
            seen[after] += part["seq"].tolist()
            if seen[after][-1] >= 60:
                stop.set()

    with v.ledger as ledger:
        v.fund(v.alice, 100)
        threads = [threading.Thread(target=follow, args=(after,)) for after in seen]
        for thread in threads:
            thread.start()
        while ledger.seq < 60:
            ledger.post_each([pay(v.alice, v.bob, 1) for _ in range(1 + ledger.seq % 3)])
        for thread in threads:
            thread.join(PATIENCE_S // 2)
            assert not thread.is_alive()
    for after, seqs in seen.items():
        assert seqs == list(range(after + 1, seqs[-1] + 1))


def test_a_follower_in_another_process_sees_each_row_once(database_url: str) -> None:
    """Another process is woken by the database and gets every row in order, as they are written."""
    v = village(database_url)
    with v.ledger as ledger, OtherProcess(database_url) as other:
        v.fund(v.alice, 1000)
        other.run(FOLLOW)
        for after, last in ((0, 41), (20, 81)):
            other.tell("ask", f"seen({after}, {last})")
            while ledger.seq < last:
                ledger.post(pay(v.alice, v.bob, 1))
            assert other.answer() == list(range(after + 1, last + 1))


def test_a_follower_ends_when_it_is_told_to(database_url: str) -> None:
    """Setting the event ends a follower that waits, and one that has rows left to read."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        stop = threading.Event()
        thread = threading.Thread(target=lambda: list(ledger.follow(1, stop)))
        thread.start()
        stop.set()
        thread.join(10)
        assert not thread.is_alive()
        assert list(ledger.follow(0, stop)) == []


def test_rows_say_what_happened(database_url: str) -> None:
    """A follower has the whole row: accounts, amount, both balances, the rows before it."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        ledger.post(pay(v.alice, v.bob, 30, code=5))
        row = log_of(ledger)[1]
        told = {name: int(row[name]) for name in row.dtype.names if name[:2] not in {"id", "at"}}
        assert told == {
            "seq": 2,
            "reference_hi": 0,
            "reference_lo": 0,
            "amount": 30,
            "debit_previous": 1,
            "credit_previous": 0,
            "debit_balance": 970,
            "credit_balance": 30,
            "subject": 0,
            "expires_at": 0,
            "asked": 0,
            "debit_account": v.alice,
            "credit_account": v.bob,
            "code": 5,
            "flags": 0,
        }


def test_a_reader_in_another_process_keeps_up(database_url: str) -> None:
    """Transfers, openings, freezes and closings reach a reader in another process at once."""
    v = village(database_url)
    with v.ledger as ledger, OtherProcess(database_url) as other:
        other.run("reader = LedgerReader.open(url)")
        v.fund(v.alice, 1000)
        assert other.ask(f"reader.balances({v.alice}).credits_posted") == 1000
        carol = ledger.open_account(new_account())
        ledger.post(pay(v.alice, carol, 10))
        assert other.ask(f"reader.balances({carol}).balance.minor") == 10
        assert other.ask("[reader.seq, reader.account_count]") == [2, 4]
        assert other.ask(f"reader.account({carol}).debits_frozen") is False
        ledger.freeze(carol, debits=True)
        assert other.ask(f"reader.account({carol}).debits_frozen") is True
        ledger.unfreeze(carol, debits=True)
        ledger.close_account(ledger.open_account(new_account()))
        assert other.ask(f"reader.account({carol}).debits_frozen") is False
        assert other.ask("reader.account(5).is_closed") is True
        assert other.ask("reader.verify().difference") is None
        missing = other.ask("reader.balances(77)")
        assert missing == "NotFound: There is no account 77."


def test_a_reader_shows_only_what_is_durable(database_url: str) -> None:
    """A transfer that is written and not yet committed is seen by no reader."""
    v = village(database_url)
    with v.ledger as ledger, LedgerReader.open(database_url) as reader:
        v.fund(v.alice, 1000)
        may_commit, arrived = threading.Event(), threading.Event()

        def commit(database: Database) -> None:
            arrived.set()
            assert may_commit.wait(20)
            database.commit()

        meddle(ledger, commit)
        future = ledger.submit(Request((pay(v.alice, v.bob, 100),)))
        assert arrived.wait(20)
        assert reader.balances(v.bob).balance == eur(0)
        assert reader.seq == 1
        assert not future.done()
        may_commit.set()
        assert future.result(20)[0].seq == 2
        assert reader.balances(v.bob).balance == eur(100)


def test_a_reader_beside_a_busy_writer_is_never_confused(database_url: str) -> None:
    """While accounts are opened and paid in the same breath, a reader always adds up."""
    v = village(database_url)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            carol = v.ledger.open_account(new_account())
            v.ledger.post(pay(v.mint, carol, 3))

    with v.ledger:
        thread = threading.Thread(target=work)
        thread.start()
        with LedgerReader.open(database_url) as reader:
            seqs: list[int] = []
            while len(seqs) < 150:
                lines = reader.trial_balance()
                assert sum(line.debits_posted - line.credits_posted for line in lines) == 0
                seqs.append(reader.seq)
            assert all(a <= b for a, b in pairwise(seqs))
            assert reader.verify().difference is None
        stop.set()
        thread.join()
    assert seqs[-1] > seqs[0]


def test_rows_at_hand_are_the_rows_of_the_log(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Who keeps up is handed rows, who falls behind reads them, and both get the same."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        stop, handed, read = threading.Event(), [], []
        asked = counted(monkeypatch)
        feed_of_rows = ledger.follow(0, stop)
        handed.append(next(feed_of_rows))
        assert len(asked) == 1
        for _ in range(5):
            ledger.post_each([pay(v.alice, v.bob, 3) for _ in range(4)])
        ledger.post(held := hold(v.alice, v.bob, 5))
        ledger.post(post_pending_transfer(fresh(), subject=held.id, amount=eur(2)))
        while handed[-1]["seq"][-1] < ledger.seq:
            handed.append(next(feed_of_rows))
        assert len(asked) == 1, "rows at hand are not read again"
        monkeypatch.setattr(feed, "KEPT_ROWS", 3)
        ledger.post_each([pay(v.alice, v.bob, 1) for _ in range(5)])
        handed.append(next(feed_of_rows))
        assert len(asked) == 2
        stop.set()
        read.append(log_of(ledger))
        assert np.concatenate(handed).tolist() == np.concatenate(read).tolist()


def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Note from where the log is read."""
    asked: list[int] = []
    rows_after = store.rows_after

    def note(database: Database, seq: int, limit: int) -> Records:
        asked.append(seq)
        return rows_after(database, seq, limit)

    monkeypatch.setattr(store, "rows_after", note)
    return asked
