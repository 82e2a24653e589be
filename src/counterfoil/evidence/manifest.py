"""The list of what is in a pack, signed by the operator as a signed note (C2SP signed-note).

    counterfoil/evidence@v1
    larch.example/records
    2026-03-01T09:00:00.000000Z
    <sha256, hexadecimal> <path>
    …

The key is that of the log of records. Its first line keeps the text apart from a checkpoint, whose first
line is the log's own name.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.evidence.archive import is_name, refused
from counterfoil.evidence.errors import EvidenceUnreadable
from counterfoil.kernel.i18n import _
from counterfoil.receipts import SigningKey, VerifierKey
from counterfoil.receipts.errors import ReceiptError
from counterfoil.receipts.note import Note, parse_note, signed_by_any

FORMAT: Final = "counterfoil/evidence@v1"
PATH: Final = "manifest.note"
_HASH_DIGITS: Final = 64


@dataclass(frozen=True, slots=True)
class Manifest:
    """What is in a pack, who says so, and when it was made."""

    origin: str
    made_at: str
    hashes: Mapping[str, str]
    signed_by: tuple[str, ...] = ()


def sign(files: Mapping[str, bytes], signers: Sequence[SigningKey], made_at: str) -> bytes:
    """Write the manifest of files, signed."""
    lines = [FORMAT, signers[0].name, made_at]
    lines += [f"{_hash(files[path])} {path}" for path in sorted(files)]
    text = "\n".join(lines) + "\n"
    return str(Note(text, tuple(signer.sign(text) for signer in signers))).encode()


def check(files: Mapping[str, bytes], keys: Sequence[VerifierKey]) -> Manifest:
    """Hold files against the manifest among them, and that against the keys that are believed.

    Raises:
        EvidenceUnreadable: there is no manifest, or one of a later version.
        EvidenceRefused: a file is missing, one too many, or not what was signed.
        SignatureRefused: no known key has signed it.

    """
    data = files.get(PATH)
    if data is None:
        raise EvidenceUnreadable(_("There is no {path} in this archive.", path=PATH))
    try:
        note = parse_note(data.decode())
    except (ReceiptError, UnicodeDecodeError) as error:
        raise refused(PATH) from error
    signed = signed_by_any(note, keys)
    manifest = _parsed(note.text, tuple(f"{key.name}+{key.key_id.hex()}" for key in signed))
    for path in sorted(manifest.hashes.keys() | files.keys() - {PATH}):
        content = files.get(path)
        if content is None or manifest.hashes.get(path) != _hash(content):
            raise refused(path)
    return manifest


def _parsed(text: str, signed_by: tuple[str, ...]) -> Manifest:
    form, *rest = text.rstrip("\n").split("\n")
    if form != FORMAT or len(rest) < 2:
        raise EvidenceUnreadable(
            _("This program reads packs of the format {format}, and not {found!r}.",
              format=FORMAT, found=form[:60])
        )  # fmt: skip
    origin, made_at, *listed = rest
    hashes: dict[str, str] = {}
    for line in listed:
        digest, _space, path = line.partition(" ")
        if len(digest) != _HASH_DIGITS or not is_name(path) or path in hashes:
            raise refused(PATH)
        hashes[path] = digest
    return Manifest(origin, made_at, hashes, signed_by)


def _hash(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
