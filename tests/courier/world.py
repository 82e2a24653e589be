"""A shop's server that answers as it is told, and a channel that tells it numbers."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from uuid import UUID

from counterfoil.courier import Addressed, Batch, Delivery, Message
from counterfoil.kernel.clock import Deadline
from counterfoil.kernel.ids import derive_id

Answer = Callable[[BaseHTTPRequestHandler, int], None]
"""Answers the n-th request, from 1."""


def says(text: bytes, status: int = 200) -> Answer:
    def answer(request: BaseHTTPRequestHandler, number: int) -> None:
        request.send_response(status)
        if 300 <= status < 400:
            request.send_header("Location", "http://127.0.0.1:1/elsewhere")
        request.send_header("Content-Length", str(len(text)))
        request.end_headers()
        request.wfile.write(text)

    return answer


@dataclass
class Shop:
    """What a shop's server was told."""

    url: str
    told: list[bytes] = field(default_factory=list)

    def wait_for(self, count: int) -> None:
        """Wait until it was told so often."""
        wait_until(lambda: len(self.told) >= count)


def wait_until(is_so: Callable[[], object], ms: int = 30_000) -> None:
    """Wait for something to become true; fail when it does not."""
    deadline, pause = Deadline(ms), threading.Event()
    while not is_so():
        assert deadline.left_s, "it did not come true"
        pause.wait(0.01)


@contextmanager
def shop(answer: Answer, host: str = "127.0.0.1") -> Iterator[Shop]:
    """Run a real server that keeps what it is told and answers so."""
    told: list[bytes] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            told.append(self.rfile.read(int(self.headers["Content-Length"])))
            answer(self, len(told))

        def log_message(self, *given: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer((host, 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield Shop(f"http://{host}:{server.server_port}/told", told)
    finally:
        server.shutdown()
        server.server_close()


class Numbers:
    """A channel whose events are the addresses they are told to."""

    name = "numbers"
    gaps: tuple[timedelta, ...] = tuple(timedelta(minutes=k) for k in (4, 10, 60))

    def __init__(self, *urls: str) -> None:
        self.urls = list(urls)

    def after(self, position: int, limit: int) -> Batch:
        """Read the addresses after a place."""
        new = list(enumerate(self.urls, 1))[position : position + limit]
        last = new[-1][0] if new else position
        return Batch(last, [Addressed(numbered(place), place, url) for place, url in new if url])

    def message(self, delivery: Delivery, at: datetime) -> Message:  # noqa: ARG002
        """Write the event's number."""
        body = f"id={delivery.id}&event={delivery.event}".encode()
        return Message(body, (("Content-Type", "application/x-www-form-urlencoded"),))

    def is_acknowledged(self, status: int, body: bytes) -> bool:
        """Take exactly one word for an answer."""
        return status == 200 and body == b"success"


def numbered(place: int) -> UUID:
    return derive_id("number", place, at_us=place * 1000)
