"""The laws of the ledger: what holds of every sequence of commands, on each store."""

from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from itertools import count

import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.ledger import (
    Balances,
    Flags,
    Limit,
    Posted,
    Refusal,
    Transfer,
    TransferRefused,
)
from counterfoil.money import Currency, Money
from tests.ledger.world import (
    ALICE,
    BOB,
    CASH,
    EUR,
    World,
    examples,
    fingerprint,
    transfer_id,
)

few = examples(6)
_steps = st.integers(2, 8)


@contextmanager
def world_on(url: str) -> Iterator[World]:
    world = World(url)
    try:
        yield world
    finally:
        world.ledger.close()


def live(world: World, data: st.DataObject) -> Iterator[None]:
    """Let things happen: batches of any kind, and time that passes; come back after each."""
    for _ in range(data.draw(_steps)):
        world.advance(timedelta(minutes=data.draw(st.sampled_from([0, 1, 4]))))
        world.post_each(data.draw(world.batches()))
        yield


def every_balance(world: World) -> dict[int, Balances]:
    return {number: world.ledger.balances(number) for number in world.oracle.accounts}


def by_currency(world: World, of: Callable[[Balances], int]) -> dict[Currency, int]:
    sums: dict[Currency, int] = defaultdict(int)
    for balances in every_balance(world).values():
        sums[balances.currency] += of(balances)
    return sums


@few
@given(data=st.data())
def test_money_is_conserved(wiped_database: str, data: st.DataObject) -> None:
    """In each currency what all accounts own and owe together is nothing, whatever happens."""
    with world_on(wiped_database) as world:
        for _ in live(world, data):
            owed = by_currency(world, lambda b: b.credits_posted - b.debits_posted)
            assert set(owed.values()) == {0}


@few
@given(data=st.data())
def test_debits_equal_credits(wiped_database: str, data: st.DataObject) -> None:
    """In each currency debits equal credits, posted and pending, also in the trial balance."""
    with world_on(wiped_database) as world:
        for _ in live(world, data):
            for side in ("posted", "pending"):
                debits = by_currency(world, lambda b, s=side: getattr(b, f"debits_{s}"))  # type: ignore[misc]
                credits_ = by_currency(world, lambda b, s=side: getattr(b, f"credits_{s}"))  # type: ignore[misc]
                assert debits == credits_
                lines = world.ledger.trial_balance()
                for currency, sum_ in debits.items():
                    mine = [line for line in lines if line.currency == currency]
                    assert sum(getattr(line, f"debits_{side}") for line in mine) == sum_
                    assert sum(getattr(line, f"credits_{side}") for line in mine) == sum_


@few
@given(data=st.data())
def test_a_limited_account_is_never_past_its_limit(
    wiped_database: str, data: st.DataObject
) -> None:
    """A wallet is never overdrawn and a loan never overpaid, holds counted against them."""
    with world_on(wiped_database) as world:
        for _ in live(world, data):
            for number, balances in every_balance(world).items():
                limit = world.ledger.account(number).limit  # type: ignore[arg-type]
                if limit is Limit.DEBITS_NOT_OVER_CREDITS:
                    assert balances.available.minor >= 0
                if limit is Limit.CREDITS_NOT_OVER_DEBITS:
                    credits_ = balances.credits_posted + balances.credits_pending
                    assert credits_ <= balances.debits_posted


@few
@given(data=st.data())
def test_no_hold_is_more_than_was_available(wiped_database: str, data: st.DataObject) -> None:
    """What a limited account holds back was available when it was held, and is what is pending."""
    with world_on(wiped_database) as world:
        for transfer in data.draw(world.batches(8)):
            alone = replace(transfer, flags=transfer.flags & ~Flags.LINKED)
            before = every_balance(world)
            outcome = world.post_each([alone])[0][0]
            debit = alone.debit_account
            is_hold = bool(alone.flags & Flags.PENDING)
            if is_hold and isinstance(outcome, Posted) and not outcome.replayed:
                limited = world.oracle.accounts[debit].new.limit is Limit.DEBITS_NOT_OVER_CREDITS
                assert not limited or outcome.amount <= before[debit].available
            held: dict[int, int] = defaultdict(int)
            for hold in world.state.open_holds:
                held[int(hold["debit_account"])] += int(hold["amount"])
            assert {n: b.debits_pending for n, b in every_balance(world).items()} == {
                number: held[number] for number in before
            }


@few
@given(data=st.data(), keeps=st.sampled_from(["nothing", "an old snapshot", "a new snapshot"]))
def test_replaying_the_log_gives_the_same_state(
    wiped_database: str, data: st.DataObject, keeps: str
) -> None:
    """Opened again from the log, with or without a snapshot, the memory is the same to the byte."""
    with world_on(wiped_database) as world:
        for place, _ in enumerate(live(world, data)):
            if keeps == "an old snapshot" and place == 1:
                world.ledger.save_snapshot()
        world.ledger.freeze(ALICE, debits=True)
        before, balances = fingerprint(world.ledger), every_balance(world)
        world.reopen(with_snapshot=keeps == "a new snapshot")
        assert fingerprint(world.ledger) == before
        assert every_balance(world) == balances
        assert world.ledger.verify().difference is None


@few
@given(data=st.data())
def test_a_chain_is_made_whole_or_not_at_all(wiped_database: str, data: st.DataObject) -> None:
    """Of linked transfers all are made or none; one alone is to blame, the others say so."""
    with world_on(wiped_database) as world:
        for _ in range(data.draw(_steps)):
            drawn = data.draw(world.batches(6))
            chain = [replace(t, flags=t.flags | Flags.LINKED) for t in drawn]
            chain[-1] = replace(chain[-1], flags=chain[-1].flags & ~Flags.LINKED)
            before = fingerprint(world.ledger)
            outcomes = world.post_each(chain)[0]
            refused = [o.refusal for o in outcomes if isinstance(o, TransferRefused)]
            assert len(refused) in {0, len(chain)}
            if refused:
                assert fingerprint(world.ledger) == before
                others = [r for r in refused if r is not Refusal.LINKED_REFUSED]
                mixed = Refusal.ID_USED_WITH_OTHER_CONTENT
                assert len(others) == 1 or set(others) == {mixed}


@few
@given(data=st.data())
def test_a_refused_transfer_changes_nothing(wiped_database: str, data: st.DataObject) -> None:
    """A batch of which all is refused leaves the memory as it was, to the byte."""
    with world_on(wiped_database) as world:
        for _ in live(world, data):
            transfer = data.draw(world.batches(1))[0]
            before, seq = fingerprint(world.ledger), world.ledger.seq
            outcome = world.post_each([transfer])[0][0]
            made = isinstance(outcome, Posted) and not outcome.replayed
            assert (fingerprint(world.ledger) == before) is not made
            assert world.ledger.seq == seq + made


@few
@given(data=st.data())
def test_an_undone_batch_leaves_the_memory_as_it_was(
    wiped_database: str, data: st.DataObject
) -> None:
    """A batch that the database could not take is undone in memory, and made when asked again."""
    with world_on(unfragmented(wiped_database)) as world:
        for _ in live(world, data):
            pass
        world.advance(timedelta(minutes=3))
        batch = [*data.draw(world.batches()), *enough_for_a_page()]
        before = fingerprint(world.ledger)
        let_the_database_fail(world)
        with pytest.raises(StoreUnavailable):
            world.ledger.post_each(batch)
        assert fingerprint(world.ledger) == before
        outcomes, answers = world.post_each(batch)
        refused = [o.refusal if isinstance(o, TransferRefused) else None for o in outcomes]
        assert refused == [a if isinstance(a, Refusal) else None for a in answers]
        assert world.ledger.seq == len(world.oracle.rows)
        assert world.ledger.verify().difference is None


def unfragmented(url: str) -> str:
    """On SQLite give a new file: it has no free pages to fall back on."""
    return url if url.startswith("postgresql") else f"{url}-{next(_files)}.db"


def enough_for_a_page() -> list[Transfer]:
    amount = Money(1, EUR)
    return [
        Transfer(id=transfer_id(n), debit_account=CASH, credit_account=BOB, amount=amount)
        for n in range(0xFADE, 0xFADE + 300)
    ]


def let_the_database_fail(world: World) -> None:
    """Let the next batch fail in earnest: no room for another page, or the connection cut off."""
    writer = world.ledger._writer.database
    if writer.dialect == "sqlite":
        writer.query("PRAGMA max_page_count = 1")  # SQLite makes that as many as there are
        writer.rollback()
        return
    pid = writer.query("SELECT pg_backend_pid()").column(0)[0].as_py()
    writer.rollback()
    with psycopg.connect(world.url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s, 5000)", (pid,))


_files = count()
