"""IBANs and creditor references: check digits that find what people mistype."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.bank import IBANInvalid, ReferenceInvalid, parse_iban, parse_reference
from counterfoil.bank.iban import masked
from counterfoil.bank.reference import new_reference, reference_of, references_in

# Examples that the standards and central banks print.
IBANS = ["GB82 WEST 1234 5698 7654 32", "DE89370400440532013000", "fr14 2004 1010 0505 0001 3m02 606",
         "NO9386011117947", "MT84MALT011000012345MTLCAST001S"]  # fmt: skip
REFERENCES = ["RF18 5390 0754 7034", "RF18539007547034", "rf45g72uuR"]


@pytest.mark.parametrize("text", IBANS)
def test_an_iban_is_read_as_people_write_it(text: str) -> None:
    """Spaces and small letters change nothing."""
    assert parse_iban(text) == "".join(text.split()).upper()


@given(st.sampled_from(IBANS), st.data())
def test_one_wrong_character_is_always_found(text: str, data: st.DataObject) -> None:
    """ISO/IEC 7064 finds every single mistake, and every two neighbours that changed places."""
    iban = parse_iban(text)
    place = data.draw(st.integers(4, len(iban) - 1))
    kind = "0123456789" if iban[place].isdigit() else "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    other = data.draw(st.sampled_from(kind).filter(lambda one: one != iban[place]))
    with pytest.raises(IBANInvalid):
        parse_iban(iban[:place] + other + iban[place + 1 :])


@pytest.mark.parametrize(
    "text",
    ["", "DE", "DE8937040044053201300", "DE893704004405320130000", "DE89370400440532013001",
     "1289370400440532013000", "DE8937040044053201300é", "GB82WEST123456987654321", "É" * 22],
)  # fmt: skip
def test_what_is_no_iban_is_refused_and_not_repeated(text: str) -> None:
    """The message never says an account that may be somebody's."""
    with pytest.raises(IBANInvalid) as refused:
        parse_iban(text)
    assert not text[4:] or text[4:] not in refused.value.message


def test_a_masked_iban_shows_its_country_and_its_end() -> None:
    """Its owner knows it, and nobody else can use it."""
    assert masked("DE89370400440532013000") == "DE… 3000"


@pytest.mark.parametrize("text", REFERENCES)
def test_a_reference_is_read_as_people_write_it(text: str) -> None:
    """The examples of ISO 11649, and their like."""
    assert parse_reference(text) == "".join(text.split()).upper()


@given(st.text("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ", min_size=1, max_size=21))
def test_a_reference_has_check_digits_that_fit(body: str) -> None:
    """Whatever the body, what is made is what is read."""
    reference = reference_of(body)
    assert parse_reference(reference) == reference
    assert reference in references_in(f"invoice 12, {reference} and thanks")


def test_a_reference_with_a_wrong_digit_is_none() -> None:
    """A mistyped reference names nobody."""
    with pytest.raises(ReferenceInvalid):
        parse_reference("RF18539007547035")
    assert references_in("RF18 5390 0754 7035") == []


def test_references_are_not_guessed() -> None:
    """Ten thousand of them, and no two alike."""
    made = {new_reference() for _ in range(10_000)}
    assert len(made) == 10_000
    assert all(parse_reference(one) == one for one in made)
