"""Checkpoints (C2SP tlog-checkpoint): what a log says about itself, and signs.

Three lines: the origin, which is the log's name; how many leaves it has; the root over them.
Extension lines are read and kept, because signatures cover them, and none is written.
"""

from dataclasses import dataclass
from pathlib import Path

from counterfoil.receipts.merkle import HASH_BYTES
from counterfoil.receipts.note import Note, parse_note
from counterfoil.receipts.text import (
    Form,
    decode_base64,
    decode_decimal,
    decode_text,
    encode_base64,
    not_a,
)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A log at one moment of its growth."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Write the text that is signed."""
        lines = [self.origin, str(self.size), encode_base64(self.root), *self.extensions]
        return "".join(f"{line}\n" for line in lines)


@dataclass(frozen=True, slots=True)
class SignedCheckpoint:
    """A checkpoint and the note that it was read from; its signatures are not verified by that."""

    checkpoint: Checkpoint
    note: Note

    def __str__(self) -> str:
        """Write the note, verbatim."""
        return str(self.note)


def parse_checkpoint(text: str) -> Checkpoint:
    """Read the text of a checkpoint, without signatures.

    Raises:
        TextMalformed: it is none.

    """
    lines = text.split("\n")
    if len(lines) < 4 or lines.pop() != "" or not all(lines):
        raise not_a(Form.CHECKPOINT, text)
    origin, size_text, root_text, *extensions = lines
    size = decode_decimal(size_text, Form.SIZE)
    root = decode_base64(root_text, Form.ROOT, length=HASH_BYTES)
    return Checkpoint(origin, size, root, tuple(extensions))


def parse_signed_checkpoint(text: str) -> SignedCheckpoint:
    """Read a signed checkpoint; its signatures are still to be verified.

    Raises:
        TextMalformed: it is none.

    """
    note = parse_note(text)
    return SignedCheckpoint(parse_checkpoint(note.text), note)


def read_checkpoint(path: Path) -> SignedCheckpoint | None:
    """Read a signed checkpoint from a file; none if there is no such file.

    Raises:
        TextMalformed: the file holds something else.

    """
    try:
        data = path.read_bytes()
    except FileNotFoundError:
        return None
    return parse_signed_checkpoint(decode_text(data, Form.CHECKPOINT))
