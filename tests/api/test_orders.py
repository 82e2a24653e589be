"""Orders and payments by the REST API: created, paid, given back, listed; on both stores."""

from tests.api.world import Shop
from tests.wallet.world import euros


def test_a_till_sells_bread_by_the_code_on_a_phone(bakery: Shop) -> None:
    """One request creates the order and has it paid: the money is there when it is answered."""
    before = bakery.street.wallet()
    told = bakery.sold("9.99")
    assert told["state"] == "paid"
    assert told["amount"] == {"amount": "9.99", "currency": "EUR"}
    assert told["fee"]["amount"] == "0.06"
    assert told["net"]["amount"] == "9.93"
    assert bakery.street.purse() == euros("9.93")
    assert bakery.street.wallet() == before - euros("9.99")
    assert bakery.get("/merchant/balances")["available"] == [{"amount": "9.93", "currency": "EUR"}]


def test_an_order_is_shown_paid_by_a_code_and_given_back(bakery: Shop) -> None:
    """Created with a link to show; paid by a code that is read; given back in part and in full."""
    order = bakery.post("/orders", bakery.bread("10.00", reference="bread-7"))
    assert order["state"] == "created"
    assert order["pay_url"].startswith("https://pay.example/")
    paid = bakery.post(f"/orders/{order['id']}/pay", {"payer_code": bakery.street.code()})
    assert (paid["id"], paid["state"]) == (order["id"], "paid")
    part = {"amount": {"amount": "4.00", "currency": "EUR"}, "reference": "r1", "reason": "stale"}
    refund = bakery.post(f"/orders/{order['id']}/refunds", part)
    assert (refund["order"], refund["amount"]["amount"]) == (order["id"], "4.00")
    rest = {"amount": {"amount": "6.00", "currency": "EUR"}}
    bakery.post(f"/orders/{order['id']}/refunds", rest)
    assert bakery.get(f"/orders/{order['id']}")["state"] == "refunded"
    listed = bakery.get(f"/orders/{order['id']}/refunds")["items"]
    assert [one["amount"]["amount"] for one in listed] == ["4.00", "6.00"]
    too_much = bakery.refused("POST", f"/orders/{order['id']}/refunds", rest)
    assert too_much == (409, "pay.order-refunded")


def test_an_order_is_closed_once_and_cancelled_by_what_it_is(bakery: Shop) -> None:
    """Unpaid it closes, paid it comes back; asked again, both say the same."""
    order = bakery.post("/orders", bakery.bread())
    for _ in range(2):
        assert bakery.post(f"/orders/{order['id']}/close")["closed_by"] == "merchant"
    sold = bakery.sold("5.00")
    for _ in range(2):
        told = bakery.post(f"/orders/{sold['id']}/cancel")
        assert told["order"]["state"] == "refunded"
        assert told["refund"]["amount"]["amount"] == "5.00"
    assert bakery.street.purse() == euros("0")
    assert bakery.refused("POST", f"/orders/{sold['id']}/close") == (409, "pay.order-refunded")


def test_orders_are_listed_page_by_page_by_time_and_state(bakery: Shop) -> None:
    """The latest first, none twice and none left out; filters hold on every page."""
    ids = [bakery.post("/orders", bakery.bread(reference=f"b{n}"))["id"] for n in range(5)]
    bakery.street.wait(minutes=1)
    sold = bakery.sold()
    seen, cursor = [], None
    while True:
        page = bakery.get("/orders", params={"limit": 2} | ({"cursor": cursor} if cursor else {}))
        seen += [one["id"] for one in page["items"]]
        cursor = page["next"]
        if cursor is None:
            break
    assert seen == [sold["id"], *reversed(ids)]
    paid = bakery.get("/orders", params={"state": "paid"})["items"]
    assert [one["id"] for one in paid] == [sold["id"]]
    since = {"since": sold["created_at"]}
    assert [one["id"] for one in bakery.get("/orders", params=since)["items"]] == [sold["id"]]
    until = {"until": sold["created_at"]}
    assert len(bakery.get("/orders", params=until)["items"]) == 5
    named = bakery.get("/orders", params={"reference": "b3"})["items"]
    assert [one["id"] for one in named] == [ids[3]]


def test_a_cursor_is_good_for_its_own_list_alone(bakery: Shop) -> None:
    """Changed by a letter, with other filters, or of another merchant: it is none."""
    for number in range(3):
        bakery.post("/orders", bakery.bread(reference=f"b{number}"))
    cursor = bakery.get("/orders", params={"limit": 1})["next"]
    wrong = cursor[:-1] + ("A" if cursor[-1] != "A" else "B")
    rival = bakery.rival()
    for more in (
        {"params": {"cursor": wrong}},
        {"params": {"cursor": cursor, "state": "paid"}},
        {"params": {"cursor": cursor}, "key": rival},
    ):
        assert bakery.refused("GET", "/orders", **more) == (422, "api.cursor-invalid")


def test_amounts_are_texts_and_nothing_else(bakery: Shop) -> None:
    """A number, a sign, a power, three decimals, nothing and too much are each refused by name."""
    for amount, code in (
        (9.99, "api.fields-invalid"), ("-1", "api.fields-invalid"), ("1e3", "api.fields-invalid"),
        ("1,00", "api.fields-invalid"), ("1.001", "money.too-precise"),
        ("0", "pay.amount-invalid"), ("9999999999999999", "pay.amount-invalid"),
    ):  # fmt: skip
        body = bakery.bread() | {"amount": {"amount": amount, "currency": "EUR"}}
        assert bakery.refused("POST", "/orders", body) == (422, code), amount
    unknown = bakery.bread() | {"amount": {"amount": "1", "currency": "XQQ"}}
    assert bakery.refused("POST", "/orders", unknown) == (422, "money.unknown-currency")


def test_a_code_that_pays_nothing_says_why(bakery: Shop) -> None:
    """Unknown, used and over: each by its name, and the order stays unpaid."""
    order = bakery.post("/orders", bakery.bread())
    path = f"/orders/{order['id']}/pay"
    code = bakery.street.code()
    bakery.post("/payments", bakery.bread(payer_code=code))
    used = bakery.refused("POST", path, {"payer_code": code})
    assert used == (409, "wallet.payer-code-used")
    over = bakery.street.code()
    bakery.street.wait(minutes=2)
    assert bakery.refused("POST", path, {"payer_code": over})[0] == 409
    assert bakery.get(f"/orders/{order['id']}")["state"] == "created"
