"""Asking twice moves money once: the same id with the same content gives the first result."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from threading import Barrier
from typing import Any

import pytest

from counterfoil.kernel.clock import ManualClock
from counterfoil.ledger import (
    AccountNumber,
    Flags,
    Ledger,
    Outcome,
    Posted,
    Refusal,
    Transfer,
    TransferRefused,
    correcting_transfer,
    imported_transfer,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.money import Money
from tests.ledger.world import (
    ACCOUNTS,
    ALICE,
    BOB,
    CASH,
    EUR,
    JPY,
    REFERENCE,
    SHOP,
    START,
    abandon,
    fingerprint,
    transfer_id,
)

FUNDED, HELD, HELD_TOO, PAID, NEW, NEXT, LAST = map(transfer_id, range(1, 8))
CALLERS = 16
LATER = timedelta(days=400)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def ledger(wiped_database: str, clock: ManualClock) -> Iterator[Ledger]:
    """Alice has 100; two holds of 20 are open, and a payment of 10 has been made."""
    with Ledger.open(wiped_database, clock=clock) as ledger:
        ledger.open_accounts(ACCOUNTS)
        ledger.post(move(CASH, ALICE, 100, id=FUNDED))
        for hold in (HELD, HELD_TOO):
            ledger.post(move(ALICE, SHOP, 20, id=hold, flags=Flags.PENDING))
        ledger.post(move(ALICE, SHOP, 10, id=PAID))
        yield ledger


def move(debit: AccountNumber, credit: AccountNumber, minor: int, **more: Any) -> Transfer:
    fields: dict[str, Any] = {"id": NEW, "amount": Money(minor, EUR)} | more
    return Transfer(debit_account=debit, credit_account=credit, **fields)


PLAIN = move(ALICE, BOB, 5, code=7, reference=REFERENCE)
EACH_KIND = {
    "plain": PLAIN,
    "hold": pending_transfer(
        NEW, debit_account=ALICE, credit_account=SHOP, amount=Money(5, EUR),
        expires_at=START + timedelta(hours=1),
    ),
    "post of the whole": post_pending_transfer(NEW, subject=HELD),
    "post of a part": post_pending_transfer(NEW, subject=HELD, amount=Money(5, EUR)),
    "post of all by its amount": post_pending_transfer(NEW, subject=HELD, amount=Money(20, EUR)),
    "void": void_pending_transfer(NEW, subject=HELD),
    "correction": correcting_transfer(NEW, subject=PAID),
    "balancing": replace(move(ALICE, SHOP, 9999), flags=Flags.BALANCING_DEBIT),
    "balancing hold": move(ALICE, SHOP, 9999, flags=Flags.BALANCING_DEBIT | Flags.PENDING),
    "imported": imported_transfer(
        NEW, debit_account=CASH, credit_account=BOB, amount=Money(5, EUR), at=START
    ),
}  # fmt: skip
CHANGES: dict[str, list[Any]] = {
    "debit_account": [BOB, AccountNumber(0), AccountNumber(99)],
    "credit_account": [AccountNumber(5), AccountNumber(0), AccountNumber(99)],
    "amount": [Money(6, EUR), None, Money(0, EUR), Money(5, JPY), Money(20, EUR)],
    "flags": [Flags.NONE, Flags.PENDING, Flags.POST, Flags.VOID, Flags.EXPIRY, Flags.IMPORTED],
    "subject": [HELD_TOO, None, transfer_id(99)],
    "expires_at": [START + timedelta(hours=2), None, START],
    "at": [START - timedelta(hours=2), None],
    "code": [8, -1],
    "reference": [HELD, None],
}
MAY_OMIT = Flags.POST | Flags.VOID | Flags.CORRECTION


def same_result(first: Outcome, again: Outcome) -> bool:
    """Whether an answer is the first one, said again."""
    assert isinstance(first, Posted), first
    return isinstance(again, Posted) and again == first and again.replayed


def refusals(outcomes: list[Outcome]) -> list[Refusal | None]:
    return [o.refusal if isinstance(o, TransferRefused) else None for o in outcomes]


@pytest.mark.parametrize("asked", EACH_KIND.values(), ids=EACH_KIND)
def test_the_first_result_is_the_answer_at_any_time(
    ledger: Ledger, clock: ManualClock, asked: Transfer
) -> None:
    """The first result is given again after years, changed balances, resolved holds, a restart."""
    first = ledger.post_each([asked])[0]
    once = fingerprint(ledger)
    assert same_result(first, ledger.post_each([asked])[0])
    assert fingerprint(ledger) == once
    ledger.post(move(CASH, BOB, 1, id=NEXT))
    if asked.flags & Flags.PENDING:
        ledger.post(post_pending_transfer(LAST, subject=NEW))
    else:
        ledger.post(void_pending_transfer(LAST, subject=HELD_TOO))
    clock.advance(LATER)
    later = ledger.balances(ALICE)
    assert same_result(first, ledger.post_each([asked])[0])
    ledger.freeze(ALICE, debits=True, credits=True)
    assert same_result(first, ledger.post_each([asked])[0])
    assert ledger.balances(ALICE) == later
    assert ledger.verify().difference is None


@pytest.mark.parametrize("with_snapshot", [True, False], ids=["closed", "killed"])
def test_the_first_result_outlives_the_process(
    wiped_database: str,
    clock: ManualClock,
    with_snapshot: bool,  # noqa: FBT001
) -> None:
    """Whoever asks again after a restart gets the first result, of every kind of transfer."""
    ledger = Ledger.open(wiped_database, clock=clock)
    ledger.open_accounts(ACCOUNTS)
    ledger.post(move(CASH, ALICE, 1000, id=FUNDED), move(ALICE, SHOP, 10, id=PAID))
    kinds = [replace(asked, id=transfer_id(n)) for n, asked in enumerate(EACH_KIND.values(), 50)]
    holds = {asked.id: transfer_id(n) for n, asked in enumerate(kinds, 80)}
    kinds = [
        replace(asked, subject=holds[asked.id])
        if asked.flags & (Flags.POST | Flags.VOID)
        else asked
        for asked in kinds
    ]
    ledger.post_each([move(ALICE, SHOP, 20, id=h, flags=Flags.PENDING) for h in holds.values()])
    funding = [move(CASH, ALICE, 50, id=transfer_id(n)) for n in range(110, 110 + len(kinds))]
    pairs = zip(funding, kinds, strict=True)
    first = [ledger.post_each([funds, asked])[1] for funds, asked in pairs]
    if with_snapshot:
        ledger.close()
    else:
        abandon(ledger)
    with Ledger.open(wiped_database, clock=clock) as reopened:
        again = reopened.post_each(kinds)
        assert all(same_result(one, other) for one, other in zip(first, again, strict=True))


@pytest.mark.parametrize("name", EACH_KIND)
def test_any_other_content_is_refused(ledger: Ledger, name: str) -> None:
    """With one field changed the id is refused by name; the accounts of a hold may be left out."""
    asked = EACH_KIND[name]
    ledger.post(asked)
    before = fingerprint(ledger)
    others = [
        replace(asked, **{field: value})
        for field, values in CHANGES.items()
        for value in values
        if value != getattr(asked, field)
    ]
    assert refusals(ledger.post_each(others)) == [Refusal.ID_USED_WITH_OTHER_CONTENT] * len(others)
    for other in others:
        outcome = ledger.post_each([other])
        assert refusals(outcome) == [Refusal.ID_USED_WITH_OTHER_CONTENT], other
    assert fingerprint(ledger) == before


@pytest.mark.parametrize("name", [name for name in EACH_KIND if EACH_KIND[name].flags & MAY_OMIT])
def test_accounts_that_follow_may_be_said_or_left_out(ledger: Ledger, name: str) -> None:
    """To say the accounts that follow from what is named is to ask for the same."""
    asked = EACH_KIND[name]
    first = ledger.post_each([asked])[0]
    made = ledger.transfer(NEW)
    said = replace(asked, debit_account=made.debit_account, credit_account=made.credit_account)
    assert same_result(first, ledger.post_each([said])[0])
    wrong = replace(said, credit_account=BOB)
    assert refusals(ledger.post_each([wrong])) == [Refusal.ID_USED_WITH_OTHER_CONTENT]


def test_a_correction_that_says_other_accounts_is_refused(ledger: Ledger) -> None:
    """A correction moves back between the accounts of what it corrects, and says no others."""
    correction = correcting_transfer(NEW, subject=PAID)
    wrong = replace(correction, debit_account=ALICE, credit_account=SHOP)
    assert refusals(ledger.post_each([wrong])) == [Refusal.HOLD_HAS_OTHER_ACCOUNTS]
    right = replace(correction, debit_account=SHOP, credit_account=ALICE)
    first = ledger.post_each([right])[0]
    assert same_result(first, ledger.post_each([right])[0])
    assert same_result(first, ledger.post_each([correction])[0])


@pytest.mark.parametrize("asked", EACH_KIND.values(), ids=EACH_KIND)
def test_twice_in_one_batch_is_once(ledger: Ledger, asked: Transfer) -> None:
    """The same transfer asked for three times in one batch is made once and answered thrice."""
    seq = ledger.seq
    other = replace(asked, code=99)
    first, second, changed, third = ledger.post_each([asked, asked, other, asked])
    assert same_result(first, second)
    assert same_result(first, third)
    assert refusals([changed]) == [Refusal.ID_USED_WITH_OTHER_CONTENT]
    assert ledger.seq == seq + 1


@pytest.mark.parametrize("asked", EACH_KIND.values(), ids=EACH_KIND)
def test_many_callers_at_once_make_one_transfer(ledger: Ledger, asked: Transfer) -> None:
    """Sixteen callers with one id at one moment all get the one result; money moves once."""
    seq = ledger.seq
    ready = Barrier(CALLERS)

    def ask(_: int) -> Posted:
        ready.wait()
        return ledger.post(asked)[0]

    with ThreadPoolExecutor(CALLERS) as callers:
        results = list(callers.map(ask, range(CALLERS)))
    assert results == [results[0]] * CALLERS
    assert sorted(result.replayed for result in results) == [False] + [True] * (CALLERS - 1)
    assert ledger.seq == seq + 1
    assert ledger.verify().difference is None


def test_one_id_with_two_contents_at_once_is_one_transfer(ledger: Ledger) -> None:
    """Of callers that use one id for two contents at one moment, one content wins."""
    ready = Barrier(CALLERS)

    def ask(caller: int) -> Outcome:
        ready.wait()
        return ledger.post_each([replace(PLAIN, code=caller % 2)])[0]

    with ThreadPoolExecutor(CALLERS) as callers:
        outcomes = list(callers.map(ask, range(CALLERS)))
    winner = ledger.transfer(NEW).code
    for caller, outcome in enumerate(outcomes):
        expected = None if caller % 2 == winner else Refusal.ID_USED_WITH_OTHER_CONTENT
        assert refusals([outcome]) == [expected]


def test_a_chain_is_asked_for_again_as_a_whole(ledger: Ledger) -> None:
    """A chain made before gives its first results, in a batch of its own or beside others."""
    chain = [move(ALICE, SHOP, 1, id=NEW), move(ALICE, BOB, 2, id=NEXT)]
    first = ledger.post(*chain)
    assert ledger.post(*chain) == first
    linked = [replace(chain[0], flags=Flags.LINKED), chain[1]]
    again = ledger.post_each([move(CASH, BOB, 3, id=LAST), *linked])
    assert all(same_result(one, other) for one, other in zip(first, again[1:], strict=True))


def test_a_chain_of_old_and_new_is_refused(ledger: Ledger) -> None:
    """A chain that mixes a transfer made before with a new one is refused; nothing is made."""
    made = move(ALICE, SHOP, 1, id=NEW)
    ledger.post(made)
    before = fingerprint(ledger)
    new = move(ALICE, SHOP, 1, id=NEXT, flags=Flags.LINKED)
    used, linked = Refusal.ID_USED_WITH_OTHER_CONTENT, Refusal.LINKED_REFUSED
    assert refusals(ledger.post_each([new, made])) == [linked, used]
    within = [new, new, move(ALICE, SHOP, 1, id=LAST)]
    assert refusals(ledger.post_each(within)) == [linked, used, linked]
    assert fingerprint(ledger) == before


def test_a_refused_id_is_judged_anew(ledger: Ledger) -> None:
    """A refusal is not remembered: once there is enough, the same transfer is made."""
    asked = move(BOB, SHOP, 5)
    assert refusals(ledger.post_each([asked, asked])) == [Refusal.EXCEEDS_CREDITS] * 2
    funding = move(CASH, BOB, 5, id=NEXT)
    too_early, funded, made = ledger.post_each([asked, funding, asked])
    assert refusals([too_early, funded, made]) == [Refusal.EXCEEDS_CREDITS, None, None]
    assert same_result(made, ledger.post_each([asked])[0])


def test_a_refused_id_may_be_used_for_something_else(ledger: Ledger) -> None:
    """What was refused left no trace: its id is free, with whatever content."""
    assert refusals(ledger.post_each([move(BOB, SHOP, 5)])) == [Refusal.EXCEEDS_CREDITS]
    assert refusals(ledger.post_each([PLAIN])) == [None]


def test_a_partial_post_is_the_same_only_with_its_amount(ledger: Ledger) -> None:
    """To post "all that is held" and to post that very amount are two requests."""
    whole = post_pending_transfer(NEW, subject=HELD)
    by_amount = replace(whole, amount=Money(20, EUR))
    used = Refusal.ID_USED_WITH_OTHER_CONTENT
    assert refusals(ledger.post_each([whole, by_amount])) == [None, used]
    assert refusals(ledger.post_each([whole, by_amount])) == [None, used]


def test_a_balancing_transfer_is_known_by_what_it_asked_for(ledger: Ledger) -> None:
    """A balancing transfer asked for its limit: the limit is its content, not what it moved."""
    asked = EACH_KIND["balancing"]
    (first,) = ledger.post(asked)
    assert first.amount == Money(50, EUR)
    used = Refusal.ID_USED_WITH_OTHER_CONTENT
    moved = replace(asked, amount=first.amount)
    ledger.post(move(CASH, ALICE, 30, id=NEXT))
    assert refusals(ledger.post_each([asked, moved])) == [None, used]
    assert ledger.balances(ALICE).available == Money(30, EUR)
