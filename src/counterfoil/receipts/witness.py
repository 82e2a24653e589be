"""A witness (C2SP tlog-witness): cosigns a log's checkpoints as long as the log only grows.

For each log that it knows it keeps the last checkpoint that it has cosigned. A new one is cosigned
if a proof shows that its log begins with that one's; then it is stored, durably, and only then
answered. So a log that was rewritten, or that shows other people another history, gets no
cosignature from a witness that saw the first one, and whoever asks for cosignatures notices.

The rules are asked in this order; the numbers are the statuses that the answers bear in HTTP.

400  the request is not in its form, or its old size is larger than its new one
404  the log's name is not known here
403  the checkpoint bears no valid signature of a known key of that log
409  the old size is not that of the last checkpoint cosigned; the answer tells it
422  the log does not begin with the one last cosigned
"""

import threading
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import Self

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.i18n import _
from counterfoil.receipts.checkpoint import Checkpoint, SignedCheckpoint, read_checkpoint
from counterfoil.receipts.errors import (
    CheckpointRefused,
    LogDamaged,
    ProofRefused,
    SignatureRefused,
    TextMalformed,
)
from counterfoil.receipts.folder import (
    lock_folder,
    make_folder,
    named_failures,
    unlock_folder,
    write_durably,
)
from counterfoil.receipts.merkle import EMPTY_ROOT
from counterfoil.receipts.note import signed_by_any
from counterfoil.receipts.notekey import KeyType, Signature, SigningKey, VerifierKey
from counterfoil.receipts.proof import parse_consistency_proof
from counterfoil.receipts.text import Form, decode_text


class Witness:
    """The memory of one witness, in a folder; threads may share it, processes may not."""

    def __init__(
        self, folder: Path, key: SigningKey, logs: Sequence[VerifierKey], clock: Clock
    ) -> None:
        """Open a witness's memory, or begin one.

        Raises:
            LogInUse: another process is this witness.
            LogUnavailable: the folder cannot be used.
            KeyMalformed: `key` is no witness's, or one of `logs` no log's.

        """
        key.verifier.check(KeyType.WITNESS)
        for log in logs:
            log.check(KeyType.LOG)
        self._folder, self._key, self._clock = folder, key, clock
        self._logs = tuple(logs)
        self._lock = threading.Lock()
        with named_failures(folder):
            make_folder(folder)
            self._writer = lock_folder(folder)

    @property
    def verifier(self) -> VerifierKey:
        """The key by which its cosignatures are verified."""
        return self._key.verifier

    def close(self) -> None:
        """Let the next process be this witness."""
        if self._writer >= 0:
            unlock_folder(self._writer)
            self._writer = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    def add_checkpoint(self, body: bytes) -> Signature:
        """Cosign the checkpoint of a request, if its log has only grown.

        Raises:
            CheckpointRefused: it is not cosigned, with the status that says why.
            LogUnavailable: the answer could not be stored; nothing is cosigned.

        """
        try:
            asked = parse_consistency_proof(decode_text(body, Form.CONSISTENCY))
        except TextMalformed as error:
            raise CheckpointRefused(error.message, status=400) from error
        new = asked.signed.checkpoint
        if asked.old > new.size:
            raise CheckpointRefused(
                _("The old size {old} is larger than the new size {size}.",
                  old=asked.old, size=new.size),
                status=400,
            )  # fmt: skip
        self._check_signed(asked.signed)
        with self._lock, named_failures(self._folder):
            last = self._last(new.origin)
            if asked.old != last.size:
                raise CheckpointRefused(
                    _("The last checkpoint cosigned has {size} leaves, not {old}.",
                      size=last.size, old=asked.old),
                    status=409,
                    size=last.size,
                )  # fmt: skip
            try:
                asked.check(last.root)
            except ProofRefused as error:
                raise CheckpointRefused(error.message, status=422) from error
            line = self._key.sign(asked.signed.note.text, at_s=self._clock.now_us() // 1_000_000)
            note = asked.signed.note.replacing([line])
            write_durably(self._path(new.origin), str(note).encode())
        return line

    def latest(self, origin_hash: str) -> str | None:
        """Give the last checkpoint cosigned for a log, by the SHA-256 of its name in hex."""
        known = {sha256(key.name.encode()).hexdigest(): key.name for key in self._logs}
        if origin_hash not in known:
            return None
        with named_failures(self._folder):
            signed = self._stored(known[origin_hash])
        return str(signed) if signed else None

    def _check_signed(self, signed: SignedCheckpoint) -> None:
        origin = signed.checkpoint.origin
        keys = [key for key in self._logs if key.name == origin]
        if not keys:
            raise CheckpointRefused(
                _("The log {origin} is not known to this witness.", origin=origin), status=404
            )
        try:
            signed_by_any(signed.note, keys)
        except SignatureRefused as error:
            raise CheckpointRefused(error.message, status=403) from error

    def _last(self, origin: str) -> Checkpoint:
        signed = self._stored(origin)
        return signed.checkpoint if signed else Checkpoint(origin, 0, EMPTY_ROOT)

    def _stored(self, origin: str) -> SignedCheckpoint | None:
        path = self._path(origin)
        try:
            signed = read_checkpoint(path)
            if signed:
                # Its own signature: what was changed on disk is not believed.
                signed_by_any(signed.note, [self.verifier])
        except (TextMalformed, SignatureRefused) as error:
            raise LogDamaged(
                _("{path} is damaged; restore a backup.", path=path), path=str(path)
            ) from error
        return signed

    def _path(self, origin: str) -> Path:
        return self._folder / sha256(origin.encode()).hexdigest() / "checkpoint"
