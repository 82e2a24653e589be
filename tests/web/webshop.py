"""A web shop: its own program that asks over the merchant API, and its own site that browsers come to."""

import base64
import json
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_pem_public_key,
)

from counterfoil.bootstrap import Site
from counterfoil.pay import MerchantId
from tests.alipay.keys import shop_key

HOURS_EAST = timezone(timedelta(hours=8))


@dataclass(frozen=True, slots=True)
class Keys:
    """What a merchant has once its application is open."""

    app_id: str
    theirs: RSAPublicKey
    """The operator's public key for it."""
    port: int
    """Where the shop's site will be."""


def open_application(site: Site, merchant: MerchantId) -> Keys:
    """Open an application of a merchant's with the shop's own key, and say where its site will be."""
    with socket.create_server(("127.0.0.1", 0)) as found:
        port = int(found.getsockname()[1])
    pem = shop_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    application = site.pay.applications.open(merchant, "Web shop", public_key=pem.decode())
    theirs = load_pem_public_key(site.pay.applications.our_public_pem(application.id).encode())
    assert isinstance(theirs, RSAPublicKey)
    site.pay.applications.set_return_addresses(
        application.id, [f"http://127.0.0.1:{port}/back?basket=7"]
    )
    return Keys(application.id, theirs, port)


@dataclass(slots=True)
class WebShop:
    """The shop, open."""

    keys: Keys
    gateway: str
    url: str
    came: list[dict[str, str]] = field(default_factory=list)
    """What browsers brought when they came back."""

    def asked(self, method: str, content: dict[str, Any], **extra: str) -> str:
        """Write and sign a request, as an address."""
        now = datetime.now(UTC).astimezone(HOURS_EAST)
        fields = {
            "app_id": self.keys.app_id, "method": method, "charset": "utf-8", "version": "1.0",
            "sign_type": "RSA2", "timestamp": f"{now:%Y-%m-%d %H:%M:%S}",
            "biz_content": json.dumps(content), **extra,
        }  # fmt: skip
        sign = shop_key().sign(_text(fields), padding.PKCS1v15(), hashes.SHA256())
        return f"{self.gateway}?{urlencode({**fields, 'sign': base64.b64encode(sign).decode()})}"

    def ask(self, method: str, content: dict[str, Any], **extra: str) -> dict[str, Any]:
        """Ask, and read the answer, which has to be a yes."""
        answer = httpx2.get(self.asked(method, content, **extra)).json()
        node: dict[str, Any] = answer[f"{method.replace('.', '_')}_response"]
        assert node.get("code", "10000") == "10000", node
        return node

    def verified(self, brought: dict[str, str]) -> dict[str, str]:
        """Check that what a browser brought is signed by the operator."""
        fields = dict(brought)
        sign = base64.b64decode(fields.pop("sign"))
        assert fields.pop("sign_type") == "RSA2"
        fields.pop("basket", None)  # the shop's own
        self.keys.theirs.verify(sign, _text(fields), padding.PKCS1v15(), hashes.SHA256())
        return fields


def _text(fields: dict[str, str]) -> bytes:
    return "&".join(f"{name}={value}" for name, value in sorted(fields.items())).encode()


@contextmanager
def web_shop(keys: Keys, server: str) -> Iterator[WebShop]:
    """Open the shop's site, on another host than the operator's."""
    came: list[dict[str, str]] = []

    class Back(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.startswith("/back"):
                query = dict(parse_qsl(urlsplit(self.path).query, keep_blank_values=True))
                came.append(query | {"referer": self.headers["referer"] or ""})
            self.send_response(200)
            self.send_header("content-type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>Shop</title><h1>The shop</h1>")

        def log_message(self, *_arguments: object) -> None:
            pass

    site = ThreadingHTTPServer(("127.0.0.1", keys.port), Back)
    thread = threading.Thread(target=site.serve_forever)
    thread.start()
    yield WebShop(keys, f"{server}/gateway.do", f"http://127.0.0.1:{keys.port}/back", came)
    site.shutdown()
    thread.join()
    site.server_close()
