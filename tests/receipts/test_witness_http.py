"""A real witness process, asked over HTTP by a real log."""

import http.client
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from counterfoil.cli.failure import Exit
from counterfoil.receipts import (
    CheckpointRefused,
    Log,
    WitnessUnavailable,
    leaves_of,
    parse_signed_checkpoint,
)
from counterfoil.receipts.keyfile import write_signing_key
from counterfoil.receipts.witness_client import WitnessClient
from counterfoil.receipts.witness_server import BODY_BYTES_MAX
from tests.receipts.given import LOG_KEY, ORIGIN, OTHER_WITNESS_KEY, WITNESS_KEY, split_entries
from tools.program import START, counterfoil


@dataclass
class Running:
    """A witness process and where it answers."""

    process: subprocess.Popen[str]
    url: str


def start(folder: Path, key_file: Path) -> Running:
    process = subprocess.Popen(
        [
            *(sys.executable, "-c", START, "witness", "serve", str(folder), "--port", "0"),
            *("--key", str(key_file), "--log", str(LOG_KEY.verifier)),
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "NO_COLOR": "1"},
    )
    assert process.stdout is not None
    line = process.stdout.readline()
    assert "witness.example/w1 answers at http://127.0.0.1:" in line, line
    return Running(process, line.split()[-1])


def stop(running: Running) -> tuple[int, str]:
    running.process.send_signal(signal.SIGTERM)
    _out, err = running.process.communicate(timeout=30)
    return running.process.returncode, err


@pytest.fixture
def key_file(tmp_path: Path) -> Path:
    write_signing_key(tmp_path / "witness.key", WITNESS_KEY)
    return tmp_path / "witness.key"


@pytest.fixture
def witness(tmp_path: Path, key_file: Path) -> Iterator[Running]:
    running = start(tmp_path / "memory", key_file)
    yield running
    if running.process.poll() is None:
        stop(running)


def ask(url: str, method: str, path: str, body: bytes = b"", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)
    try:
        connection.request(method, path, body, headers)
        reply = connection.getresponse()
        return reply.status, reply.read().decode()
    finally:
        connection.close()


@pytest.mark.slow
def test_a_fork_is_refused_and_the_witness_ends_when_told(
    tmp_path: Path, witness: Running, key_file: Path
) -> None:
    """It cosigns the log, refuses the rewritten one, remembers across a restart, ends on SIGTERM."""
    client = WitnessClient(witness.url, WITNESS_KEY.verifier)
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(10)))
        published = log.publish([client])
        assert published.unwilling == ()
        assert WITNESS_KEY.verifier in published.signed.note.verify([WITNESS_KEY.verifier])
        log.append(leaves_of([b"more"]))
        assert log.publish([client]).unwilling == ()
        status, told = ask(witness.url, "GET", f"/{sha256(ORIGIN.encode()).hexdigest()}/checkpoint")
        assert (status, parse_signed_checkpoint(told).checkpoint.size) == (200, 11)
    assert stop(witness) == (0, "")
    again = start(tmp_path / "memory", key_file)
    try:
        with Log.open(tmp_path / "fork", [LOG_KEY]) as fork:
            fork.append(leaves_of([b"rewritten", *split_entries(10)[1:], b"more", b"yet more"]))
            published = fork.publish([WitnessClient(again.url, WITNESS_KEY.verifier)])
        (refusal,) = published.unwilling
        assert isinstance(refusal, CheckpointRefused)
        assert refusal.status == 422
        assert "not shown to begin with the log of 11 leaves" in refusal.message
        assert published.signed.note.verify([WITNESS_KEY.verifier]) == {}
        with Log.open(tmp_path / "log", [LOG_KEY]) as log:
            assert log.publish([WitnessClient(again.url, WITNESS_KEY.verifier)]).unwilling == ()
    finally:
        code, said = stop(again)
    assert code == 0
    assert "Traceback" not in said


@pytest.mark.slow
def test_strangers_get_short_answers(tmp_path: Path, witness: Running) -> None:
    """Other paths, other methods, no length, too long, nonsense, and then a log as ever."""
    assert ask(witness.url, "GET", "/")[0] == 404
    assert ask(witness.url, "GET", f"/{'0' * 64}/checkpoint")[0] == 404
    assert ask(witness.url, "POST", "/elsewhere", b"x")[0] == 404
    assert ask(witness.url, "PUT", "/add-checkpoint", b"x")[0] == 501
    assert ask(witness.url, "POST", "/add-checkpoint", b"\xff\x00")[0] == 400
    for length, status in (("", 411), ("-1", 411), ("٣", 411), (f"{BODY_BYTES_MAX + 1}", 413)):
        head = f"POST /add-checkpoint HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n"
        assert spoken(witness.url, head.encode()).startswith(f"HTTP/1.0 {status} ".encode())
    assert spoken(witness.url, b"\x16\x03\x01\n\n")
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        assert log.publish([WitnessClient(witness.url, WITNESS_KEY.verifier)]).unwilling == ()
    code, said = stop(witness)
    assert (code, "Traceback" in said) == (0, False)


@pytest.mark.slow
def test_a_witness_that_cannot_begin_says_why(
    tmp_path: Path, witness: Running, key_file: Path
) -> None:
    """A port that is taken, a memory that is in use, a log's key: a sentence and an exit status."""
    port = str(urlsplit(witness.url).port)
    write_signing_key(tmp_path / "log.key", LOG_KEY)
    for folder, key, said in (
        ("other", key_file, f"127.0.0.1:{port} cannot be listened on"),
        ("memory", key_file, f"Process {witness.process.pid} already writes"),
        ("third", tmp_path / "log.key", "not of the type"),
    ):
        asked = ("witness", "serve", tmp_path / folder, "--key", key, "--port", port)
        done = counterfoil(*asked, "--log", str(LOG_KEY.verifier))
        assert done.returncode in {Exit.NOT_NOW, Exit.BAD_DATA}
        assert said in " ".join(done.stderr.split())
        assert "Traceback" not in done.stderr


def test_a_witness_that_is_away_keeps_nothing_from_being_published(tmp_path: Path) -> None:
    """The checkpoint is out, and the log is told who is missing."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}"
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of([b"x"]))
        published = log.publish([WitnessClient(url, WITNESS_KEY.verifier, patience_s=1)])
        (missing,) = published.unwilling
        assert isinstance(missing, WitnessUnavailable)
        assert "witness.example/w1" in missing.message
        assert log.prove(0).signed == published.signed


@pytest.mark.slow
def test_another_s_cosignature_is_not_taken(tmp_path: Path, witness: Running) -> None:
    """Whoever answers in a witness's place without its key is found out."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        (refused,) = log.publish(
            [WitnessClient(witness.url, OTHER_WITNESS_KEY.verifier)]
        ).unwilling  # fmt: skip
    assert "bears no signature of its own" in refused.message


def spoken(url: str, words: bytes) -> bytes:
    host, port = urlsplit(url).netloc.split(":")
    with socket.create_connection((host, int(port)), timeout=10) as line:
        line.sendall(words)
        line.shutdown(socket.SHUT_WR)
        heard = b""
        while part := line.recv(4096):
            heard += part
    return heard
