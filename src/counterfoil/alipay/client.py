"""The other side: a request as a merchant's program signs it, for measurements and examples."""

import base64
import json
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlencode

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from counterfoil.alipay.signing import SIGN_TYPE, text_to_sign
from counterfoil.alipay.values import shown_time
from counterfoil.kernel.clock import SystemClock, from_us


def sign_request(
    app_id: str,
    private_key: str,
    method: str,
    content: Mapping[str, Any],
    extra: Mapping[str, str],
) -> str:
    """Sign a request with a shop's key (PEM); the form that it posts."""
    values = {
        "app_id": app_id,
        "method": method,
        "charset": "utf-8",
        "sign_type": SIGN_TYPE,
        "timestamp": shown_time(from_us(SystemClock().now_us())),
        "version": "1.0",
        "biz_content": json.dumps(content),
        **extra,
    }
    sign = _key(private_key).sign(
        text_to_sign(values).encode(), padding.PKCS1v15(), hashes.SHA256()
    )
    return urlencode({**values, "sign": base64.b64encode(sign).decode("ascii")})


@cache
def _key(pem: str) -> RSAPrivateKey:
    key = load_pem_private_key(pem.encode(), None)
    assert isinstance(key, RSAPrivateKey)
    return key
