"""The bakery's own program, which asks the REST API over ASGI, written apart from what is tested."""

import asyncio
import itertools
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import httpx2

from counterfoil.api.app import APIApp
from counterfoil.api.keys import Keys, Scope
from counterfoil.api.rooms import Rooms
from counterfoil.bank import Bank as BankRail
from counterfoil.courier import Guard
from counterfoil.history import History
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import MerchantId, NewMerchant, Settling
from counterfoil.qr import Origin
from counterfoil.receipts import new_signing_key
from counterfoil.rights import PersonRights
from counterfoil.score.live import LiveScores
from counterfoil.score.registry import Registry
from counterfoil.score.scores import Scores
from tests.consent.world import Town
from tests.pay.world import PARIS, Street

ORIGIN = Origin("https://pay.example")
SECRET = bytes(range(32))
BASE = "http://api.example"


@dataclass(slots=True)
class Shop:
    """The bakery's program with its key, the API that it asks, and the street around."""

    street: Street
    rooms: Rooms
    app: APIApp
    key: str
    numbers: Iterator[int] = field(default_factory=lambda: itertools.count(1))

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        once: str | None = "",
        key: str | None = "",
        **more: Any,
    ) -> httpx2.Response:
        """Ask, with a new Idempotency-Key where one is wanted and none is given."""
        headers = dict(more.pop("headers", {}))
        if method == "POST" and once is not None:
            headers["Idempotency-Key"] = once or f"request-{next(self.numbers)}"
        if key is not None:
            headers["Authorization"] = f"Bearer {key or self.key}"
        if body is not None:
            more["json"] = body

        async def asking() -> httpx2.Response:
            transport = httpx2.ASGITransport(app=self.app)
            async with httpx2.AsyncClient(transport=transport, base_url=BASE) as client:
                return await client.request(method, path, headers=headers, **more)

        return asyncio.run(asking())

    def get(self, path: str, **more: Any) -> Any:
        """Read something that is there."""
        reply = self.ask("GET", path, **more)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, body: Any = None, **more: Any) -> Any:
        """Do something that is done."""
        reply = self.ask("POST", path, body, **more)
        assert reply.status_code in {200, 201}, reply.text
        return reply.json()

    def refused(self, method: str, path: str, body: Any = None, **more: Any) -> tuple[int, str]:
        """Ask for something that is refused, and check that it is said as a problem."""
        reply = self.ask(method, path, body, **more)
        assert reply.headers["content-type"] == "application/problem+json", reply.text
        told = reply.json()
        assert told["status"] == reply.status_code
        assert told["type"].endswith(f"/api/v1/problems#{told['code']}")
        assert told["title"]
        assert told["detail"]
        return reply.status_code, told["code"]

    def bread(self, amount: str = "9.99", **more: Any) -> dict[str, Any]:
        """Ask for bread to be paid."""
        return {"amount": {"amount": amount, "currency": "EUR"}, "subject": "Bread", **more}

    def sold(self, amount: str = "9.99") -> dict[str, Any]:
        """Sell bread to Alice by the code on her phone."""
        told = self.post("/payments", self.bread(amount, payer_code=self.street.code()))
        return dict(told)

    def key_with(self, scopes: Collection[Scope], merchant: MerchantId | None = None) -> str:
        """Make another key, of the bakery or of another merchant."""
        return self.rooms.keys.make(merchant or self.street.bakery.id, "other", scopes).text

    def rival(self) -> str:
        """Open another merchant's shop, and give its key to everything."""
        other = self.street.pay.merchants.open(
            NewMerchant(id=MerchantId(new_id()), name="Rowan Bakery", place=PARIS)
        )
        return self.key_with(list(Scope), other.id)


@contextmanager
def shop(
    street: Street,
    resend: Path,
    opened: tuple[str, ...] = ("127.0.0.0/8",),
    *,
    requests_per_s: int = 0,
    scores: Scores | None = None,
) -> Iterator[Shop]:
    """Let the bakery's program ask."""
    town, wallets = street.bank.town, street.bank.wallets
    url = town.ledger._url
    keys = town.people._keys
    with TemporaryDirectory() as folder, BankRail(town.ledger, keys, url, town.clock) as rail:
        settling = Settling(town.ledger, wallets, rail, keys, town.clock, url)
        live = LiveScores(
            scores or _no_scores(town, folder), town.consent, town.ledger, town.database, town.clock
        )
        rooms = Rooms(
            town.ledger, street.pay, wallets, settling, ORIGIN, Guard.opened(opened), SECRET,
            town.clock, ReadingConnection(url), live, resend, requests_per_s,
        )  # fmt: skip
        made = Keys(town.ledger, rooms.reading, town.clock).make(
            street.bakery.id, "till program", list(Scope)
        )
        app = APIApp(rooms)
        yield Shop(street, rooms, app, made.text)
        app.close()
        settling.close()


def _no_scores(town: Town, folder: str) -> Scores:
    """Score with no model: the operator has published none."""
    key = new_signing_key("larch.example/models")
    registry = Registry(Path(folder), key, town.ledger, town.database, town.clock)
    rights = PersonRights(town.ledger, town.database, town.people, town.consent, town.clock)
    return Scores(
        registry, town.consent, History(town.ledger), rights, town.ledger, town.database, town.clock
    )
