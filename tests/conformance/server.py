"""A real operator for the suite: the gateway in a process of its own, and a payer who does as told.

    python -m tests.conformance.server DATABASE FOLDER HOST PORT

The first line that it prints is a JSON object: the gateway's address, the application's keys, and the
address of the payer. The payer is Alice's phone, spoken to by HTTP, because a suite that runs against
any gateway cannot reach into it: POST /code, /pay, /confirm, /payee, /allow, /withdraw.
"""

import json
import sys
from pathlib import Path

import uvicorn

from tests.conformance.operator import opened


def main() -> None:
    """Serve until a signal comes."""
    database, folder, host, port = sys.argv[1:]
    with opened(database, Path(folder)) as operator:
        config = uvicorn.Config(
            operator.app, host=host, port=int(port), http="httptools", lifespan="off", ws="none",
            interface="asgi3",
            log_level="warning",
        )  # fmt: skip
        sys.stdout.write(json.dumps(operator.config(host, int(port))) + "\n")
        sys.stdout.flush()
        uvicorn.Server(config).run()


main()
