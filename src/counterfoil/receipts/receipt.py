r"""The receipt: the file that a person holds, a JSON object in one spelling of its parts.

    {"format": "counterfoil/receipt@v1", "kind": "whole", "codec": "utf-8",
     "record": "…", "proof": "c2sp.org/tlog-proof@v1\nextra …"}
    {"format": "counterfoil/receipt@v1", "kind": "half", "codec": "…", "side": 0, "other": "…",
     "record": "…", "proof": "…"}

`record` is the exact text of the record, or of this side's view of it; `codec` says how it becomes
bytes; the proof's `extra` is the salt. A half names its side and the hash of the other half, which
is all that it says about the other. Nothing but the proof's checkpoint is signed, and nothing else
needs to be: all of it must hash to the leaf that the checkpoint covers.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.kernel.i18n import _
from counterfoil.receipts.codec import UTF8, encode_record
from counterfoil.receipts.commitment import HALF_BYTES, SALT_BYTES, commit, split_entry
from counterfoil.receipts.errors import TextMalformed
from counterfoil.receipts.merkle import leaf_hash
from counterfoil.receipts.proof import InclusionProof, parse_inclusion_proof
from counterfoil.receipts.text import Form, decode_base64, encode_base64, not_a

FORMAT: Final = "counterfoil/receipt@v1"
RECEIPT_CHARACTERS_MAX: Final = 1 << 20
_quoted: Final[Callable[[str], str]] = json.encoder.encode_basestring
"""Quotes a text as `json.dumps(…, ensure_ascii=False)` does, without what that does around it."""
_WHOLE: Final[dict[str, type]] = {
    "format": str,
    "kind": str,
    "codec": str,
    "record": str,
    "proof": str,
}
_HALF: Final[dict[str, type]] = _WHOLE | {"side": int, "other": str}


@dataclass(frozen=True, slots=True)
class OtherHalf:
    """What the holder of one half knows of the other: on which side it is not, and its hash."""

    side: int
    """The holder's own side, 0 or 1."""
    hash: bytes


@dataclass(frozen=True, slots=True)
class Receipt:
    """One holder's record, with what opens its entry and the proof that the log holds it."""

    record: str
    proof: InclusionProof
    other: OtherHalf | None = None
    codec: str = UTF8

    @property
    def id(self) -> str:
        """A name for this leaf in this log, for speaking about it: index and origin."""
        return f"{self.proof.index}@{self.proof.signed.checkpoint.origin}"

    def entry(self) -> bytes:
        """Compute the entry that the log must hold.

        Raises:
            CodecUnknown: nobody here knows how the record becomes bytes.
            TextMalformed: the record is not in its one spelling.

        """
        assert self.proof.extra is not None
        opened = commit(self.proof.extra, encode_record(self.record, self.codec))
        if self.other is None:
            return opened
        if self.other.side == 0:
            return split_entry(opened, self.other.hash)
        return split_entry(self.other.hash, opened)

    def check(self) -> None:
        """Check that the record is in the log of the checkpoint; signatures are another matter.

        Raises:
            ProofRefused: it is not.
            CodecUnknown: nobody here knows how the record becomes bytes.
            TextMalformed: the record is not in its one spelling.

        """
        self.proof.check(leaf_hash(self.entry()))

    def __str__(self) -> str:
        """Write the receipt as the text of its file."""
        return json.dumps(self._parts(), ensure_ascii=False, indent=2) + "\n"

    @property
    def line(self) -> str:
        """Write the receipt as one line, for a file of many: each line is a receipt by itself."""
        half = ""
        if self.other:
            half = f'"side":{self.other.side},"other":"{encode_base64(self.other.hash)}",'
        return (
            f'{{"format":"{FORMAT}","kind":"{"half" if self.other else "whole"}",'
            f'"codec":{_quoted(self.codec)},{half}"record":{_quoted(self.record)},'
            f'"proof":{_quoted(str(self.proof))}}}\n'
        )

    def _parts(self) -> dict[str, object]:
        parts: dict[str, object] = {
            "format": FORMAT,
            "kind": "half" if self.other else "whole",
            "codec": self.codec,
        }
        if self.other:
            parts |= {"side": self.other.side, "other": encode_base64(self.other.hash)}
        return parts | {"record": self.record, "proof": str(self.proof)}


def parse_receipt(text: str) -> Receipt:
    """Read a receipt; what it says is still to be verified.

    Raises:
        TextMalformed: it is none, or one of a later version.

    """
    if len(text) > RECEIPT_CHARACTERS_MAX:
        raise TextMalformed(_("A receipt of {count} characters is too long.", count=len(text)))
    try:
        parts = json.loads(text, object_pairs_hook=_once)
    except (ValueError, RecursionError):
        raise not_a(Form.RECEIPT, text) from None
    _check_parts(parts, text)
    proof = parse_inclusion_proof(parts["proof"])
    if proof.extra is None or len(proof.extra) != SALT_BYTES:
        raise TextMalformed(_("The proof of a receipt bears a salt of 32 bytes as its extra data."))
    other = None
    if parts["kind"] == "half":
        hashed = decode_base64(parts["other"], Form.HALF, length=HALF_BYTES)
        other = OtherHalf(parts["side"], hashed)
    return Receipt(parts["record"], proof, other, parts["codec"])


def _check_parts(parts: Any, text: str) -> None:
    if not isinstance(parts, dict):
        raise not_a(Form.RECEIPT, text)
    if parts.get("format") != FORMAT:
        raise TextMalformed(
            _("This program reads receipts of the format {format}, and not {found!r}.",
              format=FORMAT, found=str(parts.get("format"))[:60])
        )  # fmt: skip
    wanted = {"whole": _WHOLE, "half": _HALF}.get(str(parts.get("kind")))
    if wanted is None or parts.keys() != wanted.keys():
        raise not_a(Form.RECEIPT, text)
    # A JSON true is an int to Python; only 0 and 1 themselves are sides.
    if any(type(parts[name]) is not kind for name, kind in wanted.items()):
        raise not_a(Form.RECEIPT, text)
    if parts.get("side", 0) not in {0, 1}:
        raise not_a(Form.RECEIPT, text)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Read an object in which no name comes twice: two readers could take different ones."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a name comes twice")
    return found
