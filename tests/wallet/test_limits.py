"""Limits by day and month: asked in the commit that pays, by the operator's calendar."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime, timedelta

import pytest

from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import Transfer, TransferId, TransferRefused
from counterfoil.money import Money
from counterfoil.wallet import (
    Calendar,
    DayLimitExceeded,
    FundsMissing,
    LimitInvalid,
    Limits,
    MonthLimitExceeded,
    SettingInvalid,
    Terms,
    WalletBusy,
    Wallets,
)
from tests.consent.world import EUR
from tests.wallet.world import JPY, TERMS, Bank, euros, limits, rooms


def left(ash: Bank) -> tuple[str, str]:
    """What Alice may still spend today and this month."""
    allowances = ash.wallets.limits.allowances(ash.alice, EUR)
    return allowances.day.left.plain, allowances.month.left.plain


def test_a_day_s_limit_holds_to_the_cent(ash: Bank) -> None:
    """The last cent may be spent, and no other that day."""
    ash.send("499.99")
    assert left(ash) == ("0.01", "1500.01")
    with pytest.raises(DayLimitExceeded, match=r"€0.02 is more than.*today: €0.01 of €500.00"):
        ash.send("0.02")
    ash.send("0.01")
    assert left(ash) == ("0.00", "1500.00")
    with pytest.raises(DayLimitExceeded, match="wait until 2026-01-06 00:00 UTC"):
        ash.send("0.01")


def test_a_month_s_limit_holds_over_its_days(ash: Bank) -> None:
    """Four full days, and then nothing more until the first of the next month."""
    ash.fund(ash.alice, euros("2000"))
    for _day in range(4):
        ash.send("500")
        ash.wait(days=1)
    with pytest.raises(MonthLimitExceeded, match="wait until 2026-02-01 00:00 UTC") as refused:
        ash.send("0.01")
    assert refused.value.is_transient
    assert refused.value.facts["spent"] == euros("2000")
    ash.town.clock.set(datetime(2026, 2, 1, tzinfo=UTC))
    ash.send("500")


def test_the_day_is_the_operator_s(ash: Bank) -> None:
    """At 23:30 UTC it is tomorrow in Shanghai, and has been for seven and a half hours."""
    ash.wallets.set_time_zone("Asia/Shanghai")
    ash.town.clock.set(datetime(2026, 1, 31, 15, 59, tzinfo=UTC))
    ash.send("500")
    with pytest.raises(DayLimitExceeded, match="wait until 2026-02-01 00:00 CST"):
        ash.send("1")
    ash.wait(minutes=1)
    assert left(ash) == ("500.00", "2000.00")
    ash.send("500")
    with Wallets(rooms(ash.town), ash.town.ledger._url) as others:
        assert others.calendar == ash.wallets.calendar == Calendar.of("Asia/Shanghai")


@pytest.mark.parametrize("name", ["Mars/Olympus", "", "../etc/passwd"])
def test_a_zone_that_is_none_is_refused(ash: Bank, name: str) -> None:
    """And days are counted as before."""
    with pytest.raises(SettingInvalid, match="no time zone"):
        ash.wallets.set_time_zone(name)
    assert ash.wallets.calendar == Calendar.of("UTC")


def test_days_are_as_long_as_they_are() -> None:
    """23 hours in Paris when clocks go forward, 25 when they go back."""
    paris = Calendar.of("Europe/Paris")
    for day, hours in ((date(2026, 3, 29), 23), (date(2026, 10, 25), 25), (date(2026, 6, 1), 24)):
        start = paris.start_of(day).astimezone(UTC)
        assert paris.next_day(start).astimezone(UTC) - start == timedelta(hours=hours)
        assert paris.day_of(start) == day
        assert paris.day_of(start - timedelta(microseconds=1)) == day - timedelta(days=1)
    assert paris.next_month(datetime(2026, 12, 31, 23, 30, tzinfo=UTC)) == datetime(
        2027, 1, 31, 23, tzinfo=UTC
    )


def test_lowering_holds_at_once_and_raising_later(ash: Bank) -> None:
    """A thief with the phone cannot raise a limit and spend it the same day."""
    own = ash.wallets.limits
    assert own.change(ash.alice, limits("100", "2000")).coming is None
    with pytest.raises(DayLimitExceeded, match=r"€100.00 of €100.00"):
        ash.send("100.01")
    coming = own.change(ash.alice, limits("800", "1500")).coming
    assert coming is not None
    assert (coming.limits, coming.starts_at) == (limits("800", "1500"), ash.now + timedelta(days=1))
    assert left(ash) == ("100.00", "1500.00")
    ash.wait(hours=23, minutes=59)
    assert left(ash) == ("100.00", "1500.00")
    ash.wait(minutes=1)
    assert left(ash) == ("800.00", "1500.00")
    ash.send("800")
    assert own.allowances(ash.alice, EUR).coming is None


def test_lowering_forgets_a_raise_that_was_on_its_way(ash: Bank) -> None:
    """The last word counts."""
    ash.wallets.limits.change(ash.alice, limits("900", "2000"))
    ash.wallets.limits.change(ash.alice, limits("50", "2000"))
    ash.wait(days=40)
    assert left(ash) == ("50.00", "2000.00")
    records = ash.town.consent.records_of(ash.alice)
    assert [one.kind for one in records].count("wallet-limits") == 2


@pytest.mark.parametrize("asked", [limits("1001", "2000"), limits("1", "5001"), limits("-1", "1")])
def test_a_limit_that_cannot_be_is_refused(ash: Bank, asked: Limits) -> None:
    """Below nothing, or above the operator's ceiling."""
    with pytest.raises(LimitInvalid, match="give one from nothing up to €"):
        ash.wallets.limits.change(ash.alice, asked)
    assert left(ash) == ("500.00", "2000.00")


def test_the_ceiling_holds_whatever_a_person_s_own_limits_are(ash: Bank) -> None:
    """Lowered by the operator, it holds for every wallet from then on."""
    ash.wallets.offer(Terms(default=limits("10", "20"), ceiling=limits("70", "80")))
    assert left(ash) == ("70.00", "80.00")
    with pytest.raises(DayLimitExceeded, match=r"€70.00 of €70.00"):
        ash.send("70.01")
    ash.send("70")
    ash.wait(days=1)
    with pytest.raises(MonthLimitExceeded, match=r"€10.00 of €80.00"):
        ash.send("10.01")
    ash.wallets.offer(TERMS)
    assert left(ash) == ("500.00", "1930.00")


def test_what_comes_back_is_uncounted_where_it_was_counted(ash: Bank) -> None:
    """A refund of today's gives back to today; yesterday's to the month alone; last month's nothing."""

    def give_back(amount: str, spent_at: datetime) -> None:
        rows = ash.wallets.limits.give_back_rows(ash.alice, euros(amount), spent_at)
        ash.town.ledger.write(*rows)

    spent_at = ash.now
    ash.send("300")
    give_back("100", ash.now)
    assert left(ash) == ("300.00", "1800.00")
    ash.wait(days=1)
    ash.send("40")
    give_back("50", spent_at)
    assert left(ash) == ("460.00", "1810.00")
    give_back("9999", ash.now)
    assert left(ash) == ("500.00", "2000.00")
    ash.wait(days=31)
    ash.send("40")
    give_back("50", spent_at)
    assert left(ash) == ("460.00", "1960.00")


def test_a_payment_dated_before_midnight_counts_for_the_day_that_has_begun(ash: Bank) -> None:
    """Requests may commit in another order than they are dated in; the counter never goes back."""
    late = ash.now.replace(hour=23, minute=59, second=59)
    ash.town.clock.set(late + timedelta(seconds=2))
    ash.send("400")
    wallet = ash.wallets.wallet(ash.alice, EUR)

    def pay(amount: str) -> None:
        transfer = Transfer(
            id=TransferId(new_id()), debit_account=wallet.account,
            credit_account=ash.wallets.open_wallet(ash.bob, EUR).account, amount=euros(amount),
        )  # fmt: skip
        ash.town.ledger.post(transfer, rows=ash.wallets.spend_rows(ash.alice, euros(amount), late))

    with pytest.raises(TransferRefused) as refused:
        pay("101")
    told = ash.wallets.explained(refused.value, ash.alice, euros("101"), late)
    assert isinstance(told, DayLimitExceeded)
    pay("100")
    assert left(ash) == ("0.00", "1500.00")


def test_a_refusal_that_is_not_the_wallet_s_is_said_to_be_momentary(ash: Bank) -> None:
    """When another row of the payment is refused, the wallet does not claim a limit."""
    row = ash.wallets.limits.give_back_rows(ash.alice, euros("1"), ash.now)[0]
    transfer = Transfer(
        id=TransferId(new_id()), debit_account=ash.cash, amount=euros("1"),
        credit_account=ash.wallets.wallet(ash.alice, EUR).account,
    )  # fmt: skip
    wrong = type(row)(row.sql, row.parameters, row_count=2)
    with pytest.raises(TransferRefused) as refused:
        ash.town.ledger.post(transfer, rows=(wrong,))
    told = ash.wallets.explained(refused.value, ash.alice, euros("1"), ash.now)
    assert isinstance(told, WalletBusy)


def test_many_at_once_never_spend_more_than_the_limit(ash: Bank) -> None:
    """Forty payments of 30 race for 500: sixteen go through, whoever they are."""

    def attempt(_: int) -> bool:
        try:
            ash.send("30")
        except DayLimitExceeded:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        went_through = sum(pool.map(attempt, range(40)))
    assert went_through == 16
    assert left(ash) == ("20.00", "1520.00")
    assert ash.balance(ash.bob) == euros("480")


def test_the_largest_amount_overflows_nothing(ash: Bank) -> None:
    """An amount at the end of 64 bits is over the limit like any other, even of the highest one."""
    most = Money(2**63 - 1, EUR)
    ash.wallets.offer(Terms(default=TERMS.default, ceiling=Limits(most, most)))
    ash.wallets.limits.change(ash.alice, Limits(most, most))
    ash.wait(days=1)
    ash.send("1")
    with pytest.raises(StoreConflict):
        ash.town.ledger.write(*ash.wallets.spend_rows(ash.alice, most, ash.now))
    assert isinstance(ash.wallets.limits.refusal(ash.alice, most, ash.now), DayLimitExceeded)
    with pytest.raises(FundsMissing):
        ash.wallets.send(TransferId(new_id()), ash.alice, ash.bob, most)
    ash.town.ledger.write(*ash.wallets.spend_rows(ash.alice, most - euros("1"), ash.now))
    assert left(ash) == ("0.00", "0.00")


def test_limits_in_two_currencies_are_refused(ash: Bank) -> None:
    """A day's in euros and a month's in yen are no limits."""
    with pytest.raises(LimitInvalid):
        ash.wallets.limits.change(ash.alice, Limits(euros("1"), Money(1, JPY)))
