"""Holds give their money back by themselves when their time has come."""

from datetime import timedelta

import numpy as np
import pytest

from counterfoil.kernel.clock import SystemClock, from_us, to_us
from counterfoil.ledger import (
    Flags,
    Ledger,
    Refusal,
    TransferRefused,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.ledger.request import id_of
from tests.ledger.given import (
    SECOND,
    START,
    clock,
    crash,
    eur,
    fresh,
    hold,
    log_of,
    pay,
    village,
    wait_until,
)


def test_a_hold_expires_without_anybody_asking(database_url: str) -> None:
    """On the machine's own clock, with no traffic, the ledger writes the expiry by itself."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 100)
        expires_at = from_us(SystemClock().now_us()) + timedelta(milliseconds=300)
        placed = ledger.post(hold(v.alice, v.bob, 60, expires_at))[0]
        assert ledger.balances(v.alice).available == eur(40)
        wait_until(lambda: ledger.seq == 3)
        assert ledger.balances(v.alice).available == eur(100)
        expiry = ledger.latest(v.bob, 1)[0]
        assert (expiry.flags, expiry.subject_seq) == (Flags.EXPIRY, placed.seq)
        assert expires_at <= expiry.at < expires_at + 10 * SECOND
        with pytest.raises(TransferRefused) as refused:
            ledger.post(post_pending_transfer(fresh(), subject=placed.id))
        assert refused.value.refusal is Refusal.HOLD_EXPIRED


def test_what_is_due_is_released_before_the_next_transfer(database_url: str) -> None:
    """Money that a hold gives back at an instant can be paid at that instant."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        v.fund(v.alice, 100)
        expiring = hold(v.alice, v.bob, 100, START + SECOND)
        ledger.post(expiring)
        time.set(START + SECOND - timedelta(microseconds=1))
        with pytest.raises(TransferRefused) as refused:
            ledger.post(pay(v.alice, v.bob, 100))
        assert refused.value.refusal is Refusal.EXCEEDS_CREDITS
        time.set(START + SECOND)
        assert ledger.post(pay(v.alice, v.bob, 100))[0].seq == 4
        assert ledger.balances(v.bob).balance == eur(100)
        with pytest.raises(TransferRefused, match="has expired") as late:
            ledger.post(void_pending_transfer(fresh(), subject=expiring.id))
        assert late.value.refusal is Refusal.HOLD_EXPIRED


def test_ten_thousand_holds_expire_at_once(database_url: str) -> None:
    """More than one batch can take: all expire, once each, with ids of their own (RFC 9562)."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        v.fund(v.alice, 20_000)
        ledger.post_each([hold(v.alice, v.bob, 1, START + SECOND) for _ in range(10_000)])
        assert ledger.balances(v.alice).available == eur(10_000)
        time.advance(SECOND)
        ledger.release_due()
        log = log_of(ledger)
        expiries = log[log["flags"] == Flags.EXPIRY]
        assert sorted(expiries["subject"]) == list(range(2, 10_002))
        ids = [id_of(row) for row in expiries]
        assert len(set(ids)) == 10_000
        assert {(i.version, i.variant) for i in ids} == {(7, "specified in RFC 4122")}
        assert {i.int >> 80 for i in ids} == {to_us(START + SECOND) // 1000}
        assert ledger.balances(v.alice).available == eur(20_000)
        assert ledger._writer.state.next_expiry_us() is None
        assert not len(ledger._writer.state.open_holds)
        assert ledger.verify().is_sound
        assert np.array_equal(log["seq"], np.arange(1, ledger.seq + 1))


def test_resolved_holds_do_not_pile_up(database_url: str) -> None:
    """The memory for expiries stays small when almost all holds are resolved before their time."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        v.fund(v.alice, 10**6)
        late = hold(v.alice, v.bob, 5, START + 5 * SECOND)
        ledger.post(late)
        lengths = set()
        for _ in range(15):
            placed = [hold(v.alice, v.bob, 1, START + 9 * SECOND) for _ in range(2000)]
            ledger.post_each(placed)
            ledger.post_each([void_pending_transfer(fresh(), subject=p.id) for p in placed])
            lengths.add(len(ledger._writer.state.heap))
        assert max(lengths) < 60_000
        assert len(ledger._writer.state.open_holds) == 1
        time.advance(5 * SECOND)
        ledger.release_due()
        assert ledger.balances(v.alice).available == eur(10**6)
        assert ledger.latest(v.alice, 1)[0].subject_seq == ledger.transfer(late.id).seq
        time.advance(5 * SECOND)
        ledger.release_due()
        assert ledger.seq == 2 + 60_000 + 1


def test_holds_that_fell_due_while_nobody_wrote_expire_at_the_next_opening(
    database_url: str,
) -> None:
    """A ledger that was down when a hold fell due releases it when it is back."""
    time = clock()
    v = village(database_url, time)
    v.fund(v.alice, 100)
    v.ledger.post(hold(v.alice, v.bob, 100, START + SECOND))
    crash(v.ledger)
    time.advance(60 * SECOND)
    with Ledger.open(database_url, clock=time) as ledger:
        wait_until(lambda: ledger.seq == 3)
        assert ledger.latest(v.alice, 1)[0].at == START + 60 * SECOND
        assert ledger.balances(v.alice).available == eur(100)
