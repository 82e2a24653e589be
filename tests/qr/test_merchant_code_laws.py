"""Laws of merchants' codes, over codes and texts that nobody thought of."""

from string import ascii_uppercase, printable

from hypothesis import assume, example, given
from hypothesis import strategies as st

from counterfoil.money import CURRENCIES, Money
from counterfoil.qr import (
    Account,
    AdditionalData,
    CodeUnreadable,
    CodeUnsafe,
    Field,
    Initiation,
    LocalName,
    MerchantCode,
    Tip,
    TipKind,
    inspect_merchant_code,
    read_merchant_code,
    write_merchant_code,
)
from counterfoil.qr.cpm import read_card_code

COMMON = "".join(letter for letter in printable if " " <= letter <= "~")


def common(length_max: int) -> st.SearchStrategy[str]:
    return st.text(COMMON, min_size=1, max_size=length_max)


def local(length_max: int) -> st.SearchStrategy[str]:
    shown = st.characters(exclude_categories=["Cc", "Cs"])
    return st.text(shown, min_size=1, max_size=length_max)


def digits(length: int) -> st.SearchStrategy[str]:
    return st.text("0123456789", min_size=length, max_size=length)


@st.composite
def codes(draw: st.DrawFn) -> MerchantCode:
    currency = draw(st.sampled_from(CURRENCIES))
    amounts = st.integers(1, 10**9).map(lambda minor: Money(minor, currency))
    template = st.builds(
        lambda place, who, what: Account.template(f"{place}", who, Field("01", what)),
        st.integers(26, 51), common(32), common(25),
    )  # fmt: skip
    scheme = st.builds(Account, st.integers(2, 25).map("{:02}".format), common(99))
    tips = st.one_of(
        st.just(Tip(TipKind.ASK)),
        st.builds(Tip, st.just(TipKind.FIXED), amounts),
        st.builds(lambda share: Tip(TipKind.PERCENTAGE, hundredths=share), st.integers(1, 9999)),
    )
    maybe = st.none() | common(10)
    return MerchantCode(
        accounts=tuple(
            draw(st.lists(template | scheme, min_size=1, max_size=3, unique_by=lambda one: one.id))
        ),
        currency=currency,
        amount=draw(st.none() | amounts),
        initiation=draw(st.none() | st.sampled_from(Initiation)),
        tip=draw(st.none() | tips),
        category=draw(digits(4)),
        country=draw(st.text(ascii_uppercase, min_size=2, max_size=2)),
        name=draw(common(25)),
        city=draw(common(15)),
        postal_code=draw(st.none() | common(10)),
        additional=draw(
            st.none()
            | st.builds(
                AdditionalData, bill=common(10), reference=maybe, payer=maybe, till=maybe,
                data_request=st.sampled_from([None, "A", "ME", "AME"]),
            )
        ),
        local_name=draw(
            st.none() | st.builds(LocalName, st.just("zh"), local(25), st.none() | local(15))
        ),
        others=tuple(draw(st.lists(st.just(Field("80", "0004ABCD0105hello")), max_size=1))),
    )  # fmt: skip


@given(codes())
def test_what_is_written_is_read_to_the_same(code: MerchantCode) -> None:
    """Whatever may be written says the same to its reader."""
    text = write_merchant_code(code)
    assert read_merchant_code(text) == code
    assert inspect_merchant_code(text).deviations == ()


@given(codes())
def test_reading_and_writing_again_changes_nothing(code: MerchantCode) -> None:
    """A code of ours that was read is written to the same text, checksum and all."""
    text = write_merchant_code(code)
    assert write_merchant_code(read_merchant_code(text)) == text


@given(codes(), st.data())
def test_one_changed_character_is_always_noticed(code: MerchantCode, data: st.DataObject) -> None:
    """A character of one byte that is read as another is never paid: CRC-16 sees every such one."""
    text = write_merchant_code(code)
    place = data.draw(st.integers(0, len(text) - 1))
    letter = data.draw(st.sampled_from(COMMON))
    assume(text[place].isascii() and letter.lower() != text[place].lower())
    try:
        read_merchant_code(text[:place] + letter + text[place + 1 :])
    except (CodeUnreadable, CodeUnsafe):
        return
    # The first four characters and blanks at the ends are all that is not under the checksum.
    raise AssertionError((place, letter))


@given(st.text() | st.text().map("000201".__add__) | codes().map(write_merchant_code), st.data())
@example("00020\ud800", None)
def test_any_text_is_read_or_refused(text: str, data: st.DataObject | None) -> None:
    """No text makes a reader do anything but give a code, or refuse it in its own words."""
    if data is not None:
        start, end = sorted((data.draw(st.integers(0, 400)), data.draw(st.integers(0, 400))))
        text = text[:start] + data.draw(st.text(max_size=4)) + text[end:]
    try:
        code = read_merchant_code(text)
    except (CodeUnreadable, CodeUnsafe):
        return
    assert code.accounts
    assert code.amount is None or code.amount.minor > 0


@given(st.text() | st.binary().map(lambda data: __import__("base64").b64encode(data).decode()))
@example("hQVDUFYwMWE" + "=" * 3)
def test_any_text_is_a_card_code_or_refused(text: str) -> None:
    """The same for the codes that card schemes let payers show."""
    try:
        read_card_code(text)
    except CodeUnreadable:
        return
    assert text.strip().startswith("hQVD")
