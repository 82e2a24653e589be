"""A real server in a process of its own, on this machine's loopback alone."""

import json
import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx2

START = "import sys; sys.argv[0] = 'counterfoil'; from counterfoil.cli import main; main()"
_ADDRESS = re.compile(r"http://localhost:\d+")
STOP_S = 30


@dataclass(slots=True)
class Running:
    """A server that runs."""

    process: "subprocess.Popen[str]"
    url: str
    log_file: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged."""
        return [json.loads(line) for line in self.log_file.read_text().splitlines()]

    def stop(self, sign: signal.Signals = signal.SIGTERM) -> int:
        """Send a signal, and give the exit status."""
        self.process.send_signal(sign)
        return self.process.wait(STOP_S)

    def get(self, path: str, **headers: str) -> httpx2.Response:
        """Ask for a page."""
        return httpx2.get(f"{self.url}{path}", headers=headers, follow_redirects=False)


@contextmanager
def running(folder: Path, database: str | None = None, *options: str) -> Iterator[Running]:
    """Start `counterfoil serve` and wait until it has said its address."""
    where = database or f"sqlite:///{folder}/pay.db"
    given = ("serve", "--folder", str(folder / "operator"), "--database", where)
    with started(folder, *given, *options) as server:
        yield server


@contextmanager
def started(folder: Path, *given: str) -> Iterator[Running]:
    """Start a command that serves, on any port, and wait until it has said its address."""
    command = [sys.executable, "-c", START, *given, "--port", "0"]
    log_file = folder / "log.jsonl"
    with log_file.open("a") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True,
            env={**os.environ, "NO_COLOR": "1", "COLUMNS": "200"},
        )  # fmt: skip
    try:
        assert process.stdout is not None
        said = process.stdout.readline()
        found = _ADDRESS.search(said)
        assert found, said + log_file.read_text()
        yield Running(process, found[0], log_file)
    finally:
        if process.poll() is None:
            process.kill()
        process.wait(STOP_S)
        assert process.stdout is not None
        process.stdout.close()
