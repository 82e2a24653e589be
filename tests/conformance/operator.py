"""Our own operator under the suite: one shop, Alice who buys there, and her phone as a small HTTP API."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.serialization import (
    Encoding,
    PublicFormat,
    load_der_public_key,
)

from counterfoil.alipay.app import Receive, Scope, Send
from counterfoil.alipay.surface import PATH, Settings, Surface, open_surface
from counterfoil.alipay.tokens import Grant
from counterfoil.bench.market import Market, market
from counterfoil.consent import BasisId, Category, CollectorId
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money
from counterfoil.pay import Agreement, Hold, NewOrder, Order
from counterfoil.qr import Origin
from tests.conformance import life
from tests.conformance.clock import ShiftedClock
from tests.conformance.life import SHARING

ORIGIN = Origin("http://localhost")
"""What people open. The suite asks at the gateway's own address, which is no name."""


@dataclass(slots=True)
class Operator:
    """The gateway, and a phone that does as it is told."""

    market: Market
    surface: Surface
    clock: ShiftedClock

    async def app(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer at the gateway's address, and at the phone's."""
        if scope["path"].startswith(PATH):
            await self.surface.app(scope, receive, send)
            return
        asked = await _json(receive)
        answer = await asyncio.to_thread(self._phone, scope["path"].removeprefix("/"), asked)
        body = json.dumps(answer).encode()
        headers = [(b"content-type", b"application/json")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    def config(self, host: str, port: int) -> dict[str, str]:
        """Tell what a client needs to know."""
        address = f"http://{host}" if port == 80 else f"http://{host}:{port}"
        key = load_der_public_key(self.market.application.our_public_key)
        issued = self.surface.app.gateway.rooms.certificates
        spki = key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return {
            "gateway": f"{address}{PATH}",
            "payer": address,
            "app_id": self.market.application.id,
            "private_key": self.market.private_key,
            "gateway_public_key": spki.decode(),
            "app_certificate": issued.theirs(self.market.application).pem,
            "gateway_certificate": issued.ours(self.market.application).pem,
            "root_certificate": issued.root().pem,
        }

    def _phone(self, act: str, asked: dict[str, Any]) -> Any:
        """Do what Alice does."""
        pay, (alice, bob) = self.market.site.pay, self.market.people
        if act == "code":
            amount_max = Money.of(asked.get("amount_max", "1000"), self.market.currency)
            return self.market.site.wallets.codes.issue(alice, amount_max).digits
        if act == "pay":
            return self.pay(asked["qr_code"])
        if act == "confirm":
            return pay.paying.pay(pay.orders.by_number(asked["trade_no"]).id, alice).number
        if act == "payee":
            rooms = self.surface.app.gateway.rooms
            return rooms.identities.open_id(self.market.application.id, bob)
        return {"allow": self.allow, "withdraw": self.withdraw}[act](asked["scope"])

    def pay(self, link: str) -> str:
        """Do what the code on a till or a page is for."""
        pay, alice = self.market.site.pay, self.market.people[0]
        code = ORIGIN.code_of_link(link)
        assert code is not None
        match pay.codes.found(code):
            case Order(id=order):
                return pay.paying.pay(order, alice).number
            case Hold(id=hold):
                return pay.holds.place(hold, alice).number
            case Agreement(id=agreement):
                return pay.agreements.sign(agreement, alice).number
            case _:
                raise AssertionError("this code is no shop's")

    def allow(self, scope: str) -> str:
        """Agree to what a shop asks, as on the authorisation page; the code that goes back to it."""
        site, alice, now = self.market.site, self.market.people[0], from_us(self.clock.now_us())
        purpose = SHARING[scope]
        site.consent.grants.grant_consent(
            BasisId(new_id()), subject=alice, purpose=purpose, categories=Category.SCORE,
            until=now + timedelta(days=30),
            notice_hash=site.consent.purposes.notice(purpose, "en").hash,
            recipient=CollectorId(self.market.merchant.id), method="authorization page",
        )  # fmt: skip
        rooms = self.surface.app.gateway.rooms
        return rooms.tokens.code(Grant(alice, self.market.application.id, scope), now)

    def withdraw(self, scope: str) -> int:
        """End every grant of that kind, as in the person's record; how many there were."""
        site, alice = self.market.site, self.market.people[0]
        ended = [
            one for one in site.consent.grants.grants_of(alice)
            if one.purpose is SHARING[scope] and one.ended_at is None
        ]  # fmt: skip
        for grant in ended:
            site.consent.grants.revoke_consent(alice, grant.id)
        return len(ended)


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Operator]:
    """Open the operator; with it a shop, Alice and Bob."""
    clock = ShiftedClock(timedelta(days=life.DAYS + 1))
    with market(url, folder, people=2, clock=clock) as stalls:
        life.live(stalls, clock)
        _sell(stalls)
        clock.advance(timedelta(days=1))
        life.score(stalls, clock)
        surface = open_surface(stalls.site, ORIGIN, clock, Settings(opened=("127.0.0.0/8",)))
        with surface.courier:
            yield Operator(stalls, surface, clock)
        surface.app.close()


def _sell(stalls: Market) -> None:
    """Sell something, so that there is a bill of the day."""
    pay, merchant = stalls.site.pay, stalls.merchant.id
    amount = Money.of("7.50", stalls.currency)
    new = NewOrder(
        merchant=merchant, merchant_order_no="first", amount=amount, subject="Bread, {1}"
    )
    pay.paying.pay(pay.orders.create(new).id, stalls.people[0])


async def _json(receive: Receive) -> dict[str, Any]:
    body = b""
    while True:
        message = await receive()
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return dict(json.loads(body or b"{}"))


__all__ = ["Operator", "opened"]
