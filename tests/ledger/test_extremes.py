"""The largest, the smallest and the impossible: exact, or refused by name."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from counterfoil.kernel.clock import EPOCH, ManualClock
from counterfoil.ledger import (
    AccountNumber,
    Flags,
    Ledger,
    Posted,
    Refusal,
    Transfer,
    TransferId,
    TransferRefused,
    imported_transfer,
    pending_transfer,
    post_pending_transfer,
)
from counterfoil.ledger.layout import WHOLE
from counterfoil.ledger.request import asked_records, asked_tuple
from counterfoil.money import Money
from tests.ledger.world import (
    ACCOUNTS,
    ALICE,
    BOB,
    CASH,
    EUR,
    SHOP,
    START,
    fingerprint,
    transfer_id,
)

INT64_MAX = 2**63 - 1
LAST_ID = TransferId(UUID(int=2**128 - 1))
FIRST, SECOND, THIRD = map(transfer_id, (1, 2, 3))
MICROSECOND = timedelta(microseconds=1)
_BEGINNING = datetime(1, 1, 1, tzinfo=UTC)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(START)


@pytest.fixture
def ledger(wiped_database: str, clock: ManualClock) -> Iterator[Ledger]:
    with Ledger.open(wiped_database, clock=clock) as ledger:
        ledger.open_accounts(ACCOUNTS)
        yield ledger


def plain(id_: TransferId, minor: int, credit: AccountNumber = ALICE) -> Transfer:
    return Transfer(id=id_, debit_account=CASH, credit_account=credit, amount=Money(minor, EUR))


def refusal_of(ledger: Ledger, transfer: Transfer) -> Refusal | None:
    """Ask for one transfer; whatever is refused changes nothing."""
    before = fingerprint(ledger)
    outcome = ledger.post_each([transfer])[0]
    if isinstance(outcome, Posted):
        return None
    assert fingerprint(ledger) == before
    return outcome.refusal


def test_the_largest_amount_is_kept_to_the_unit(ledger: Ledger) -> None:
    """2^63 − 1 minor units can be moved once between two accounts, and not one unit more."""
    assert refusal_of(ledger, plain(FIRST, INT64_MAX)) is None
    assert refusal_of(ledger, plain(SECOND, 1)) is Refusal.OVERFLOWS
    assert refusal_of(ledger, plain(SECOND, 1, SHOP)) is Refusal.OVERFLOWS
    assert ledger.balances(ALICE).balance == Money(INT64_MAX, EUR)
    back = replace(plain(SECOND, INT64_MAX), debit_account=ALICE, credit_account=SHOP)
    assert refusal_of(ledger, back) is None
    assert ledger.balances(ALICE).balance == Money(0, EUR)
    assert ledger.verify().difference is None


def test_what_is_held_counts_toward_the_largest_sum(ledger: Ledger) -> None:
    """Posted and pending together stay within 64 bits, so that a hold can always be posted."""
    hold = replace(plain(FIRST, INT64_MAX - 5), flags=Flags.PENDING)
    assert refusal_of(ledger, hold) is None
    assert refusal_of(ledger, plain(SECOND, 6)) is Refusal.OVERFLOWS
    assert refusal_of(ledger, plain(SECOND, 5)) is None
    assert refusal_of(ledger, plain(THIRD, 1)) is Refusal.OVERFLOWS
    assert refusal_of(ledger, post_pending_transfer(THIRD, subject=FIRST)) is None
    assert ledger.balances(ALICE).balance == Money(INT64_MAX, EUR)


def test_sums_that_cancel_out_overflow_all_the_same(ledger: Ledger) -> None:
    """A sum of debits past 2^63 − 1 is refused although the balance would be small."""
    assert refusal_of(ledger, plain(FIRST, INT64_MAX)) is None
    back = Transfer(
        id=SECOND, debit_account=ALICE, credit_account=CASH, amount=Money(INT64_MAX, EUR)
    )
    assert refusal_of(ledger, back) is None
    assert ledger.balances(CASH).balance == Money(0, EUR)
    assert refusal_of(ledger, plain(THIRD, 1)) is Refusal.OVERFLOWS


def test_the_largest_ids_are_ids_like_any_other(ledger: Ledger) -> None:
    """Id and reference 2^128 − 1 are kept, found and answered again."""
    asked = replace(plain(LAST_ID, 5), reference=LAST_ID)
    first = ledger.post(asked)[0]
    assert ledger.post_each([asked]) == [first]
    assert ledger.transfer(LAST_ID).amount == Money(5, EUR)
    assert [found.id for found in ledger.transfers_by_reference(LAST_ID)] == [LAST_ID]
    hold = replace(plain(FIRST, 5), flags=Flags.PENDING)
    assert refusal_of(ledger, hold) is None
    low_half = TransferId(UUID(int=2**64 - 1))
    assert refusal_of(ledger, plain(low_half, 5)) is None
    assert ledger.verify().difference is None


def test_an_amount_is_positive(ledger: Ledger) -> None:
    """Nothing, less than nothing, and the sign for "all that is held" are no amounts to move."""
    for minor in (0, -1, -INT64_MAX, WHOLE):
        for flags in (Flags.NONE, Flags.PENDING, Flags.BALANCING_DEBIT, Flags.BALANCING_CREDIT):
            asked = replace(plain(FIRST, minor), flags=flags)
            assert refusal_of(ledger, asked) is Refusal.AMOUNT_NOT_POSITIVE


def test_a_transfer_that_names_no_amount_is_refused(ledger: Ledger) -> None:
    """Only what posts a hold may leave the amount out."""
    asked = replace(plain(FIRST, 1), amount=None)
    assert refusal_of(ledger, asked) is Refusal.AMOUNT_NOT_POSITIVE


def test_an_unknown_flag_is_refused(ledger: Ledger) -> None:
    """A flag that this version does not know, or that only the ledger sets, is not ignored."""
    unknown = [Flags.EXPIRY, *(1 << bit for bit in range(9, 31)), -(2**31)]
    records = asked_records([asked_tuple(plain(FIRST, 1))] * len(unknown))
    records["flags"] = unknown
    assert list(ledger.post_records(records).status) == [Refusal.FLAGS_INVALID] * len(unknown)
    assert ledger.seq == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"code": 2**31},
        {"code": -(2**31) - 1},
        {"debit_account": AccountNumber(2**31)},
        {"credit_account": AccountNumber(2**40)},
        {"flags": Flags(1 << 31)},
    ],
    ids=str,
)
def test_a_number_that_does_not_fit_harms_nobody(ledger: Ledger, wrong: dict[str, int]) -> None:
    """A number past 32 bits is the caller's error, at once; everyone else is served as before."""
    asked = replace(plain(FIRST, 1), **wrong)  # type: ignore[arg-type]
    with pytest.raises(
        ValueError, match=rf"^{next(iter(wrong.values())):d} does not fit into 32 bits"
    ):
        ledger.post_each([plain(SECOND, 1), asked])
    assert ledger.seq == 0
    assert refusal_of(ledger, plain(FIRST, 1)) is None


@pytest.mark.parametrize(
    "expires_at", [START, START - MICROSECOND, EPOCH, EPOCH - MICROSECOND, _BEGINNING]
)
def test_a_hold_expires_later_than_now(ledger: Ledger, expires_at: datetime) -> None:
    """An expiry that has come, be it this instant or before 1970, is refused."""
    asked = replace(plain(FIRST, 1), flags=Flags.PENDING, expires_at=expires_at)
    assert refusal_of(ledger, asked) is Refusal.EXPIRY_IN_PAST


def test_a_hold_expires_at_its_microsecond(ledger: Ledger, clock: ManualClock) -> None:
    """A hold can be posted until the microsecond before its expiry, and not at it."""
    for hold, end in ((FIRST, START + MICROSECOND), (SECOND, START + 2 * MICROSECOND)):
        asked = replace(plain(hold, 1), flags=Flags.PENDING, expires_at=end)
        assert refusal_of(ledger, asked) is None
    clock.advance(MICROSECOND)
    outcomes = ledger.post_each(
        [
            post_pending_transfer(transfer_id(8), subject=FIRST),
            post_pending_transfer(transfer_id(9), subject=SECOND),
        ]
    )
    assert isinstance(outcomes[0], TransferRefused)
    assert outcomes[0].refusal is Refusal.HOLD_EXPIRED
    assert isinstance(outcomes[1], Posted)


def imported(id_: TransferId, at: datetime, credit: AccountNumber = ALICE) -> Transfer:
    return imported_transfer(
        id_, debit_account=CASH, credit_account=credit, amount=Money(1, EUR), at=at
    )


def test_what_is_imported_has_happened(ledger: Ledger) -> None:
    """An imported transfer is dated now or earlier, not a microsecond later."""
    assert refusal_of(ledger, imported(FIRST, START + MICROSECOND)) is Refusal.TIME_IN_FUTURE
    assert refusal_of(ledger, imported(FIRST, START)) is None


def test_an_account_s_time_does_not_go_back(ledger: Ledger) -> None:
    """On each account alone imports come in the order of time; two may share an instant."""
    day = START - timedelta(days=1)
    assert refusal_of(ledger, imported(FIRST, day, ALICE)) is None
    assert refusal_of(ledger, imported(SECOND, day - MICROSECOND, BOB)) is Refusal.TIME_GOES_BACK
    assert refusal_of(ledger, imported(SECOND, day, BOB)) is None
    elsewhere = Transfer(
        id=THIRD, debit_account=SHOP, credit_account=AccountNumber(5), amount=Money(1, EUR),
        flags=Flags.IMPORTED, at=START - timedelta(days=9000),
    )  # fmt: skip
    assert refusal_of(ledger, elsewhere) is Refusal.EXCEEDS_DEBITS
    assert refusal_of(ledger, replace(elsewhere, credit_account=CASH)) is Refusal.TIME_GOES_BACK


@pytest.mark.parametrize("at", [EPOCH, EPOCH - MICROSECOND])
def test_time_begins_after_the_epoch(ledger: Ledger, at: datetime) -> None:
    """An import from before 1970 cannot be kept, and is not kept as something else."""
    with pytest.raises(ValueError, match=f"^transfer {FIRST} is dated .*; time begins after 1970"):
        ledger.post(imported(FIRST, at))
    assert refusal_of(ledger, imported(FIRST, EPOCH + MICROSECOND)) is None


def test_a_hold_may_last_for_ever_or_to_the_end_of_time(ledger: Ledger) -> None:
    """The last instant that a datetime knows is an expiry like any other."""
    hold = pending_transfer(
        FIRST, debit_account=CASH, credit_account=ALICE, amount=Money(1, EUR),
        expires_at=datetime.max.replace(tzinfo=UTC),
    )  # fmt: skip
    assert refusal_of(ledger, hold) is None
    assert ledger.transfer(FIRST).expires_at == hold.expires_at
    assert ledger.verify().difference is None
