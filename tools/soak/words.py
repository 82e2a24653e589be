"""What a worker says to the process that watches it, and what it is told when it starts.

A worker says `Sent` or `SentAgain` before it asks the ledger and one of the answers after; the
pipe keeps what it has said when it is killed. A request of which `Sent` is heard and no answer
may have been made or not.
"""

import traceback
from dataclasses import dataclass
from multiprocessing.connection import Connection
from threading import Lock

from counterfoil.ledger import AccountId, AccountNumber, Posted, Request


@dataclass(frozen=True, slots=True, kw_only=True)
class Orders:
    """How a worker is to work."""

    url: str
    seed: str
    """It decides what is asked; how the callers interleave is up to the machine."""
    snapshot_every: int
    """Rows between snapshots, and …"""
    marks_max: int
    """… marks in memory: small, so that a kill often meets one being written."""
    is_patient: bool = False
    """Whether to go on trying to open while another process has the ledger."""


@dataclass(frozen=True, slots=True)
class Task:
    """One request with its number, and what kind of request it is."""

    number: int
    kind: str
    request: Request


@dataclass(frozen=True, slots=True)
class Opened:
    """The ledger is open for writing; the pid has it."""

    pid: int


@dataclass(frozen=True, slots=True)
class InUse:
    """The ledger could not be opened: another process has it."""


@dataclass(frozen=True, slots=True)
class NotOpened:
    """The ledger could not be opened for another anticipated reason; it is tried again."""

    message: str


@dataclass(frozen=True, slots=True)
class Sent:
    """A request is about to be asked for the first time."""

    task: Task


@dataclass(frozen=True, slots=True)
class SentAgain:
    """A request is about to be asked again with the same ids, by the same caller or another."""

    number: int


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """A request was accepted: from here on, losing it is a loss."""

    number: int
    posted: tuple[Posted, ...]


@dataclass(frozen=True, slots=True)
class Refused:
    """A request was refused by a named rule."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """The store failed; the request may have been made or not."""

    number: int
    code: str


@dataclass(frozen=True, slots=True)
class AccountOpened:
    """An account was opened and, perhaps, frozen for debits."""

    id: AccountId
    number: AccountNumber
    is_frozen: bool


@dataclass(frozen=True, slots=True)
class ReadBack:
    """An acknowledged transfer was found by its id, as it was acknowledged."""

    number: int


@dataclass(frozen=True, slots=True)
class Broken:
    """Something happened in the worker that must never happen."""

    text: str


Word = (
    Opened
    | InUse
    | NotOpened
    | Sent
    | SentAgain
    | Acknowledged
    | Refused
    | Unknown
    | AccountOpened
    | ReadBack
    | Broken
)


class Voice:
    """The worker's end of the pipe, shared by its threads."""

    def __init__(self, pipe: Connection) -> None:
        self._pipe = pipe
        self._lock = Lock()

    def say(self, word: Word) -> None:
        """Say a word; once this returns, it is heard whatever becomes of this process.

        Raises:
            BrokenPipeError: nobody listens any more.

        """
        with self._lock:
            self._pipe.send(word)

    def say_broken(self, error: BaseException) -> None:
        """Say that an error came that must never come."""
        self.say(Broken("".join(traceback.format_exception(error))))
