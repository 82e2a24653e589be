"""Whatever a shop signs, it is answered in a signed frame by a documented code, and money moves on success alone."""

import json
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, cast

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.alipay.mapping import METHOD_ROWS, ROOMS, ROWS, SINGLE
from counterfoil.alipay.methods import METHODS
from counterfoil.alipay.reading import _declared
from counterfoil.alipay.refusal import MISSING_SUB_CODES
from counterfoil.alipay.values import CLOCK_TOLERANCE
from tests.alipay.world import Shop
from tests.wallet.world import euros

PAY, PRECREATE, QUERY = "alipay.trade.pay", "alipay.trade.precreate", "alipay.trade.query"
CODES = {"10000", "10003", "40001", "40002", "40003", "40004", "40005", "40006"}
"""What may be answered where nothing has failed on our side; 20000 is not among it."""
KNOWN = {
    *(name for row in ROWS.values() for name in row[:1]),
    *(name for rows in METHOD_ROWS.values() for row in rows.values() for name in row[:1]),
    "INVALID_PARAMETER", "TOTAL_FEE_EXCEED", "CURRENCY_NOT_SUPPORT", "AMOUNT_OR_CURRENCY_ERROR",
    "REFUND_AMT_NOT_EQUAL_TOTAL", "REFUNDALLOC_UNAUTH_LIMIT", "ROYALTY_ACCOUNT_NOT_EXIST",
    "AUTH_TOKEN_IS_NOT_EXIST", "api_product_not_match",
}  # fmt: skip


@dataclass(slots=True)
class Fuzzed:
    """A shop with an order paid, one unpaid, a deposit, and an agreement's page."""

    shop: Shop
    right: dict[str, list[Any]]
    """What each field may well be."""


@pytest.fixture
def fuzzed(bakery: Shop) -> Fuzzed:
    paid = bakery.pay("20.00", "paid_1")
    made = bakery.ask(PRECREATE, {"out_trade_no": "open_1", "total_amount": "5", "subject": "Tea"})
    assert made["code"] == "10000"
    left = bakery.ask(
        "alipay.fund.auth.order.freeze",
        {"auth_code": bakery.code(), "auth_code_type": "bar_code", "out_order_no": "hold_1",
         "out_request_no": "hold_1", "order_title": "A deposit", "amount": "10.00"},
    )  # fmt: skip
    trade, people = paid["trade_no"], [paid["buyer_open_id"], bakery.street.bakery.number, "x"]
    amounts = ["0.01", "1.00", 5, 20, "0.50"]
    right = {
        **{key: [trade, "2" * 28] for key in ("trade_no", "settle_no", "agreement_no")},
        "auth_no": [left["auth_no"], trade], "operation_id": [left["operation_id"]],
        "out_trade_no": ["paid_1", "open_1", "new_1", "new_2"], "out_order_no": ["hold_1", "new_3"],
        "out_request_no": ["hold_1", "r1", "r2"], "out_biz_no": ["b1", "b2"],
        **dict.fromkeys(("total_amount", "refund_amount", "amount", "trans_amount"), amounts),
        "scene": ["bar_code"], "auth_code_type": ["bar_code"],
        "auth_code": [bakery.code() for _ in range(3)], "buyer_open_id": people,
        "royalty_parameters": [[{"trans_in": one, "amount": "0.10"}] for one in people],
        "payee_info": [{"identity": one, "identity_type": "ALIPAY_OPEN_ID"} for one in people],
        "product_code": ["w1010100100000000001", "TRANS_ACCOUNT_NO_PWD", "PRE_AUTH"],
        "bill_type": ["trade", "signcustomer"], "bill_date": ["2026-01-04", "2026-01"],
        "transaction_id": ["t1"], "admittance_score": [400], "alipay_cert_sn": ["aa"],
        "subject": ["Bread", "茶{"], "order_title": ["A deposit"], "remark": ["done"],
        "timeout_express": ["90m"], "refund_currency": ["EUR"], "trans_currency": ["EUR"],
        "access_params": [{"channel": "QRCODE"}], "personal_product_code": ["CYCLE_PAY_AUTH_P"],
        "store_id": ["1"], "terminal_id": ["A"], "grant_type": ["authorization_code"],
    }  # fmt: skip
    return Fuzzed(bakery, right)


NEARLY = [
    "0",
    "-1",
    "1.001",
    "1e3",
    "99999999999",
    "\x00",
    "茶" * 400,
    "🍞",
    "USD",
    "2088",
    [],
    {},
    [{}],
]
JUNK = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.text(max_size=12)
    | st.floats(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


def content(draw: Callable[[Any], Any], kind: type[object], right: dict[str, list[Any]]) -> Any:
    """Draw fields that a method declares: most of them right, some nearly, some nonsense, some left out."""
    found: dict[str, Any] = {}
    for name, _reader, is_required in _declared(cast("Any", kind)):
        chosen = draw(st.integers(0, 29))
        if chosen == 0:
            found[name] = draw(JUNK)
        elif chosen == 1:
            found[name] = draw(st.sampled_from(NEARLY))
        elif name in right and (is_required or chosen % 2 or chosen > 20):
            found[name] = draw(st.sampled_from(right[name]))
    return found


@given(data=st.data())
@settings(
    max_examples=400, deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)  # fmt: skip
def test_whatever_is_signed_is_answered_and_moves_money_on_success_alone(
    fuzzed: Fuzzed, data: st.DataObject
) -> None:
    """Every method, any content: a documented code under our signature; refused, the ledger stays as it was."""
    shop = fuzzed.shop
    method = data.draw(st.sampled_from(sorted(METHODS)))
    asked = content(data.draw, METHODS[method].fields, fuzzed.right)
    extra = data.draw(
        st.fixed_dictionaries({}, optional={
            name: st.sampled_from(["", "x", "http://127.0.0.1:9/told", "ftp://a", "https://x" * 99])
            for name in ("notify_url", "return_url", "auth_token", "app_auth_token", "grant_type")
        })
    )  # fmt: skip
    ledger = shop.street.bank.town.ledger
    before = ledger.seq
    reply = shop.raw(method, asked, **extra)
    if METHODS[method].is_page:
        assert reply.location or reply.body.startswith(b"<!doctype html>")
        assert b"SYSTEM_ERROR" not in reply.body
        assert ledger.seq == before
        return
    node = shop.opened(reply, method)
    assert node["code"] in CODES, (node, asked)
    if node["code"] not in {"10000", "10003"}:
        assert known(node["sub_code"]), (node, asked)
        assert ledger.seq == before, (node, asked)


def known(sub_code: str) -> bool:
    """Tell whether a sub-code is one that the API or this gateway documents."""
    documented = {one[1] for one in (*ROOMS.values(), *SINGLE.values())}
    if sub_code.startswith("isv."):
        return sub_code in {*documented, *MISSING_SUB_CODES.values(), "isv.invalid-parameter",
                            "isv.code-invalid", "isv.illegal-json"}  # fmt: skip
    return sub_code.removeprefix("ACQ.").removeprefix("ZMCREDIT.") in KNOWN | DATED


DATED = {"BILL_NOT_EXIST", "NO_BILL_DATA", "INVAILID_ARGUMENTS", "TYPE_NOT_SUPPORTED",
         "BILL_DATE_BEFORE_REGISTRATION"}  # fmt: skip


def test_a_payment_asked_for_many_times_at_once_is_made_once(bakery: Shop) -> None:
    """Sixteen identical requests in parallel: one order, one payment, and the same number for all."""
    asked = {"out_trade_no": "once", "total_amount": "7.00", "subject": "Bread",
             "scene": "bar_code", "auth_code": bakery.code()}  # fmt: skip
    form = bakery.signed(bakery.parameters(PAY, asked))
    with ThreadPoolExecutor(16) as threads:
        replies = list(threads.map(lambda _turn: bakery.gateway.answer(form, b""), range(16)))
    nodes = [bakery.opened(reply, PAY) for reply in replies]
    assert {node["code"] for node in nodes} == {"10000"}, nodes
    assert len({node["trade_no"] for node in nodes}) == 1
    assert bakery.street.wallet() == euros("993.00")
    assert bakery.street.journal().count("order-paid") == 1
    assert len(bakery.street.pay.orders.page(bakery.application.merchant)) == 1


def test_an_order_asked_for_many_times_at_once_is_one_order(bakery: Shop) -> None:
    """With the same words there is one code; with another amount at the same time, one of the two is refused."""
    both = [
        bakery.signed(bakery.parameters(
            PRECREATE, {"out_trade_no": "once", "total_amount": amount, "subject": "Bread"}
        ))
        for amount in ("7.00", "8.00")
    ]  # fmt: skip
    with ThreadPoolExecutor(16) as threads:
        replies = list(
            threads.map(lambda turn: bakery.gateway.answer(both[turn % 2], b""), range(16))
        )
    nodes = [bakery.opened(reply, PRECREATE) for reply in replies]
    won = {node["qr_code"] for node in nodes if node["code"] == "10000"}
    lost = {node["sub_code"] for node in nodes if node["code"] != "10000"}
    assert (len(won), lost) == (1, {"ACQ.CONTEXT_INCONSISTENT"})
    assert sum(node["code"] == "10000" for node in nodes) == 8
    assert len(bakery.street.pay.orders.page(bakery.application.merchant)) == 1


@pytest.mark.parametrize("side", [-1, 1])
def test_a_timestamp_is_taken_up_to_the_tolerance_and_not_a_second_beyond(
    bakery: Shop, side: int
) -> None:
    """At the very edge it is answered; one second further it is refused, by either sign."""
    now = bakery.street.now
    assert now.microsecond == 0
    for beyond, expected in ((0, "40004"), (1, "40002")):
        at = now + side * (CLOCK_TOLERANCE + timedelta(seconds=beyond))
        node = bakery.ask(QUERY, {"out_trade_no": "1"}, timestamp=f"{at:%Y-%m-%d %H:%M:%S}")
        assert node["code"] == expected, node
        assert (node["sub_code"] == "isv.invalid-timestamp") is bool(beyond)


def test_no_json_is_a_bomb(bakery: Shop) -> None:
    """Depth, width, a number of a million digits, a key of a megabyte: refused or read, and none of it long."""
    digits = "9" * 900_000
    for text in ("[" * 900_000, '{"a":' * 150_000, '{"a":[' + "[]," * 4090 + "[]]}",
                 f'{{"total_amount":{digits}}}', f'{{"{digits}":1}}', f'{{"total_amount":1e{digits}}}',
                 '{"out_trade_no":"' + "\\ud83d" * 100_000 + '"}', "{" + '"a":1,' * 200_000 + '"a":1}'):  # fmt: skip
        parameters = bakery.parameters(PRECREATE, {}) | {"biz_content": text}
        node = bakery.opened(bakery.gateway.answer(b"", bakery.signed(parameters)), PRECREATE)
        assert node["code"] in {"40002", "40004"}, text[:40]
        assert json.dumps(node).isascii()
