"""The gateway over real HTTP, as an operator's machine happens to be set up."""

import base64
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import quote_plus
from urllib.request import Request, urlopen

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from counterfoil.alipay.signing import text_to_sign
from counterfoil.alipay.values import shown_time
from counterfoil.kernel.clock import SystemClock, from_us
from tests.conformance.sdks import ROOT

pytestmark = pytest.mark.slow
PRECREATE, QUERY = "alipay.trade.precreate", "alipay.trade.query"
SUBJECT = "面包与茶 (é)"
QUICK_S = 5.0


@contextmanager
def served(folder: Path, **environment: str) -> Iterator[dict[str, str]]:
    """Run an operator under an environment of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.alipay.http_server", str(folder)],
        stdout=subprocess.PIPE, cwd=ROOT, env={**os.environ, **environment},
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield dict(json.loads(process.stdout.readline()))
    finally:
        process.terminate()
        process.wait(30)
        process.stdout.close()


def asked(served: dict[str, str], method: str, text: str, charset: str = "utf-8") -> bytes:
    """Post a signed request in a charset; the bytes that come back."""
    values = {
        "app_id": served["app_id"], "method": method, "charset": charset, "sign_type": "RSA2",
        "timestamp": shown_time(from_us(SystemClock().now_us())), "version": "1.0",
        "biz_content": text,
    }  # fmt: skip
    key = load_pem_private_key(served["private_key"].encode(), None)
    sign = key.sign(text_to_sign(values).encode(charset), padding.PKCS1v15(), hashes.SHA256())  # type: ignore[union-attr, call-arg, arg-type]
    pairs = {**values, "sign": base64.b64encode(sign).decode()}
    # As the official client does: what names a request in the address, what it is about in the body.
    content = {"biz_content": pairs.pop("biz_content")}
    query, form = (
        "&".join(f"{name}={quote_plus(value, encoding=charset)}" for name, value in part.items())
        for part in (pairs, content)
    )
    request = Request(f"{served['gateway']}?{query}", form.encode(), method="POST")
    with urlopen(request, timeout=30) as reply:
        assert reply.status == 200
        assert reply.headers["content-type"] == f"application/json;charset={charset.lower()}"
        return bytes(reply.read())


def node_of(served: dict[str, str], method: str, body: bytes, charset: str) -> dict[str, Any]:
    """Check the signature over the exact bytes, and read the node in its charset."""
    whole = json.loads(body.decode(charset))
    start, end = body.index(b":") + 1, body.rindex(b',"sign":"')
    key = load_pem_public_key(served["gateway_public_key"].encode())
    assert isinstance(key, RSAPublicKey)
    sign = base64.b64decode(whole["sign"])
    key.verify(sign, body[start:end], padding.PKCS1v15(), hashes.SHA256())
    return dict(whole[f"{method.replace('.', '_')}_response"])


@pytest.fixture(scope="module")
def gbk_locale(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make the locale of a Chinese machine of old, where the tool for it is there."""
    tool = shutil.which("localedef")
    folder = tmp_path_factory.mktemp("locales")
    made = tool and subprocess.run(
        [tool, "-i", "zh_CN", "-f", "GBK", str(folder / "zh_CN.GBK")],
        capture_output=True,
        check=False,
    )
    if not made or not (folder / "zh_CN.GBK" / "LC_CTYPE").exists():
        pytest.skip("no locale in GBK can be made here: localedef or its sources are missing")
    return {"LC_ALL": "zh_CN.GBK", "LOCPATH": str(folder)}


def check_charsets(folder: Path, encoding: str, environment: dict[str, str]) -> None:
    """Ask in UTF-8 and in GBK; what was asked comes back, exactly, whatever the machine speaks."""
    plain = {"PYTHONUTF8": "0", "PYTHONCOERCECLOCALE": "0"}
    with served(folder, **plain, **environment) as operator:
        assert operator["encoding"].lower() == encoding
        for place, charset in enumerate(("utf-8", "gbk", "GBK", "gb2312")):
            named = {"out_trade_no": f"locale_{place}"}
            subject = SUBJECT.replace("é", "e") if charset == "gb2312" else SUBJECT
            new = {**named, "total_amount": "1.00", "subject": subject}
            text = json.dumps(new, ensure_ascii=False)
            body = asked(operator, PRECREATE, text, charset)
            assert node_of(operator, PRECREATE, body, charset)["code"] == "10000"
            body = asked(operator, QUERY, json.dumps(named), charset)
            assert node_of(operator, QUERY, body, charset)["subject"] == subject
        again = {"out_trade_no": "locale_0", "total_amount": "2.00", "subject": SUBJECT}
        body = asked(operator, PRECREATE, json.dumps(again))
        assert node_of(operator, PRECREATE, body, "utf-8")["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"
        check_bombs(operator)


def check_bombs(operator: dict[str, str]) -> None:
    """A million brackets, digits or keys cost a moment, and a body beyond every limit does too."""
    digits = "9" * 400_000
    for text in ("[" * 400_000, '{"a":' * 80_000, f'{{"total_amount":{digits}}}', f'{{"{digits}":1}}',
                 '{"total_amount":1e999999999}', "9" * 3_000_000):  # fmt: skip
        began = time.monotonic()
        body = asked(operator, PRECREATE, text)
        assert time.monotonic() - began < QUICK_S, text[:20]
        assert node_of(operator, PRECREATE, body, "utf-8")["code"] in {"40002", "40004"}
    assert b"10000" in asked(operator, QUERY, json.dumps({"out_trade_no": "locale_0"}))


def test_a_machine_without_a_locale_answers_utf_8_and_gbk_exactly(tmp_path: Path) -> None:
    """LC_ALL=C: Python itself speaks ASCII there, and the gateway does not care; nor for bombs."""
    check_charsets(tmp_path, "ansi_x3.4-1968", {"LC_ALL": "C"})


def test_a_machine_that_speaks_gbk_answers_utf_8_and_gbk_exactly(
    tmp_path: Path, gbk_locale: dict[str, str]
) -> None:
    """LC_ALL=zh_CN.GBK: files are opened in GBK by default there, keys and notices too."""
    check_charsets(tmp_path, "gbk", gbk_locale)
