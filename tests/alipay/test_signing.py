"""RSA2 over exact bytes, in and out."""

import base64
from urllib.parse import urlencode

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from counterfoil.alipay.parameters import Parameters, read_parameters
from counterfoil.alipay.refusal import Refused
from counterfoil.alipay.signing import is_signed, sign_form, sign_with, signed_text, verify_request


def signed(values: dict[str, str], key: RSAPrivateKey, *, empties: bool, codec: str) -> str:
    """Sign as the SDKs do, written apart from what is tested."""
    pairs = sorted((name, value) for name, value in values.items() if value or empties)
    text = "&".join(f"{name}={value}" for name, value in pairs).encode(codec)
    return base64.b64encode(key.sign(text, padding.PKCS1v15(), hashes.SHA256())).decode()


ASKED = {
    "app_id": "2021000000000001", "method": "alipay.trade.query", "charset": "utf-8",
    "sign_type": "RSA2", "timestamp": "2026-11-26 08:00:00", "version": "1.0",
    "biz_content": '{"subject":"茶 + =&%"}',
}  # fmt: skip


def sent(values: dict[str, str], codec: str = "utf-8") -> Parameters:
    return read_parameters(urlencode(values, encoding=codec).encode(), b"")


@pytest.mark.parametrize(("charset", "codec"), [("utf-8", "utf-8"), ("GBK", "gbk")])
def test_the_raw_values_are_what_is_signed(
    charset: str, codec: str, shop_key: RSAPrivateKey
) -> None:
    """Whatever was escaped for the way is signed as it was before, in the charset it names."""
    values = ASKED | {"charset": charset}
    values["sign"] = signed(values, shop_key, empties=False, codec=codec)
    verify_request(sent(values, codec), shop_key.public_key())


@pytest.mark.parametrize("empties", [False, True])
def test_empty_values_may_be_signed_or_left_out(empties: bool, shop_key: RSAPrivateKey) -> None:  # noqa: FBT001
    """The published rule drops them; python-alipay-sdk and the Node SDK do not."""
    values = ASKED | {"notify_url": "", "auth_token": ""}
    values["sign"] = signed(values, shop_key, empties=empties, codec="utf-8")
    verify_request(sent(values), shop_key.public_key())


@pytest.mark.parametrize("changed", ["biz_content", "method", "sign_type", "timestamp", "extra"])
def test_nothing_that_was_signed_can_be_changed(changed: str, shop_key: RSAPrivateKey) -> None:
    """Every parameter is in the signed text, also one that nobody knows."""
    values = dict(ASKED)
    values["sign"] = signed(values, shop_key, empties=False, codec="utf-8")
    values[changed] = "other"
    with pytest.raises(Refused) as refused:
        verify_request(sent(values), shop_key.public_key())
    assert refused.value.sub_code == "isv.invalid-signature"


@pytest.mark.parametrize("sign", ["", "?", "AAAA", "A" * 100_000, "茶", "a b"])
def test_a_signature_that_is_none_is_refused_in_the_same_words(
    sign: str, shop_key: RSAPrivateKey, our_key: RSAPrivateKey
) -> None:
    """A stranger learns nothing from what is wrong with a signature."""
    said = set()
    for values in (
        ASKED | {"sign": sign},
        ASKED | {"sign": signed(ASKED, our_key, empties=False, codec="utf-8")},
    ):
        with pytest.raises(Refused) as refused:
            verify_request(sent(values), shop_key.public_key())
        said.add((refused.value.sub_code, refused.value.message))
    assert len(said) == 1


def test_what_we_sign_is_verified_by_our_public_key(our_key: RSAPrivateKey) -> None:
    """An answer's signature is over the bytes of its node."""
    assert is_signed(b"{}", signed_text(b"{}", sign_with(our_key)), our_key.public_key())
    assert not is_signed(b"{ }", signed_text(b"{}", sign_with(our_key)), our_key.public_key())


def test_a_notice_signs_neither_its_sign_type_nor_what_is_empty(our_key: RSAPrivateKey) -> None:
    """Both SDKs that verify notices fail on an empty field, so none is sent."""
    notice = sign_form({"b": "2", "a": "茶", "empty": ""}, sign_with(our_key))
    assert set(notice) == {"a", "b", "sign", "sign_type"}
    assert is_signed("a=茶&b=2".encode(), notice["sign"], our_key.public_key())
