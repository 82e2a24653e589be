"""Merchants' codes of the world: what is read, what is refused, and what we write ourselves."""

import json
from pathlib import Path
from typing import Any

import pytest

from counterfoil.money import Money, currency_by_code
from counterfoil.qr import (
    Account,
    AdditionalData,
    CodeUnreadable,
    CodeUnsafe,
    CodeUnwritable,
    Deviation,
    Field,
    Initiation,
    LocalName,
    MerchantCode,
    Tip,
    TipKind,
    common_text,
    inspect_merchant_code,
    read_merchant_code,
    shown_text,
    write_merchant_code,
)
from counterfoil.qr.crc import checksum, crc16

VECTORS = json.loads((Path(__file__).parent.parent / "vectors" / "emv_codes.json").read_text())
MERCHANT: list[dict[str, Any]] = VECTORS["merchant"]
YUAN = currency_by_code("CNY")
BAKERY = MerchantCode(
    accounts=(Account.template("26", "example.pay", Field("01", "s"), Field("02", "7KM2")),),
    currency=currency_by_code("EUR"),
    category="5462",
    country="FR",
    name="ALICE BAKES",
    city="LYON",
)


def sealed(body: str) -> str:
    """Close a code that others wrote: its checksum behind it."""
    return body + "6304" + checksum(body + "6304")


def given(**values: str) -> str:
    """Write a bakery's code with other values: `_54="1."` puts that amount in."""
    fields = {"00": "01", "15": "ABC", "52": "5462", "53": "978", "58": "FR", "59": "A", "60": "B"}
    fields |= {place.removeprefix("_"): value for place, value in values.items()}
    return sealed("".join(f"{place}{len(value):02}{value}" for place, value in fields.items()))


def names(text: str) -> list[str]:
    return [str(found) for found in inspect_merchant_code(text).deviations]


def test_the_checksum_s_own_check_value() -> None:
    """The algorithm's published check value comes out."""
    assert crc16(b"123456789") == 0x29B1


@pytest.mark.parametrize("vector", MERCHANT, ids=lambda vector: vector["checksum"])
def test_a_published_code_is_read(vector: dict[str, Any]) -> None:
    """Each published code is read to the values that its publisher gives, deviations by name."""
    found = inspect_merchant_code(vector["text"])
    assert [str(one) for one in found.deviations] == vector["deviations"]
    assert found.fields[-1] == Field("63", vector["checksum"])
    assert found.code is not None
    assert found.code.currency.code == vector["currency"]
    assert (found.code.amount and found.code.amount.plain) == vector["amount"]
    assert {one.id: one.unique_id for one in found.code.accounts} == vector["accounts"]


def test_the_specification_s_example_in_full() -> None:
    """Every field of the specification's own example arrives where it belongs."""
    code = read_merchant_code(MERCHANT[0]["text"])
    assert code == MerchantCode(
        accounts=(
            Account.template("29", "D15600000000", Field("05", "A93FO3230Q")),
            Account.template("31", "D15600000001", Field("03", "12345678")),
        ),
        currency=YUAN,
        amount=Money(2372, YUAN),
        initiation=Initiation.DYNAMIC,
        tip=Tip(TipKind.ASK),
        category="4111",
        country="CN",
        name="BEST TRANSPORT",
        city="BEIJING",
        additional=AdditionalData(store="1234", payer="***", till="A6008667", data_request="ME"),
        local_name=LocalName("ZH", "最佳运输", "北京"),
        others=(Field("91", "0016A011223344998877070812345678"),),
    )


def test_a_code_of_another_network_is_read_although_it_breaks_the_rules() -> None:
    """A national scheme that leaves out what is demanded can still be paid."""
    code = read_merchant_code(MERCHANT[4]["text"])
    assert (code.name, code.amount) == (None, Money.of("180000", "VND"))


def test_more_decimals_than_the_currency_are_not_paid() -> None:
    """999.123 yen are no amount: the code is refused by that name."""
    with pytest.raises(CodeUnsafe, match="amount-too-precise \\(54\\)") as refused:
        read_merchant_code(MERCHANT[2]["text"])
    assert refused.value.facts["deviations"] == ("amount-too-precise (54)",)


DAMAGED = {
    "second vector, currency twice and no checksum": (
        MERCHANT[1]["text"][:-8].replace("5303156", "53031565303156"),
        {"twice (53)", "checksum-missing (63)"},
    ),
    "checksum wrong": (given()[:-4] + "0000", {"checksum-wrong (63)"}),
    "checksum over other bytes": (
        MERCHANT[0]["text"][:-4] + "B333",  # what GBK gives
        {"checksum-wrong (63)"},
    ),
    "something behind the checksum": (given() + "65010", {"checksum-not-last (63)"}),
    "another format": (given(_00="02"), {"format (00)"}),
    "no account": (sealed("00020152045462530397858 02FR".replace(" ", "")), {"no-account"}),
    "no currency": (sealed("0002011503ABC5802FR"), {"currency-missing (53)"}),
    "a currency that is none": (given(_53="000"), {"currency-unknown (53)"}),
    "a currency in letters": (given(_53="EUR"), {"currency-unknown (53)"}),
    "amount 0": (given(_54="0"), {"amount-zero (54)"}),
    "amount 0.00": (given(_54="0.00"), {"amount-zero (54)"}),
    "amount 1.": (given(_54="1."), {"amount-unreadable (54)"}),
    "amount .5": (given(_54=".5"), {"amount-unreadable (54)"}),
    "amount 1e3": (given(_54="1e3"), {"amount-unreadable (54)"}),
    "amount -1": (given(_54="-1"), {"amount-unreadable (54)"}),
    "amount with a comma": (given(_54="1,50"), {"amount-unreadable (54)"}),
    "amount in other digits": (given(_54="１２"), {"amount-unreadable (54)"}),  # noqa: RUF001
    "amount of 14 characters": (given(_54="12345678901.00"), {"amount-unreadable (54)"}),
    "amount too precise": (given(_54="1.001"), {"amount-too-precise (54)"}),
    "fixed fee without its amount": (given(_55="02"), {"tip-unreadable (55)"}),
    "a share of nothing": (given(_55="03", _57="00.00"), {"tip-unreadable (55)"}),
    "a fee without its kind": (given(_56="1.00"), {"tip-unreadable (55)"}),
    "a zero fee": (given(_55="02", _56="0"), {"amount-zero (56)", "tip-unreadable (55)"}),
    "NUL in a name": (given(_59="A\0B"), {"control-character"}),
    "an escape sequence": (given(_59="\x1b[2J"), {"control-character"}),
}


@pytest.mark.parametrize("case", DAMAGED)
def test_what_puts_money_at_risk_is_refused_by_name(case: str) -> None:
    """A code that could move the wrong amount is not paid, and the refusal says why."""
    text, expected = DAMAGED[case]
    with pytest.raises(CodeUnsafe) as refused:
        read_merchant_code(text)
    assert expected <= set(refused.value.facts["deviations"])  # type: ignore[call-overload]


HARMLESS = {
    "checksum in small letters": (
        MERCHANT[0]["text"][:-4] + "a13a",
        ["checksum-small-letters (63)"],
    ),
    "more zeros than decimals": (given(_53="704", _54="180000.00"), ["amount-extra-zeros (54)"]),
    "a name too long": (given(_59="A" * 26), ["too-long (59)"]),
    "a name in its own script": (given(_59="北京"), ["script (59)"]),
    "initiation 13": (given(_01="13"), ["malformed (01)"]),
    "a small country": (given(_58="fr"), ["malformed (58)"]),
    "an empty field": (given(_61=""), ["empty (61)"]),
    "a broken template": (given(_62="0105AB"), ["template-broken (62)"]),
    "a broken account": (given(_26="0099AB"), ["account-broken (26)"]),
    "a reserved field": (given(_70="X"), ["reserved (70)"]),
    "a line end from a scanner": (given() + "\r\n", []),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_is_harmless_is_told_and_passed_over(case: str) -> None:
    """Other networks' habits are reported by name, and their shops are paid all the same."""
    text, expected = HARMLESS[case]
    assert names(text) == expected
    assert read_merchant_code(text).accounts


def test_every_deviation_has_a_case() -> None:
    """No kind of deviation is without a code that shows it."""
    told = {name for _text, found in DAMAGED.values() for name in found}
    told |= {name for _text, found in HARMLESS.values() for name in found}
    told |= {"counts-bytes", *MERCHANT[4]["deviations"]}
    assert {name.partition(" ")[0] for name in told} == {one.label for one in Deviation}


def test_lengths_in_bytes_are_read_where_the_checksum_agrees() -> None:
    """A writer that counts bytes is understood, by its checksum; a damaged code is not."""
    local = "".join(
        f"{place}{len(value.encode()):02}{value}"
        for place, value in {"00": "ZH", "01": "最佳运输", "02": "北京"}.items()
    )
    body = f"0002011503ABC530315664{len(local.encode()):02}{local}"
    code = read_merchant_code(sealed(body))
    assert code.local_name == LocalName("ZH", "最佳运输", "北京")
    assert "counts-bytes" in names(sealed(body))
    with pytest.raises(CodeUnreadable, match="breaks off"):
        read_merchant_code(body + "63040000")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "https://pay.example/s/7KM2",
        "00020",
        "000201" + "15",
        "00020115XXABC",
        "00020115\N{ARABIC-INDIC DIGIT ONE}\N{ARABIC-INDIC DIGIT TWO}ABC",
        "0002011599ABC",
        "000201" + "0" * 10_000,
    ],
    ids=[
        "empty",
        "link",
        "head cut",
        "field cut",
        "no length",
        "Arabic",
        "beyond the end",
        "10 kB",
    ],
)
def test_what_breaks_off_is_unreadable(text: str) -> None:
    """A text that is no code, or half of one, is refused before anything is made of it."""
    with pytest.raises(CodeUnreadable):
        inspect_merchant_code(text)


def test_what_we_write_is_read_back() -> None:
    """A code of ours, with everything in it, says the same to whoever reads it."""
    code = MerchantCode(
        accounts=(*BAKERY.accounts, Account("15", "A1")),
        currency=BAKERY.currency,
        amount=Money.of("12.50", "EUR"),
        initiation=Initiation.DYNAMIC,
        tip=Tip(TipKind.PERCENTAGE, hundredths=5),
        category="5462",
        country="FR",
        name="ALICE BAKES",
        city="LYON",
        postal_code="69001",
        additional=AdditionalData(reference="A-17", till="2", others=(Field("50", "0004ABCD"),)),
        local_name=LocalName("ZH", "爱丽丝面包店", "里昂"),
        others=(Field("80", "0004ABCD"),),
    )
    text = write_merchant_code(code)
    assert read_merchant_code(text) == code
    assert text.startswith("000201010212")
    assert "540512.50" in text
    assert "570500.05" in text


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"amount": Money.of("0", "EUR")}, "amount-zero (54)"),
        ({"amount": Money.of("-1", "EUR")}, "amount-unreadable (54)"),
        ({"amount": Money.of("12345678901.00", "EUR")}, "amount-unreadable (54)"),
        ({"tip": Tip(TipKind.FIXED)}, "tip-unreadable (55)"),
        ({"tip": Tip(TipKind.PERCENTAGE, hundredths=10000)}, "tip-unreadable (55)"),
        ({"name": None}, "missing (59)"),
        ({"name": "面包"}, "script (59)"),
        ({"name": "A" * 26}, "too-long (59)"),
        ({"city": "A" * 16}, "too-long (60)"),
        ({"category": "54"}, "malformed (52)"),
        ({"country": "fra"}, "too-long (58)"),
        ({"accounts": ()}, "no-account"),
        ({"accounts": (*BAKERY.accounts, *BAKERY.accounts)}, "twice (26)"),
        ({"accounts": (Account("26", "0099A"),)}, "account-broken (26)"),
        ({"others": (Field("70", "A"),)}, "reserved (70)"),
        ({"additional": AdditionalData(bill="A" * 26)}, "too-long (62.01)"),
    ],
)
def test_nothing_is_written_that_others_could_misread(change: dict[str, Any], named: str) -> None:
    """What the standard forbids is not written, whoever asks for it."""
    from dataclasses import replace

    with pytest.raises(CodeUnwritable) as refused:
        write_merchant_code(replace(BAKERY, **change))
    assert named in refused.value.facts["deviations"]  # type: ignore[operator]


def test_an_amount_in_another_currency_is_not_written() -> None:
    """A code is in one currency."""
    from dataclasses import replace

    with pytest.raises(CodeUnwritable, match=r"EUR.*9 JPY"):
        write_merchant_code(replace(BAKERY, amount=Money.of("9", "JPY")))


@pytest.mark.parametrize(
    ("name", "common", "shown"),
    [
        ("Crêperie Zoë", "Creperie Zoe", "Crêperie Zoë"),
        ("北京药店 No 7", "No 7", "北京药店 No 7"),
        ("北京", "", "北京"),
        ("A\x1b[2J\u200bB", "A[2JB", "A[2J\u200bB"),
        ("Straße " + "x" * 30, "Strae " + "x" * 19, "Straße " + "x" * 18),
    ],
)
def test_names_are_fitted_into_their_fields(name: str, common: str, shown: str) -> None:
    """A name loses its accents where only common characters may stand, and never half a letter."""
    assert common_text(name, 25) == common
    assert shown_text(name, 25) == shown
