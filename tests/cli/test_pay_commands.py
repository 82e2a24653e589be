"""An operator's day with merchants: open a shop, give it a key, see its orders, give back, close."""

from pathlib import Path
from uuid import UUID

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from counterfoil.cli.pay_site import opened_pay
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountKind, NewAccount, Transfer, TransferId
from counterfoil.money import Money, UnknownCurrency, currency_by_code
from counterfoil.pay import (
    KeyIsPrivate,
    MerchantSuspended,
    NewOrder,
    OrderNotFound,
    OrderPaid,
    Pay,
)
from counterfoil.people import PersonId
from counterfoil.wallet import Limits, Terms
from tests.cli.test_people_commands import Desk

EUR = currency_by_code("EUR")


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """Give a desk at an empty database."""
    return Desk(tmp_path, database_url)


def bread(pay: Pay, number: str, cents: int, name: str) -> NewOrder:
    merchant = pay.merchants.by_number(number)
    return NewOrder(
        merchant=merchant.id, merchant_order_no=name, amount=Money(cents, EUR), subject="Bread"
    )


def sell(desk: Desk, merchant: str, bob: str) -> tuple[str, str]:
    """Sell one loaf to Bob, and leave another unpaid; give their numbers."""
    with opened_pay(desk.where[3], Path(desk.where[1])) as pay:
        wallets, person = pay.paying._wallets, PersonId(UUID(bob))
        limits = Limits(Money(50_000, EUR), Money(90_000, EUR))
        wallets.offer(Terms(default=limits, ceiling=limits))
        account = wallets.open_wallet(person, EUR).account
        cash = pay._ledger.open_account(
            NewAccount(id=AccountId(new_id()), currency=EUR, kind=AccountKind.ASSET)
        )
        pay._ledger.post(
            Transfer(id=TransferId(new_id()), debit_account=cash, credit_account=account,
                     amount=Money(10_000, EUR))
        )  # fmt: skip
        paid = pay.paying.pay(pay.orders.create(bread(pay, merchant, 1000, "a")).id, person)
        return paid.number, pay.orders.create(bread(pay, merchant, 500, "b")).number


def test_a_shop_is_opened_sells_and_gives_back(desk: Desk) -> None:
    """From `merchant open` to `order refund`, by commands alone but for the selling."""
    bob = desk.answers("person", "add", "Bob Bauer", "+33 6 39 98 12 34")["person"]
    opened = desk.answers(
        "merchant", "open", "Larch Bakery", "--country", "FR", "--city", "Paris", "--fee", "60"
    )
    merchant = opened["number"]
    assert desk.says("merchant", "list").count("Larch Bakery") == 1
    store = desk.answers("merchant", "store", merchant, "Rivoli", "--number", "1", "--till", "A")
    desk.says("merchant", "till", merchant, "--store", "1", "--number", "B")
    shown = desk.answers("merchant", "show", merchant)
    assert shown["stores"] == [{"number": "1", "name": "Rivoli", "word": store["word"]}]
    paid, unpaid = sell(desk, merchant, bob)
    assert [one["number"] for one in desk.answers("order", "list", merchant)["orders"]] == [
        unpaid, paid,
    ]  # fmt: skip
    assert desk.answers("order", "show", paid)["net"] == {"minor": 994, "currency": "EUR"}
    back = desk.answers("order", "refund", paid, "--request", "1", "--amount", "2.50")
    assert (back["state"], back["is_new"]) == ("part-refunded", True)
    assert "−€2.50" in desk.says("order", "show", paid)
    assert desk.answers("order", "close", unpaid)["state"] == "closed"
    with pytest.raises(OrderPaid):
        desk.says("order", "close", paid)
    with pytest.raises(OrderNotFound):
        desk.says("order", "show", "1" * 28)
    assert desk.answers("order", "run-due")["orders_closed"] == 0


def test_a_merchant_is_suspended_and_reinstated(desk: Desk) -> None:
    """Suspended, nothing can be ordered there; its fee can be changed."""
    merchant = desk.answers("merchant", "open", "Mill")["number"]
    desk.says("merchant", "suspend", merchant, "--reason", "Papers expired.")
    with (
        opened_pay(desk.where[3], Path(desk.where[1])) as pay,
        pytest.raises(MerchantSuspended),
    ):
        pay.orders.create(bread(pay, merchant, 1, "a"))
    desk.says("merchant", "reinstate", merchant)
    desk.says("merchant", "fee", merchant, "45", "--rounding", "half-even")
    shown = desk.answers("merchant", "show", merchant)
    assert (shown["standing"], shown["fee_basis_points"]) == ("active", 45)


def test_certificates_are_written_and_are_the_same_again(desk: Desk, tmp_path: Path) -> None:
    """The application's, ours and the root: each certified by the root, and nothing new the next time."""
    merchant = desk.answers("merchant", "open", "Mill")["number"]
    private, folder = tmp_path / "private.pem", tmp_path / "certificates"
    made = desk.answers("merchant", "key", merchant, "--private-to", str(private))
    writing = ("merchant", "certificates", made["application"], str(folder))
    told = desk.answers(*writing)
    assert sorted(told) == sorted(path.name for path in folder.iterdir())
    found = {name: x509.load_pem_x509_certificate((folder / name).read_bytes()) for name in told}
    root = found["alipayRootCert.crt"]
    for certificate in found.values():
        certificate.verify_directly_issued_by(root)
    ours = found["alipayCertPublicKey_RSA2.crt"].public_key()
    pem = ours.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    assert pem.split() == made["our_public_key"].split()
    before = [path.read_bytes() for path in sorted(folder.iterdir())]
    assert desk.answers(*writing) == told
    assert [path.read_bytes() for path in sorted(folder.iterdir())] == before
    assert "serial number" in desk.says(*writing)


def test_keys_are_made_once_or_pasted(desk: Desk, tmp_path: Path) -> None:
    """The private key is written where it is asked for; pasted where a public one is wanted, refused."""
    merchant = desk.answers("merchant", "open", "Mill")["number"]
    private = tmp_path / "private.pem"
    made = desk.answers("merchant", "key", merchant, "--private-to", str(private))
    assert private.read_text().startswith("-----BEGIN RSA PRIVATE KEY-----")
    assert private.stat().st_mode & 0o077 == 0
    ours = tmp_path / "ours.pem"
    ours.write_text(made["our_public_key"])
    again = ("merchant", "key", merchant, "--application", made["application"], "--file")
    assert desk.answers(*again, str(ours))["application"] == made["application"]
    with pytest.raises(KeyIsPrivate):
        desk.says(*again, str(private))


def test_rates_are_entered_with_their_source(desk: Desk) -> None:
    """A rate without a currency that exists is refused."""
    desk.says("rate", "enter", "EUR", "JPY", "162.5", "--source", "ECB", "--at", "2026-01-05")
    (rate,) = desk.answers("rate", "list")["rates"]
    assert (rate["base"], rate["rate"], rate["source"]) == ("EUR", "325/2", "ECB")
    with pytest.raises(UnknownCurrency):
        desk.says("rate", "enter", "EUR", "XXY", "1", "--source", "ECB")
