"""The table of currencies against two other ones, and how a currency is found."""

import copy
import pickle

import pycountry
import pytest
from babel.numbers import get_currency_precision

from counterfoil.money import (
    CURRENCIES,
    Currency,
    UnknownCurrency,
    currency_by_code,
    currency_by_numeric,
)
from counterfoil.money.iso4217 import ROWS, WITHOUT_MINOR_UNIT

# CLDR's digits are those of daily use: prices without cents, fils or puls since inflation took
# them. ISO 4217's are those of account. Code: (ISO 4217, CLDR).
CLDR_DIFFERS = {
    **dict.fromkeys(["AFN", "ALL", "IRR", "KPW", "LAK", "LBP"], (2, 0)),
    **dict.fromkeys(["MGA", "MMK", "RSD", "SOS", "SYP", "YER"], (2, 0)),
    "IQD": (3, 0),
}


def test_codes_and_numeric_codes_agree_with_a_second_table() -> None:
    """Every code and numeric code is what Debian's iso-codes, read through pycountry, says."""
    theirs = {each.alpha_3: int(each.numeric) for each in pycountry.currencies}
    ours = {currency.code: currency.numeric for currency in CURRENCIES}
    assert ours == {code: number for code, number in theirs.items() if code in ROWS}
    assert set(theirs) - set(ours) == WITHOUT_MINOR_UNIT


def test_exponents_agree_with_cldr_but_for_habits() -> None:
    """Every exponent is CLDR's, except where daily use has dropped a minor unit that ISO keeps."""
    differences = {
        currency.code: (currency.exponent, get_currency_precision(currency.code))
        for currency in CURRENCIES
        if currency.exponent != get_currency_precision(currency.code)
    }
    assert differences == CLDR_DIFFERS


@pytest.mark.parametrize(
    ("code", "numeric", "exponent"),
    [("EUR", 978, 2), ("JPY", 392, 0), ("KWD", 414, 3), ("CLF", 990, 4), ("UYW", 927, 4)],
)
def test_each_exponent_has_a_witness(code: str, numeric: int, exponent: int) -> None:
    """Currencies with 0, 2, 3 and 4 digits are found by code and by numeric code."""
    found = currency_by_code(code)
    assert found == Currency(code, numeric, exponent)
    assert currency_by_numeric(numeric) is found
    assert found.minor_per_major == int("1" + "0" * exponent)
    assert str(found) == code


def test_every_currency_is_found_both_ways() -> None:
    """No two currencies share a code or a numeric code, and each numeric code fits an int16."""
    assert len({currency.numeric for currency in CURRENCIES}) == len(CURRENCIES) == len(ROWS)
    for currency in CURRENCIES:
        assert currency_by_code(currency.code) is currency
        assert currency_by_numeric(currency.numeric) is currency
        assert 0 < currency.numeric <= 999
        assert currency.exponent in {0, 2, 3, 4}


def test_a_currency_survives_copying_and_pickling() -> None:
    """A currency that went through a queue or a process boundary is still the same currency."""
    euro = currency_by_code("EUR")
    assert copy.deepcopy(euro) == euro
    assert pickle.loads(pickle.dumps(euro)) == euro


@pytest.mark.parametrize(
    ("code", "message"),
    [
        ("EUX", "No currency of ISO 4217 has the code 'EUX'; did you mean UGX or EUR?"),
        ("eur", "No currency of ISO 4217 has the code 'eur'; did you mean EUR?"),
        ("???", "No currency of ISO 4217 has the code '???'; see the list in CURRENCIES"),
        ("XAU", "XAU has no minor unit in ISO 4217, so no amount can be counted in it"),
    ],
)
def test_an_unknown_code_is_answered_with_the_closest(code: str, message: str) -> None:
    """Whoever mistypes a code is told which codes are close, or why it is no currency."""
    with pytest.raises(UnknownCurrency) as refusal:
        currency_by_code(code)
    assert refusal.value.message == message
    assert refusal.value.facts == {"currency": code}


def test_an_unknown_numeric_code_is_answered_with_the_closest() -> None:
    """Whoever mistypes a numeric code is told which are close, with their currencies."""
    with pytest.raises(UnknownCurrency) as refusal:
        currency_by_numeric(987)
    assert refusal.value.message == (
        "No currency of ISO 4217 has the numeric code 987; "
        "did you mean 997 (USN) or 986 (BRL) or 985 (PLN)?"
    )
    with pytest.raises(UnknownCurrency, match="code 1000000; see the list in CURRENCIES"):
        currency_by_numeric(10**6)


def test_a_currency_outside_the_standard_cannot_be_made() -> None:
    """A wrong exponent would be a factor of ten in every amount, so no such object exists."""
    with pytest.raises(UnknownCurrency) as refusal:
        Currency("EUR", 978, 3)
    assert refusal.value.message == (
        "'EUR' with numeric code 978 and 3 decimal digits is not a currency of ISO 4217; "
        "look one up with currency_by_code()"
    )
