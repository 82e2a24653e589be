"""What a log makes of a witness's answers, whatever they are."""

import re
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

from counterfoil.receipts import (
    CheckpointRefused,
    Log,
    ReceiptError,
    SignatureRefused,
    WitnessUnavailable,
    leaves_of,
)
from counterfoil.receipts.witness_client import WitnessClient
from tests.receipts.given import LOG_KEY, WITNESS_KEY

FORGED = f"{WITNESS_KEY.sign('another text', at_s=1)}\n"


@contextmanager
def answering(status: int, body: bytes) -> Iterator[str]:
    """Run a server that answers everything alike, and give its URL."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: object) -> None: ...

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_address[1]}/"
        finally:
            server.shutdown()
            thread.join()


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (200, FORGED.encode(), SignatureRefused, "is not over this text"),
        (200, b"", WitnessUnavailable, "Expected a signature line"),
        (200, b"\xff\n", WitnessUnavailable, "Expected a reply of a witness"),
        (200, f"{LOG_KEY.sign('x')}\n".encode(), WitnessUnavailable, "no signature of its own"),
        (409, b"many\n", WitnessUnavailable, "Expected the size of a log"),
        (409, b"9\n", CheckpointRefused, "has cosigned 9 leaves already"),
        (409, b"1\n", CheckpointRefused, "status 409"),
        (422, b"no\n", CheckpointRefused, "status 422.*no"),
        (503, b"Not now.\n", WitnessUnavailable, "HTTP 503"),
    ],
)
def test_a_wrong_answer_is_named_and_nothing_of_it_is_published(
    tmp_path: Path, status: int, body: bytes, kind: type[ReceiptError], said: str
) -> None:
    """A forged, a nonsensical, a contradictory answer: the checkpoint goes out without it."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as log, answering(status, body) as url:
        log.append(leaves_of([b"one", b"two"]))
        published = log.publish([WitnessClient(url, WITNESS_KEY.verifier, patience_s=5)])
    (unwilling,) = published.unwilling
    assert type(unwilling) is kind
    assert re.search(said, unwilling.message)
    assert [line.name for line in published.signed.note.signatures] == [LOG_KEY.name]
