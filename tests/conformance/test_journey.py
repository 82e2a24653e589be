"""The whole journey of a merchant, with each of the SDKs that merchants use."""

import io
import secrets
import zipfile
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode, urljoin, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener, urlopen

import pytest

from tests.conformance.conftest import Ear, Phone
from tests.conformance.sdks import Driven

pytestmark = pytest.mark.slow

PRECREATE, PAY, QUERY = "alipay.trade.precreate", "alipay.trade.pay", "alipay.trade.query"
REFUND, REFUND_QUERY = "alipay.trade.refund", "alipay.trade.fastpay.refund.query"
CANCEL, CLOSE = "alipay.trade.cancel", "alipay.trade.close"


def number() -> str:
    return f"order_{secrets.token_hex(8)}"


def sale(amount: str = "9.99", **fields: Any) -> dict[str, Any]:
    return {
        "out_trade_no": number(), "total_amount": amount, "subject": "Bread & {tea} 茶 🍞", **fields,
    }  # fmt: skip


def done(node: dict[str, Any], code: str = "10000") -> dict[str, Any]:
    assert node["code"] == code, node
    return node


def sub_code(node: dict[str, Any]) -> str:
    assert node["code"] == "40004", node
    return str(node["sub_code"])


class Stay(HTTPRedirectHandler):
    """Goes nowhere: where it would go is read."""

    def redirect_request(self, *_given: Any, **_named: Any) -> None:
        """Stay."""


def location_of(page: dict[str, Any]) -> str:
    """Ask as a browser, and read where it is sent on to."""
    form = urlencode(page["form"]).encode() if page["verb"] == "POST" else None
    request = Request(page["url"], form, method=page["verb"])
    try:
        with build_opener(Stay).open(request, timeout=15) as reply:
            pytest.fail(reply.read().decode())
    except HTTPError as error:
        with error:
            return str(error.headers["Location"])


def test_a_code_on_the_till_is_scanned_paid_refunded_and_told(
    sdk: Driven, phone: Phone, ear: Ear
) -> None:
    """Precreate, scan, query, two partial refunds, their queries, and every notice verified."""
    asked = sale("10.00", passback_params="till=7&a=b")
    made = done(sdk.call(PRECREATE, asked, notify_url=ear.url))
    named = {"out_trade_no": asked["out_trade_no"]}
    assert done(sdk.call(QUERY, named))["trade_status"] == "WAIT_BUYER_PAY"
    assert done(sdk.call(PRECREATE, asked, notify_url=ear.url))["qr_code"] == made["qr_code"]
    phone.does("pay", qr_code=made["qr_code"])
    found = done(sdk.call(QUERY, named))
    assert (found["trade_status"], found["total_amount"]) == ("TRADE_SUCCESS", "10.00")
    assert found["subject"] == asked["subject"]
    paid = ear.wait_for(out_trade_no=asked["out_trade_no"], trade_status="TRADE_SUCCESS")
    assert paid["total_amount"] == "10.00"
    assert paid["passback_params"] == "till=7&a=b"
    assert sdk.believes(paid)
    assert not sdk.believes(paid | {"total_amount": "0.01"})
    for request_no, total in (("r1", "3.00"), ("r2", "5.50")):
        asked_back = {**named, "out_request_no": request_no, "refund_amount": total}
        asked_back["refund_amount"] = {"r1": "3.00", "r2": "2.50"}[request_no]
        back = done(sdk.call(REFUND, asked_back))
        assert (back["refund_fee"], back["fund_change"]) == (total, "Y")
        again = done(sdk.call(REFUND, asked_back))
        assert (again["refund_fee"], again["fund_change"]) == (total, "N")
        told = ear.wait_for(out_trade_no=asked["out_trade_no"], out_biz_no=request_no)
        assert sdk.believes(told)
        assert told["refund_fee"] == total
    one = done(sdk.call(REFUND_QUERY, {**named, "out_request_no": "r2"}))
    assert (one["refund_amount"], one["refund_status"]) == ("2.50", "REFUND_SUCCESS")
    none = done(sdk.call(REFUND_QUERY, {**named, "out_request_no": "r9"}))
    assert "refund_status" not in none
    too_much = {**named, "out_request_no": "r3", "refund_amount": "5.00"}
    assert sub_code(sdk.call(REFUND, too_much)) == "ACQ.REASON_TRADE_REFUND_FEE_ERR"


def test_a_payer_s_code_is_read_at_the_till(sdk: Driven, phone: Phone) -> None:
    """Paid at once below what the code pays by itself; a code pays one order."""
    code = phone.does("code")
    asked = sale("1.23", scene="bar_code", auth_code=code)
    paid = done(sdk.call(PAY, asked))
    assert paid["receipt_amount"] == "1.23"
    assert done(sdk.call(PAY, asked))["trade_no"] == paid["trade_no"]
    again = sale("1.23", scene="bar_code", auth_code=code)
    assert sub_code(sdk.call(PAY, again)) == "ACQ.PAYMENT_AUTH_CODE_INVALID"
    other = asked | {"total_amount": "2.00"}
    assert sub_code(sdk.call(PAY, other)) == "ACQ.CONTEXT_INCONSISTENT"


def test_above_what_a_code_pays_its_payer_is_asked(sdk: Driven, phone: Phone) -> None:
    """10003 while the payer is asked; the shop queries until they have confirmed."""
    code = phone.does("code", amount_max="5.00")
    asked = sale("20.00", scene="bar_code", auth_code=code)
    waiting = done(sdk.call(PAY, asked), "10003")
    named = {"out_trade_no": asked["out_trade_no"]}
    assert done(sdk.call(QUERY, named))["trade_status"] == "WAIT_BUYER_PAY"
    phone.does("confirm", trade_no=waiting["trade_no"])
    assert done(sdk.call(QUERY, named))["trade_status"] == "TRADE_SUCCESS"


def test_an_order_is_closed_unpaid_and_cancelled_paid(sdk: Driven, phone: Phone) -> None:
    """Close only what nobody paid; cancel closes, or gives everything back."""
    unpaid = sale()
    done(sdk.call(PRECREATE, unpaid))
    named = {"out_trade_no": unpaid["out_trade_no"]}
    done(sdk.call(CLOSE, named))
    assert done(sdk.call(QUERY, named))["trade_status"] == "TRADE_CLOSED"
    paid = sale("2.00", scene="bar_code", auth_code=phone.does("code"))
    done(sdk.call(PAY, paid))
    named = {"out_trade_no": paid["out_trade_no"]}
    assert sub_code(sdk.call(CLOSE, named)) == "ACQ.TRADE_STATUS_ERROR"
    assert done(sdk.call(CANCEL, named))["action"] == "refund"
    assert done(sdk.call(CANCEL, named))["action"] == "refund"
    assert done(sdk.call(QUERY, named))["trade_status"] == "TRADE_CLOSED"
    nobody = {"out_trade_no": number()}
    assert sub_code(sdk.call(QUERY, nobody)) == "ACQ.TRADE_NOT_EXIST"


def test_a_browser_is_sent_to_the_cashier(sdk: Driven, phone: Phone) -> None:
    """The page method answers a browser: it goes on to the page of the order."""
    asked = sale("4.00")
    page = sdk.page("alipay.trade.page.pay", asked, return_url="https://shop.example/back")
    phone.does("pay", qr_code=location_of(page))
    found = done(sdk.call(QUERY, {"out_trade_no": asked["out_trade_no"]}))
    assert found["trade_status"] == "TRADE_SUCCESS"


def test_a_deposit_is_left_captured_and_given_back(sdk: Driven, phone: Phone, ear: Ear) -> None:
    """Freeze by the payer's code, capture a part by trade.pay, unfreeze the rest, query each."""
    asked = {
        "auth_code": phone.does("code"), "auth_code_type": "bar_code", "out_order_no": number(),
        "out_request_no": number(), "order_title": "A deposit", "amount": "100.00",
        "product_code": "PRE_AUTH",
    }  # fmt: skip
    left = done(sdk.call("alipay.fund.auth.order.freeze", asked, notify_url=ear.url))
    assert (left["status"], left["amount"]) == ("SUCCESS", "100.00")
    told = ear.wait_for(auth_no=left["auth_no"], notify_type="fund_auth_freeze")
    assert sdk.believes(told)
    captured = sale("61.40", auth_no=left["auth_no"], auth_confirm_mode="NOT_COMPLETE")
    assert done(sdk.call(PAY, captured))["total_amount"] == "61.40"
    back = {
        "auth_no": left["auth_no"], "out_request_no": number(), "amount": "38.60",
        "remark": "all is well",
    }  # fmt: skip
    assert done(sdk.call("alipay.fund.auth.order.unfreeze", back))["amount"] == "38.60"
    named = {"auth_no": left["auth_no"], "operation_id": left["operation_id"]}
    found = done(sdk.call("alipay.fund.auth.operation.detail.query", named))
    assert (found["order_status"], found["rest_amount"]) == ("FINISH", "0.00")
    assert found["total_pay_amount"] == "61.40"
    too_much = back | {"out_request_no": number(), "amount": "1.00"}
    node = sdk.call("alipay.fund.auth.order.unfreeze", too_much)
    assert sub_code(node).startswith("ACQ.AUTH_")


def test_a_deposit_is_left_by_a_code_on_the_till(sdk: Driven, phone: Phone) -> None:
    """The merchant's own code, read by the payer's phone, and cancelled afterwards."""
    asked = {
        "out_order_no": number(), "out_request_no": number(), "order_title": "A deposit",
        "amount": "50.00", "product_code": "PRE_AUTH",
    }  # fmt: skip
    made = done(sdk.call("alipay.fund.auth.order.voucher.create", asked))
    phone.does("pay", qr_code=made["code_value"])
    named = {"out_order_no": asked["out_order_no"], "out_request_no": asked["out_request_no"]}
    found = done(sdk.call("alipay.fund.auth.operation.detail.query", named))
    assert (found["order_status"], found["rest_amount"]) == ("AUTHORIZED", "50.00")
    ended = done(sdk.call("alipay.fund.auth.operation.cancel", {**named, "remark": "called off"}))
    assert ended["action"] == "unfreeze"


def test_money_is_sent_to_somebody_once(sdk: Driven, phone: Phone) -> None:
    """A transfer by open id, its repeat, its query, and what is left on the account."""
    paid = sale("30.00", scene="bar_code", auth_code=phone.does("code"))
    done(sdk.call(PAY, paid))
    asked = {
        "out_biz_no": number(), "trans_amount": "12.00", "product_code": "TRANS_ACCOUNT_NO_PWD",
        "biz_scene": "DIRECT_TRANSFER", "order_title": "Prize",
        "payee_info": {
            "identity": phone.does("payee"), "identity_type": "ALIPAY_OPEN_ID", "name": None,
        },
    }  # fmt: skip
    before = done(sdk.call("alipay.fund.account.query", {"account_type": "ACCTRANS_ACCOUNT"}))
    sent = done(sdk.call("alipay.fund.trans.uni.transfer", asked))
    assert sent["status"] == "SUCCESS"
    assert done(sdk.call("alipay.fund.trans.uni.transfer", asked))["order_id"] == sent["order_id"]
    after = done(sdk.call("alipay.fund.account.query", {"account_type": "ACCTRANS_ACCOUNT"}))
    gone = Decimal(before["available_amount"]) - Decimal(after["available_amount"])
    assert gone == Decimal("12.00")
    named = {"out_biz_no": asked["out_biz_no"], "product_code": "TRANS_ACCOUNT_NO_PWD"}
    assert done(sdk.call("alipay.fund.trans.common.query", named))["trans_amount"] == "12.00"
    other = asked | {"trans_amount": "13.00"}
    assert sub_code(sdk.call("alipay.fund.trans.uni.transfer", other)) == (
        "PAYMENT_INFO_INCONSISTENCY"
    )


def test_what_a_trade_brought_is_split(sdk: Driven, phone: Phone) -> None:
    """A part for somebody else, once for its number; more than there is, or a part taken back, is refused."""
    paid = sale("30.00", scene="bar_code", auth_code=phone.does("code"))
    trade_no = done(sdk.call(PAY, paid))["trade_no"]
    part = {"trans_in": phone.does("payee"), "trans_in_type": "openId", "amount": "10.00"}
    asked = {"out_request_no": number(), "trade_no": trade_no, "royalty_parameters": [part]}
    split = done(sdk.call("alipay.trade.order.settle", asked))
    assert done(sdk.call("alipay.trade.order.settle", asked))["settle_no"] == split["settle_no"]
    found = done(sdk.call("alipay.trade.order.settle.query", {"settle_no": split["settle_no"]}))
    (told,) = found["royalty_detail_list"]
    # npm's client writes the names inside lists in its own way.
    assert (told["state"], told["amount"]) == ("SUCCESS", "10.00")
    more = asked | {
        "out_request_no": number(), "royalty_parameters": [part | {"amount": "29.00"}],
    }  # fmt: skip
    refused = sdk.call("alipay.trade.order.settle", more)
    assert sub_code(refused) == "ACQ.ALLOC_AMOUNT_VALIDATE_ERROR"
    back = {"trade_no": trade_no, "out_request_no": number(), "refund_amount": "30.00",
            "refund_royalty_parameters": [{"trans_out": part["trans_in"], "amount": "10.00"}]}  # fmt: skip
    assert sub_code(sdk.call(REFUND, back)) == "ACQ.REFUNDALLOC_UNAUTH_LIMIT"


def test_a_signed_agreement_is_debited_within_its_rules(sdk: Driven, phone: Phone) -> None:
    """The person signs on our page; a debit above the rule is refused; the merchant ends it."""
    today = f"{datetime.now(UTC) - timedelta(days=1):%Y-%m-%d}"
    no = secrets.token_hex(8)
    asked = {
        "personal_product_code": "CYCLE_PAY_AUTH_P", "access_params": {"channel": "QRCODE"},
        "sign_scene": "INDUSTRY|DIGITAL_MEDIA", "external_agreement_no": no,
        "period_rule_params": {"period_type": "DAY", "period": "7", "execute_time": today,
                               "single_amount": "10.00"},
    }  # fmt: skip
    phone.does("pay", qr_code=location_of(sdk.page("alipay.user.agreement.page.sign", asked)))
    named = {"external_agreement_no": no, "sign_scene": "INDUSTRY|DIGITAL_MEDIA"}
    found = done(sdk.call("alipay.user.agreement.query", named))
    assert found["status"] == "NORMAL"
    by = {"agreement_params": {"agreement_no": found["agreement_no"]}}
    above = sdk.call(PAY, sale("10.01", **by))
    assert sub_code(above) == "ACQ.CYCLE_PAY_SINGLE_FEE_EXCEED"
    assert done(sdk.call(PAY, sale("10.00", **by)))["receipt_amount"] == "10.00"
    assert sub_code(sdk.call(PAY, sale("10.00", **by))) == "ACQ.CYCLE_PAY_DATE_NOT_MATCH"
    done(sdk.call("alipay.user.agreement.unsign", {"agreement_no": found["agreement_no"]}))
    assert done(sdk.call("alipay.user.agreement.query", named))["status"] == "STOP"


def test_yesterday_s_bill_is_downloaded(sdk: Driven, config: dict[str, str]) -> None:
    """A ZIP of two CSVs in GBK; today's bill is not there yet."""
    at = datetime.now(timezone(timedelta(hours=8)))
    asked = {"bill_type": "trade", "bill_date": f"{at - timedelta(days=1):%Y-%m-%d}"}
    found = done(sdk.call("alipay.data.dataservice.bill.downloadurl.query", asked))
    # The address is on the name that people open; ours is asked where the suite finds it.
    address = urljoin(config["gateway"], "/gateway.do/bill")
    query = urlsplit(found["bill_download_url"]).query
    with urlopen(f"{address}?{query}", timeout=15) as reply:
        packed = zipfile.ZipFile(io.BytesIO(reply.read()))
    assert len(packed.namelist()) == 2
    text = packed.read(packed.namelist()[0]).decode("gbk")
    assert text.startswith("#支付宝业务明细查询")
    assert "7.50" in text
    today = asked | {"bill_date": f"{at:%Y-%m-%d}"}
    node = sdk.call("alipay.data.dataservice.bill.downloadurl.query", today)
    assert sub_code(node) == "INVAILID_ARGUMENTS"


def test_a_score_is_told_while_its_person_allows_it(sdk: Driven, phone: Phone) -> None:
    """She agrees, the code becomes a token, the number comes, again for its transaction; then she ends it."""
    asked = {"transaction_id": number(), "product_code": "w1010100100000000001"}
    method = "zhima.credit.score.get"
    assert sub_code(sdk.call(method, asked)) == "ZMCREDIT.authentication_fail"
    token = allowed(sdk, phone, "auth_zhima")
    told = done(sdk.call(method, asked, auth_token=token))
    assert 350 <= int(told["zm_score"]) <= 950
    again = done(sdk.call(method, asked, auth_token=token))
    assert [again[name] for name in ("zm_score", "biz_no")] == [told["zm_score"], told["biz_no"]]
    assert phone.does("withdraw", scope="auth_zhima") == 1
    for repeated in (asked, asked | {"transaction_id": number()}):
        node = sdk.call(method, repeated, auth_token=token)
        assert sub_code(node) == "ZMCREDIT.authentication_fail"


def test_whether_a_score_reaches_a_line_is_one_bit(sdk: Driven, phone: Phone) -> None:
    """Yes or no about the contracted line; about every other nothing; nothing after she ends it."""
    token = allowed(sdk, phone, "auth_zhima_brief")
    method, asked = "zhima.credit.score.brief.get", {
        "transaction_id": number(), "product_code": "w1010100000000002733",
        "admittance_score": 400, "cert_type": "ALIPAY_USER_ID",
    }  # fmt: skip
    told = done(sdk.call(method, asked, auth_token=token))
    assert told["is_admittance"] in {"Y", "N"}
    for other in (351, 399, 401, 650, 950):
        bisecting = asked | {"transaction_id": number(), "admittance_score": other}
        node = sdk.call(method, bisecting, auth_token=token)
        assert sub_code(node) == "ZMCREDIT.no_valid_arrangement"
    phone.does("withdraw", scope="auth_zhima_brief")
    node = sdk.call(method, asked, auth_token=token)
    assert sub_code(node) == "ZMCREDIT.authentication_fail"


def allowed(sdk: Driven, phone: Phone, scope: str) -> str:
    """Have the payer agree to what is asked, and exchange what they bring back; a token."""
    code = phone.does("allow", scope=scope)
    asked = {"grant_type": "authorization_code", "code": code}
    return str(sdk.call("alipay.system.oauth.token", {}, **asked)["access_token"])


def test_a_long_list_of_goods_passes(sdk: Driven) -> None:
    """150 lines are 25 KB of query in python-alipay-sdk."""
    goods = [
        {"goods_id": f"tea-{line}", "goods_name": "茶" * 8, "quantity": 1, "price": "1.00"}
        for line in range(150)
    ]
    done(sdk.call(PRECREATE, sale("150.00", goods_detail=goods)))


@pytest.mark.parametrize(
    ("amount", "expected"),
    [("0", "ACQ.INVALID_PARAMETER"), ("-1", "ACQ.INVALID_PARAMETER"),
     ("1.001", "ACQ.INVALID_PARAMETER"), ("1e3", "ACQ.INVALID_PARAMETER"),
     ("99999999999", "ACQ.TOTAL_FEE_EXCEED")],
)  # fmt: skip
def test_amounts_that_are_none_are_refused(sdk: Driven, amount: str, expected: str) -> None:
    """Signed refusals, which every SDK verifies."""
    assert sub_code(sdk.call(PRECREATE, sale(amount))) == expected


def test_a_notice_is_told_again_until_it_is_heard(sdk: Driven, phone: Phone, ear: Ear) -> None:
    """An answer other than `success` is none; the same notice comes again after four minutes."""
    ear.answers = [b"fail"]
    asked = sale("1.00")
    made = done(sdk.call(PRECREATE, asked, notify_url=ear.url))
    phone.does("pay", qr_code=made["qr_code"])
    told = ear.wait_for(out_trade_no=asked["out_trade_no"])
    assert sdk.believes(told)
