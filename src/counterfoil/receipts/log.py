"""The append-only log: one writer, durable when it answers, published when it is signed.

`append` puts a batch of leaves into the journal, synchronizes it, and answers: from then on the
leaves are in the log, whatever crashes. Their tiles are written on the way, without waiting for the
disk; every so often, and at the end, the log *settles*: the tiles are synchronized, the head is
replaced, and the journal is begun again. Opening reads the head and takes in the journal after it,
so a tile that a crash lost is written again.

`publish` signs a checkpoint of what is durable, after checking that the log still begins with the
one signed before; a log never signs two that contradict each other (C2SP tlog-checkpoint).

The *token* is the caller's: up to 4 KiB that come back, after any crash, exactly as they were given
with the last batch that is in the log. Whoever copies leaves from elsewhere writes into it how far
it has come, and so loses none and doubles none.

Once anything has failed on the disk, a log answers nothing more; open it again, and look at the
token.
"""

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Final, Protocol, Self

from counterfoil.kernel.i18n import _
from counterfoil.receipts.checkpoint import Checkpoint, SignedCheckpoint
from counterfoil.receipts.edge import Edge
from counterfoil.receipts.errors import LogDamaged, LogUnavailable, ReceiptError
from counterfoil.receipts.folder import (
    lock_folder,
    make_folder,
    named_failures,
    unlock_folder,
    write_durably,
)
from counterfoil.receipts.head import Head, read_head
from counterfoil.receipts.journal import Journal, Record
from counterfoil.receipts.leaves import Leaves, read_bundle
from counterfoil.receipts.merkle import check_consistency
from counterfoil.receipts.note import Note, signed_by_any
from counterfoil.receipts.notekey import KeyType, Signature, SigningKey
from counterfoil.receipts.packs import Packs
from counterfoil.receipts.proof import ConsistencyProof, InclusionProof
from counterfoil.receipts.reader import LogReader

TOKEN_BYTES_MAX: Final = 4096
SETTLE_BYTES: Final = 64 << 20
"""A journal of this length is settled; opening takes in no more than that, and one batch."""

Prove = Callable[[int], tuple[bytes, ...]]
"""Gives the consistency proof from an older size to the checkpoint in question."""


class Cosigner(Protocol):
    """A witness, as the log sees it."""

    def cosign(self, signed: SignedCheckpoint, prove: Prove) -> tuple[Signature, ...]:
        """Give the witness's lines for a checkpoint, or raise a `ReceiptError`."""


@dataclass(frozen=True, slots=True)
class Published:
    """A checkpoint that is public now, and the witnesses that did not cosign it."""

    signed: SignedCheckpoint
    unwilling: tuple[ReceiptError, ...]


class Log:
    """The log of one origin in one folder. Threads may share it; processes may not."""

    def __init__(self, folder: Path, signers: Sequence[SigningKey]) -> None:
        assert signers
        for signer in signers:
            signer.verifier.check(KeyType.LOG, signers[0].name)
        self._folder, self._signers = folder, tuple(signers)
        self._lock, self._publishing = threading.Lock(), threading.Lock()
        self._usable = False
        self._number, self._token = 0, b""
        self._published: SignedCheckpoint | None = None
        self._packs, self._reader = Packs(folder, writes=True), LogReader(folder)
        with ExitStack() as undo, named_failures(folder):
            make_folder(folder)
            self._writer = lock_folder(folder)
            undo.callback(unlock_folder, self._writer)
            undo.callback(self._reader.close)
            undo.callback(self._packs.close)
            self._journal = Journal(folder / "journal")
            undo.callback(self._journal.close)
            self._recover()
            undo.pop_all()
        self._usable = True

    @classmethod
    def open(cls, folder: Path, signers: Sequence[SigningKey]) -> Self:
        """Open a log, or begin one in an empty folder.

        The signers have one name, the log's origin. While a key is being replaced there are two,
        and checkpoints are signed by both.

        Raises:
            LogInUse: another process appends to it.
            LogDamaged: what is on disk contradicts itself, or is another origin's.
            LogUnavailable: the folder cannot be read or written.
            SignatureRefused: the published checkpoint is signed by none of the signers.
            KeyMalformed: a signer is a witness's key, or of another name than the first.

        """
        return cls(folder, signers)

    @property
    def origin(self) -> str:
        """The log's name, which its keys and its checkpoints bear."""
        return self._signers[0].name

    @property
    def size(self) -> int:
        """How many leaves are durable."""
        return self._edge.size

    @property
    def token(self) -> bytes:
        """What the caller gave with the last batch; empty in a new log."""
        return self._token

    def append(self, leaves: Leaves, token: bytes = b"") -> int:
        """Append a batch, durably, and give the index of its first leaf.

        Raises:
            LogUnavailable: the disk failed; open the log again and look at the token.

        """
        assert len(token) <= TOKEN_BYTES_MAX
        with self._working():
            first = self._edge.size
            record = Record(self._number + 1, first, len(leaves), token, leaves.bundle)
            self._journal.append(record)
            self._edge.append(leaves, self._packs)
            self._number, self._token = record.number, token
            if self._journal.length >= SETTLE_BYTES:
                self._settle()
            return first

    def publish(self, cosigners: Sequence[Cosigner] = ()) -> Published:
        """Sign what is durable, ask witnesses to cosign it, and make it the published checkpoint.

        A witness that does not answer, or refuses, keeps nothing from being published; it is in the
        result. Appending goes on meanwhile.

        Raises:
            LogDamaged: the log no longer begins with the checkpoint signed before; nothing is
                signed.
            LogUnavailable: the disk failed.

        """
        with self._publishing:
            with self._working():
                checkpoint = Checkpoint(self.origin, self._edge.size, self._edge.root())
            before = self._published
            if before:
                self._check_grown(before.checkpoint, checkpoint)
            note = self._sign(checkpoint, before)
            note, unwilling = self._cosigned(SignedCheckpoint(checkpoint, note), cosigners)
            self._published = SignedCheckpoint(checkpoint, note)
            with self._working():
                write_durably(self._folder / "checkpoint", str(note).encode())
            return Published(self._published, unwilling)

    def prove(self, index: int, *, extra: bytes | None = None) -> InclusionProof:
        """Prove that a leaf is in the published log; see `LogReader.prove`."""
        return self._reader.prove(index, extra=extra)

    def prove_consistency(self, old: int) -> ConsistencyProof:
        """Prove that the published log begins with an older one; see `LogReader`."""
        return self._reader.prove_consistency(old)

    def close(self) -> None:
        """Settle the log and let the next writer in."""
        with self._lock:
            if self._writer < 0:
                return
            try:
                if self._usable:
                    with named_failures(self._folder):
                        self._settle()
            finally:
                self._usable = False
                self._journal.close()
                self._packs.close()
                self._reader.close()
                unlock_folder(self._writer)
                self._writer = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    @contextmanager
    def _working(self) -> Iterator[None]:
        """Hold the lock; whatever fails inside leaves a log that answers nothing more."""
        with self._lock:
            if not self._usable:
                raise LogUnavailable(
                    _("The log in {folder} is closed, or has failed; open it again.",
                      folder=self._folder),
                    folder=str(self._folder),
                )  # fmt: skip
            self._usable = False
            with named_failures(self._folder):
                yield
            self._usable = True

    def _recover(self) -> None:
        head = read_head(self._folder / "head")
        if head is None:
            # The journal is emptied only once there is a head.
            if not self._journal.length and (self._folder / "hashes").exists():
                raise self._damaged(_("its head is missing"))
            head = Head(self.origin, 0, 0, b"")
        if head.origin != self.origin:
            raise self._damaged(_("it is the log of {origin}", origin=head.origin))
        self._edge = Edge.read(self._packs, head.size)
        self._number, self._token = head.number, head.token
        for record in self._journal.records():
            if record.number <= head.number:
                continue  # a crash came between the new head and the new journal
            leaves = read_bundle(record.bundle)
            follows = (record.number, record.first) == (self._number + 1, self._edge.size)
            if not follows or len(leaves) != record.count:
                raise self._damaged(
                    _("its journal goes on at leaf {first}, and its tiles end at {size}",
                      first=record.first, size=self._edge.size)
                )  # fmt: skip
            self._edge.append(leaves, self._packs)
            self._number, self._token = record.number, record.token
        self._check_published()

    def _check_published(self) -> None:
        signed = self._reader.published()
        if signed is None:
            return
        signed_by_any(signed.note, [signer.verifier for signer in self._signers])
        published = signed.checkpoint
        if published.size > self.size or self._reader.root(published.size) != published.root:
            raise self._damaged(
                _("its published checkpoint of {published} leaves does not fit its {size} leaves",
                  published=published.size, size=self.size)
            )  # fmt: skip
        self._published = signed

    def _settle(self) -> None:
        self._packs.sync()
        head = Head(self.origin, self._edge.size, self._number, self._token)
        head.write(self._folder / "head")
        self._journal.clear()

    def _check_grown(self, old: Checkpoint, new: Checkpoint) -> None:
        if old.size > new.size:
            raise self._damaged(_("it has fewer leaves than it has published"))
        hashes = self._reader.consistency(old.size, new.size)
        try:
            check_consistency(old.size, new.size, old.root, new.root, hashes)
        except ReceiptError as error:
            raise self._damaged(_("it does not begin with what it has published")) from error

    def _sign(self, checkpoint: Checkpoint, before: SignedCheckpoint | None) -> Note:
        text = str(checkpoint)
        mine = tuple(signer.sign(text) for signer in self._signers)
        if before is None or before.note.text != text:
            return Note(text, mine)
        # Nothing was appended: what others have put under it stays.
        others = (line for line in before.note.signatures if line not in mine)
        return Note(text, (*mine, *others))

    def _cosigned(
        self, signed: SignedCheckpoint, cosigners: Sequence[Cosigner]
    ) -> tuple[Note, tuple[ReceiptError, ...]]:
        def prove(old: int) -> tuple[bytes, ...]:
            return self._reader.consistency(old, signed.checkpoint.size)

        def ask(cosigner: Cosigner) -> tuple[Signature, ...] | ReceiptError:
            try:
                return cosigner.cosign(signed, prove)
            except ReceiptError as error:
                return error

        # All at once, so that one that does not answer costs its own patience and no other's.
        with ThreadPoolExecutor(max_workers=max(len(cosigners), 1)) as asking:
            answers = list(asking.map(ask, cosigners))
        note = signed.note
        for answer in answers:
            if not isinstance(answer, ReceiptError):
                note = note.replacing(answer)
        return note, tuple(answer for answer in answers if isinstance(answer, ReceiptError))

    def _damaged(self, reason: str) -> LogDamaged:
        return LogDamaged(
            _("The log in {folder} cannot be trusted: {reason}. Restore a backup.",
              folder=self._folder, reason=reason),
            folder=str(self._folder),
        )  # fmt: skip
