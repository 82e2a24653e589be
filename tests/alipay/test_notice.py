"""What a shop is told: signed as clients verify it, and the same id on every retry."""

from dataclasses import replace
from datetime import timedelta
from urllib.parse import parse_qsl

from cryptography.hazmat.primitives.serialization import load_der_public_key

from counterfoil.alipay.notice import GAPS, Notices
from counterfoil.alipay.signing import is_signed, text_to_sign
from counterfoil.courier import Addressed, Delivery
from tests.alipay.world import Shop

URL = "https://shop.example/told"


def told(bakery: Shop, since: int = 0) -> list[dict[str, str]]:
    """Write every notice since an event, check its signature, and read it."""
    notices = Notices(bakery.rooms)
    return [opened(bakery, notices, one) for one in notices.after(since, 1000).addressed]


def opened(bakery: Shop, notices: Notices, one: Addressed) -> dict[str, str]:
    at = bakery.street.now
    delivery = Delivery(id=one.id, channel="alipay", event=one.event, url=one.url, created_at=at)
    body = notices.message(delivery, at).body.decode()
    notice = dict(parse_qsl(body, keep_blank_values=True, strict_parsing=True))
    assert all(notice.values())
    key = load_der_public_key(bakery.application.our_public_key)
    text = text_to_sign(notice, without=("sign", "sign_type"))
    assert is_signed(text.encode(), notice["sign"], key)  # type: ignore[arg-type]
    assert notice["sign_type"] == "RSA2"
    return notice


def test_a_trade_is_told_as_it_was_at_each_step(bakery: Shop) -> None:
    """Paid, refunded in part, refunded in full: each notice says the state of its own moment."""
    content = {
        "out_trade_no": "bread_1", "total_amount": "10.00", "subject": "Bread",
        "scene": "bar_code", "auth_code": bakery.code(), "passback_params": "a=b&c",
    }  # fmt: skip
    bakery.ask("alipay.trade.pay", content, notify_url=URL)
    for request_no, amount in (("r1", "4.00"), ("r2", "6.00")):
        back = {"out_trade_no": "bread_1", "out_request_no": request_no, "refund_amount": amount}
        bakery.ask("alipay.trade.refund", back)
    paid, part, all_of_it = told(bakery)
    assert [one["trade_status"] for one in (paid, part, all_of_it)] == [
        "TRADE_SUCCESS", "TRADE_SUCCESS", "TRADE_CLOSED",
    ]  # fmt: skip
    assert paid["passback_params"] == "a=b&c"
    assert paid["fund_bill_list"] == '[{"amount":"10.00","fundChannel":"ALIPAYACCOUNT"}]'
    assert "refund_fee" not in paid
    assert (part["refund_fee"], part["out_biz_no"]) == ("4.00", "r1")
    assert (all_of_it["refund_fee"], all_of_it["out_biz_no"]) == ("10.00", "r2")
    assert len({one["notify_id"] for one in (paid, part, all_of_it)}) == 3


def test_an_order_that_nobody_asked_about_is_told_to_nobody(bakery: Shop) -> None:
    """Without a notify_url there is no notice, and the place moves on."""
    bakery.pay("1.00")
    notices = Notices(bakery.rooms)
    batch = notices.after(0, 1000)
    assert batch.addressed == []
    assert batch.position == bakery.rooms.pay.events.latest()


def test_a_retry_has_the_same_id_and_a_time_of_its_own(bakery: Shop) -> None:
    """The shop acts once for an id."""
    made = {"out_trade_no": "1", "total_amount": "1.00", "subject": "Bread"}
    bakery.ask("alipay.trade.precreate", made, notify_url=URL)
    bakery.ask("alipay.trade.close", {"out_trade_no": "1"})
    (first,) = told(bakery)
    bakery.street.wait(minutes=4)
    (again,) = told(bakery)
    assert first["notify_id"] == again["notify_id"]
    assert first["notify_time"] != again["notify_time"]
    assert first["trade_status"] == "TRADE_CLOSED"


def test_the_schedule_is_the_documented_one() -> None:
    """Eight deliveries: the gaps add up to 24 hours and 24 minutes."""
    assert len(GAPS) + 1 == 8
    assert sum(GAPS, timedelta()) == timedelta(hours=24, minutes=24)


def test_a_notice_to_the_operator_s_own_network_is_refused_at_once(bakery: Shop) -> None:
    """Nothing is created when its notice could not be sent."""
    guarded = replace(bakery.rooms)
    object.__setattr__(bakery.rooms, "guard", type(guarded.guard)())
    made = {"out_trade_no": "1", "total_amount": "1.00", "subject": "Bread"}
    for url in ("http://127.0.0.1/told", "http://localhost/", "ftp://shop.example/", "x"):
        node = bakery.ask("alipay.trade.precreate", made, notify_url=url)
        assert (node["code"], node["sub_code"]) == ("40002", "isv.invalid-parameter")
    assert bakery.ask("alipay.trade.query", {"out_trade_no": "1"})["sub_code"] == (
        "ACQ.TRADE_NOT_EXIST"
    )
