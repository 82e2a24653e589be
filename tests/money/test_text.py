"""Amounts as people write them: every locale reads back what it prints, and nothing is guessed."""

from datetime import UTC, datetime

import pytest
from babel import localedata
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.money import (
    CURRENCIES,
    MINOR_MAX,
    MINOR_MIN,
    AmbiguousAmount,
    AmountOverflow,
    CurrencyMismatch,
    ExchangeRate,
    Label,
    Money,
    TooPrecise,
    UnknownCurrency,
    UnknownLocale,
    UnreadableAmount,
    currency_by_code,
    format_money,
    format_rate,
    parse_money,
)
from counterfoil.money.convention import ZEROS, convention_of, labels_of, strip_bidi

LOCALES = sorted(localedata.locale_identifiers())
AMOUNTS = st.builds(Money, st.integers(MINOR_MIN, MINOR_MAX), st.sampled_from(CURRENCIES))
# One witness for each exponent, with every digit different, on both sides of zero.
WITNESSES = [
    Money(sign * 1234567890, currency_by_code(code))
    for code in ("JPY", "EUR", "KWD", "CLF")
    for sign in (1, -1)
]


@pytest.mark.parametrize(
    ("amount", "locale", "printed"),
    [
        ("1234.50 EUR", "de_DE", "1.234,50\u00a0€"),
        ("1234.50 EUR", "de-AT", "€\u00a01.234,50"),
        ("-1234.50 EUR", "nl_NL", "€\u00a0-1.234,50"),
        ("1234.50 USD", "en_US", "$1,234.50"),
        ("-1234.50 USD", "en_US", "-$1,234.50"),
        ("1234.50 CAD", "en_US", "CA$1,234.50"),
        ("1234.50 CHF", "en_US", "CHF\u00a01,234.50"),
        ("1235 JPY", "ja_JP", "\uffe51,235"),
        ("1234567.00 INR", "hi_IN", "₹12,34,567.00"),
        ("1234.50 CHF", "de_CH", "CHF\u00a01\u2019234.50"),
        ("1234.50 CHF", "fr_CH", "1\u202f234.50\u00a0CHF"),
        ("-3.00 SEK", "sv_SE", "\u22123,00\u00a0kr"),
        ("1.005 KWD", "en_US", "KWD\u00a01.005"),
        ("0.0001 CLF", "es_CL", "CLF\u00a00,0001"),
    ],
)
def test_each_locale_prints_by_its_customs(amount: str, locale: str, printed: str) -> None:
    """Sign, order, spaces, groups and decimal sign are the locale's; the digits are ISO 4217's."""
    assert format_money(Money.of(*amount.split()), locale) == printed


def test_arabic_locales_print_their_own_digits() -> None:
    """An Egyptian reads Arabic-Indic digits, an Iranian the Persian ones."""
    egyptian = format_money(Money.of("1234.50", "EGP"), "ar_EG", label=Label.NONE)
    assert egyptian == "\u0661\u066c\u0662\u0663\u0664\u066b\u0665\u0660"
    persian = format_money(Money.of("12", "IRR"), "fa_IR", label=Label.NONE)
    assert persian == "\u06f1\u06f2\u066b\u06f0\u06f0"


def test_the_label_is_the_sign_the_code_or_nothing() -> None:
    """A statement prints codes, a column prints none; the number is the same."""
    amount = Money.of("-1234.50", "USD")
    assert format_money(amount, "en_US", label=Label.CODE) == "-USD\u00a01,234.50"
    assert format_money(amount, "de_DE", label=Label.CODE) == "-1.234,50\u00a0USD"
    assert format_money(amount, "de_DE", label=Label.NONE) == "-1.234,50"


@pytest.mark.parametrize("amount", WITNESSES, ids=str)
def test_every_locale_reads_back_what_it_prints(amount: Money) -> None:
    """In every locale of CLDR, for 0, 2, 3 and 4 digits: printed and read is the same amount."""
    for locale in LOCALES:
        for label in Label:
            printed = format_money(amount, locale, label=label)
            assert parse_money(printed, locale, currency=amount.currency) == amount, locale
        assert parse_money(format_money(amount, locale), locale) == amount, locale


@given(AMOUNTS, st.sampled_from(LOCALES), st.sampled_from([Label.SYMBOL, Label.CODE]))
def test_what_is_printed_names_its_currency(amount: Money, locale: str, label: Label) -> None:
    """Sign or code alone brings back the currency, for any amount of int64 in any locale."""
    assert parse_money(format_money(amount, locale, label=label), locale) == amount


@given(st.text("0123456789.,'- \u00a0\u202f\u2019\u0661\u066b€$EUR", max_size=12))
def test_reading_never_fails_without_a_name(text: str) -> None:
    """Whatever is typed is an amount or a named refusal, and an amount is what its digits say."""
    for locale in ("de_DE", "en_US", "fr_CH", "hi_IN", "ar_EG"):
        try:
            amount = parse_money(text, locale, currency="EUR")
        except (UnreadableAmount, UnknownCurrency, CurrencyMismatch):
            continue
        digits = "".join(str(int(letter)) for letter in text if letter.isdecimal())
        assert (
            str(abs(amount.minor)).rstrip("0") == digits.lstrip("0").rstrip("0") or not amount.minor
        )


@pytest.mark.parametrize(
    ("text", "locale", "amount"),
    [
        ("1234,5", "de_DE", "1234.50 EUR"),  # groups and trailing zeros may be left out
        ("1.234", "de_DE", "1234.00 EUR"),  # a whole group is a thousand, in German
        ("€ 1.234,50", "de_DE", "1234.50 EUR"),  # the sign may stand on the other side
        ("EUR1.234,50", "de_DE", "1234.50 EUR"),
        ("1 234,50", "fr_FR", "1234.50 EUR"),  # the space that keyboards have
        ("1\u00a0234,50", "fr_FR", "1234.50 EUR"),  # another one than CLDR's
        ("-\u20ac5", "en_US", "-5.00 EUR"),
        ("\u20ac-5", "en_US", "-5.00 EUR"),
        ("\u22125", "en_US", "-5.00 EUR"),
        ("0.05", "en_US", "0.05 EUR"),
    ],
)
def test_people_may_write_less_than_is_printed(text: str, locale: str, amount: str) -> None:
    """What has only one meaning is read, with or without groups, zeros, signs and fine spaces."""
    assert parse_money(text, locale, currency="EUR") == Money.of(*amount.split())


def test_signs_and_digits_of_another_keyboard_are_read() -> None:
    """A half-width yen sign, a typewriter's apostrophe and Latin digits in Arabic are read."""
    assert parse_money("\u00a51,235", "ja_JP") == Money.of("1235", "JPY")
    assert parse_money("1'234.50", "de_CH", currency="CHF") == Money.of("1234.50", "CHF")
    for text in ("1,234.50", "\u0661\u0662\u0663\u0664\u066b\u0665"):
        assert parse_money(text, "ar_EG", currency="EGP") == Money.of("1234.50", "EGP")


@pytest.mark.parametrize(
    ("text", "locale"),
    [
        ("1.23", "de_DE"),  # 1,23 or 123
        ("0.123", "de_DE"),  # no number is grouped behind a zero
        ("1234.567", "de_DE"),
        ("1,234.50", "de_DE"),  # the American way
        ("1.234,50", "en_US"),  # the German way
        ("12,34", "en_US"),
        ("1,,234", "en_US"),
        ("1.2.3", "en_US"),
        ("1 234", "en_US"),
        ("1,234,567", "hi_IN"),  # 12,34,567
    ],
)
def test_separators_in_the_wrong_place_are_never_guessed(text: str, locale: str) -> None:
    """What could be two amounts is none, and the refusal shows how the locale writes it."""
    with pytest.raises(AmbiguousAmount) as refusal:
        parse_money(text, locale, currency="EUR")
    example = strip_bidi(format_money(Money.of("1234567.50", "EUR"), locale, label=Label.NONE))
    assert refusal.value.message == (
        f"The separators of {text!r} are not where {locale} puts them, so it could be two "
        f"amounts; write it as in {example}"
    )


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", "is not an amount"),
        ("EUR", "is not an amount"),
        ("1" * 65, "is not an amount"),
        ("1e5", "contains 'e'"),
        ("1\n234", "contains '\\n'"),
        ("1\u0662", "contains '\u0662'"),  # two kinds of digits
        ("\uff11", "contains '\uff11'"),
        ("--5", "has more than one sign or currency"),
        ("(5)", "has more than one sign or currency"),
        ("€5€", "has more than one sign or currency"),
        ("5-", "has its minus after the number"),
        (".5", "begins or ends with a separator"),
        ("5.", "begins or ends with a separator"),
    ],
)
def test_what_is_no_amount_is_refused(text: str, what: str) -> None:
    """The refusal says what is wrong with the text and how an amount is written here."""
    with pytest.raises(UnreadableAmount) as refusal:
        parse_money(text, "en_US", currency="EUR")
    assert refusal.value.code == "money.unreadable-amount"
    assert refusal.value.message.endswith(f"{what}; write an amount as in 1,234,567.50")


def test_more_digits_than_the_currency_has_are_refused() -> None:
    """A third decimal of a dollar, or a first one of a yen, is refused and never rounded."""
    with pytest.raises(TooPrecise, match=r"'1\.234' has 3 digits .* USD has 2; round it"):
        parse_money("1.234", "en_US", currency="USD")
    with pytest.raises(TooPrecise, match=r"'\u00a51\.0' has 1 digits .* JPY has none"):
        parse_money("\u00a51.0", "ja_JP")
    assert parse_money("1.234", "en_US", currency="KWD") == Money.of("1.234", "KWD")


def test_a_number_alone_names_no_currency() -> None:
    """Without a label and without an expected currency there is no amount."""
    with pytest.raises(AmbiguousAmount) as refusal:
        parse_money("12.50", "en_US")
    assert refusal.value.message == "'12.50' names no currency; add its code, such as EUR"


def test_a_label_must_be_known_and_expected() -> None:
    """A strange label is refused, and so is one of another currency than the one expected."""
    with pytest.raises(UnknownCurrency) as unknown:
        parse_money("5 U-SD", "en_US")
    assert unknown.value.message == (
        "'U-SD' is no currency's code or sign in en_US; write the code, such as EUR"
    )
    with pytest.raises(CurrencyMismatch) as mismatch:
        parse_money("$5", "en_US", currency="CAD")
    assert mismatch.value.message == "'$5' is in USD; give an amount in CAD"
    assert parse_money("$5", "en_CA") == Money.of("5", "CAD")


def test_an_amount_past_int64_is_refused() -> None:
    """Text of twenty nines is an overflow, not a smaller number."""
    with pytest.raises(AmountOverflow):
        parse_money("9" * 20, "en_US", currency="JPY")


@pytest.mark.parametrize("name", ["", "xx_YY", "../../etc/passwd", "de_DE_", "C"])
def test_an_unknown_locale_is_refused(name: str) -> None:
    """There is no silent fall-back to English."""
    with pytest.raises(UnknownLocale) as refusal:
        format_money(Money.zero("EUR"), name)
    assert refusal.value.message == (
        f"{name!r} is not a locale of CLDR; give one such as 'de_DE' or 'ja'"
    )


def test_every_locale_is_understood() -> None:
    """Each numbering system of CLDR has its zero here, and each label means one currency."""
    for name in LOCALES:
        convention = convention_of(name)
        assert convention.locale.default_numbering_system in ZEROS
        assert [int(digit) for digit in convention.digits] == list(range(10))
        assert set(labels_of(name).values()) == {currency.code for currency in CURRENCIES}


@pytest.mark.parametrize(
    ("rate", "locale", "text"),
    [
        ("162.5", "en", "1 EUR = 162.5 JPY"),
        ("162.5", "fr", "1 EUR = 162,5 JPY"),
        ("1234567.89", "en", "1 EUR ≈ 1,234,568 JPY"),
        ("1.23456789", "en", "1 EUR ≈ 1.23457 JPY"),
        ("0.0061", "en", "1 JPY ≈ 163.934 EUR"),
        ("1", "de", "1 EUR = 1 JPY"),
    ],
)
def test_a_rate_is_said_from_the_dearer_currency(rate: str, locale: str, text: str) -> None:
    """To six digits, or to the unit where there are more; what is rounded says so."""
    at = datetime(2026, 1, 5, tzinfo=UTC)
    exact = ExchangeRate.parse(rate, base="EUR", quote="JPY", source="ECB", at=at)
    assert format_rate(exact, locale) == text
    assert format_rate(exact.invert(), locale) == text or rate == "1"
