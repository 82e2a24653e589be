"""How this room changes anything: read, decide, commit with guards; look again if others were first.

A change is prepared from what was read, and its rows say again what was read, so that nothing comes
between. Transfers and rows go to the ledger together and share a commit with whoever asks at the same
time. When a guard speaks, the change is prepared anew from what is there now: mostly to find that it
has been made already, and to give the first answer again.

`submit` gives a future and waits for nothing but its reads; a server awaits it with
`asyncio.wrap_future`. The writer's thread never reads for others: whoever has to look again does so
in this room's own threads.

Who has something of their own to keep with a change says so around the call: what is asked for inside
`with committed_with(rows)` takes those rows into its commit.
"""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import Context, ContextVar, copy_context
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any, Final, Generic, TypeVar

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger, Posted, Refusal, Request, Transfer, TransferRefused
from counterfoil.pay.errors import PayBusy

T = TypeVar("T")

ATTEMPT_COUNT_MAX: Final = 16
_THREADS: Final = 4

Explain = Callable[[TransferRefused], Exception | None]
"""Say in this room's words why the ledger refused; None: look again."""

LOOK_AGAIN: Final = frozenset({Refusal.ATTACHED_ROW_REFUSED, Refusal.ID_USED_WITH_OTHER_CONTENT})
"""Refusals that mean that something was changed since it was read."""


def as_refused(refused: TransferRefused) -> Exception | None:
    """Explain nothing: look again where that helps, and give the ledger's own words elsewhere."""
    return None if refused.refusal in LOOK_AGAIN else refused


@dataclass(frozen=True, slots=True, kw_only=True)
class Change(Generic[T]):
    """What is to be committed, and what is answered once it is."""

    transfers: tuple[Transfer, ...] = ()
    rows: tuple[AttachedRow, ...] = ()
    answer: T
    explain: Explain = as_refused


@dataclass(frozen=True, slots=True)
class Known(Generic[T]):
    """There is nothing to change: the answer as it is already."""

    answer: T


Prepare = Callable[[datetime], Change[T] | Known[T]]
"""Read what is there at an instant, and decide; raises what the caller is to be told."""

Beside = Callable[[Any, bool], Sequence[AttachedRow]]
"""Give the rows to be kept with an answer, and hear whether there is a change to keep them with."""

_beside: ContextVar[Beside | None] = ContextVar("beside", default=None)


@contextmanager
def committed_with(rows: Beside) -> Iterator[None]:
    """Have the change that is asked for inside the block carry these rows in its own commit.

    `rows` is called with the answer each time that it is made, and with whether there is a change;
    where there is none, nothing is committed and what it gives is ignored.
    """
    token = _beside.set(rows)
    try:
        yield
    finally:
        _beside.reset(token)


class Commits:
    """The way from a prepared change to its answer."""

    def __init__(self, ledger: Ledger, clock: Clock) -> None:
        self._ledger = ledger
        self._clock = clock
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="counterfoil-pay")

    def submit(self, prepare: Prepare[T]) -> "Future[T]":
        """Make a change; the future has its answer after the commit."""
        answered: Future[T] = Future()
        answered.set_running_or_notify_cancel()  # what is queued will be done
        if beside := _beside.get():
            prepare = _with(prepare, beside)
        # Whoever looks again in another thread still speaks the asker's language.
        self._try(prepare, answered, ATTEMPT_COUNT_MAX, copy_context())
        return answered

    def make(self, prepare: Prepare[T]) -> T:
        """Make a change and wait for its answer."""
        return self.submit(prepare).result()

    def now(self) -> datetime:
        """Tell the time."""
        return from_us(self._clock.now_us())

    def close(self) -> None:
        """Wait for whoever is looking again, and end the threads."""
        self._threads.shutdown()

    def _try(
        self, prepare: Prepare[T], answered: "Future[T]", left: int, asked_in: Context
    ) -> None:
        try:
            change = prepare(self.now())
            if isinstance(change, Known):
                answered.set_result(change.answer)
                return
            queued = self._ledger.submit(Request(change.transfers, change.rows))
        except Exception as error:  # noqa: BLE001  # it is the caller's
            answered.set_exception(error)
            return

        def again(explain: Explain | None, refused: TransferRefused | None) -> None:
            look = partial(
                self._look_again, prepare, answered, left - 1, asked_in, explain, refused
            )
            self._threads.submit(asked_in.run, look)

        def settle(done: "Future[list[Posted]]") -> None:
            refused = done.exception()
            if isinstance(refused, TransferRefused):
                again(change.explain, refused)
            elif refused is not None:
                answered.set_exception(refused)
            elif any(posted.replayed for posted in done.result()):
                # It had been made before, and its rows with it: they say what the answer is.
                again(None, None)
            else:
                answered.set_result(change.answer)

        queued.add_done_callback(settle)

    def _look_again(
        self,
        prepare: Prepare[T],
        answered: "Future[T]",
        left: int,
        asked_in: Context,
        explain: Explain | None,
        refused: TransferRefused | None,
    ) -> None:
        try:
            error = explain(refused) if explain and refused else None
        except Exception as failed:  # noqa: BLE001  # it is the caller's
            answered.set_exception(failed)
            return
        if error is not None:
            answered.set_exception(error)
        elif not left:
            answered.set_exception(PayBusy(_("Something changed at the same moment. Ask again.")))
        else:
            self._try(prepare, answered, left, asked_in)


def _with(prepare: Prepare[T], beside: Beside) -> Prepare[T]:
    def prepare_both(at: datetime) -> Change[T] | Known[T]:
        change = prepare(at)
        if isinstance(change, Known):
            beside(change.answer, False)
            return change
        return replace(change, rows=(*change.rows, *beside(change.answer, True)))

    return prepare_both
