"""What the page about the REST API tells to type, typed."""

import asyncio
import shutil
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.routing import Mount

from counterfoil.api.app import MOUNT
from tests.api.world import ORIGIN, Shop, shop
from tests.consent.world import town
from tests.pay.world import street
from tests.wallet.world import bank
from tools.doc_examples import ExampleFailed, run_requests

PAGE = (
    Path(__file__).parents[2] / "docs" / "howto" / "take-payments-with-the-rest-api.md"
)  # fmt: skip
CODE = "281234567890123456"


@pytest.fixture(scope="module")
def bakery(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    """Open one bakery for every page."""
    folder = tmp_path_factory.mktemp("howto")
    with (
        town(f"sqlite:///{folder}/town.db", folder) as larch,
        bank(larch) as ash,
        street(ash) as market,
        shop(market, folder / "resend") as opened,
    ):
        yield opened


@contextmanager
def served(bakery: Shop) -> Iterator[str]:
    """Serve the bakery's API over HTTP on this machine, and give its address."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        app = Starlette(routes=[Mount(MOUNT, app=bakery.app)])
        server = uvicorn.Server(uvicorn.Config(app, lifespan="off", log_config=None, ws="none"))
        thread = threading.Thread(target=lambda: asyncio.run(server.serve([listening])))
        thread.start()
        try:
            yield f"http://127.0.0.1:{listening.getsockname()[1]}{MOUNT}"
        finally:
            server.should_exit = True
            thread.join()


@pytest.mark.skipif(
    not (shutil.which("curl") and shutil.which("jq")), reason="curl and jq are not installed"
)
def test_every_request_of_the_page_is_answered_as_it_shows(
    bakery: Shop, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Typed from top to bottom, each prints what the page shows; shown otherwise, it is found."""
    monkeypatch.chdir(tmp_path)
    with served(bakery) as url:
        server = {"API": url, "KEY": bakery.key}
        assert run_requests(PAGE, server, {CODE: bakery.street.code()}) > 10
        assert (tmp_path / "sheet.pdf").read_bytes().startswith(b"%PDF-")
        assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
        wrong = tmp_path / "wrong.md"
        wrong.write_text(f"```console\n$ curl -sS {url}/merchant | jq -r .status\n200\n```\n")
        with pytest.raises(ExampleFailed, match="401"):
            run_requests(wrong, server, {})
    assert ORIGIN.url == "https://pay.example"
