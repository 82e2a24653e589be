"""Keys: shown once, hashed, within their scopes, and never over another merchant's rows."""

import logging

import pytest

from counterfoil.api.errors import APIKeyNotFound, FieldsInvalid
from counterfoil.api.keys import Scope
from tests.api.world import Shop


def test_without_a_key_that_is_known_nothing_is_said(bakery: Shop) -> None:
    """Missing, misspelt, unknown and revoked: 401, with the way to give one."""
    made = bakery.rooms.keys.make(bakery.street.bakery.id, "old", [Scope.ORDERS_READ])
    bakery.get("/orders", key=made.text)
    bakery.rooms.keys.revoke(made.key.id, of=bakery.street.bakery.id)
    assert bakery.refused("GET", "/orders", key=None) == (401, "api.key-missing")
    other = bakery.key[:-1] + ("A" if bakery.key[-1] != "A" else "B")
    for key in ("x", "cfk_", other, made.text, bakery.key + "A", "é"):
        headers = {"Authorization": f"Bearer {key}".encode()}
        told = bakery.refused("GET", "/orders", key=None, headers=headers)
        assert told == (401, "api.key-unknown"), key
    reply = bakery.ask("GET", "/orders", key=None)
    assert reply.headers["www-authenticate"].startswith("Bearer")


def test_a_key_does_what_its_scopes_say(bakery: Shop) -> None:
    """A till's key sells; it gives nothing back and opens no store."""
    till = bakery.key_with([Scope.ORDERS_WRITE])
    sold = bakery.post("/payments", bakery.bread(payer_code=bakery.street.code()), key=till)
    for method, path, body in (
        ("POST", f"/orders/{sold['id']}/refunds", {"amount": sold["amount"]}),
        ("GET", f"/orders/{sold['id']}", None),
        ("POST", "/stores", {"number": "2", "name": "Rue Oberkampf"}),
        ("GET", "/merchant/balances", None),
        ("GET", "/events", None),
    ):
        assert bakery.refused(method, path, body, key=till) == (403, "api.scope-missing"), path


def test_another_merchant_s_rows_are_not_there(bakery: Shop) -> None:
    """Whoever has a key to everything of their own finds nothing of the bakery's, by any number."""
    order = bakery.post("/orders", bakery.bread(reference="bread-1"))
    sold, hold = (
        bakery.sold(),
        bakery.post("/holds", {"amount": {"amount": "5", "currency": "EUR"}, "title": "Key"}),
    )
    hook = bakery.post("/webhooks", {"url": "http://127.0.0.1:9/told"})
    rival, store = bakery.rival(), bakery.street.store.id
    amount = {"amount": {"amount": "1.00", "currency": "EUR"}}
    code = {"payer_code": bakery.street.code()}
    for method, path, body in (
        ("GET", f"/orders/{order['id']}", None),
        ("POST", f"/orders/{order['id']}/pay", code),
        ("POST", f"/orders/{order['id']}/close", None),
        ("POST", f"/orders/{order['id']}/cancel", None),
        ("POST", f"/orders/{sold['id']}/cancel", None),
        ("POST", f"/orders/{sold['id']}/refunds", amount),
        ("GET", f"/orders/{sold['id']}/refunds", None),
        ("GET", f"/holds/{hold['id']}", None),
        ("POST", f"/holds/{hold['id']}/captures", amount | {"subject": "x"}),
        ("POST", f"/holds/{hold['id']}/releases", {}),
        ("POST", f"/holds/{hold['id']}/cancel", None),
        ("GET", f"/stores/{store}", None),
        ("GET", f"/stores/{store}/code?currency=EUR", None),
        ("GET", f"/stores/{store}/tills", None),
        ("POST", f"/stores/{store}/tills", {"number": "B"}),
        ("POST", "/orders", bakery.bread(store=str(store))),
        ("POST", "/payments", bakery.bread(till=str(bakery.street.till.id), **code)),
        ("DELETE", f"/webhooks/{hook['id']}", None),
        ("GET", "/settlements/2026-01-05/statement.xml?currency=EUR", None),
    ):
        status, _code = bakery.refused(method, path, body, key=rival)
        assert status == 404, (method, path)
    for path in ("/orders", "/orders?reference=bread-1", "/stores", "/events", "/webhooks"):
        assert bakery.get(path, key=rival)["items"] == [], path
    assert bakery.get("/merchant/balances", key=rival) == {"available": [], "payout": []}
    assert bakery.get("/merchant", key=rival)["name"] == "Rowan Bakery"
    assert bakery.get(f"/orders/{order['id']}")["state"] == "created"
    assert bakery.get(f"/orders/{sold['id']}")["state"] == "paid"


def test_two_merchants_may_use_one_idempotency_key(bakery: Shop) -> None:
    """A key is its merchant's: another's same key is another key, and tells nothing."""
    first = bakery.post("/orders", bakery.bread(), once="same")
    other = bakery.ask("POST", "/orders", bakery.bread(), once="same", key=bakery.rival())
    assert other.status_code == 201
    assert "idempotency-replayed" not in other.headers
    assert other.json()["id"] != first["id"]


def test_a_key_s_text_is_nowhere_but_in_its_maker_s_hands(
    bakery: Shop, caplog: pytest.LogCaptureFixture
) -> None:
    """The table holds a hash; neither lists nor logs nor what is printed of it hold the text."""
    with caplog.at_level(logging.DEBUG):
        made = bakery.rooms.keys.make(bakery.street.bakery.id, "till", [Scope.ORDERS_READ])
        bakery.get("/orders", key=made.text)
        bakery.ask("GET", "/orders", key=made.text + "x")
    secret = made.text.rpartition("_")[2]
    with bakery.rooms.reading.lend() as database:
        rows = database.query("SELECT * FROM api_keys").to_pylist()
    assert secret not in str(rows)
    assert made.text.encode() not in b"".join(row["digest"] for row in rows)
    assert secret not in caplog.text
    assert secret not in repr(made)
    listed = bakery.rooms.keys.of_merchant(bakery.street.bakery.id)
    assert secret not in repr(listed)
    assert {one.name for one in listed} == {"till program", "till"}


def test_a_key_that_cannot_be_is_refused(bakery: Shop) -> None:
    """No name, no scope, or another merchant's key to revoke."""
    keys, merchant = bakery.rooms.keys, bakery.street.bakery.id
    with pytest.raises(FieldsInvalid):
        keys.make(merchant, " ", [Scope.ORDERS_READ])
    with pytest.raises(FieldsInvalid):
        keys.make(merchant, "till", [])
    rival = bakery.rooms.keys.asking(bakery.rival()).merchant
    (mine,) = keys.of_merchant(merchant)
    with pytest.raises(APIKeyNotFound):
        keys.revoke(mine.id, of=rival)
    assert bakery.get("/orders")["items"] == []
