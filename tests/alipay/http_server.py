"""The gateway of a new shop on real HTTP, in a process whose environment a test chooses.

python -m tests.alipay.http_server FOLDER      prints what a client needs, and serves until a signal comes
"""

import json
import locale
import socket
import sys
from pathlib import Path

import uvicorn

from counterfoil.alipay.surface import PATH, Settings, open_surface
from counterfoil.bench.market import market
from counterfoil.kernel.clock import SystemClock
from counterfoil.qr import Origin


def main() -> None:
    """Open a market, and answer."""
    folder = Path(sys.argv[1])
    with market(f"sqlite:///{folder}/shop.db", folder / "site", people=1) as stalls:
        surface = open_surface(stalls.site, Origin("http://localhost"), SystemClock(), Settings())
        listening = socket.create_server(("127.0.0.1", 0))
        application = stalls.application.id
        told = {
            "gateway": f"http://127.0.0.1:{listening.getsockname()[1]}{PATH}",
            "app_id": application,
            "private_key": stalls.private_key,
            "gateway_public_key": stalls.site.pay.applications.our_public_pem(application),
            "encoding": locale.getencoding(),
        }
        sys.stdout.write(json.dumps(told) + "\n")
        sys.stdout.flush()
        config = uvicorn.Config(
            surface.app, http="httptools", ws="none", lifespan="off", interface="asgi3",
            access_log=False, log_level="warning",
        )  # fmt: skip
        uvicorn.Server(config).run([listening])
        surface.close()


main()
