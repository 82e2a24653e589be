"""The API in a process that ends itself between the commit and the answer.

python -m tests.api.kill_server DATABASE FOLDER make       prints a key and the people
python -m tests.api.kill_server DATABASE FOLDER serve      prints its port and 20 codes
python -m tests.api.kill_server DATABASE FOLDER die        the same, and dies by SIGKILL with its first new answer
"""

import json
import os
import signal
import socket
import sys
from pathlib import Path
from uuid import UUID

import uvicorn
from starlette.types import Message, Receive, Scope, Send

from counterfoil.api.keys import Scope as KeyScope
from counterfoil.api.surface import Surface, open_surface
from counterfoil.bench.market import CNY, market
from counterfoil.bootstrap import Site
from counterfoil.courier import Guard
from counterfoil.kernel.clock import SystemClock
from counterfoil.money import Money
from counterfoil.people import PersonId
from counterfoil.qr import Origin

PEOPLE = 10
CODES_EACH = 2


def opened(site: Site) -> Surface:
    return open_surface(site, Origin("http://localhost"), SystemClock(), Guard())


def make(url: str, folder: Path) -> None:
    with market(url, folder, people=PEOPLE) as stalls:
        surface = opened(stalls.site)
        key = surface.app.rooms.keys.make(stalls.merchant.id, "till", list(KeyScope)).text
        surface.close()
        people = [person.hex for person in stalls.people]
    (folder / "people.json").write_text(json.dumps(people))
    sys.stdout.write(json.dumps({"key": key}) + "\n")


def serve(url: str, folder: Path, *, dies: bool) -> None:
    people = json.loads((folder / "people.json").read_text())
    with Site.open(url, folder) as site:
        most = Money.of("100", CNY)
        codes = [
            site.wallets.codes.issue(PersonId(UUID(hex=person)), most).digits
            for person in people
            for _ in range(CODES_EACH)
        ]
        surface = opened(site)

        async def dying(scope: Scope, receive: Receive, send: Send) -> None:
            async def die(message: Message) -> None:
                is_again = any(
                    name == b"idempotency-replayed" for name, _ in message.get("headers", [])
                )
                if message.get("status") == 201 and not is_again:
                    os.kill(os.getpid(), signal.SIGKILL)  # committed, and nobody has heard of it
                await send(message)

            await surface.app(scope, receive, die)

        listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        config = uvicorn.Config(
            dying if dies else surface.app, http="httptools", ws="none", lifespan="off",
            interface="asgi3", access_log=False, log_level="warning",
        )  # fmt: skip
        told = {"port": listening.getsockname()[1], "codes": codes}
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        uvicorn.Server(config).run([listening])
        surface.close()


if __name__ == "__main__":
    _url, _folder, _act = sys.argv[1], Path(sys.argv[2]), sys.argv[3]
    if _act == "make":
        make(_url, _folder)
    else:
        serve(_url, _folder, dies=_act == "die")
