r"""The frame of an answer: one node named after the method, then its signature, and next to nothing else.

    {"alipay_trade_query_response":{"code":"10000",…},"sign":"…"}

Each client cuts the signed text out of the bytes by a rule of its own, and one counts braces
without knowing strings. So `{` and `}` in a string are written as escapes, and so is all that is
not ASCII: the bytes are then the same in UTF-8, GBK and GB 2312 (docs/adr/0038).
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Final

from counterfoil.alipay.refusal import Code, Refused
from counterfoil.alipay.signing import Sign, signed_text

Value = str | int | bool | Sequence["Value"] | Mapping[str, "Value"]
Node = dict[str, Value]

ERROR_NODE: Final = "error_response"
_METHOD: Final = re.compile(r"[a-z][a-z0-9_]*(\.[a-z0-9_]+)+", re.ASCII)
_METHOD_LENGTH_MAX: Final = 128
_STRING: Final = re.compile(r'"(?:[^"\\]|\\.)*"')
_ENCODER: Final = json.JSONEncoder(separators=(",", ":"))


def node_name(method: str) -> str:
    """Name the node that answers a method; `error_response` for what no method can be called.

    >>> node_name("alipay.trade.pay")
    'alipay_trade_pay_response'
    """
    if len(method) > _METHOD_LENGTH_MAX or not _METHOD.fullmatch(method):
        return ERROR_NODE
    return f"{method.replace('.', '_')}_response"


def node_bytes(node: Mapping[str, Value]) -> bytes:
    r"""Write a node's object: compact ASCII, no brace inside a string.

    >>> node_bytes({"subject": "{茶"})
    b'{"subject":"\\u007b\\u8336"}'
    """
    text = _ENCODER.encode(node)
    if text.count("{") + text.count("}") > 2:  # those around it, and others: nodes or strings
        text = _STRING.sub(_without_braces, text)
    return text.encode("ascii")


def _without_braces(found: re.Match[str]) -> str:
    return found[0].replace("{", r"\u007b").replace("}", r"\u007d")


def framed(name: str, signed: bytes, sign: Sign, certificate: str = "") -> bytes:
    """Put a node's bytes, an object or an encrypted text, into a signed frame.

    In certificate mode the serial number of our certificate comes last: between the node and its
    signature, one client would cut out the wrong text.
    """
    text = signed_text(signed, sign).encode("ascii")
    named = b',"alipay_cert_sn":"%s"' % certificate.encode("ascii") if certificate else b""
    return b'{"%s":%s,"sign":"%s"%s}' % (name.encode("ascii"), signed, text, named)


def succeeded(fields: Mapping[str, Value | None], code: Code = Code.SUCCESS) -> Node:
    """Make the node of a success: no sub-code, and nothing that has no value."""
    return {
        "code": code.number,
        "msg": code.words,
        **{name: value for name, value in fields.items() if value is not None},
    }


def refused(error: Refused) -> Node:
    """Make the node of a failure."""
    return {
        "code": error.kind.number,
        "msg": error.kind.words,
        "sub_code": error.sub_code,
        "sub_msg": error.message,
    }
