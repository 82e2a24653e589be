"""Signed notes (C2SP signed-note): a text, an empty line, and the lines of those who signed it.

Signed is the text with its last newline. It may contain empty lines itself, so the last one is
the border. A reader verifies the signatures of the keys it knows, all of them, and passes over the
others: they may be of kinds and names that it will learn of later.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import SignatureRefused, TextMalformed
from counterfoil.receipts.notekey import ID_BYTES, Signature, VerifierKey, is_name
from counterfoil.receipts.text import Form, check_text, decode_base64, not_a

_DASH: Final = "— "
SIGNATURES_MAX: Final = 100
NOTE_CHARACTERS_MAX: Final = 1 << 18


@dataclass(frozen=True, slots=True)
class Note:
    """A text and the signatures under it."""

    text: str
    """Ends in a newline."""
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        """Write the note."""
        return "".join([self.text, "\n", *(f"{line}\n" for line in self.signatures)])

    def replacing(self, lines: Iterable[Signature]) -> "Note":
        """Give the note with these lines, in place of older ones by the same keys."""
        new = {(line.name, line.key_id): line for line in lines}
        kept = (line for line in self.signatures if (line.name, line.key_id) not in new)
        return replace(self, signatures=(*kept, *new.values()))

    def verify(self, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
        """Verify every signature by one of these keys; give who signed, and when (0: not said).

        Raises:
            SignatureRefused: a line that says it is by one of them is not.

        """
        signed: dict[VerifierKey, int] = {}
        for key in keys:
            for line in self.signatures:
                if key.made(line):
                    signed[key] = key.verify(self.text, line)
        return signed


def parse_note(text: str) -> Note:
    """Read a note.

    Raises:
        TextMalformed: it is none.

    """
    if len(text) > NOTE_CHARACTERS_MAX:
        raise TextMalformed(_("A note of {count} characters is too long.", count=len(text)))
    check_text(text, Form.NOTE)
    body, border, lines = text.rpartition("\n\n")
    if not border or not lines.endswith("\n"):
        raise not_a(Form.NOTE, text)
    signatures = tuple(_parse_signature(line) for line in lines[:-1].split("\n"))
    if len(signatures) > SIGNATURES_MAX:
        raise TextMalformed(
            _("A note with {count} signatures has too many.", count=len(signatures))
        )
    return Note(body + "\n", signatures)


def parse_signatures(text: str) -> tuple[Signature, ...]:
    """Read signature lines alone, each with its newline, as a witness answers them.

    Raises:
        TextMalformed: they are none.

    """
    check_text(text, Form.SIGNATURE_LINE)
    if not text.endswith("\n"):
        raise not_a(Form.SIGNATURE_LINE, text)
    return tuple(_parse_signature(line) for line in text[:-1].split("\n"))


def signed_by_any(note: Note, keys: Iterable[VerifierKey]) -> dict[VerifierKey, int]:
    """Verify a note that at least one of these keys must have signed.

    Raises:
        SignatureRefused: none has, or one has signed something else.

    """
    signed = note.verify(keys)
    if not signed:
        names = ", ".join(line.name for line in note.signatures)
        raise SignatureRefused(
            _("No known key has signed this; it bears the names {names}.", names=names)
        )
    return signed


def _parse_signature(line: str) -> Signature:
    name, space, blob = line.removeprefix(_DASH).partition(" ")
    if not line.startswith(_DASH) or not space or not is_name(name):
        raise not_a(Form.SIGNATURE_LINE, line)
    data = decode_base64(blob, Form.SIGNATURE_LINE)
    if len(data) <= ID_BYTES:
        raise not_a(Form.SIGNATURE_LINE, line)
    return Signature(name, data[:ID_BYTES], data[ID_BYTES:])
