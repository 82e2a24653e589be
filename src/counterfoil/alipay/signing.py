"""The RSA2 signature: over which text, by which key, and whether it is right.

A request's `sign_type` is signed with it, a notification's is not. The published rule leaves empty
values out of the text; two of the three SDKs sign them all the same, so a text with them is tried
second. RSASSA-PKCS1-v1_5 with SHA-256; the legacy SHA-1 (`sign_type=RSA`) is refused.
"""

import base64
from collections.abc import Callable, Iterator, Mapping
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, RSAPublicKey

from counterfoil.alipay.parameters import Parameters
from counterfoil.alipay.refusal import bad_signature

SIGN_TYPE: Final = "RSA2"
SIGN_LENGTH_MAX: Final = 1024
"""Base64 of a signature by a key of 6,144 bits; RSA-2048 makes 344."""

_PADDING: Final = padding.PKCS1v15()
_HASH: Final = hashes.SHA256()


def text_to_sign(
    values: Mapping[str, str], *, without: tuple[str, ...] = ("sign",), empties: bool = False
) -> str:
    """Write the text that is signed: sorted, unencoded, joined by `&`.

    >>> text_to_sign({"b": "2", "a": "1", "sign": "x", "c": ""})
    'a=1&b=2'
    """
    return "&".join(
        f"{name}={value}"
        for name, value in sorted(values.items())
        if name not in without and (value or empties)
    )


def texts_signed(parameters: Parameters, sign: str) -> Iterator[tuple[bytes, bytes]]:
    """List what a request's signature may be over, each with the signature; none when it is none."""
    if len(sign) > SIGN_LENGTH_MAX:
        return
    try:
        signature = base64.b64decode(sign, validate=True)
    except ValueError:
        return
    values = parameters.values
    yield text_to_sign(values).encode(parameters.codec), signature
    if not all(values.values()):
        yield text_to_sign(values, empties=True).encode(parameters.codec), signature


def verify_request(parameters: Parameters, key: RSAPublicKey) -> None:
    """Check that a request is signed by the owner of a key.

    Raises:
        Refused: it is not; the reason stays here.

    """
    texts = texts_signed(parameters, parameters.values.get("sign", ""))
    if not any(_is_by(key, message, signature) for message, signature in texts):
        raise bad_signature()


def is_signed(message: bytes, sign: str, key: RSAPublicKey) -> bool:
    """Tell whether a base64 signature is by this key over these bytes."""
    try:
        return _is_by(key, message, base64.b64decode(sign, validate=True))
    except ValueError:
        return False


def _is_by(key: RSAPublicKey, message: bytes, signature: bytes) -> bool:
    try:
        key.verify(signature, message, _PADDING, _HASH)
    except InvalidSignature:
        return False
    return True


Sign = Callable[[bytes], bytes]
"""Makes the signature of a message."""


def sign_with(key: RSAPrivateKey) -> Sign:
    """Sign with a key of our own."""
    return lambda message: key.sign(message, _PADDING, _HASH)


def signed_text(message: bytes, sign: Sign) -> str:
    """Sign bytes; the signature in base64."""
    return base64.b64encode(sign(message)).decode("ascii")


def sign_form(values: Mapping[str, str], sign: Sign) -> dict[str, str]:
    """Sign what is sent as a form or a query of ours: without empties, without `sign_type`."""
    kept = {name: value for name, value in values.items() if value}
    text = text_to_sign(kept, without=("sign", "sign_type"))
    return {**kept, "sign_type": SIGN_TYPE, "sign": signed_text(text.encode(), sign)}
