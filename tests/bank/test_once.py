"""A file to the bank is written once and a file from it taken in once, whatever is cut or repeated."""

import shutil
from pathlib import Path

import pytest

from counterfoil.bank import (
    Bank,
    FileChanged,
    FolderRail,
    Instructions,
    OrderState,
    Unread,
)
from counterfoil.bank.pain001 import read_pain001
from counterfoil.people import LocalKeys
from tests.bank.world import ALICE_IBAN, Street
from tests.consent.world import EUR
from tests.wallet.world import euros


class Cut(Exception):  # the power
    """The program ends here."""


class CutRail(FolderRail):
    """A rail on which the power fails: before the file is written, or after."""

    def __init__(self, folder: Path, *, after: bool) -> None:
        super().__init__(folder)
        self.after = after

    def send(self, name: str, data: bytes) -> None:
        """Fail."""
        if self.after:
            super().send(name, data)
        raise Cut


def sent(elm: Street) -> list[str]:
    folder = elm.folder / "to-bank"
    files = [read_pain001(path.read_bytes()) for path in sorted(folder.glob("*.xml"))]
    return [payment.end_to_end_id for file in files for payment in file.payments]


def reopened(elm: Street, tmp_path: Path) -> Bank:
    url = elm.town.ledger._url
    return Bank(elm.town.ledger, LocalKeys(tmp_path / "keys"), url, elm.town.clock)


@pytest.mark.parametrize("after", [False, True])
def test_a_power_cut_beside_the_file_neither_loses_nor_doubles_it(
    elm: Street, tmp_path: Path, *, after: bool
) -> None:
    """Whether the file was there when the power failed or not, it is there once afterwards."""
    order = elm.withdraw("10")
    with pytest.raises(Cut):
        elm.bank.send(CutRail(elm.folder, after=after))
    elm.ash.wait(days=1)
    later = elm.withdraw("20")
    with reopened(elm, tmp_path) as bank:
        files = bank.send(elm.rail)
        assert sorted(sent(elm)) == sorted([order.end_to_end_id, later.end_to_end_id])
        assert [one.total for one in files] == [euros("10"), euros("20")]
        assert bank.send(elm.rail) == []


def test_message_ids_are_unique_and_short(elm: Street) -> None:
    """At most 35 characters, as ISO 20022 has it, and none twice."""
    ids = []
    for amount in ("1", "2", "3"):
        elm.withdraw(amount)
        ids += [one.message_id for one in elm.bank.send(elm.rail)]
    assert len(set(ids)) == 3
    assert all(len(one) <= 35 for one in ids)


def test_a_file_with_other_content_is_not_written_over(elm: Street) -> None:
    """Nobody changes a payment file in the folder without being found out."""
    elm.withdraw("10")
    with pytest.raises(Cut):
        elm.bank.send(CutRail(elm.folder, after=True))
    (path,) = (elm.folder / "to-bank").glob("*.xml")
    path.write_bytes(path.read_bytes().replace(b"DE89370400440532013000", b"NO9386011117947"))
    with pytest.raises(FileChanged):
        elm.bank.send(elm.rail)


def test_what_is_taken_in_again_changes_nothing(elm: Street) -> None:
    """The same files, under the same names or others, in any order, as often as somebody likes."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    elm.receive()
    elm.withdraw("100")
    elm.bank_day(Instructions(returns={ALICE_IBAN: "AC04"}))
    elm.bank_day()
    elm.receive()
    books = elm.books()
    incoming = elm.folder / "from-bank"
    for path in sorted(incoming.glob("*.xml")):
        shutil.copy(path, incoming / f"again-{path.name}")
        # The same statement, written anew: other bytes, the same entries.
        other = path.read_text().replace("T18:00:00Z", "T19:00:00Z")
        (incoming / f"other-{path.name}").write_text(other)
    told = elm.receive()
    assert elm.books() == books
    assert sum(one.known_count for one in told) == 3
    assert books["alice"] == euros("1300")


def test_statements_may_come_in_any_order(elm: Street) -> None:
    """A return that is read before the payment it returns ends in the same books."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    elm.withdraw("100")
    elm.bank_day(Instructions(returns={ALICE_IBAN: "AC04"}))
    elm.bank_day()
    incoming = elm.folder / "from-bank"
    for place, path in enumerate(sorted(incoming.glob("camt053*"), reverse=True)):
        path.rename(incoming / f"{place}.xml")
    told = elm.receive()
    assert any("before its turn" in finding for one in told for finding in one.findings)
    assert elm.books() == {
        "nostro": euros("300"),
        "in transit": euros("0"),
        "suspense": euros("0"),
        "alice": euros("1300"),
    }
    assert elm.banking.withdrawals(elm.alice, EUR)[0].state is OrderState.RETURNED


def test_a_debit_after_a_rejection_goes_to_suspense(elm: Street) -> None:
    """A bank that contradicts itself costs the operator a question, and Alice nothing."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    order = elm.withdraw("100")
    elm.bank_day()
    incoming = elm.folder / "from-bank"
    (report,) = incoming.glob("pain002*")
    text = report.read_text().replace("ACSP", "RJCT")
    report.write_text(text)
    # The report comes first.
    report.rename(incoming / "a.xml")
    elm.receive()
    assert elm.bank.order(order.id) is not None
    assert elm.banking.withdrawals(elm.alice, EUR)[0].state is OrderState.REJECTED
    assert elm.books() == {
        "nostro": euros("200"),
        "in transit": euros("0"),
        "suspense": euros("-100"),
        "alice": euros("1300"),
    }


def test_a_rejection_after_the_debit_moves_nothing(elm: Street) -> None:
    """What the bank has booked comes back by an entry, and by nothing else."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    elm.withdraw("100")
    elm.bank_day()
    incoming = elm.folder / "from-bank"
    (report,) = incoming.glob("pain002*")
    report.write_text(report.read_text().replace("ACSP", "RJCT"))
    report.rename(incoming / "z.xml")
    told = elm.receive()
    assert any("was booked before" in finding for one in told for finding in one.findings)
    assert elm.books()["alice"] == euros("1200")
    assert elm.books()["in transit"] == euros("0")


def test_a_file_that_is_no_message_is_named_and_the_rest_taken_in(elm: Street) -> None:
    """One torn file does not keep the others from being read."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    (elm.folder / "from-bank" / "a.xml").write_text("<torn")
    told = elm.bank.receive(elm.rail)
    assert [one.name for one in told if isinstance(one, Unread)] == ["a.xml"]
    assert elm.alices() == euros("1300")


def test_an_order_for_another_amount_goes_to_suspense(elm: Street) -> None:
    """An entry that names an order and is over another amount settles nothing."""
    reference = elm.banking.top_up(elm.alice, EUR).reference
    elm.bank_day(Instructions(pay_ins=[elm.pay_in("300", reference)]))
    elm.withdraw("100")
    elm.bank_day()
    for path in (elm.folder / "from-bank").glob("camt053*"):
        text = path.read_text().replace(">100.00<", ">100.01<").replace(">200.00<", ">199.99<")
        path.write_text(text)
    elm.receive()
    assert elm.books()["suspense"] == euros("-100.01")
    assert elm.books()["in transit"] == euros("100")
    assert elm.books()["nostro"] == euros("199.99")
