"""Sealing: two threads that follow the ledger and the records, and keep the logs in step.

One thread hands over the rows that the writer has made durable, the other seals whatever has come
every fifth of a second, and publishes a checkpoint of each log that has grown. Neither makes the
ledger wait: hashing is compiled and holds no lock, and if the sealing falls behind, the rows wait
in the database. Where the logs end is all it has to remember, and they remember it themselves; a
kill at any instant loses no leaf and doubles none.

What fails (a full disk, a lost connection) is said once in the log, and tried again from where the
logs end.
"""

import contextlib
import logging
import queue
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

import numpy as np

from counterfoil.kernel.clock import Deadline, seconds
from counterfoil.kernel.database import Writes, connect
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger import store
from counterfoil.ledger.layout import Records
from counterfoil.people import KeyService as PersonKeyService
from counterfoil.people.records import records_after
from counterfoil.receipts import KeyService, Log, SigningKey
from counterfoil.receipts.log import Cosigner
from counterfoil.sealing.leaves import Currencies, RecordLeaves, TransferLeaves
from counterfoil.sealing.salts import AccountSalts

SEAL_EVERY_MS: Final = 200
RETRY_MS: Final = 1000
ROWS_AT_ONCE: Final = 4 * 8192
_PARTS_WAITING_MAX: Final = 64
_RECORDS_AT_ONCE: Final = 4096

_log = logging.getLogger(__name__)


class Ledger(Writes, Protocol):
    """What sealing asks of the ledger that is open: its rows, and to store keys."""

    def follow(self, after: int = 0, stop: threading.Event | None = None) -> Iterator[Records]:
        """Yield every row after a number, as they become durable."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Keys:
    """The keys that sealing uses: to sign the logs, and to wrap and open salt keys."""

    transfers: Sequence[SigningKey]
    records: Sequence[SigningKey]
    salts: KeyService
    people: PersonKeyService


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealed:
    """How far the logs reach, and what keeps them from going on, if anything does."""

    transfers: int
    records: int
    trouble: CounterfoilError | None


class Sealing:
    """The logs of one ledger, kept in step with it while this is open."""

    def __init__(
        self, ledger: Ledger, url: str, folder: Path, keys: Keys, cosigners: Sequence[Cosigner]
    ) -> None:
        self._ledger, self._url, self._folder, self._keys = ledger, url, folder, keys
        self._cosigners = tuple(cosigners)
        self._stop = threading.Event()
        self._sealed = threading.Condition()
        self._state = Sealed(transfers=0, records=0, trouble=None)
        self._work = _Work(ledger, url, folder, keys)
        self._note(None)
        self._thread = threading.Thread(target=self._run, name="counterfoil-sealing", daemon=True)
        self._thread.start()

    @classmethod
    def open(
        cls,
        ledger: Ledger,
        url: str,
        folder: Path,
        keys: Keys,
        cosigners: Sequence[Cosigner] = (),
    ) -> Self:
        """Open the logs in a folder, or begin them, and keep them in step from now on.

        `ledger` is open at `url`, and stays the caller's.

        Raises:
            ReceiptError: a log cannot be used.
            SaltKeyLost: the stored salt keys do not open with the keys at hand.
            StoreUnavailable: the database cannot be read.

        """
        return cls(ledger, url, folder, keys, cosigners)

    @property
    def state(self) -> Sealed:
        """How far the logs reach."""
        return self._state

    def wait_for(self, *, transfers: int = 0, records: int = 0, timeout_ms: int) -> bool:
        """Wait until the published logs reach that far; tell whether they do."""
        with self._sealed:
            return self._sealed.wait_for(
                lambda: self._state.transfers >= transfers and self._state.records >= records,
                seconds(timeout_ms),
            )

    def forget_accounts(self, accounts: Sequence[int]) -> None:
        """Take notice that accounts' stored keys have been destroyed (`destroying_rows`)."""
        self._work.salts.forget(accounts)

    def close(self) -> None:
        """Seal what is there and end."""
        self._stop.set()
        self._thread.join()
        self._work.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _run(self) -> None:
        while not self._stop.is_set():
            try:
                with self._work.following() as parts:
                    self._keep_in_step(parts)
            except CounterfoilError as error:
                self._note(error)
                _log.warning("Sealing waits: %s", error.message)
                self._stop.wait(seconds(RETRY_MS))
                self._reopen()

    def _keep_in_step(self, parts: "queue.Queue[Records]") -> None:
        while not self._stop.is_set():
            self._work.seal(_gathered(parts, self._stop))
            self._publish()
        self._work.seal_rest()
        self._publish()

    def _publish(self) -> None:
        if self._work.publish(self._cosigners):
            self._note(None)

    def _note(self, trouble: CounterfoilError | None) -> None:
        with self._sealed:
            transfers, records = self._work.published
            self._state = Sealed(transfers=transfers, records=records, trouble=trouble)
            self._sealed.notify_all()

    def _reopen(self) -> None:
        with contextlib.suppress(CounterfoilError):  # it is tried again, and said then
            self._work.close()
            self._work = _Work(self._ledger, self._url, self._folder, self._keys)


def _gathered(parts: "queue.Queue[Records]", stop: threading.Event) -> list[Records]:
    """Take what comes within the time between two sealings, or as much as is sealed at once."""
    deadline, some, count = Deadline(SEAL_EVERY_MS), [], 0
    while count < ROWS_AT_ONCE and deadline.left_s and not stop.is_set():
        with contextlib.suppress(queue.Empty):
            some.append(parts.get(timeout=deadline.left_s))
            count += len(some[-1])
    return some


class _Work:
    """Everything that is open while the logs are kept in step, and has to be opened anew."""

    def __init__(self, ledger: Ledger, url: str, folder: Path, keys: Keys) -> None:
        self._ledger, self._url = ledger, url
        with contextlib.ExitStack() as undo:
            self._database = undo.enter_context(connect(url, writes=False))
            self.salts = salts = AccountSalts(keys.salts, ledger)
            salts.load(self._database)
            self._transfers = undo.enter_context(Log.open(folder / "transfers", keys.transfers))
            self._records = undo.enter_context(Log.open(folder / "records", keys.records))
            self._transfer_leaves = TransferLeaves(salts, Currencies(self._database))
            self._record_leaves = RecordLeaves(self._database, keys.people, salts)
            self._close = undo.pop_all()
        self.published = (0, 0)
        self._lost: CounterfoilError | None = None

    def close(self) -> None:
        self._close.close()

    @contextlib.contextmanager
    def following(self) -> Iterator["queue.Queue[Records]"]:
        """Have another thread hand over the ledger's rows, from where the log ends."""
        parts: queue.Queue[Records] = queue.Queue(_PARTS_WAITING_MAX)
        stop = threading.Event()

        def hand_over() -> None:
            try:
                for rows in self._ledger.follow(self._transfers.size, stop):
                    while not stop.is_set():
                        with contextlib.suppress(queue.Full):
                            parts.put(rows, timeout=seconds(SEAL_EVERY_MS))
                            break
            except CounterfoilError as error:
                self._lost = error

        thread = threading.Thread(target=hand_over, name="counterfoil-following", daemon=True)
        thread.start()
        try:
            yield parts
        finally:
            stop.set()
            thread.join()

    def seal(self, parts: Sequence[Records]) -> None:
        """Append the leaves of rows that follow the log's last, and of all new records."""
        if self._lost is not None:
            raise self._lost
        if parts:
            rows = np.concatenate(parts)
            rows = rows[rows["seq"] > self._transfers.size]
            if len(rows):
                self._transfers.append(self._transfer_leaves.of(rows))
        while records := records_after(self._database, self._records.size, _RECORDS_AT_ONCE):
            self._records.append(self._record_leaves.of(records))

    def seal_rest(self) -> None:
        """Append the leaves of all that is in the database."""
        while len(rows := store.rows_after(self._database, self._transfers.size, ROWS_AT_ONCE)):
            self.seal([rows])

    def publish(self, cosigners: Sequence[Cosigner]) -> bool:
        """Publish what has grown; tell whether anything had."""
        sizes = self._transfers.size, self._records.size
        if sizes == self.published:
            return False
        for log, size, was in zip((self._transfers, self._records), sizes, self.published,
                                  strict=True):  # fmt: skip
            if size != was:
                for unwilling in log.publish(cosigners).unwilling:
                    _log.warning("A witness did not cosign: %s", unwilling.message)
        self.published = sizes
        return True
