"""One form for each phone number and address, however it is typed."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.people import Contact, ContactInvalid, ContactKind, parse_contact

SAME_NUMBER = ["+33639981234", " +33 6 39 98 12 34", "+33 (0)6 39 98 12 34", "+33-639-981-234"]


@pytest.mark.parametrize("text", SAME_NUMBER)
def test_a_phone_number_has_one_form(text: str) -> None:
    """Blanks, dashes and the national zero make no other number."""
    assert parse_contact(text) == Contact(ContactKind.PHONE, "+33639981234")


def test_a_national_number_needs_its_country() -> None:
    """It is understood where the country is known, and refused where it is not."""
    assert parse_contact("06 39 98 12 34", "FR").value == "+33639981234"
    assert parse_contact("138 0013 8000", "CN").value == "+8613800138000"
    with pytest.raises(ContactInvalid, match="Give it with its country's code"):
        parse_contact("06 39 98 12 34")


def test_full_width_digits_are_digits() -> None:
    """What an input method for Chinese types is read as it is meant."""
    typed = "+86 138 0013 8000".translate({code: code + 0xFEE0 for code in range(0x21, 0x7F)})
    assert typed != "+86 138 0013 8000"
    assert parse_contact(typed).value == "+8613800138000"


def test_an_address_keeps_its_spelling_and_has_one_key() -> None:
    """Mail goes to it as typed; two spellings register once."""
    contact = parse_contact(" Ann.Lee@Example.ORG ")
    assert contact == Contact(ContactKind.EMAIL, "Ann.Lee@example.org")
    assert contact.key == parse_contact("ann.lee@example.org").key


@pytest.mark.parametrize(
    "text",
    ["", "12", "+33", "+999 123456", "hello", "@example.net", "ann@", "ann@org", "a b@example.org",
     "ann@exa mple.org", "ann@@example.org", "<ann@example.org>", f"{'a' * 65}@example.org",
     f"ann@{'e' * 63}.{'x' * 63}.{'y' * 63}.{'z' * 63}.org"],
)  # fmt: skip
def test_what_is_neither_is_refused_without_being_repeated(text: str) -> None:
    """The message says what to give, and does not carry the text into a log."""
    with pytest.raises(ContactInvalid) as refused:
        parse_contact(text)
    assert len(text) < 6 or text not in refused.value.message


@given(st.text(max_size=80), st.sampled_from([None, "FR", "CN", "US"]))
def test_any_text_is_a_contact_or_is_refused(text: str, region: str | None) -> None:
    """Whatever is typed, there is an answer; and what was read reads the same again."""
    try:
        contact = parse_contact(text, region)
    except ContactInvalid:
        return
    assert parse_contact(contact.value) == contact
