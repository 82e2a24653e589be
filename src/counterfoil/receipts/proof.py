"""Proofs as texts: inclusion (C2SP tlog-proof@v1), and consistency (the body of tlog-witness).

An inclusion proof says where a leaf stands and how it leads to a signed root; it carries the
checkpoint whole, so that nothing else is needed to verify it. `extra` is the application's: here it
is the salt, which is safe to be unsigned because the leaf's hash must come out of it.

A consistency proof says that one checkpoint's log begins with a smaller one. Its text is what a log
sends to a witness: `old <size>`, hashes, an empty line, the checkpoint.
"""

from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from counterfoil.receipts.errors import ProofRefused
from counterfoil.receipts.merkle import HASH_BYTES, check_consistency, root_from_inclusion
from counterfoil.receipts.text import (
    Form,
    check_text,
    decode_base64,
    decode_decimal,
    encode_base64,
    not_a,
)

_HEADER: Final = "c2sp.org/tlog-proof@v1"
_HASHES_MAX: Final = 63


@dataclass(frozen=True, slots=True)
class InclusionProof:
    """Where a leaf stands in the log of a checkpoint, and the hashes that lead to its root."""

    index: int
    hashes: tuple[bytes, ...]
    signed: SignedCheckpoint
    extra: bytes | None = None

    def __str__(self) -> str:
        """Write the proof as a tlog-proof."""
        lines = [_HEADER]
        if self.extra is not None:
            lines.append(f"extra {encode_base64(self.extra)}")
        lines.append(f"index {self.index}")
        lines += map(encode_base64, self.hashes)
        return "\n".join([*lines, "", _written(self.signed)])

    def check(self, leaf_hash: bytes) -> None:
        """Check that the leaf stands in the checkpoint's log; signatures are another matter.

        Raises:
            ProofRefused: it does not.

        """
        checkpoint = self.signed.checkpoint
        root = root_from_inclusion(self.index, checkpoint.size, leaf_hash, self.hashes)
        if root != checkpoint.root:
            raise ProofRefused(
                _(
                    "This record is not leaf {index} of the log {origin}: the record, the salt or "
                    "the proof was changed, or is another's.",
                    index=self.index,
                    origin=checkpoint.origin,
                ),
                index=self.index,
            )


@dataclass(frozen=True, slots=True)
class ConsistencyProof:
    """The hashes that show that a checkpoint's log begins with the log of `old` leaves."""

    old: int
    hashes: tuple[bytes, ...]
    signed: SignedCheckpoint

    def __str__(self) -> str:
        """Write the proof as a log sends it to a witness."""
        return "\n".join(
            [f"old {self.old}", *map(encode_base64, self.hashes), "", str(self.signed)]
        )

    def check(self, old_root: bytes) -> None:
        """Check that the log began with the one of this root.

        Raises:
            ProofRefused: that is not shown.

        """
        new = self.signed.checkpoint
        check_consistency(self.old, new.size, old_root, new.root, self.hashes)


_last_written: list[tuple[SignedCheckpoint, str]] = []


def _written(signed: SignedCheckpoint) -> str:
    """Write a checkpoint; of many proofs for the same one, only once."""
    for known, text in _last_written:
        if known is signed:
            return text
    text = str(signed)
    _last_written[:] = [(signed, text)]
    return text


def parse_inclusion_proof(text: str) -> InclusionProof:
    """Read a tlog-proof.

    Raises:
        TextMalformed: it is none.

    """
    head, checkpoint = _parts(text, Form.PROOF)
    if head.pop(0) != _HEADER or not head:
        raise not_a(Form.PROOF, text)
    extra = None
    if head[0].startswith("extra "):
        extra = decode_base64(head.pop(0).removeprefix("extra "), Form.EXTRA)
    if extra == b"" or not head or not head[0].startswith("index "):
        raise not_a(Form.PROOF, text)
    index = decode_decimal(head.pop(0).removeprefix("index "), Form.INDEX)
    return InclusionProof(index, _hashes(head), parse_signed_checkpoint(checkpoint), extra)


def parse_consistency_proof(text: str) -> ConsistencyProof:
    """Read the body that a log sends to a witness.

    Raises:
        TextMalformed: it is none.

    """
    head, checkpoint = _parts(text, Form.CONSISTENCY)
    if not head[0].startswith("old "):
        raise not_a(Form.CONSISTENCY, text)
    old = decode_decimal(head.pop(0).removeprefix("old "), Form.SIZE)
    return ConsistencyProof(old, _hashes(head), parse_signed_checkpoint(checkpoint))


def _parts(text: str, what: Form) -> tuple[list[str], str]:
    check_text(text, what)
    head, border, checkpoint = text.partition("\n\n")
    if not border:
        raise not_a(what, text)
    return head.split("\n"), checkpoint


def _hashes(lines: list[str]) -> tuple[bytes, ...]:
    if len(lines) > _HASHES_MAX:
        raise not_a(Form.PROOF, "\n".join(lines))
    return tuple(decode_base64(line, Form.HASH, length=HASH_BYTES) for line in lines)
