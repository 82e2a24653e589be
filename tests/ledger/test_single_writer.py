"""One writer at a time, whatever becomes of it."""

import threading
from functools import partial

import psycopg
import pytest

from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import Ledger, LedgerInUse, LedgerReader, NotFound, Transfer
from tests.ledger.given import (
    EVER,
    START,
    OtherProcess,
    eur,
    fresh,
    new_account,
    pay,
    village,
    wait_until,
)
from tools.local_postgres import LocalPostgres


def test_a_second_writer_is_refused_in_the_same_process(database_url: str) -> None:
    """A ledger that is open for writing cannot be opened for writing again, until it is closed."""
    with Ledger.open(database_url):
        for _ in range(2):
            with pytest.raises(LedgerInUse, match=r"already writes to .*; stop it first"):
                Ledger.open(database_url)
    Ledger.open(database_url).close()


def test_a_second_writer_is_refused_from_another_process(database_url: str) -> None:
    """Another process is refused by name, may read meanwhile, and may write afterwards."""
    v = village(database_url)
    with OtherProcess(database_url) as other:
        with v.ledger:
            v.fund(v.alice, 5)
            refusal = other.ask("Ledger.open(url).seq")
            assert refusal.startswith("LedgerInUse: ")
            assert "already writes" in refusal
            assert other.ask("LedgerReader.open(url).seq") == 1
        other.run("ledger = Ledger.open(url)")
        assert other.ask(f"ledger.balances({v.alice}).balance.minor") == 5
        with pytest.raises(LedgerInUse) as refused:
            Ledger.open(database_url)
        assert refused.value.is_transient
        other.run("ledger.close()")
    Ledger.open(database_url).close()


def test_the_lock_goes_when_its_holder_is_killed(database_url: str) -> None:
    """After SIGKILL the ledger opens for writing, with all that was acknowledged."""
    v = village(database_url)
    v.ledger.close()
    with OtherProcess(database_url) as other:
        other.run("ledger = Ledger.open(url)")
        other.run("eur = currency_by_code('EUR')")
        payment = "Transfer(id=new_id(), debit_account=1, credit_account=2, amount=Money(3, eur))"
        assert other.ask(f"[ledger.post({payment})[0].seq for _ in range(20)]")[-1] == 20
        other.kill()
        opened: list[Ledger] = []

        def opens() -> bool:  # PostgreSQL takes a moment to see that the client is gone
            try:
                opened.append(Ledger.open(database_url))
            except LedgerInUse:
                return False
            return True

        wait_until(opens)
    with opened[0] as ledger:
        assert (ledger.seq, ledger.balances(v.alice).balance) == (20, eur(60))
        assert ledger.verify().is_sound


def test_a_closed_ledger_stays_closed(database_url: str) -> None:
    """Nothing opens a closed ledger behind its owner's back: it answers that it is closed."""
    v = village(database_url)
    v.ledger.close()
    v.ledger.close()
    for ask in (
        lambda: v.ledger.post(pay(v.mint, v.alice, 1)),
        lambda: v.ledger.balances(v.alice),
        lambda: v.ledger.transfer(fresh()),
        lambda: v.ledger.open_account(new_account()),
        lambda: v.ledger.close_account(v.alice),
        v.ledger.save_snapshot,
    ):
        with pytest.raises(RuntimeError, match="the ledger is closed"):
            ask()
    Ledger.open(database_url).close()


TERMINATE = """
SELECT count(pg_terminate_backend(pid, 5000)) FROM pg_stat_activity
WHERE datname = 'test' AND pid <> pg_backend_pid()
"""


def terminate_everyone(postgres: LocalPostgres) -> None:
    with psycopg.connect(postgres.url, autocommit=True) as connection:
        connection.execute(TERMINATE)


def has_grown(collection: set[object], size: int) -> bool:
    return len(collection) > size


def test_a_writer_whose_connection_is_terminated_loses_nothing(postgres: LocalPostgres) -> None:
    """PostgreSQL ends the connections again and again; what was acknowledged is there, once."""
    v = village(postgres.emptied_database("test"))
    acknowledged: set[object] = set()
    unknown: list[Transfer] = []
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            payment = pay(v.mint, v.alice, 1)
            try:
                acknowledged.add(v.ledger.post(payment)[0].id)
            except StoreUnavailable:
                unknown.append(payment)

    with v.ledger as ledger:
        thread = threading.Thread(target=work)
        thread.start()
        for done in range(4):
            wait_until(partial(has_grown, acknowledged, 20 * (done + 1)))
            terminate_everyone(postgres)
        stop.set()
        thread.join(20)
        assert unknown
        for payment in unknown:
            for _ in range(2):
                try:
                    acknowledged.add(ledger.post(payment)[0].id)
                    break
                except StoreUnavailable:
                    continue
        assert ledger.seq == len(acknowledged)
        assert ledger.balances(v.alice).balance == eur(len(acknowledged))
        assert ledger.verify().is_sound


def test_readers_come_back_after_their_connection_is_terminated(postgres: LocalPostgres) -> None:
    """A read on a lost connection says that it is unavailable; the next one is answered."""
    url = postgres.emptied_database("test")
    v = village(url)
    with v.ledger as ledger, LedgerReader.open(url) as reader:
        v.fund(v.alice, 5)
        terminate_everyone(postgres)
        for reads in (ledger, reader):
            with pytest.raises(StoreUnavailable):
                reads.transfer(fresh())
            with pytest.raises(NotFound):
                reads.transfer(fresh())
            assert reads.statement(v.alice, START, EVER).closing == eur(5)
        payment = pay(v.alice, v.bob, 2)
        with pytest.raises(StoreUnavailable):
            ledger.post(payment)
        assert ledger.post(payment)[0].seq == 2
        assert reader.balances(v.bob).balance == eur(2)


def test_a_follower_says_that_its_connection_is_lost(postgres: LocalPostgres) -> None:
    """A follower whose connections end raises, so that whoever runs it can begin again."""
    url = postgres.emptied_database("test")
    v = village(url)
    with v.ledger, LedgerReader.open(url) as reader:
        v.fund(v.alice, 5)
        feed = reader.follow(0)
        assert len(next(feed)) == 1
        terminate_everyone(postgres)
        with pytest.raises(StoreUnavailable):
            next(feed)
        assert len(next(reader.follow(0))) == 1
