"""Stores, tills, deposits, debits, settlements: what the merchant gateway has no words for."""

import csv
from datetime import timedelta
from xml.etree import ElementTree as ET

from counterfoil.pay import Cycle, NewAgreement, Rules
from tests.api.world import Shop
from tests.wallet.world import euros


def test_a_merchant_opens_a_store_and_its_tills(bakery: Shop) -> None:
    """Opened, found, listed page by page; a number that is taken is refused by name."""
    assert bakery.get("/merchant")["name"] == "Larch Bakery"
    store = bakery.post("/stores", {"number": "2", "name": "Rue Oberkampf"})
    assert bakery.get(f"/stores/{store['id']}") == store
    code = bakery.get(f"/stores/{store['id']}/code", params={"currency": "EUR"})
    assert code["pay_url"] == store["pay_url"]
    assert code["emv"].startswith("000201")
    till = bakery.post(f"/stores/{store['id']}/tills", {"number": "B"})
    assert bakery.get(f"/stores/{store['id']}/tills")["items"] == [till]
    taken = bakery.refused("POST", "/stores", {"number": "2", "name": "Elsewhere"})
    assert taken == (409, "pay.number-taken")
    page = bakery.get("/stores", params={"limit": 1})
    rest = bakery.get("/stores", params={"cursor": page["next"]})
    listed = [one["number"] for one in page["items"] + rest["items"]]
    assert sorted(listed) == ["1", "2"]
    sold = bakery.post(
        "/payments",
        bakery.bread(payer_code=bakery.street.code(), store=store["id"], till=till["id"]),
    )
    assert (sold["store"], sold["till"]) == (store["id"], till["id"])


def test_a_deposit_is_held_captured_in_part_and_given_back(bakery: Shop) -> None:
    """Held by a payer's code; a part becomes a paid order, the rest comes back."""
    held = {"amount": {"amount": "50.00", "currency": "EUR"}, "title": "Key of room 12"}
    hold = bakery.post("/holds", held | {"payer_code": bakery.street.code("60")})
    assert (hold["state"], hold["rest"]["amount"]) == ("placed", "50.00")
    part = {"amount": {"amount": "20.00", "currency": "EUR"}, "subject": "Minibar"}
    order = bakery.post(f"/holds/{hold['id']}/captures", part | {"keeps_rest": True})
    assert (order["state"], order["amount"]["amount"]) == ("paid", "20.00")
    some = {"amount": {"amount": "5.00", "currency": "EUR"}}
    assert bakery.post(f"/holds/{hold['id']}/releases", some)["rest"]["amount"] == "25.00"
    done = bakery.post(f"/holds/{hold['id']}/releases", {})
    assert (done["state"], done["rest"]["amount"]) == ("captured", "0.00")
    assert bakery.refused("POST", f"/holds/{hold['id']}/releases", {}) == (409, "pay.hold-ended")
    waiting = bakery.post("/holds", held)
    assert waiting["pay_url"].startswith("https://pay.example/")
    for _ in range(2):
        assert bakery.post(f"/holds/{waiting['id']}/cancel")["state"] == "closed"


def test_a_debit_keeps_to_what_was_signed(bakery: Shop) -> None:
    """By an agreement that Alice signed, once in its period; without her signature, never."""
    agreements, street = bakery.street.pay.agreements, bakery.street
    offered = agreements.offer(
        NewAgreement(
            merchant=street.bakery.id, merchant_agreement_no="bread-club", scene="",
            currency="EUR", title="Bread club", rules=Rules(cycle=Cycle.MONTH),
        )
    )  # fmt: skip
    path = f"/agreements/{offered.number}"
    unsigned = bakery.refused("POST", f"{path}/debits", bakery.bread("3.00"))
    assert unsigned == (409, "pay.agreement-unsigned")
    agreements.sign(offered.id, street.alice)
    assert bakery.get(path)["state"] == "signed"
    assert bakery.post(f"{path}/debits", bakery.bread("3.00"))["state"] == "paid"
    again = bakery.refused("POST", f"{path}/debits", bakery.bread("3.00"))
    assert again == (409, "pay.agreement-rule-broken")
    assert bakery.get(path)["next_debit_after"] is not None
    assert bakery.refused("GET", path, key=bakery.rival())[0] == 404


def test_a_day_is_settled_and_downloaded(bakery: Shop) -> None:
    """Gross, refunds, fees and net; the bill sums up to the net, and the statement adds up."""
    day = bakery.street.now.date()
    sold = bakery.sold("10.00")
    bakery.post(f"/orders/{sold['id']}/refunds", {"amount": {"amount": "4.00", "currency": "EUR"}})
    assert bakery.get(f"/settlements/{day}")["items"] == []
    bakery.street.wait(days=1)
    bakery.rooms.settling.settle(day)
    (line,) = bakery.get(f"/settlements/{day}")["items"]
    assert (line["gross"]["amount"], line["refunds"]["amount"]) == ("10.00", "4.00")
    bill = bakery.ask("GET", f"/settlements/{day}/bill.csv")
    assert bill.headers["content-type"] == "text/csv; charset=utf-8"
    rows = list(csv.DictReader(bill.text.splitlines()))
    assert sum((euros(row["moved"]) for row in rows), start=euros("0")) == euros(
        line["net"]["amount"]
    )
    path = f"/settlements/{day}/statement.xml"
    reply = bakery.ask("GET", path, params={"currency": "EUR"})
    balances = ET.fromstring(reply.content).findall(".//{*}Bal")
    closing = [one.findtext("{*}Amt") for one in balances if one.findtext(".//{*}Cd") == "CLBD"]
    assert [euros(one or "") for one in closing] == [bakery.street.purse()]
    other = bakery.refused("GET", path, params={"currency": "JPY"})
    assert other == (404, "api.not-found")
    before = bakery.ask("GET", f"/settlements/{day - timedelta(days=1)}/bill.csv")
    assert len(before.text.splitlines()) == 1
