"""The way of a request: who asks, verified, answered and signed, whatever comes."""

import asyncio
import json
from collections.abc import MutableMapping
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from counterfoil.alipay.app import GatewayApp
from counterfoil.alipay.gateway import Gateway, Reply
from tests.alipay.world import Shop

QUERY = "alipay.trade.query"


def test_a_trade_that_was_read_at_the_till_is_paid(bakery: Shop) -> None:
    """Alice's phone shows a code, the till reads it, and the query says the same."""
    paid = bakery.pay("9.99", "bread_1")
    assert (paid["code"], paid["msg"]) == ("10000", "Success")
    assert paid["out_trade_no"] == "bread_1"
    assert paid["total_amount"] == paid["receipt_amount"] == "9.99"
    assert len(paid["trade_no"]) == 28
    found = bakery.ask(QUERY, {"out_trade_no": "bread_1"})
    assert found["trade_status"] == "TRADE_SUCCESS"
    assert found["trade_no"] == paid["trade_no"]
    assert found["buyer_open_id"] == paid["buyer_open_id"]
    assert str(bakery.street.wallet()) == "990.01 EUR"


LEFT_OUT = [("app_id", "isv.missing-app-id"), ("sign_type", "isv.missing-signature-type"),
     ("timestamp", "isv.missing-timestamp"), ("version", "isv.missing-version")]  # fmt: skip


def test_each_common_parameter_that_is_missing_is_named(bakery: Shop) -> None:
    """The node is the method's all the same, and it is signed."""
    for left_out, sub_code in LEFT_OUT:
        asked = bakery.parameters(QUERY, {"out_trade_no": "1"})
        del asked[left_out]
        reply = bakery.gateway.answer(bakery.signed(asked), b"")
        node = json.loads(reply.body)["alipay_trade_query_response"]
        assert (node["code"], node["sub_code"]) == ("40001", sub_code)


CHANGED: list[tuple[dict[str, str], str, str]] = [
    ({"app_id": "2021999999999999"}, "40002", "isv.invalid-app-id"),
    ({"sign_type": "RSA"}, "40002", "isv.invalid-signature-type"),
    ({"timestamp": "2020-01-01 00:00:00"}, "40002", "isv.invalid-timestamp"),
    ({"timestamp": "yesterday"}, "40002", "isv.invalid-timestamp"),
    ({"version": "2.0"}, "40002", "isv.invalid-parameter"),
    ({"format": "xml"}, "40002", "isv.invalid-format"),
    ({"method": "alipay.trade.gift"}, "40002", "isv.invalid-method"),
    ({"biz_content": "{"}, "40002", "isv.illegal-json"),
    ({"biz_content": "[" * 100_000}, "40002", "isv.illegal-json"),
    ({"biz_content": "{}"}, "40004", "ACQ.INVALID_PARAMETER"),
    ({"encrypt_type": "DES"}, "40002", "isv.invalid-encrypt-type"),
    ({"encrypt_type": "AES"}, "40002", "isv.invalid-encrypt"),
    ({"charset": "koi8-r"}, "40002", "isv.invalid-charset"),
]


def test_each_wrong_parameter_has_its_code(bakery: Shop) -> None:
    """Refused by its real code, signed, and nothing is done."""
    for changed, code, sub_code in CHANGED:
        asked = bakery.parameters(QUERY, {"out_trade_no": "1"}) | changed
        reply = bakery.gateway.answer(bakery.signed(asked), b"")
        (node,) = (value for name, value in json.loads(reply.body).items() if name != "sign")
        assert (node["code"], node["sub_code"]) == (code, sub_code)


def test_a_stranger_learns_nothing_from_a_refused_signature(bakery: Shop) -> None:
    """The same words for another key, a changed amount, no base64, and another charset."""
    asked = bakery.parameters(QUERY, {"out_trade_no": "1"})
    right = bakery.signed(asked)
    said = {
        bakery.gateway.answer(query, b"").body
        for query in (
            right.replace(b"query", b"pay").replace(b"alipay.trade.pay", b"alipay.trade.query"),
            right.replace(b"sign=", b"sign=A"),
            right[:-8],
            b"&".join(part for part in right.split(b"&") if not part.startswith(b"sign="))
            + b"&sign=nonsense",
        )
    }
    nodes = [json.loads(body)["alipay_trade_query_response"] for body in said]
    wrong = [node for node in nodes if node["sub_code"] == "isv.invalid-signature"]
    assert len(wrong) >= 1
    assert all(node == wrong[0] for node in wrong)


def test_where_no_method_can_be_named_the_answer_is_signed_too(bakery: Shop) -> None:
    """`error_response` is the only node that is not a method's."""
    for query in (b"", b"method=", b"method=%00", b"method=x", b"a=1&a=2"):
        whole = json.loads(bakery.gateway.answer(query, b"").body)
        assert list(whole) == ["error_response", "sign"]
        assert whole["error_response"]["sub_code"]


def sent_too_much(gateway: Gateway, query: bytes) -> Reply:
    """Post a megabyte to the gateway's application, in parts, and take the reply."""
    parts = [
        {"type": "http.request", "body": b"x" * 65_536, "more_body": k < 15} for k in range(16)
    ]
    sent: list[MutableMapping[str, Any]] = []

    async def receive() -> MutableMapping[str, Any]:
        return parts.pop(0)

    async def send(message: MutableMapping[str, Any]) -> None:
        sent.append(message)

    app = GatewayApp(gateway)
    scope = {
        "type": "http", "method": "POST", "path": "/gateway.do", "query_string": query,
        "headers": [],
    }  # fmt: skip
    asyncio.run(app(scope, receive, send))
    app.close()
    assert not parts, "what is sent is read to its end"
    assert sent[0]["status"] == 200
    return Reply(sent[1]["body"], "application/json")


def test_what_is_too_large_is_answered_by_the_method_in_its_address(bakery: Shop) -> None:
    """Clients look for their method's node and verify it; they fail on any other."""
    asked = bakery.signed(bakery.parameters(QUERY, {}))
    refused = bakery.opened(sent_too_much(bakery.gateway, asked), QUERY)
    assert refused["sub_code"] == "isv.invalid-parameter"
    for query in (b"", b"a=1&a=2", b"charset=none"):
        whole = json.loads(sent_too_much(bakery.gateway, query).body)
        assert list(whole) == ["error_response", "sign"]


def test_content_comes_in_gbk_and_goes_out_in_ascii(bakery: Shop) -> None:
    """A till whose program is GBK reads the answer in GBK, because every character is ASCII."""
    content = {"out_trade_no": "tea_1", "total_amount": "1", "subject": "一杯茶{}"}
    asked = bakery.parameters("alipay.trade.precreate", {}) | {
        "charset": "GBK", "biz_content": json.dumps(content, ensure_ascii=False),
    }  # fmt: skip
    made = bakery.gateway.answer(b"", bakery.signed(asked, "gbk"))
    assert bakery.opened(made, "alipay.trade.precreate")["code"] == "10000"
    asked = bakery.parameters(QUERY, {"out_trade_no": "tea_1"}) | {"charset": "GBK"}
    found = bakery.gateway.answer(bakery.signed(asked, "gbk"), b"")
    assert found.content_type == "application/json;charset=gbk"
    assert bakery.opened(found, QUERY)["subject"] == "一杯茶{}"


def test_in_certificate_mode_an_answer_names_our_certificate_last(bakery: Shop) -> None:
    """Node, signature, then the serial number; nobody else is told one, and one name alone is too few."""
    issued = bakery.rooms.certificates
    names = {"app_cert_sn": issued.theirs(bakery.application).sn,
             "alipay_root_cert_sn": issued.root().sn}  # fmt: skip
    for asked in ({"out_trade_no": "1"}, {}):
        whole = json.loads(bakery.raw(QUERY, asked, **names).body)
        assert list(whole) == ["alipay_trade_query_response", "sign", "alipay_cert_sn"]
        assert whole["alipay_cert_sn"] == issued.ours(bakery.application).sn
        plain = json.loads(bakery.raw(QUERY, asked).body)
        assert list(plain) == ["alipay_trade_query_response", "sign"]
        assert plain["alipay_trade_query_response"] == whole["alipay_trade_query_response"]
    for name, missing in (("app_cert_sn", "root-cert-sn"), ("alipay_root_cert_sn", "app-cert-sn")):
        node = bakery.ask(QUERY, {"out_trade_no": "1"}, **{name: names[name]})
        assert node["sub_code"] in {f"isv.missing-{missing}", f"isv.missing-alipay-{missing}"}
    bakery.street.wait(days=365 * 5 + 2)
    node = bakery.ask(QUERY, {"out_trade_no": "1"}, **names)
    assert (node["code"], node["sub_code"]) == ("40002", "isv.app-cert-expired")


def test_encrypted_content_is_read_and_answered_encrypted(bakery: Shop) -> None:
    """The node is then a text, and the signature is over its quotes too."""
    from counterfoil.alipay.content import decrypt, encrypt

    key = bakery.rooms.content_key(bakery.application.id)
    content = encrypt(json.dumps({"out_trade_no": "none_1"}).encode(), key)
    asked = bakery.parameters(QUERY, {}) | {"biz_content": content, "encrypt_type": "AES"}
    whole = json.loads(bakery.gateway.answer(bakery.signed(asked), b"").body)
    node = json.loads(decrypt(whole["alipay_trade_query_response"], key))
    assert node["sub_code"] == "ACQ.TRADE_NOT_EXIST"


ANY_JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.text(max_size=20) | st.integers() | st.floats(),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3)
    ),
    max_leaves=6,
)


def check_framed(gateway: Gateway, query: bytes, form: bytes) -> None:
    reply = gateway.answer(query, form)
    if reply.content_type.startswith("text/html"):
        return
    whole = json.loads(reply.body)
    name, sign = whole
    assert sign == "sign"
    assert whole["sign"]
    assert name.endswith("_response")
    assert whole[name]["code"] in {"10000", "10003"} or whole[name]["sub_code"]


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(query=st.binary(max_size=300), form=st.binary(max_size=300))
def test_any_bytes_are_answered_in_a_frame(bakery: Shop, query: bytes, form: bytes) -> None:
    """Nobody's bytes get anything but a signed frame."""
    check_framed(bakery.gateway, query, form)
