"""Answers that are given again: a request with a key of its own is done once, however often it is sent.

The answer to a request is kept in the commit of what it did: the money, the order and the answer are
there together or not at all, so that a client which heard nothing asks again and hears what it would
have heard. A refusal changed nothing and is not kept: asked again, it is decided anew. Only the hash of
a request is kept, never its body.

A key is a merchant's: another merchant's same key is another key. It is remembered for `KEPT_FOR`.
"""

import asyncio
import hashlib
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import Executor, Future
from contextvars import copy_context
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Final, Generic, TypeVar

from counterfoil.api.arrivals import Arrivals
from counterfoil.api.errors import (
    IdempotencyKeyBusy,
    IdempotencyKeyInvalid,
    IdempotencyKeyMissing,
    IdempotencyKeyReused,
)
from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import AttachedRow, Writes, single
from counterfoil.kernel.errors import CounterfoilError, StoreConflict
from counterfoil.ledger import ReadingConnection
from counterfoil.pay import MerchantId
from counterfoil.pay.commit import committed_with

KEY_MAX: Final = 255
KEPT_FOR: Final = timedelta(days=7)
_ID_BYTES: Final = 16
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Once:
    """A request that is to be done once: whose, by which key, and what exactly was asked."""

    merchant: MerchantId
    key_digest: bytes
    fingerprint: bytes

    @property
    def number(self) -> str:
        """Name what the request makes, where its sender gave no name: the same each time."""
        return f"key-{self.key_digest.hex()}"


def once(merchant: MerchantId, key: str | None, *asked: bytes) -> Once:
    """Read a request's key (draft-ietf-httpapi-idempotency-key-header); quotes are left out.

    Raises:
        IdempotencyKeyMissing, IdempotencyKeyInvalid: there is none that can be used.

    """
    if key is None:
        raise IdempotencyKeyMissing(
            "Give the request an Idempotency-Key that you have used for no other, such as a UUID, and "
            "send it again with the same key if you hear nothing."
        )
    text = key.strip()
    if len(text) > 1 and text[0] == text[-1] == '"':
        text = text[1:-1]
    if not 0 < len(text) <= KEY_MAX or not text.isascii() or not text.isprintable():
        raise IdempotencyKeyInvalid(
            f"The Idempotency-Key is none: give 1 to {KEY_MAX} visible characters of ASCII."
        )
    fingerprint = hashlib.sha256()
    for part in asked:
        fingerprint.update(len(part).to_bytes(8) + part)
    digest = hashlib.sha256(text.encode("ascii")).digest()[:_ID_BYTES]
    return Once(merchant, digest, fingerprint.digest())


@dataclass(frozen=True, slots=True)
class Answer:
    """What is sent back."""

    status: int
    body: str
    is_again: bool = False
    """Whether it was given before."""


class _Given(Exception):
    """The answer was given before; it ends what was begun anew."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self.answer = answer


@dataclass(slots=True)
class _Begun(Generic[T]):
    """A request that is under way, and whether its answer goes into its commit."""

    future: "Future[T]"
    is_kept: bool = False
    answer: Answer | None = None
    """What was kept with the change, as it was last prepared."""


class Answers:
    """Keeps answers. Its methods are called from the event loop."""

    def __init__(
        self, writes: Writes, reading: ReadingConnection, threads: Executor, clock: Clock
    ) -> None:
        self._writes, self._reading, self._threads = writes, reading, threads
        self._clock = clock
        self._lock = threading.Lock()
        self.arrivals = Arrivals()
        with reading.lend() as database:
            # Its reads are over in microseconds; handing them to a thread would take longer.
            self.submits_inline = database.dialect == "sqlite"
        self._under_way: set[tuple[MerchantId, bytes]] = set()

    async def give(
        self,
        asked: Once,
        submit: Callable[[], "Future[T]"],
        say: Callable[[T], Answer],
        *,
        in_commit: bool = True,
        waits: bool = False,
    ) -> Answer:
        """Do what is asked, once, and keep its answer in the same commit; or give it again.

        `waits`: what submits waits for more than its reads.

        Raises:
            IdempotencyKeyReused: the key has been used for another request.
            IdempotencyKeyBusy: the first request with this key is not answered yet.
            CounterfoilError: what the room says.

        """
        self._begin(asked)
        loop = asyncio.get_running_loop()
        begun = None
        try:
            if self.submits_inline and not waits:
                begun = self._submit(asked, submit, say, in_commit, waits)
            else:
                begin = partial(self._submit, asked, submit, say, in_commit, waits)
                begun = await loop.run_in_executor(self._threads, copy_context().run, begin)
            if isinstance(begun, Answer):
                return begun
            return await self._finished(asked, begun, say)
        except _Given as given:
            return given.answer
        except CounterfoilError:
            # What was done before is in the way of doing it again: then this is its answer.
            known = await loop.run_in_executor(self._threads, self._kept, asked)
            if known is not None:
                return known
            raise
        finally:
            if isinstance(begun, _Begun):  # who stopped listening does not stop what is under way
                begun.future.add_done_callback(lambda _: self._end(asked))
            else:
                self._end(asked)

    async def _finished(
        self, asked: Once, begun: "_Begun[T]", say: Callable[[T], Answer]
    ) -> Answer:
        told = await self.arrivals.of(begun.future)
        if begun.is_kept and begun.answer is not None:
            return begun.answer
        answer = say(told)
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, self._keep, asked, answer)

    async def give_plain(
        self,
        asked: Once,
        act: Callable[[], T],
        say: Callable[[T], Answer],
        *,
        in_commit: bool = True,
    ) -> Answer:
        """Do what is asked of a room that waits for its commits itself.

        Not `in_commit`: the answer tells more than the commit, and is kept after it; doing it twice
        is harmless by the numbers in it.

        Raises:
            What `give` raises.

        """

        def done() -> "Future[T]":
            future: Future[T] = Future()
            future.set_result(act())
            return future

        return await self.give(asked, done, say, in_commit=in_commit, waits=True)

    def forget(self) -> int:
        """Forget answers that are older than `KEPT_FOR`; tell how many."""
        until = self._clock.now_us() - KEPT_FOR // timedelta(microseconds=1)
        with self._reading.lend() as database:
            count = int(
                single(database.query("SELECT count(*) FROM api_answers WHERE at < $1", (until,)))
                or 0
            )
        if count:
            self._writes.write(
                AttachedRow("DELETE FROM api_answers WHERE at < $1", (until,), row_count=count)
            )
        return count

    def _begin(self, asked: Once) -> None:
        with self._lock:
            if (asked.merchant, asked.key_digest) in self._under_way:
                raise IdempotencyKeyBusy(
                    "The first request with this Idempotency-Key is not answered yet. Ask again in "
                    "a moment, with the same key."
                )
            self._under_way.add((asked.merchant, asked.key_digest))

    def _end(self, asked: Once) -> None:
        with self._lock:
            self._under_way.discard((asked.merchant, asked.key_digest))

    def _submit(
        self,
        asked: Once,
        submit: Callable[[], "Future[T]"],
        say: Callable[[T], Answer],
        in_commit: bool,  # noqa: FBT001  # as it was asked for
        waits: bool,  # noqa: FBT001
    ) -> "Answer | _Begun[T]":
        if waits and (known := self._kept(asked)) is not None:
            return known
        begun: _Begun[T] = _Begun(Future())

        def rows(answer: T, is_change: bool) -> Sequence[AttachedRow]:  # noqa: FBT001
            # A new key is the usual case, and the row's own key says so in the commit. It is looked
            # for only where there is nothing to change, or the commit was refused before.
            if not is_change or begun.is_kept:
                known = self._kept(asked)
                if known is not None:
                    raise _Given(known)
            begun.is_kept = is_change
            if not is_change:
                return ()
            begun.answer = said = say(answer)
            return (self._row(asked, said),)

        if in_commit:
            with committed_with(rows):
                begun.future = submit()
        else:
            begun.future = submit()
        return begun

    def _keep(self, asked: Once, answer: Answer) -> Answer:
        """Keep the answer of a request that changed nothing in a commit of pay's."""
        try:
            self._writes.write(self._row(asked, answer))
        except StoreConflict:
            return self._kept(asked) or answer
        return answer

    def _kept(self, asked: Once) -> Answer | None:
        with self._reading.lend() as database:
            found = database.query(
                "SELECT fingerprint, status, body FROM api_answers "
                "WHERE merchant = $1 AND key_digest = $2",
                (asked.merchant.bytes, asked.key_digest),
            ).to_pylist()
        if not found:
            return None
        if found[0]["fingerprint"] != asked.fingerprint:
            raise IdempotencyKeyReused(
                "This Idempotency-Key has been used for another request. Give each request a key of "
                "its own."
            )
        return Answer(found[0]["status"], found[0]["body"], is_again=True)

    def _row(self, asked: Once, answer: Answer) -> AttachedRow:
        return AttachedRow(
            "INSERT INTO api_answers (merchant, key_digest, fingerprint, status, body, at) "
            "VALUES ($1, $2, $3, $4, $5, $6)",
            (
                asked.merchant.bytes, asked.key_digest, asked.fingerprint, answer.status,
                answer.body, self._clock.now_us(),
            ),
        )  # fmt: skip
