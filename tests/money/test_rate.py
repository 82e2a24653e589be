"""Exchange rates: exact, sourced, dated, rounded once."""

from datetime import UTC, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from counterfoil.money import (
    CURRENCIES,
    AmountOverflow,
    CurrencyMismatch,
    ExchangeRate,
    InvalidRate,
    Money,
    NotExact,
    Rounding,
    UnreadableAmount,
    currency_by_code,
)

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
NEAREST = (Rounding.HALF_EVEN, Rounding.HALF_UP, Rounding.HALF_DOWN)


def rate(text: str, base: str = "EUR", quote: str = "USD", **given: Any) -> ExchangeRate:
    known: dict[str, Any] = {"source": "ECB reference rate", "at": NOON}
    return ExchangeRate.parse(text, base=base, quote=quote, **(known | given))


@st.composite
def rates(draw: st.DrawFn) -> ExchangeRate:
    base, quote = draw(st.lists(st.sampled_from(CURRENCIES), min_size=2, max_size=2, unique=True))
    value = draw(st.fractions(Fraction(1, 10**6), 10**6, max_denominator=10**8))
    return ExchangeRate(value, base, quote, "a bank", NOON)


def test_a_rate_is_read_exactly() -> None:
    """1.0842 is 5421/5000, not the nearest binary number."""
    assert rate("1.0842").rate == Fraction(5421, 5000)
    assert rate("162", quote="JPY").rate == 162


@pytest.mark.parametrize(
    ("text", "base", "quote", "amount", "converted"),
    [
        ("1.0842", "EUR", "USD", "100.00", "108.42"),
        ("162.37", "EUR", "JPY", "12.34", "2004"),  # 2003.6458
        ("0.00616", "JPY", "EUR", "1000", "6.16"),
        ("3.2573", "KWD", "USD", "1.005", "3.27"),  # 3.2735865
        ("39179.87", "CLF", "CLP", "0.0001", "4"),  # 3.917987
    ],
)
def test_conversion_minds_both_exponents(
    text: str, base: str, quote: str, amount: str, converted: str
) -> None:
    """A rate is between major units; each side brings its own number of digits."""
    result = rate(text, base, quote).convert(Money.of(amount, base), rounding=Rounding.HALF_EVEN)
    assert result == Money.of(converted, quote)


def test_conversion_rounds_once_by_the_named_rule() -> None:
    """The caller's rule decides the last unit, below zero as well."""
    thirds = rate("0.333")
    amount = Money.of("0.05", "EUR")  # 0.01665
    assert thirds.convert(amount, rounding=Rounding.FLOOR) == Money.of("0.01", "USD")
    assert thirds.convert(amount, rounding=Rounding.HALF_UP) == Money.of("0.02", "USD")
    assert thirds.convert(-amount, rounding=Rounding.FLOOR) == Money.of("-0.02", "USD")


@given(rates(), st.integers(-(10**9), 10**9), st.sampled_from(NEAREST))
def test_there_and_back_loses_at_most_the_two_roundings(
    there: ExchangeRate, minor: int, rounding: Rounding
) -> None:
    """Half a unit is lost on the way out, seen through the rate, and half a unit on the way home."""
    amount = Money(minor, there.base)
    home = there.invert().convert(there.convert(amount, rounding=rounding), rounding=rounding)
    one_quote_unit_in_base_units = (
        Fraction(there.base.minor_per_major, there.quote.minor_per_major) / there.rate
    )
    assert abs(home.minor - minor) <= (one_quote_unit_in_base_units + 1) / 2


@given(rates())
def test_inverting_twice_changes_nothing(there: ExchangeRate) -> None:
    """An inverse is exact, and keeps source and time."""
    assert there.invert().invert() == there
    assert there.invert().rate * there.rate == 1
    assert (there.invert().source, there.invert().at) == (there.source, there.at)


@given(rates(), rates())
def test_a_cross_rate_is_the_exact_product(first: ExchangeRate, other: ExchangeRate) -> None:
    """Chained rates multiply without rounding, so that one conversion rounds once."""
    assume(len({first.base, first.quote, other.quote}) == 3)
    second = ExchangeRate(other.rate, first.quote, other.quote, other.source, other.at)
    crossed = first.cross(second)
    assert (crossed.base, crossed.quote) == (first.base, other.quote)
    assert crossed.rate == first.rate * other.rate


def test_a_cross_rate_names_both_sources_and_the_older_time() -> None:
    """A chained rate is as old as its older link, and says where both came from."""
    earlier = NOON - timedelta(hours=3)
    onward = rate("149.8", "USD", "JPY", source="Bank of Japan", at=earlier)
    crossed = rate("1.0842").cross(onward)
    assert crossed.source == "ECB reference rate and Bank of Japan"
    assert crossed.at == earlier
    same = rate("149.8", "USD", "JPY")
    assert rate("1.0842").cross(same).source == "ECB reference rate"


@pytest.mark.parametrize(
    ("make", "reason"),
    [
        (lambda: rate("0"), "0 is not above zero; give what one EUR buys"),
        (lambda: rate("-1.5"), "-3/2 is not above zero; give what one EUR buys"),
        (
            lambda: rate("1", quote="EUR"),
            "it leads from a currency to itself; name two currencies",
        ),
        (lambda: rate("1", source=" "), "it has no source; name whoever published it"),
        (
            lambda: rate("1", at=NOON.replace(tzinfo=None)),
            "2026-03-02T12:00:00 is not in UTC; give an aware UTC time",
        ),
        (
            lambda: rate("1", at=NOON.astimezone(timezone(timedelta(hours=2)))),
            "2026-03-02T14:00:00+02:00 is not in UTC; give an aware UTC time",
        ),
    ],
)
def test_a_rate_that_cannot_be_is_refused(make: Any, reason: str) -> None:
    """A rate is above zero, between two currencies, with a source and an aware UTC time."""
    with pytest.raises(InvalidRate) as refusal:
        make()
    assert refusal.value.message.startswith("A rate from EUR to ")
    assert refusal.value.message.endswith(f" was refused: {reason}")
    assert refusal.value.code == "money.invalid-rate"


def test_a_rate_back_to_its_start_cannot_be_crossed() -> None:
    """EUR to USD to EUR is no rate: what it differs from one is somebody's margin."""
    with pytest.raises(InvalidRate, match="from EUR to EUR was refused: it leads from a currency"):
        rate("1.0842").cross(rate("0.9", "USD", "EUR"))


@pytest.mark.parametrize("stranger", [1.0842, 1, "1.0842"], ids=repr)
def test_only_a_fraction_is_a_rate(stranger: Any) -> None:
    """A float is refused before it becomes anyone's money."""
    euro, dollar = currency_by_code("EUR"), currency_by_code("USD")
    with pytest.raises(NotExact, match="a rate is a Fraction, or is read from text"):
        ExchangeRate(stranger, euro, dollar, "a bank", NOON)


@pytest.mark.parametrize("text", ["", "1,08", "1.08e0", "1/3", "nan"])
def test_a_rate_is_read_from_plain_decimal_text_only(text: str) -> None:
    """The grammar of rates is the grammar of amounts."""
    with pytest.raises(UnreadableAmount, match="is not a decimal number"):
        rate(text)


def test_the_wrong_currency_is_told_the_way() -> None:
    """An amount in the quote currency is told to invert, any other to take another rate."""
    there = rate("1.0842")
    with pytest.raises(CurrencyMismatch) as refusal:
        there.convert(Money.of("1", "USD"), rounding=Rounding.HALF_EVEN)
    assert refusal.value.message == (
        "1.00 USD cannot be converted from EUR to USD; invert the rate first"
    )
    with pytest.raises(CurrencyMismatch, match="use another rate first"):
        there.convert(Money.of("1", "GBP"), rounding=Rounding.HALF_EVEN)
    with pytest.raises(CurrencyMismatch, match="A rate to USD cannot be chained with one from GBP"):
        there.cross(rate("190", "GBP", "JPY"))


def test_a_conversion_past_int64_raises() -> None:
    """A large amount in a small currency is refused rather than wrapped."""
    with pytest.raises(AmountOverflow):
        rate("25000", "EUR", "VND").convert(
            Money(2**62, currency_by_code("EUR")), rounding=Rounding.DOWN
        )
