"""The watcher's side of a worker: its process, and everything it has said so far."""

import os
import signal
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerContext
from typing import Final

from tools.soak import words

Worker = Callable[[words.Orders, Connection], None]

PATIENCE_S: Final = 60.0
"""How long a worker may take for what it has to do, such as going on after a restart."""


class Stuck(Exception):
    """A worker has not done in time what it had to do."""


class Watched:
    """A worker process under watch."""

    def __init__(self, context: ForkServerContext, worker: Worker, orders: words.Orders) -> None:
        ours, theirs = context.Pipe(duplex=False)
        self.said: list[words.Word] = []
        self._heard = threading.Condition()
        self._pipe = ours
        self._process = context.Process(target=worker, args=(orders, theirs), daemon=True)
        self._process.start()
        theirs.close()
        self._listener = threading.Thread(target=self._listen, daemon=True)
        self._listener.start()

    @property
    def pid(self) -> int:
        """Its process."""
        assert self._process.pid is not None
        return self._process.pid

    def _listen(self) -> None:
        while True:
            try:
                word = self._pipe.recv()
            except (EOFError, OSError):  # it is dead; a word may be cut off in the middle
                break
            with self._heard:
                self.said.append(word)
                self._heard.notify_all()
        with self._heard:
            self._heard.notify_all()

    def wait_for(self, kind: type[words.Word], *, count: int = 1, after: int = 0) -> None:
        """Wait until it has said so many words of a kind after its first `after` words.

        Raises:
            Stuck: it did not in time, or ended.

        """
        deadline = time.monotonic() + PATIENCE_S
        with self._heard:
            while True:
                found, after = self._count(kind, after)
                count -= found
                if count <= 0:
                    return
                remaining = deadline - time.monotonic()
                if remaining <= 0 or (not self._listener.is_alive() and after == len(self.said)):
                    last = self.said[-1] if self.said else "nothing"
                    raise Stuck(
                        f"worker {self.pid} said no {kind.__name__} within {PATIENCE_S} s; "
                        f"its last of {len(self.said)} words: {last!r:.600}"
                    )
                self._heard.wait(min(remaining, 0.5))

    def _count(self, kind: type[words.Word], after: int) -> tuple[int, int]:
        end = len(self.said)
        return sum(isinstance(word, kind) for word in self.said[after:end]), end

    def wait_until_it_works(self) -> None:
        """Wait until something has been acknowledged and read back from now on."""
        after = len(self.said)
        # The first may have been on their way; those who then ask anew show that it works.
        self.wait_for(words.Acknowledged, count=50, after=after)
        self.wait_for(words.ReadBack, count=2, after=after)

    @property
    def has_opened(self) -> bool:
        """Whether it has said that it has the ledger."""
        return any(isinstance(word, words.Opened) for word in list(self.said))

    def freeze(self) -> None:
        """Stop it where it stands (SIGSTOP)."""
        os.kill(self.pid, signal.SIGSTOP)

    def thaw(self) -> None:
        """Let it go on (SIGCONT)."""
        os.kill(self.pid, signal.SIGCONT)

    def kill(self) -> None:
        """Kill it, and hear out what it has said."""
        self._process.kill()
        self.wait_for_end()

    def wait_for_end(self) -> None:
        """Wait until it has ended by itself or was killed.

        Raises:
            Stuck: it has not ended in time.

        """
        self._process.join(PATIENCE_S)
        self._listener.join(PATIENCE_S)
        if self._process.is_alive() or self._listener.is_alive():
            raise Stuck(f"worker {self.pid} does not end")
        self._pipe.close()
