"""What a merchant lists, offers and prints, and how often its key may ask; on both stores."""

import io
from pathlib import Path
from typing import Any

import pytest
import zxingcpp
from PIL import Image

from counterfoil.api.rates import BURST_S
from tests.api.test_webhooks import Receiver, delivering
from tests.api.world import Shop, shop
from tests.courier.world import wait_until
from tests.pay.world import Street
from tests.wallet.world import euros

HELD = {"amount": {"amount": "5.00", "currency": "EUR"}, "title": "Key of room 12"}
CLUB = {
    "title": "Bread club", "currency": "EUR",
    "rules": {"cycle": "month", "single_max": {"amount": "9.00", "currency": "EUR"}},
}  # fmt: skip


def listed(bakery: Shop, path: str, **filters: str) -> list[dict[str, Any]]:
    """Read a whole list two by two, and check that a cursor is good for this list alone."""
    seen: list[dict[str, Any]] = []
    asked: dict[str, Any] = {"limit": 2, **filters}
    while True:
        page = bakery.get(path, params=asked)
        assert len(page["items"]) <= 2
        seen += page["items"]
        if page["next"] is None:
            return seen
        asked["cursor"] = page["next"]
        elsewhere = bakery.refused("GET", "/stores", params={"cursor": page["next"]})
        assert elsewhere == (422, "api.cursor-invalid")
        stolen = bakery.refused("GET", path, params=asked, key=bakery.rival())
        assert stolen == (422, "api.cursor-invalid")


def test_holds_are_listed_page_by_page_by_time_and_state(bakery: Shop) -> None:
    """The latest first, none twice and none left out; nobody else's."""
    ids = [bakery.post("/holds", HELD)["id"] for _ in range(4)]
    placed = bakery.post("/holds", HELD | {"payer_code": bakery.street.code("10")})
    assert [one["id"] for one in listed(bakery, "/holds")] == [placed["id"], *reversed(ids)]
    assert listed(bakery, "/holds", state="placed") == [placed]
    after = (bakery.street.now).isoformat()
    bakery.street.wait(minutes=1)
    late = bakery.post("/holds", HELD)
    assert (
        len(listed(bakery, "/holds", until=after)) + len(listed(bakery, "/holds", since=after)) == 6
    )
    assert listed(bakery, "/holds", since=bakery.street.now.isoformat()) == [late]
    assert bakery.get("/holds", key=bakery.rival())["items"] == []


def test_an_agreement_is_offered_signed_debited_and_ended(bakery: Shop) -> None:
    """Offered once by its number, signed on the phone by its link, ended at once by the merchant."""
    street = bakery.street
    offered = bakery.post("/agreements", CLUB | {"reference": "club-1"}, once="one")
    assert (offered["state"], offered["rules"]["cycle"]) == ("offered", "month")
    assert bakery.post("/agreements", CLUB | {"reference": "club-1"}, once="one") == offered
    assert bakery.post("/agreements", CLUB | {"reference": "club-1"})["id"] == offered["id"]
    other = bakery.refused("POST", "/agreements", CLUB | {"reference": "club-1", "rules": {}})
    assert other == (409, "pay.agreement-conflict")
    found = street.pay.agreements.by_number(offered["id"])
    assert offered["sign_url"].endswith(found.word)
    street.pay.agreements.sign(found.id, street.alice)
    path = f"/agreements/{offered['id']}"
    bakery.post(f"{path}/debits", bakery.bread("8.00"))
    told = bakery.get(path)
    assert (told["state"], told["debited"]["amount"], told["debit_count"]) == ("signed", "8.00", 1)
    assert bakery.refused("POST", f"{path}/end", key=bakery.rival())[0] == 404
    for _ in range(2):
        ended = bakery.post(f"{path}/end")
        assert (ended["state"], ended["ended_by"]) == ("ended", "merchant")
    refused = bakery.refused("POST", f"{path}/debits", bakery.bread("1.00"))
    assert refused == (409, "pay.agreement-ended")


def test_no_agreement_is_offered_that_nobody_could_keep(bakery: Shop) -> None:
    """A month that begins on the 31st, an amount in another currency, a time that is over."""
    for wrong in (
        {"rules": {"cycle": "month", "first_on": "2027-01-31"}},
        {"rules": {"single_max": {"amount": "9", "currency": "JPY"}}},
        {"rules": {"total_max": {"amount": "0.00", "currency": "EUR"}}},
        {"sign_by": "2001-01-01T00:00:00Z"},
    ):
        told = bakery.refused("POST", "/agreements", CLUB | wrong)
        assert told == (422, "pay.request-invalid"), wrong
    assert bakery.refused("POST", "/agreements", CLUB | {"currency": "XQX"})[0] == 422


def test_agreements_are_listed_page_by_page_by_state(bakery: Shop) -> None:
    """The latest first, none twice and none left out; nobody else's."""
    ids = [bakery.post("/agreements", CLUB)["id"] for _ in range(5)]
    bakery.post(f"/agreements/{ids[1]}/end")
    assert [one["id"] for one in listed(bakery, "/agreements")] == ids[::-1]
    assert [one["id"] for one in listed(bakery, "/agreements", state="ended")] == [ids[1]]
    assert bakery.get("/agreements", key=bakery.rival())["items"] == []


def test_settlements_are_listed_page_by_page(bakery: Shop) -> None:
    """Each day, currency and store once, the latest day first; the sums are the account's."""
    street = bakery.street
    day, store = street.now.date(), str(street.store.id)
    for _ in range(2):
        bakery.sold("10.00")
        bakery.post("/payments", bakery.bread("2.00", payer_code=street.code(), store=store))
        street.wait(days=1)
    bakery.sold("1.00")
    street.wait(days=1)
    bakery.rooms.settling.settle(street.now.date().fromordinal(day.toordinal() + 2))
    found = listed(bakery, "/settlements")
    assert len(found) == 5
    assert [one["date"] for one in found] == sorted((one["date"] for one in found), reverse=True)
    assert sum((euros(one["net"]["amount"]) for one in found), start=euros("0")) == street.purse()
    assert bakery.get("/settlements", key=bakery.rival())["items"] == []


def test_a_stores_sheet_is_printed_and_its_code_is_read(bakery: Shop) -> None:
    """The PDF is one; the picture says what the store's `pay_url` does; nobody else's is drawn."""
    store = bakery.get("/stores")["items"][0]
    sheet = bakery.ask("GET", f"/stores/{store['id']}/sheet.pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    assert sheet.content.startswith(b"%PDF-")
    picture = bakery.ask("GET", f"/stores/{store['id']}/code.png", params={"scale": 4})
    (read,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(picture.content)).convert("L"))
    assert read.text == store["pay_url"]
    for kind in ("sheet.pdf", "code.png"):
        told = bakery.refused("GET", f"/stores/{store['id']}/{kind}", key=bakery.rival())
        assert told == (404, "pay.store-not-found")


def test_what_was_told_is_seen_and_told_again(bakery: Shop) -> None:
    """Each delivery with its answer; again by the same id, when the merchant says so, and only its own."""
    with Receiver() as receiver, delivering(bakery) as courier:
        bakery.post("/webhooks", {"url": receiver.url})
        bakery.street.wait(seconds=1)
        sold = [bakery.sold(f"{n}.00") for n in (1, 2, 3)]
        wait_until(lambda: len(receiver.told) == 3 and not courier.backlog)
        wait_until(lambda: len(listed(bakery, "/deliveries", state="delivered")) == 3)
        told = listed(bakery, "/deliveries")
        assert [(one["url"], one["http_status"], one["attempts"]) for one in told] == [
            (receiver.url, 204, 1)
        ] * 3
        events = {one["number"]: one["about"] for one in bakery.get("/events")["items"]}
        assert sorted(events[one["event"]] for one in told) == sorted(one["id"] for one in sold)
        path = f"/deliveries/{told[1]['id']}"
        again = bakery.ask("POST", f"{path}/resend")
        assert (again.status_code, again.json()) == (202, told[1])
        wait_until(lambda: len(receiver.told) == 4)
        ids = [headers["webhook-id"] for headers, _ in receiver.told]
        assert ids[3] == told[1]["id"].replace("-", "")
        wait_until(lambda: bakery.get(path)["attempts"] == 2)
        for method, where in (("GET", path), ("POST", f"{path}/resend")):
            refused = bakery.refused(method, where, key=bakery.rival())
            assert refused == (404, "api.delivery-not-found")
        assert bakery.get("/deliveries", key=bakery.rival())["items"] == []


@pytest.mark.parametrize("per_s", [1, 10])
def test_a_key_that_asks_too_fast_is_told_when_to_ask_again(
    market: Street, tmp_path: Path, per_s: int
) -> None:
    """A burst, then 429 with Retry-After, after which it is answered; other keys are not held up."""
    with shop(market, tmp_path, requests_per_s=per_s) as bakery:
        for _ in range(BURST_S * per_s):
            bakery.get("/merchant")
        reply = bakery.ask("GET", "/merchant")
        assert (reply.status_code, reply.headers["retry-after"]) == (429, "1")
        assert (reply.json()["code"], reply.json()["is_transient"]) == (
            "api.too-many-requests",
            True,
        )
        market.wait(seconds=1)
        for _ in range(per_s):
            bakery.get("/merchant")
        once = {"number": "7", "name": "Rue Monge"}
        assert bakery.refused("POST", "/stores", once)[0] == 429
        assert bakery.get("/merchant", key=bakery.rival())["name"] == "Rowan Bakery"
        market.wait(seconds=-30)
        assert bakery.refused("GET", "/merchant")[0] == 429
        market.wait(seconds=1)
        assert bakery.get("/merchant")["name"] == "Larch Bakery"
