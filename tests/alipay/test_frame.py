"""The frame, held against the rules by which the three SDKs cut it open."""

import json
import re
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.alipay.frame import framed, node_bytes, node_name, refused, succeeded
from counterfoil.alipay.refusal import Code, bad_signature, missing
from counterfoil.alipay.signing import is_signed, sign_with

NAME = "alipay_trade_query_response"


def cut_by_braces(text: str, name: str) -> str:
    """Cut as python-alipay-sdk does: count braces, knowing no strings."""
    start = text.index("{", text.index(name))
    depth = 0
    for place in range(start, len(text)):
        depth += {"{": 1, "}": -1}.get(text[place], 0)
        if not depth:
            return text[start : place + 1]
    raise AssertionError("no end")


def cut_by_pattern(text: str) -> str:
    """Cut as the official Python SDK does: from the first node to the last sign."""
    start = re.search(r'"[a-zA-z_]+_response"\s*:\s*{', text)
    ends = list(re.finditer(r'}\s*,\s*"sign"\s*:\s*"', text))
    assert start is not None
    return text[start.end() - 1 : ends[-1].start() + 1]


def cut_by_sign(text: str, name: str) -> str:
    """Cut as the Node SDK does: from the node's name to the last sign, to the outer braces."""
    part = text[text.index(name) + len(name) : text.rindex('"sign"')]
    return part[part.index("{") : part.rindex("}") + 1]


json_values = st.recursive(
    st.text() | st.integers(-(10**9), 10**9) | st.booleans(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.text(), json_values, max_size=6))
def test_every_client_cuts_out_the_very_bytes_that_are_signed(fields: dict[str, Any]) -> None:
    """Braces, quotes, emoji, inner objects, an inner key `sign`: the signed text is found."""
    signed = node_bytes(succeeded(fields))
    text = b'{"%s":%s,"sign":"AAAA"}' % (NAME.encode(), signed)
    assert json.loads(text)[NAME] == {"code": "10000", "msg": "Success", **fields}
    for codec in ("utf-8", "gbk", "gb2312"):
        whole = text.decode(codec)
        assert cut_by_braces(whole, NAME).encode(codec) == signed
        assert cut_by_pattern(whole).encode(codec) == signed
        assert cut_by_sign(whole, NAME).encode(codec) == signed


def test_the_frame_is_a_node_then_its_signature_and_nothing_else(our_key: RSAPrivateKey) -> None:
    """A key between the two breaks the official Python SDK; the sign first breaks two of three."""
    signed = node_bytes(succeeded({"subject": "{茶"}))
    frame = framed(NAME, signed, sign_with(our_key))
    assert list(json.loads(frame)) == [NAME, "sign"]
    assert frame.startswith(
        rb'{"alipay_trade_query_response":{"code":"10000","msg":"Success",'
        rb'"subject":"\u007b\u8336"},"sign":"'
    )
    assert is_signed(signed, json.loads(frame)["sign"], our_key.public_key())


def test_a_success_has_no_sub_code_and_a_failure_has_one() -> None:
    """The official SDK's `is_success()` means that there is no sub-code."""
    assert succeeded({"a": "1", "absent": None}) == {"code": "10000", "msg": "Success", "a": "1"}
    assert refused(bad_signature())["sub_code"] == "isv.invalid-signature"
    assert refused(missing("app_id"))["code"] == "40001"
    assert succeeded({}, Code.IN_PROCESS)["code"] == "10003"


@pytest.mark.parametrize(
    ("method", "node"),
    [
        ("alipay.trade.pay", "alipay_trade_pay_response"),
        ("zhima.credit.score.get", "zhima_credit_score_get_response"),
        ("", "error_response"),
        ('alipay.trade.pay":{}', "error_response"),
        ("pay", "error_response"),
        ("a." * 100 + "b", "error_response"),
        ("alipay.trade.支付", "error_response"),
    ],
)
def test_the_node_is_named_after_the_method(method: str, node: str) -> None:
    """Only what no method can be called is answered by `error_response`."""
    assert node_name(method) == node
