"""Codes that are not merchants': card codes, our links, payer codes, and telling them apart."""

import base64
import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.money import currency_by_code
from counterfoil.qr import (
    Account,
    CardCode,
    CodeUnreadable,
    CodeUnsafe,
    CodeUnwritable,
    ForeignCode,
    MerchantCode,
    Origin,
    PayCode,
    PayerCode,
    PayKind,
    read_card_code,
    read_scanned,
    read_word,
    write_merchant_code,
)

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "emv_codes.json").read_text())
ORIGIN = Origin("https://pay.example")
BAKERY = PayCode(PayKind.STORE, "7KM2Q9ZD")


@pytest.mark.parametrize("vector", VECTORS["card"], ids=lambda vector: vector["text"][-12:])
def test_a_published_card_code_is_read(vector: dict[str, Any]) -> None:
    """Each published card code gives its applications and objects."""
    code = read_card_code(vector["text"])
    assert list(code.application_ids) == vector["applications"]
    everything = [*code.applications, *code.common]
    for tag, value in vector["objects"].items():
        found = [
            one
            for outer in everything
            if (one := outer if outer.tag == int(tag, 16) else outer.find(int(tag, 16)))
        ]
        assert found[0].text == value


BROKEN = {
    "no Base64": "hQV!",
    "another format": base64.b64encode(bytes.fromhex("8505435056303261024F00")).decode(),
    "format not first": base64.b64encode(bytes.fromhex("61034F01AA85054350563031")).decode(),
    "breaks off": base64.b64encode(bytes.fromhex("85054350563031611A4F07A0")).decode(),
    "an application without id": base64.b64encode(
        bytes.fromhex("850543505630316103500141")
    ).decode(),
    "no length": base64.b64encode(bytes.fromhex("8505435056303161")).decode(),
    "indefinite length": base64.b64encode(bytes.fromhex("850543505630316180")).decode(),
    "a tag of three bytes": base64.b64encode(bytes.fromhex("850543505630319F818101AA")).decode(),
    "half a tag": base64.b64encode(bytes.fromhex("850543505630319F")).decode(),
    "a name that is no ASCII": base64.b64encode(
        bytes.fromhex("8505435056303162055F2002C3A9")
    ).decode(),
    "templates in templates": base64.b64encode(
        bytes.fromhex("85054350563031" + "620C620A62086206620462026200")
    ).decode(),
    "too long": "hQVD" * 2000,
    "empty": "",
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_broken_card_code_is_refused(case: str) -> None:
    """What goes to an acquirer is whole, or it does not go."""
    with pytest.raises(CodeUnreadable, match=r"no payer's card code: .*; show it again"):
        read_card_code(BROKEN[case])


def test_a_pay_code_is_the_same_as_link_and_inside_an_emv_code() -> None:
    """One store, two forms, one meaning: whichever the phone reads."""
    emv = MerchantCode(
        accounts=(Account("15", "ABC"), ORIGIN.account(BAKERY)),
        currency=currency_by_code("EUR"),
        category="5462",
        country="FR",
        name="SOMEBODY ELSE",
        city="LYON",
    )
    assert ORIGIN.link(BAKERY) == "https://pay.example/s/7KM2Q9ZD"
    assert ORIGIN.unique_id == "example.pay"
    assert read_scanned(ORIGIN.link(BAKERY), ORIGIN) == BAKERY
    assert read_scanned(write_merchant_code(emv), ORIGIN) == BAKERY
    assert isinstance(read_scanned(write_merchant_code(emv), Origin("https://a.test")), ForeignCode)


@pytest.mark.parametrize(
    "text",
    [
        "HTTPS://PAY.EXAMPLE/S/7KM2Q9ZD",
        "https://pay.example/s/7km2q9zd/",
        "https://pay.example/s/7KM2Q9ZD?utm_source=camera#top",
        " https://pay.example/s/7KM2Q9ZD\r\n",
    ],
)
def test_a_link_is_read_as_cameras_hand_it_over(text: str) -> None:
    """Capitals, a query, a line end: what cameras add changes nothing."""
    assert read_scanned(text, ORIGIN) == BAKERY


@pytest.mark.parametrize(
    "text",
    [
        "https://pay.example.evil.test/s/7KM2Q9ZD",
        "https://evil.test/s/7KM2Q9ZD",
        "https://pay.example@evil.test/s/7KM2Q9ZD",
        "https://pay.example:444/s/7KM2Q9ZD",
        "http://pay.example/s/7KM2Q9ZD",
        "https://pay.example",
        "https://pay.example/s",
        "https://pay.example/x/7KM2Q9ZD",
        "https://pay.example/s/7KM",
        "https://pay.example/s/7KM2/../../admin",
        "https://[pay.example/s/7KM2Q9ZD",
        "javascript:alert(1)",
        "",
        "x" * 10_000,
    ],
)
def test_a_link_that_only_looks_like_ours_is_refused(text: str) -> None:
    """Another host, port or scheme, and an address of ours that means nothing, pay nobody."""
    with pytest.raises(CodeUnreadable):
        read_scanned(text, ORIGIN)


@pytest.mark.parametrize(
    "url",
    [
        "http://pay.example",
        "https://pay.example/",
        "https://Pay.example",
        "https://a:b@pay.example",
        "pay.example",
        "",
        "https://",
        "ftp://localhost",
    ],
)
def test_an_origin_is_safe_to_print(url: str) -> None:
    """Only https, and plain http on this machine alone, is printed on anything."""
    with pytest.raises(CodeUnwritable):
        Origin(url)
    assert Origin("http://localhost:8000").link(BAKERY) == "http://localhost:8000/s/7KM2Q9ZD"


@pytest.mark.parametrize("typed", ["7KM2Q9ZD", "7km2 q9zd", "7KM2-Q9ZD"])
def test_a_word_can_be_typed(typed: str) -> None:
    """Who cannot scan types the word, in any case, with spaces or hyphens."""
    assert read_word(typed) == "7KM2Q9ZD"


def test_letters_that_look_like_digits_are_digits() -> None:
    """I and L are 1 and O is 0, as Crockford's Base32 has it."""
    assert read_word("o1Il") == "0111"
    with pytest.raises(CodeUnreadable):
        read_word("UUUU")
    with pytest.raises(CodeUnwritable):
        PayCode(PayKind.STORE, "7km2")


@pytest.mark.parametrize(
    ("digits", "is_payer"),
    [
        ("28" + "0" * 16, True),
        ("25" + "0" * 14, True),
        ("30" + "0" * 22, True),
        ("24" + "0" * 16, False),
        ("31" + "0" * 16, False),
        ("28" + "0" * 13, False),
        ("28" + "0" * 23, False),
        ("4006381333931", False),  # an article
        ("28\N{ARABIC-INDIC DIGIT ONE}" + "0" * 15, False),
    ],
)
def test_a_payer_code_is_told_from_an_article(digits: str, *, is_payer: bool) -> None:
    """A till tells a payer's digits by length and beginning from the goods on the belt."""
    if is_payer:
        assert read_scanned(digits, ORIGIN) == PayerCode(digits)
    else:
        with pytest.raises(CodeUnreadable):
            read_scanned(digits, ORIGIN)


def test_cards_and_unsafe_codes_are_told_apart_too() -> None:
    """A card code is a card code, and an unsafe merchant's code stays refused."""
    assert isinstance(read_scanned(VECTORS["card"][0]["text"], ORIGIN), CardCode)
    with pytest.raises(CodeUnsafe):
        read_scanned(VECTORS["merchant"][2]["text"], ORIGIN)
