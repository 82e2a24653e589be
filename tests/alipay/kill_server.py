"""The gateway in a process that is killed: the shop is made by the first run, and served by the others.

python -m tests.alipay.kill_server DATABASE FOLDER make      prints what a client needs
python -m tests.alipay.kill_server DATABASE FOLDER serve     prints its port and 60 codes
python -m tests.alipay.kill_server DATABASE FOLDER later     the same, five minutes later
"""

import json
import socket
import sys
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import uvicorn

from counterfoil.alipay.surface import Settings, open_surface
from counterfoil.alipay.tokens import Grant
from counterfoil.bench.market import CNY, market
from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import from_us
from counterfoil.money import Money
from counterfoil.pay import ApplicationId
from counterfoil.people import PersonId
from counterfoil.qr import Origin
from tests.conformance.clock import ShiftedClock

PEOPLE = 20
CODES_EACH = 3


def make(url: str, folder: Path) -> None:
    with market(url, folder, people=PEOPLE) as stalls:
        told = {
            "app_id": stalls.application.id,
            "private_key": stalls.private_key,
            "people": [person.hex for person in stalls.people],
        }
    (folder / "shop.json").write_text(json.dumps(told))
    sys.stdout.write(json.dumps(told) + "\n")


def serve(url: str, folder: Path, ahead: timedelta = timedelta(0)) -> None:
    people = json.loads((folder / "shop.json").read_text())["people"]
    clock = ShiftedClock(-ahead)
    with Site.open(url, folder, clock=clock) as site:
        most = Money.of("100", CNY)
        codes = [
            site.wallets.codes.issue(PersonId(UUID(hex=person)), most).digits
            for person in people
            for _ in range(CODES_EACH)
        ]
        settings = Settings(opened=("127.0.0.0/8",))
        surface = open_surface(site, Origin("http://localhost"), clock, settings)
        listening = socket.create_server(("127.0.0.1", 0), backlog=256)
        config = uvicorn.Config(
            surface.app, http="httptools", ws="none", lifespan="off", interface="asgi3",
            access_log=False, log_level="warning",
        )  # fmt: skip
        with surface.courier:
            application = json.loads((folder / "shop.json").read_text())["app_id"]
            grant = Grant(PersonId(UUID(hex=people[0])), ApplicationId(application), "auth_base")
            at = from_us(clock.now_us())
            consents = [surface.rooms.tokens.code(grant, at) for _ in range(2)]
            told = {
                "port": listening.getsockname()[1], "codes": codes, "consents": consents,
            }  # fmt: skip
            sys.stdout.write(json.dumps(told) + "\n")
            sys.stdout.flush()
            uvicorn.Server(config).run([listening])
        surface.app.close()


def later(url: str, folder: Path) -> None:
    serve(url, folder, timedelta(minutes=5))


if __name__ == "__main__":
    {"make": make, "serve": serve, "later": later}[sys.argv[3]](sys.argv[1], Path(sys.argv[2]))
