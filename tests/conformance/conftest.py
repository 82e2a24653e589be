"""The gateway under the suite, and each SDK in turn.

By default the gateway is our own, in a process of its own on this machine. `CONFORMANCE_CONFIG` names
a JSON file that describes another one instead: see the README beside this file.
"""

import json
import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit
from urllib.request import Request, urlopen

import pytest

from tests.conformance.sdks import ROOT, SDKS, Driven, Sdk, Unavailable
from tests.courier.world import wait_until

HOST = f"127.0.0.{5 + int(os.environ.get('PYTEST_XDIST_WORKER', 'gw0').removeprefix('gw'))}"
"""An address of this machine alone whose port 80 nobody uses, for each process that tests."""


@dataclass(frozen=True, slots=True)
class Phone:
    """The payer, who does as told."""

    address: str

    def does(self, act: str, **asked: str) -> Any:
        """Have the payer do something."""
        request = Request(f"{self.address}/{act}", json.dumps(asked).encode(), method="POST")
        with urlopen(request, timeout=30) as reply:
            return json.load(reply)


@dataclass(slots=True)
class Ear:
    """The shop's own server, which is told what happened, and answers as it is asked to."""

    url: str = ""
    told: list[dict[str, str]] = field(default_factory=list)
    answers: list[bytes] = field(default_factory=list)
    """What to answer next; `success` when the list is empty."""

    def wait_for(self, **expected: str) -> dict[str, str]:
        """Wait for a notice that says so."""

        def heard() -> dict[str, str] | None:
            for notice in list(self.told):
                if all(notice.get(name) == value for name, value in expected.items()):
                    return notice
            return None

        wait_until(heard)
        found = heard()
        assert found is not None
        return found


@pytest.fixture(scope="session")
def config(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Describe the gateway under test."""
    if path := os.environ.get("CONFORMANCE_CONFIG"):
        yield dict(json.loads(Path(path).read_text()))
        return
    folder = tmp_path_factory.mktemp("operator")
    with served(folder, HOST, 80 if can_bind(HOST, 80) else free_port(HOST)) as described:
        yield described


@contextmanager
def served(folder: Path, host: str, port: int) -> Iterator[dict[str, str]]:
    """Run our own operator in a process of its own."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.conformance.server", f"sqlite:///{folder}/bank.db",
         str(folder / "site"), host, str(port)],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line, "the operator did not start"
        wait_until(lambda: not can_bind(host, port))
        yield dict(json.loads(line))
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def can_bind(host: str, port: int) -> bool:
    try:
        with socket.create_server((host, port)):
            return True
    except OSError:
        return False


def free_port(host: str) -> int:
    with socket.create_server((host, 0)) as listening:
        return int(listening.getsockname()[1])


@pytest.fixture(scope="session")
def phone(config: dict[str, str]) -> Phone:
    """Give the payer."""
    return Phone(config["payer"])


@pytest.fixture(scope="session", params=SDKS, ids=lambda sdk: sdk.name)
def sdk(request: pytest.FixtureRequest, config: dict[str, str]) -> Iterator[Driven]:
    """Run each SDK, unmodified, in an environment of its own."""
    chosen: Sdk = request.param
    with driven(chosen, config) as running:
        yield running


@contextmanager
def driven(chosen: Sdk, config: Mapping[str, str]) -> Iterator[Driven]:
    """Start an SDK's driver, or skip and say why."""
    port = urlsplit(config["gateway"]).port
    if chosen.only_ports and port is not None and port not in chosen.only_ports:
        pytest.skip(
            f"{chosen.name} reaches ports {chosen.only_ports} alone, and the gateway is at {port}: "
            "this machine does not let us listen there"
        )
    try:
        command = chosen.command()
    except Unavailable as error:
        pytest.skip(str(error))
    with Driven(command, config) as running:
        yield running


@pytest.fixture
def ear() -> Iterator[Ear]:
    """Run the shop's own server."""
    heard = Ear()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"])).decode()
            heard.told.append(dict(parse_qsl(body, keep_blank_values=True)))
            answer = heard.answers.pop(0) if heard.answers else b"success"
            self.send_response(200)
            self.send_header("Content-Length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, *given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    heard.url = f"http://127.0.0.1:{server.server_port}/told"
    try:
        yield heard
    finally:
        server.shutdown()
        server.server_close()
