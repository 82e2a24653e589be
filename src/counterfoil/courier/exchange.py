"""One attempt: a message posted to an address, and what came back, whatever that is."""

import asyncio
from dataclasses import dataclass, field
from typing import Final

import httpcore2

from counterfoil.courier.address import Guard
from counterfoil.courier.errors import CourierError
from counterfoil.courier.model import Message, Outcome
from counterfoil.kernel.clock import seconds

REPLY_BYTES_MAX: Final = 64 * 1024

_OUTCOMES: Final[tuple[tuple[type[Exception], Outcome], ...]] = (
    (CourierError, Outcome.FORBIDDEN),
    (TimeoutError, Outcome.TIMED_OUT),
    (httpcore2.TimeoutException, Outcome.TIMED_OUT),
    (httpcore2.NetworkError, Outcome.UNREACHABLE),
    (OSError, Outcome.UNREACHABLE),  # the name has no address, the certificate is not its own
    (httpcore2.ProtocolError, Outcome.UNREADABLE),
    (ValueError, Outcome.UNREADABLE),
)
"""What each failure is called; the first that fits."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back; a reply that was read is not yet acknowledged: its channel decides."""

    outcome: Outcome
    status: int = 0
    body: bytes = field(default=b"", repr=False)


async def exchange(
    pool: httpcore2.AsyncConnectionPool, guard: Guard, url: str, message: Message, patience_ms: int
) -> Reply:
    """Post a message and read the reply, in so many milliseconds altogether."""
    try:
        guard.check_url(url)
        async with asyncio.timeout(seconds(patience_ms)):
            return await _post(pool, url, message)
    except tuple(kind for kind, _ in _OUTCOMES) as error:
        return Reply(next(outcome for kind, outcome in _OUTCOMES if isinstance(error, kind)))


async def _post(pool: httpcore2.AsyncConnectionPool, url: str, message: Message) -> Reply:
    async with pool.stream(
        "POST", url, headers=list(message.headers), content=message.body
    ) as reply:
        body = b""
        async for part in reply.aiter_stream():
            body += part
            if len(body) > REPLY_BYTES_MAX:
                return Reply(Outcome.UNREADABLE, reply.status)
        return Reply(Outcome.NOT_ACKNOWLEDGED, reply.status, body)
