"""The tamper-evident log, and the halves that people hold.

A record becomes a *leaf* of an append-only Merkle *log* (RFC 6962). The log holds no record, only a
salted commitment; who holds record and salt can *prove*, against a *checkpoint* that the log has
signed and *witnesses* have cosigned, that exactly this record was written. A leaf may be split in
two halves, so that two parties each prove the same leaf without showing the other's half.

This room knows leaves, salts, records, trees, notes, checkpoints, witnesses and keys. It knows
nothing of what the records are about.

The parts, from below: `merkle` (the tree), `seal` (whole batches, compiled), `commitment` (entries),
`note`, `checkpoint`, `proof`, `policy` (texts, as C2SP has them), `log` and `reader` (the log in a
folder), `keys` (salt keys at rest), `receipt` and `verify` (the person's side), `witness`.
"""

from counterfoil.receipts.checkpoint import Checkpoint, SignedCheckpoint, parse_signed_checkpoint
from counterfoil.receipts.codec import UTF8, Codec, register_codec
from counterfoil.receipts.commitment import commit, derive_salt, new_salt, split_entry, whole_entry
from counterfoil.receipts.errors import (
    CheckpointRefused,
    CodecUnknown,
    KeyMalformed,
    LeafNotFound,
    LogDamaged,
    LogInUse,
    LogUnavailable,
    ProofRefused,
    QuorumMissed,
    ReceiptError,
    SaltKeyLost,
    SignatureRefused,
    TextMalformed,
    TileMissing,
    WitnessUnavailable,
)
from counterfoil.receipts.keys import (
    KeyService,
    LocalKeys,
    WrappedKey,
    new_salt_key,
    parse_wrapped_key,
)
from counterfoil.receipts.leaves import Leaves, join_leaves, leaves_of, leaves_of_array
from counterfoil.receipts.log import Log, Published
from counterfoil.receipts.notekey import (
    KeyType,
    SigningKey,
    VerifierKey,
    new_signing_key,
    parse_signing_key,
    parse_verifier_key,
)
from counterfoil.receipts.policy import KnownWitness, Policy, parse_policy
from counterfoil.receipts.proof import (
    ConsistencyProof,
    InclusionProof,
    parse_consistency_proof,
    parse_inclusion_proof,
)
from counterfoil.receipts.reader import LogReader, PublishedLog
from counterfoil.receipts.receipt import OtherHalf, Receipt, parse_receipt
from counterfoil.receipts.seal import seal_split
from counterfoil.receipts.verify import Claim, Statement, Verified, Verifier

__all__ = [
    "UTF8",
    "Checkpoint",
    "CheckpointRefused",
    "Claim",
    "Codec",
    "CodecUnknown",
    "ConsistencyProof",
    "InclusionProof",
    "KeyMalformed",
    "KeyService",
    "KeyType",
    "KnownWitness",
    "LeafNotFound",
    "Leaves",
    "LocalKeys",
    "Log",
    "LogDamaged",
    "LogInUse",
    "LogReader",
    "LogUnavailable",
    "OtherHalf",
    "Policy",
    "ProofRefused",
    "Published",
    "PublishedLog",
    "QuorumMissed",
    "Receipt",
    "ReceiptError",
    "SaltKeyLost",
    "SignatureRefused",
    "SignedCheckpoint",
    "SigningKey",
    "Statement",
    "TextMalformed",
    "TileMissing",
    "Verified",
    "Verifier",
    "VerifierKey",
    "WitnessUnavailable",
    "WrappedKey",
    "commit",
    "derive_salt",
    "join_leaves",
    "leaves_of",
    "leaves_of_array",
    "new_salt",
    "new_salt_key",
    "new_signing_key",
    "parse_consistency_proof",
    "parse_inclusion_proof",
    "parse_policy",
    "parse_receipt",
    "parse_signed_checkpoint",
    "parse_signing_key",
    "parse_verifier_key",
    "parse_wrapped_key",
    "register_codec",
    "seal_split",
    "split_entry",
    "whole_entry",
]
