"""The bakery's own program, which asks over the merchant API, written apart from what is tested."""

import base64
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any
from urllib.parse import quote_plus

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from counterfoil.alipay.gateway import Gateway, Reply
from counterfoil.alipay.rooms import Rooms
from counterfoil.courier import Guard
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import Application
from counterfoil.qr import Origin
from tests.alipay.keys import shop_key, unknown_key
from tests.pay.world import Street

ORIGIN = Origin("https://pay.example")
SECRET = bytes(range(32))
ZONE_S = 8 * 3600


@dataclass(slots=True)
class Shop:
    """The bakery's program, the gateway that it asks, and the street around."""

    street: Street
    application: Application
    gateway: Gateway
    rooms: Rooms
    key: RSAPrivateKey
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def parameters(self, method: str, content: Mapping[str, Any], **extra: str) -> dict[str, str]:
        """Make what is asked, without a signature."""
        return {
            "app_id": self.application.id,
            "method": method,
            "charset": "utf-8",
            "sign_type": "RSA2",
            "timestamp": f"{self.street.now:%Y-%m-%d %H:%M:%S}",
            "version": "1.0",
            "biz_content": json.dumps(content),
            **extra,
        }

    def signed(self, parameters: Mapping[str, str], codec: str = "utf-8") -> bytes:
        """Sign what is asked, and write it as a query or a form."""
        text = "&".join(f"{name}={value}" for name, value in sorted(parameters.items()))
        sign = self.key.sign(text.encode(codec), padding.PKCS1v15(), hashes.SHA256())
        pairs = {**parameters, "sign": base64.b64encode(sign).decode()}
        return "&".join(
            f"{name}={quote_plus(value, encoding=codec)}" for name, value in pairs.items()
        ).encode()

    def raw(self, method: str, content: Mapping[str, Any], **extra: str) -> Reply:
        """Ask, and get the reply as it is."""
        return self.gateway.answer(self.signed(self.parameters(method, content, **extra)), b"")

    def ask(self, method: str, content: Mapping[str, Any], **extra: str) -> dict[str, Any]:
        """Ask, check the frame and the signature, and read the node."""
        return self.opened(self.raw(method, content, **extra), method)

    def opened(self, reply: Reply, method: str) -> dict[str, Any]:
        """Check a reply's frame and signature over its exact bytes; read its node."""
        name = f"{method.replace('.', '_')}_response"
        whole = json.loads(reply.body)
        assert list(whole) == [name, "sign"], reply.body
        start, end = reply.body.index(b":") + 1, reply.body.rindex(b',"sign":"')
        our_key = load_der_public_key(self.application.our_public_key)
        our_key.verify(  # type: ignore[union-attr, call-arg]
            base64.b64decode(whole["sign"]), reply.body[start:end], padding.PKCS1v15(),  # type: ignore[arg-type]
            hashes.SHA256(),
        )  # fmt: skip
        return dict(whole[name])

    def number(self) -> str:
        """Make the shop's next number."""
        return f"bread_{next(self.numbers)}"

    def code(self, amount_max: str = "50") -> str:
        """Have Alice's phone show a code."""
        return self.street.code(amount_max)

    def pay(self, amount: str = "9.99", number: str | None = None, **fields: Any) -> dict[str, Any]:
        """Read Alice's code at the till."""
        content = {
            "out_trade_no": number or self.number(), "total_amount": amount, "subject": "Bread",
            "scene": "bar_code", **fields,
        }  # fmt: skip
        if "auth_code" not in content:
            content["auth_code"] = self.code()
        return self.ask("alipay.trade.pay", content)


@contextmanager
def shop(street: Street, opened: tuple[str, ...] = ("127.0.0.0/8",)) -> Iterator[Shop]:
    """Let the bakery's program ask."""
    key = shop_key()
    spki = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    pay = street.pay
    application = pay.applications.open(street.bakery.id, "till program", public_key=spki.decode())
    reading = ReadingConnection(street.bank.town.ledger._url)
    rooms = Rooms(
        street.bank.town.ledger,
        pay,
        street.bank.wallets,
        ORIGIN,
        Guard.opened(opened),
        unknown_key(),
        SECRET,
        reading,
    )
    gateway = Gateway(rooms, street.bank.town.clock)
    yield Shop(street, application, gateway, rooms, key)
    reading.close()
