"""Every way this room says no.

ReceiptError
├── TextMalformed        a text is not in the one form that its format allows
├── KeyMalformed         a key's own text is not in its form, or of a type that is not known here
├── SignatureRefused     a known key did not sign, or did not sign this
├── ProofRefused         the hashes do not lead to the signed root: not this leaf, not this log
├── QuorumMissed         too few of the witnesses that a policy asks for have cosigned
├── CodecUnknown         nothing here knows how a receipt's record becomes bytes
├── LogInUse             another process appends to this log
├── LogUnavailable       the log's folder cannot be written or read now
├── LogDamaged           what is on disk contradicts itself or a signed checkpoint
│   └── TileMissing      a file of the log is gone, or is not as long as it must be
├── LeafNotFound         the published log does not reach to this leaf yet
├── CheckpointRefused    a witness does not cosign: an unknown log, or a rewritten one
├── WitnessUnavailable   a witness cannot be reached, or answers with nonsense
└── SaltKeyLost          a wrapped key does not open: destroyed, or another's
"""

from counterfoil.kernel.errors import CounterfoilError


class ReceiptError(CounterfoilError):
    """A receipt, a log, a witness or a key is not what it must be."""

    code = "receipts.error"


class TextMalformed(ReceiptError):
    """A text is not in the one form that its format allows."""

    code = "receipts.text-malformed"


class KeyMalformed(TextMalformed):
    """A key's text is not in its form, or its type is not known here."""

    code = "receipts.key-malformed"


class SignatureRefused(ReceiptError):
    """A known key did not sign, or signed something else."""

    code = "receipts.signature-refused"


class ProofRefused(ReceiptError):
    """The hashes do not lead from what is held to what was signed."""

    code = "receipts.proof-refused"


class QuorumMissed(ReceiptError):
    """Too few of the witnesses that the policy names have cosigned."""

    code = "receipts.quorum-missed"


class CodecUnknown(ReceiptError):
    """Nobody has registered how such a record becomes bytes."""

    code = "receipts.codec-unknown"


class LogInUse(ReceiptError):
    """Another process, or this one, already appends to the log."""

    code = "receipts.log-in-use"
    is_transient = True


class LogUnavailable(ReceiptError):
    """The log's folder cannot be read or written now: full, read-only, gone."""

    code = "receipts.log-unavailable"
    is_transient = True


class LogDamaged(ReceiptError):
    """What is on disk contradicts itself, or a checkpoint that was signed."""

    code = "receipts.log-damaged"


class TileMissing(LogDamaged):
    """A file of the log is gone, or is not as long as it must be."""

    code = "receipts.tile-missing"


class LeafNotFound(ReceiptError):
    """The published log does not hold this leaf: not yet, or not at all."""

    code = "receipts.leaf-not-found"


class CheckpointRefused(ReceiptError):
    """A witness does not cosign; `status` is the answer's number in HTTP, as tlog-witness has it."""

    code = "receipts.checkpoint-refused"

    def __init__(self, message: str, *, status: int, **facts: object) -> None:
        super().__init__(message, status=status, **facts)
        self.status = status


class WitnessUnavailable(ReceiptError):
    """A witness cannot be reached, or its answer is none."""

    code = "receipts.witness-unavailable"
    is_transient = True


class SaltKeyLost(ReceiptError):
    """A wrapped key does not open: its key is destroyed, or it was wrapped for another."""

    code = "receipts.salt-key-lost"
