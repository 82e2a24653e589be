"""Asked twice, done once: by one Idempotency-Key there is one payment, and one answer."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from counterfoil.api.answers import KEPT_FOR
from tests.api.world import Shop
from tests.wallet.world import euros


def again(bakery: Shop, path: str, body: object, once: str) -> tuple[bool, int, str]:
    reply = bakery.ask("POST", path, body, once=once)
    return "idempotency-replayed" in reply.headers, reply.status_code, reply.text


def test_the_same_request_is_answered_the_same_and_done_once(bakery: Shop) -> None:
    """To the byte, for every request that moves or makes something, whatever happened since."""
    order = bakery.post("/orders", bakery.bread("10.00"))
    pay = f"/orders/{order['id']}/pay"
    amount = {"amount": {"amount": "1.00", "currency": "EUR"}}
    held = {"amount": {"amount": "5.00", "currency": "EUR"}, "title": "Key of room 12"}
    hold = bakery.post("/holds", held | {"payer_code": bakery.street.code()})
    asked = [
        ("/orders", bakery.bread()),
        ("/payments", bakery.bread(payer_code=bakery.street.code())),
        (pay, {"payer_code": bakery.street.code()}),
        (f"/orders/{order['id']}/refunds", amount),
        ("/holds", held),
        (f"/holds/{hold['id']}/captures", amount | {"subject": "Key", "keeps_rest": True}),
        (f"/holds/{hold['id']}/releases", amount),
        ("/stores", {"number": "2", "name": "Rue Oberkampf"}),
        (f"/stores/{bakery.street.store.id}/tills", {"number": "B"}),
    ]
    first = [again(bakery, path, body, f"k{n}") for n, (path, body) in enumerate(asked)]
    assert all(not is_again and status in {200, 201} for is_again, status, _ in first), first
    money = bakery.street.wallet(), bakery.street.purse(), bakery.street.journal()
    bakery.street.wait(minutes=30)
    second = [again(bakery, path, body, f"k{n}") for n, (path, body) in enumerate(asked)]
    assert second == [(True, status, text) for _, status, text in first]
    assert (bakery.street.wallet(), bakery.street.purse(), bakery.street.journal()) == money


def test_a_key_that_was_used_for_another_request_is_refused(bakery: Shop) -> None:
    """Another body, amount or address by the same key: 422, and nothing is done."""
    order = bakery.post("/orders", bakery.bread(), once="one")
    for path, body in (
        ("/orders", bakery.bread("9.98")),
        ("/orders", bakery.bread(reference="other")),
        ("/payments", bakery.bread(payer_code=bakery.street.code())),
        (f"/orders/{order['id']}/refunds", {"amount": order["amount"]}),
    ):
        told = bakery.refused("POST", path, body, once="one")
        assert told == (422, "api.idempotency-key-reused"), path
    assert len(bakery.get("/orders")["items"]) == 1


def test_a_request_without_a_key_is_told_to_bring_one(bakery: Shop) -> None:
    """Missing, empty, too long or not plain: 400, or 422 where the header's form is wrong."""
    missing = bakery.refused("POST", "/orders", bakery.bread(), once=None)
    assert missing == (400, "api.idempotency-key-missing")
    for key in (" ", '""', "k" * 256, "kö".encode()):
        headers = {"Idempotency-Key": key}
        status, code = bakery.refused("POST", "/orders", bakery.bread(), once=None, headers=headers)
        assert code in {"api.idempotency-key-invalid", "api.fields-invalid"}, key
        assert status in {400, 422}


def test_quotes_around_a_key_are_no_part_of_it(bakery: Shop) -> None:
    """The draft writes the key as a quoted text, and shops leave the quotes out: it is one key."""
    first = bakery.post("/orders", bakery.bread(), once='"k"')
    assert bakery.post("/orders", bakery.bread(), once="k") == first


def test_a_refusal_is_decided_anew(bakery: Shop) -> None:
    """What was refused changed nothing: the same key may succeed later, and then is kept."""
    order = bakery.sold("5.00")
    too_much = {"amount": {"amount": "6.00", "currency": "EUR"}}
    path = f"/orders/{order['id']}/refunds"
    assert bakery.refused("POST", path, too_much, once="r") == (409, "pay.refund-exceeds")
    assert bakery.refused("POST", path, too_much, once="r") == (409, "pay.refund-exceeds")
    enough = {"amount": {"amount": "5.00", "currency": "EUR"}}
    bakery.post(path, enough, once="r")
    assert bakery.street.purse() == euros("0")


def test_at_once_one_is_done_and_the_others_are_told_to_wait(bakery: Shop) -> None:
    """While the first has no answer, the same key is 409; when it has one, it is given again."""
    submit = bakery.rooms.pay.orders.submit
    entered, go_on = threading.Event(), threading.Event()

    def slow(new: object) -> object:
        entered.set()
        assert go_on.wait(20)
        return submit(new)  # type: ignore[arg-type]

    bakery.rooms.pay.orders.submit = slow  # type: ignore[method-assign, assignment]
    with ThreadPoolExecutor(1) as threads:
        first = threads.submit(bakery.ask, "POST", "/orders", bakery.bread(), once="k")
        assert entered.wait(20)
        busy = bakery.refused("POST", "/orders", bakery.bread(), once="k")
        assert busy == (409, "api.idempotency-key-busy")
        go_on.set()
        assert first.result().status_code == 201
    bakery.rooms.pay.orders.submit = submit  # type: ignore[method-assign]
    assert again(bakery, "/orders", bakery.bread(), "k") == (True, 201, first.result().text)
    assert len(bakery.get("/orders")["items"]) == 1


@pytest.mark.parametrize("times", [8])
def test_many_at_once_pay_once(bakery: Shop, times: int) -> None:
    """Sent eight times at the same moment by one key, bread is paid for once."""
    body, before = bakery.bread("3.00", payer_code=bakery.street.code()), bakery.street.wallet()
    with ThreadPoolExecutor(times) as threads:
        asked = [threads.submit(bakery.ask, "POST", "/payments", body, once="k")
                 for _ in range(times)]  # fmt: skip
    replies = [one.result() for one in asked]
    done = {reply.text for reply in replies if reply.status_code == 201}
    assert len(done) == 1
    assert {reply.status_code for reply in replies} <= {201, 409}
    assert bakery.street.wallet() == before - euros("3.00")


def test_answers_are_forgotten_in_time(bakery: Shop) -> None:
    """After a week a key is forgotten; what it did is still found by its own number."""
    first = bakery.post("/orders", bakery.bread(), once="k")
    assert bakery.rooms.answers.forget() == 0
    bakery.street.wait(days=KEPT_FOR // timedelta(days=1), minutes=1)
    bakery.post("/orders", bakery.bread(), once="later")
    assert bakery.rooms.answers.forget() == 1
    is_again, status, text = again(bakery, "/orders", bakery.bread(), "k")
    assert (is_again, status) == (False, 201)
    assert first["id"] in text
