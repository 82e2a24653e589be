"""What is written is valid and exact; what is read is believed only as far as it is both."""

import contextlib
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.bank import (
    Entry,
    MessageTooLarge,
    MessageUnreadable,
    Payment,
    PaymentFile,
    PaymentStatus,
    Statement,
    StatusReport,
)
from counterfoil.bank.camt053 import read_camt053, write_camt053
from counterfoil.bank.message import DEPTH_MAX, root_namespace
from counterfoil.bank.pain001 import NAMESPACE, read_pain001, write_pain001
from counterfoil.bank.pain002 import read_pain002, write_pain002
from counterfoil.money import Money, currency_by_code
from tests.bank.world import ALICE_IBAN, OPERATOR

NOON = datetime(2026, 1, 5, 12, tzinfo=UTC)
DAY = date(2026, 1, 5)
EUR, JPY, BHD = (currency_by_code(code) for code in ("EUR", "JPY", "BHD"))
IDS = st.text("0123456789abcdef", min_size=32, max_size=32)
TEXTS = (
    st.text(
        st.characters(
            min_codepoint=32, max_codepoint=0xFFFD, exclude_categories=("Cs", "Cc", "Cn")
        ),
        min_size=1,
        max_size=70,
    )
    .map(lambda text: " ".join(text.split()))
    .filter(bool)
)


def amounts(currency: str) -> st.SearchStrategy[Money]:
    return st.integers(1, 10**15 - 1).map(lambda minor: Money(minor, currency_by_code(currency)))


@st.composite
def payment_files(draw: st.DrawFn) -> PaymentFile:
    currency = draw(st.sampled_from(["EUR", "JPY", "BHD"]))
    payee = replace(OPERATOR, name=draw(TEXTS), iban=ALICE_IBAN, bic="")
    ids = draw(st.lists(IDS, min_size=1, max_size=4, unique=True))
    payments = tuple(
        Payment(end_to_end_id=one, amount=draw(amounts(currency)), payee=payee,
                remittance=draw(TEXTS))
        for one in ids
    )  # fmt: skip
    return PaymentFile(
        message_id=draw(IDS), made_at=NOON, execute_on=DAY, debtor=OPERATOR, payments=payments
    )


@given(payment_files())
def test_a_payment_file_is_read_as_it_was_written(file: PaymentFile) -> None:
    """Names in any script, amounts to the unit of their currency: nothing is lost or rounded."""
    data = write_pain001(file)
    assert root_namespace(data) == NAMESPACE
    assert read_pain001(data) == file
    assert write_pain001(file) == data


@st.composite
def statements(draw: st.DrawFn) -> Statement:
    currency = draw(st.sampled_from(["EUR", "JPY", "BHD"]))
    keys = draw(st.lists(st.integers(1, 10**6), max_size=5, unique=True))
    entries = tuple(
        Entry(
            key=f"REF{key}", amount=draw(amounts(currency)), is_credit=draw(st.booleans()),
            booked_on=DAY, end_to_end_id=draw(IDS),
        )
        for key in keys
    )  # fmt: skip
    opening = Money(draw(st.integers(-(10**15), 10**15)), currency_by_code(currency))
    moved = sum(one.signed_minor for one in entries)
    return Statement(
        id="STMT-1", number=1, made_at=NOON, account=OPERATOR.iban, holder="Larch Savings",
        opened_on=DAY, closed_on=DAY, opening=opening,
        closing=Money(opening.minor + moved, opening.currency), entries=entries,
    )  # fmt: skip


@given(statements())
def test_a_statement_is_read_as_it_was_written(statement: Statement) -> None:
    """Overdrawn balances and currencies without cents are written and read to the unit."""
    assert read_camt053(write_camt053(statement)) == (statement,)


def test_a_status_report_is_read_as_it_was_written() -> None:
    """The status and the reason of each payment come through."""
    report = StatusReport(
        message_id="S1", made_at=NOON, original_message_id="M1", group_status="PART",
        statuses=(PaymentStatus("a", "ACSP"), PaymentStatus("b", "RJCT", "AC04")),
    )  # fmt: skip
    assert read_pain002(write_pain002(report)) == report


STATEMENT = Statement(
    id="STMT-1", number=1, made_at=NOON, account=OPERATOR.iban, holder="Larch Savings",
    opened_on=DAY, closed_on=DAY, opening=Money(0, EUR), closing=Money(1012, EUR),
    entries=(Entry(key="R1", amount=Money(1012, EUR), is_credit=True, booked_on=DAY),),
)  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (">10.12<", ">10.13<", "does not add up"),
        (">10.12<", ">10.123<", "more digits"),
        (">10.12<", ">1e3<", "does not add up|schema"),
        (">10.12<", ">NaN<", "no number"),
        (">10.12<", ">12345678901234567.89<", "too many digits"),
        (">10.12<", ">-10.12<", "below 0"),
        ('Ccy="EUR"', 'Ccy="EUX"', "EUX"),
        ('Ccy="EUR"', 'Ccy="eur"', "pattern"),
        ("CLBD", "ITBD", "CLBD"),
        ("<BookgDt>", "<BookgDt><Oops/>", "schema"),
        ("<CdtDbtInd>CRDT</CdtDbtInd>", "<CdtDbtInd>BOTH</CdtDbtInd>", "schema"),
        ("STMT-1", "S" * 36, "36 characters"),
    ],
)
def test_a_statement_that_is_wrong_is_refused_by_name(old: str, new: str, says: str) -> None:
    """A digit too many, a sum that does not fit, a currency that is none: nothing is guessed."""
    data = write_camt053(STATEMENT).decode()
    assert old in data
    with pytest.raises(MessageUnreadable, match=says):
        read_camt053(data.replace(old, new, 1).encode())


def test_ten_point_one_two_zero_is_ten_point_one_two() -> None:
    """Zeros after the last digit are how some banks write; they change no amount."""
    data = write_camt053(STATEMENT).decode().replace(">10.12<", ">10.1200<")
    assert read_camt053(data.encode()) == (STATEMENT,)


BOMB = (
    '<!DOCTYPE d [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'
    f'<Document xmlns="{NAMESPACE}"><x>&b;</x></Document>'
)
OUTSIDE = (
    '<!DOCTYPE d [<!ENTITY a SYSTEM "file:///etc/passwd">]>'
    f'<Document xmlns="{NAMESPACE}"><x>&a;</x></Document>'
)


@pytest.mark.parametrize("text", [BOMB, OUTSIDE, f'<!DOCTYPE d><Document xmlns="{NAMESPACE}"/>'])
def test_no_document_type_is_read(text: str) -> None:
    """Entities, inside or outside, are refused before any is expanded."""
    with pytest.raises(MessageUnreadable, match="document type"):
        root_namespace(text.encode())


@pytest.mark.parametrize("text", ["", "not XML", "<a><b></a>", "<a/><b/>", "\x00", "<a>\ud83d"])
def test_what_is_no_xml_is_refused_by_name(text: str) -> None:
    """A file that is torn, or no XML at all, says so."""
    with pytest.raises(MessageUnreadable, match="well-formed"):
        root_namespace(text.encode(errors="surrogatepass"))


def test_a_file_has_at_most_so_many_levels() -> None:
    """Depth costs memory; a message of ISO 20022 has few levels."""
    deep = "<a>" * (DEPTH_MAX + 1) + "</a>" * (DEPTH_MAX + 1)
    with pytest.raises(MessageTooLarge):
        root_namespace(deep.encode())


@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    """Nothing that a bank could send ends in anything but an answer with a name."""
    with contextlib.suppress(MessageUnreadable, MessageTooLarge):
        root_namespace(data)
