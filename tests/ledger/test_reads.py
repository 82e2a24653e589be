"""What a ledger answers about now and about the past, held against its own log."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
import pytest

from counterfoil.kernel.clock import ManualClock, from_us, to_us
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AccountId,
    AccountKind,
    AccountNumber,
    Balances,
    Flags,
    Ledger,
    LedgerReader,
    NotFound,
    Posted,
    Side,
    Transfer,
    correcting_transfer,
    post_pending_transfer,
    void_pending_transfer,
    writer,
)
from counterfoil.ledger.layout import Records
from counterfoil.money import MINOR_MAX, currency_by_code
from tests.ledger.given import (
    EUR,
    EVER,
    SECOND,
    START,
    Village,
    clock,
    crash,
    eur,
    fresh,
    hold,
    log_of,
    new_account,
    pay,
    village,
)


@dataclass(slots=True)
class Sums:
    """The four sums of an account, added up one row after the other."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0


def folded(log: Records, account: int, at: datetime) -> Sums:
    """Add up an account's rows before an instant, in the plainest way."""
    sums, held = Sums(), {}
    for row in log[["seq", "debit_account", "credit_account", "amount", "flags", "at", "subject"]]:
        seq, debit, credit, amount, flags, at_us, subject = row.tolist()
        if flags & Flags.PENDING:
            held[seq] = amount
        if account not in {debit, credit} or at_us >= to_us(at):
            continue
        side = "debits" if account == debit else "credits"
        posted = pending = 0
        if flags & Flags.PENDING:
            pending = amount
        elif flags & (Flags.POST | Flags.VOID | Flags.EXPIRY):
            pending = -held[subject]
            posted = amount if flags & Flags.POST else 0
        else:
            posted = amount
        setattr(sums, f"{side}_posted", getattr(sums, f"{side}_posted") + posted)
        setattr(sums, f"{side}_pending", getattr(sums, f"{side}_pending") + pending)
    return sums


def told(balances: Balances) -> Sums:
    return Sums(
        balances.debits_posted,
        balances.credits_posted,
        balances.debits_pending,
        balances.credits_pending,
    )


def live_busily(v: Village, time: ManualClock, row_count: int) -> None:
    """Pay, hold, post, void, correct and let expire, often many times at one instant."""
    dice = random.Random(7)
    v.fund(v.alice, 10**9)
    holds: list[Transfer] = []
    payments: list[Transfer] = []
    while v.ledger.seq < row_count:
        asked: list[Transfer] = []
        for _ in range(60):
            match dice.randrange(10):
                case 0 | 1:
                    expires_at = from_us(time.now_us()) + 3 * SECOND if dice.randrange(2) else None
                    asked.append(hold(v.alice, v.bob, dice.randrange(1, 99), expires_at))
                    if expires_at is None or dice.randrange(2):
                        holds.append(asked[-1])
                case 2 if holds:
                    chosen = holds.pop(dice.randrange(len(holds)))
                    part = eur(1) if dice.randrange(2) else None
                    asked.append(post_pending_transfer(fresh(), subject=chosen.id, amount=part))
                case 3 if holds:
                    chosen = holds.pop(dice.randrange(len(holds)))
                    asked.append(void_pending_transfer(fresh(), subject=chosen.id))
                case 4 if payments:
                    chosen = payments.pop(dice.randrange(len(payments)))
                    asked.append(correcting_transfer(fresh(), subject=chosen.id))
                case _:
                    asked.append(pay(v.alice, v.bob, dice.randrange(1, 99)))
        payments += [
            one
            for one, outcome in zip(asked, v.ledger.post_each(asked), strict=True)
            if isinstance(outcome, Posted) and one.flags == Flags.NONE
        ]
        time.advance(dice.choice([timedelta(0), timedelta(microseconds=1), SECOND]))
    v.ledger.release_due()  # or the ledger does it by itself, in the middle of what is compared


@pytest.mark.parametrize("marks_in_memory_max", [3, 4096], ids=["stored", "in memory"])
def test_a_balance_at_any_instant_is_what_the_log_adds_up_to(
    database_url: str, monkeypatch: pytest.MonkeyPatch, marks_in_memory_max: int
) -> None:
    """Whichever instant is asked for, of 2,400 transfers, the sums are those of the rows before."""
    monkeypatch.setattr(writer, "MARKS_IN_MEMORY_MAX", marks_in_memory_max)
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        live_busily(v, time, 2400)
        log = log_of(ledger)
        assert {int(f) for f in np.unique(log["flags"])} >= {0, *(1 << k for k in range(1, 6))}
        own = log[(log["debit_account"] == v.alice) | (log["credit_account"] == v.alice)]
        times = np.unique(own["at"])
        assert len(own) > 2000
        assert len(times) < len(own) // 20
        asked = [START, *(from_us(int(t) + d) for t in times for d in (0, 1))]
        for at in [*asked, START - SECOND, from_us(int(times[-1]) + 1)]:
            for account in (v.alice, v.bob):
                assert told(ledger.balances_at(account, at)) == folded(log, account, at)
        assert told(ledger.balances(v.alice)) == folded(log, v.alice, EVER)
        with LedgerReader.open(database_url) as reader:
            at = asked[len(asked) // 2]
            assert reader.balances_at(v.alice, at) == ledger.balances_at(v.alice, at)
            assert reader.balances(v.bob) == ledger.balances(v.bob)
        lines = ledger.statement(v.alice, START, from_us(int(times[-1]))).postings
        assert len(lines) == (own["at"] < times[-1]).sum()
        assert [line.seq for line in lines] == sorted(line.seq for line in lines)
        for line in (lines[0], lines[len(lines) // 2], lines[-1]):
            upto = folded(log[: line.seq], v.alice, EVER)
            assert line.balance_after == eur(upto.credits_posted - upto.debits_posted)


def test_balances_say_what_is_posted_pending_and_available(database_url: str) -> None:
    """Each kind of account grows on its own side, and what is held against it is not available."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        ledger.post(hold(v.alice, v.bob, 300))
        ledger.post(hold(v.alice, v.mint, 50))
        alice, bob, mint = (ledger.balances(a) for a in (v.alice, v.bob, v.mint))
        assert told(alice) == Sums(0, 1000, 350, 0)
        assert (alice.balance, alice.available) == (eur(1000), eur(650))
        assert told(bob) == Sums(0, 0, 0, 300)
        assert (bob.balance, bob.available) == (eur(0), eur(0))
        assert told(mint) == Sums(1000, 0, 0, 50)
        assert (mint.balance, mint.available) == (eur(1000), eur(950))


@pytest.mark.parametrize("kind", AccountKind)
def test_a_balance_is_positive_on_the_side_its_kind_grows(
    kind: AccountKind, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """Debits raise assets and expenses; credits raise liabilities, equity and income."""
    with Ledger.open(f"sqlite:///{tmp_path_factory.mktemp('kind')}/l.db") as ledger:
        one, other = ledger.open_accounts([new_account(kind=kind), new_account()])
        ledger.post(pay(one, other, 7))
        sign = 1 if kind in {AccountKind.ASSET, AccountKind.EXPENSE} else -1
        assert ledger.balances(one).balance == eur(7 * sign)


def test_a_statement_opens_runs_and_closes(database_url: str) -> None:
    """Opening plus the lines is closing; a period has its start and not its end."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)
        time.advance(SECOND)
        ledger.post(pay(v.alice, v.bob, 100))
        held = hold(v.alice, v.bob, 250)
        ledger.post(held)
        time.advance(SECOND)
        ledger.post(post_pending_transfer(fresh(), subject=held.id, amount=eur(200)))
        statement = ledger.statement(v.alice, START + SECOND, START + 2 * SECOND)
        assert (statement.opening, statement.closing) == (eur(1000), eur(900))
        assert [(p.side, p.amount, p.balance_after) for p in statement.postings] == [
            (Side.DEBIT, eur(100), eur(900)),
            (Side.DEBIT, eur(250), eur(900)),
        ]
        assert [p.moves_money for p in statement.postings] == [True, False]
        assert {p.other_account for p in statement.postings} == {v.bob}
        last = ledger.statement(v.alice, START + 2 * SECOND, START + 3 * SECOND)
        assert (last.opening, last.closing) == (eur(900), eur(700))
        assert last.postings[0].subject_seq == statement.postings[1].seq
        assert ledger.statement(v.mint, START, START + SECOND).closing == eur(1000)


def test_a_period_without_transfers_has_a_statement_too(database_url: str) -> None:
    """Before the first transfer, between two and after the last: no lines, and the balance."""
    time = clock()
    v = village(database_url, time)
    with v.ledger as ledger:
        time.advance(SECOND)
        v.fund(v.alice, 5)
        for since, balance in ((START - SECOND, 0), (START, 0), (START + 2 * SECOND, 5)):
            statement = ledger.statement(v.alice, since, since + SECOND)
            assert (statement.postings, statement.opening) == ((), eur(balance))
            assert statement.closing == statement.opening
        empty = ledger.statement(v.alice, START + SECOND, START + SECOND)
        assert (empty.postings, empty.opening, empty.closing) == ((), eur(0), eur(0))
        untouched = ledger.statement(v.bob, START, START + 9 * SECOND)
        assert (untouched.postings, untouched.closing) == ((), eur(0))
        with pytest.raises(ValueError, match="cannot end at"):
            ledger.statement(v.alice, START + SECOND, START)


def test_the_latest_come_first(database_url: str) -> None:
    """The latest N of an account are its last N rows, from the last back, on either side."""
    v = village(database_url)
    with v.ledger as ledger:
        v.fund(v.alice, 100)
        for minor in range(1, 8):
            ledger.post(pay(v.alice, v.bob, minor))
        assert [p.amount.minor for p in ledger.latest(v.alice, 3)] == [7, 6, 5]
        assert [p.balance_after.minor for p in ledger.latest(v.bob, 2)] == [28, 21]
        assert [p.amount.minor for p in ledger.latest(v.alice)] == [7, 6, 5, 4, 3, 2, 1, 100]
        assert ledger.latest(v.alice, 0) == []


def test_a_transfer_is_found_by_its_id_and_by_its_reference(database_url: str) -> None:
    """The caller's id finds one transfer; the caller's reference finds all that carry it."""
    v = village(database_url)
    order = new_id()
    with v.ledger as ledger:
        v.fund(v.alice, 100)
        first = pay(v.alice, v.bob, 5, code=17, reference=order)
        second = pay(v.alice, v.bob, 6, reference=order)
        ledger.post(first)
        ledger.post(second)
        found = ledger.transfer(first.id)
        assert (found.seq, found.amount, found.code, found.reference) == (2, eur(5), 17, order)
        assert (found.debit_account, found.credit_account) == (v.alice, v.bob)
        assert [t.seq for t in ledger.transfers_by_reference(order)] == [2, 3]
        assert ledger.transfers_by_reference(new_id()) == []
        assert ledger.account_by_id(ledger.account(v.bob).id).number == v.bob


def test_what_is_not_there_is_named(database_url: str) -> None:
    """Asking for an account or transfer that does not exist says which."""
    v = village(database_url)
    nobody, missing = AccountNumber(9), fresh()
    with v.ledger as ledger:
        for ask in (
            lambda: ledger.balances(nobody),
            lambda: ledger.balances_at(nobody, START),
            lambda: ledger.statement(nobody, START, START),
            lambda: ledger.latest(nobody),
            lambda: ledger.account(nobody),
        ):
            with pytest.raises(NotFound, match=r"^There is no account 9\.$"):
                ask()
        with pytest.raises(NotFound, match=f"^No transfer has the id {missing}"):
            ledger.transfer(missing)
        with pytest.raises(NotFound, match=f"^No account was opened with id {missing}"):
            ledger.account_by_id(AccountId(missing))
        with pytest.raises(NotFound, match="no account 0"):
            ledger.balances(AccountNumber(0))


def test_a_trial_balance_adds_up_past_int64(database_url: str) -> None:
    """Sums of many accounts are exact where one machine integer would have wrapped around."""
    with Ledger.open(database_url) as ledger:
        jpy = currency_by_code("JPY")
        asset = AccountKind.ASSET
        mints = ledger.open_accounts([new_account(kind=asset) for _ in range(3)])
        people = ledger.open_accounts([new_account() for _ in range(3)])
        ledger.open_account(new_account(currency=jpy))
        for mint, person in zip(mints, people, strict=True):
            ledger.post(pay(mint, person, MINOR_MAX))
        lines = {(line.currency, line.kind): line for line in ledger.trial_balance()}
        assert lines[EUR, asset].debits_posted == 3 * MINOR_MAX
        assert lines[EUR, AccountKind.LIABILITY].credits_posted == 3 * MINOR_MAX
        assert lines[EUR, asset].account_count == 3
        assert lines[jpy, AccountKind.LIABILITY].credits_posted == 0
        assert ledger.verify().is_sound


def test_reads_go_on_after_a_crash(database_url: str) -> None:
    """Balances, history and ids are the same after a crash as before it."""
    time = clock()
    v = village(database_url, time)
    live_busily(v, time, 700)
    before = (v.ledger.balances(v.alice), v.ledger.latest(v.alice, 400), v.ledger.trial_balance())
    crash(v.ledger)
    with Ledger.open(database_url, clock=time) as ledger:
        after = (ledger.balances(v.alice), ledger.latest(v.alice, 400), ledger.trial_balance())
        assert after == before
