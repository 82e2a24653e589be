"""Webhooks: what happens reaches a receiver written from the specification alone, signed and once known."""

import base64
import hashlib
import hmac
import json
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

import pytest

from counterfoil.courier import Courier
from tests.api.world import Shop
from tests.courier.world import wait_until

TOLERANCE_S = 300


class Receiver:
    """A shop's server, written from the Standard Webhooks specification."""

    def __init__(self) -> None:
        self.statuses = [204]
        self.told: list[tuple[dict[str, str], bytes]] = []
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:  # the library's name
                body = self.rfile.read(int(self.headers["content-length"]))
                headers = {name.lower(): value for name, value in self.headers.items()}
                receiver.told.append((headers, body))
                self.send_response(
                    receiver.statuses.pop(0) if len(receiver.statuses) > 1
                    else receiver.statuses[0]
                )  # fmt: skip
                self.send_header("content-length", "0")
                self.end_headers()

            def log_message(self, *_: object) -> None:
                pass

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/told"

    def __enter__(self) -> Self:
        Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def verified(secret: str, headers: dict[str, str], body: bytes, now_s: int) -> dict[str, Any]:
    """Verify a message as the specification tells a receiver to."""
    assert secret.startswith("whsec_")
    key = base64.b64decode(secret.removeprefix("whsec_"))
    assert 24 <= len(key) <= 64
    id_, at = headers["webhook-id"], headers["webhook-timestamp"]
    assert abs(int(at) - now_s) <= TOLERANCE_S
    expected = hmac.new(key, f"{id_}.{at}.".encode() + body, hashlib.sha256).digest()
    given = [one.partition(",") for one in headers["webhook-signature"].split(" ")]
    assert any(
        version == "v1" and hmac.compare_digest(base64.b64decode(text), expected)
        for version, _, text in given
    )
    return dict(json.loads(body))


@contextmanager
def delivering(bakery: Shop) -> Iterator[Courier]:
    rooms = bakery.rooms
    ledger = bakery.street.bank.town.ledger
    with Courier(
        ledger, ledger._url, [rooms.webhooks], rooms.guard, bakery.street.bank.town.clock,
        asked_again=rooms.resend,
    ) as courier:  # fmt: skip
        yield courier


def now_s(bakery: Shop) -> int:
    return int(bakery.street.now.timestamp())


def test_a_receiver_by_the_specification_verifies_what_it_is_told(bakery: Shop) -> None:
    """Every event of the merchant's from now on, each signed, each with an id of its own."""
    bakery.sold("1.00")
    bakery.street.wait(seconds=1)
    with Receiver() as receiver, delivering(bakery):
        made = bakery.post("/webhooks", {"url": receiver.url, "types": ["order-paid"]})
        bakery.street.wait(seconds=1)
        sold = [bakery.sold("2.00"), bakery.sold("3.00")]
        bakery.post(f"/orders/{sold[0]['id']}/cancel")
        wait_until(lambda: len(receiver.told) >= 2)
        told = [verified(made["secret"], *one, now_s(bakery)) for one in receiver.told]
    assert sorted(one["data"]["about"] for one in told) == sorted(one["id"] for one in sold)
    assert {one["type"] for one in told} == {"order-paid"}
    assert {one["data"]["amount"]["amount"] for one in told} == {"2.00", "3.00"}
    assert len({headers["webhook-id"] for headers, _ in receiver.told}) == 2
    with pytest.raises(AssertionError):
        verified("whsec_" + base64.b64encode(bytes(32)).decode(), *receiver.told[0], now_s(bakery))


def test_what_is_not_heard_is_told_again_by_the_same_id(bakery: Shop) -> None:
    """A failure is told again on the schedule: the same id and body, signed anew with its time."""
    with Receiver() as receiver, delivering(bakery) as courier:
        receiver.statuses = [500, 301, 200]
        made = bakery.post("/webhooks", {"url": receiver.url})
        bakery.street.wait(seconds=1)
        bakery.post("/orders", bakery.bread())

        def is_heard() -> bool:
            bakery.street.wait(minutes=1)
            return courier.backlog == 0 and len(receiver.told) >= 3

        wait_until(is_heard)
    for headers, body in receiver.told:
        verified(made["secret"], headers, body, int(headers["webhook-timestamp"]))
    assert len({(headers["webhook-id"], body) for headers, body in receiver.told}) == 1
    assert len({headers["webhook-timestamp"] for headers, _ in receiver.told}) == 3


def test_a_webhook_that_has_ended_hears_nothing_more(bakery: Shop) -> None:
    """Deleted, not even what waits is told; another's webhooks hear nothing of this merchant."""
    with Receiver() as receiver, Receiver() as rivals, delivering(bakery) as courier:
        receiver.statuses = [500]
        made = bakery.post("/webhooks", {"url": receiver.url})
        bakery.post("/webhooks", {"url": rivals.url}, key=bakery.rival())
        bakery.street.wait(seconds=1)
        bakery.post("/orders", bakery.bread())
        wait_until(lambda: len(receiver.told) >= 1)
        assert bakery.ask("DELETE", f"/webhooks/{made['id']}").status_code == 204
        bakery.street.wait(minutes=1)
        wait_until(lambda: courier.backlog == 0)
    assert len(receiver.told) == 1
    assert rivals.told == []
    assert bakery.get("/webhooks")["items"] == []


def test_no_webhook_leads_inside(bakery: Shop) -> None:
    """Loopback, private networks, other schemes and unknown types are refused when it is made."""
    for url, code in (
        ("http://10.0.0.1/told", "courier.address-forbidden"),
        ("http://[::1]/told", "courier.address-forbidden"),
        ("http://localhost/told", "courier.address-forbidden"),
        ("https://bob:secret@shop.example/", "courier.address-invalid"),
        ("ftp://shop.example/", "api.fields-invalid"),
    ):
        told = bakery.refused("POST", "/webhooks", {"url": url})
        assert told == (422, code), url
    body = {"url": "https://shop.example/told", "types": ["order-eaten"]}
    assert bakery.refused("POST", "/webhooks", body) == (422, "api.fields-invalid")


def test_events_are_read_in_order_and_a_cursor_is_kept(bakery: Shop) -> None:
    """Whoever keeps the cursor misses nothing and reads nothing twice, however late they ask."""
    sold = bakery.sold("1.00")
    first = bakery.get("/events")
    assert [(one["type"], one["about"]) for one in first["items"]] == [("order-paid", sold["id"])]
    assert bakery.get("/events", params={"cursor": first["next"]})["items"] == []
    refund = {"amount": {"amount": "0.40", "currency": "EUR"}}
    given = bakery.post(f"/orders/{sold['id']}/refunds", refund)
    later = bakery.get("/events", params={"cursor": first["next"]})
    assert [(one["type"], one["part"]) for one in later["items"]] == [
        ("order-refunded", given["id"])
    ]
