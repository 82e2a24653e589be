"""Verifying receipts offline: what is proven, and what is not, in words.

A `Verifier` holds what its owner believes: the keys of logs, and perhaps a policy of witnesses. It
verifies the signatures of each distinct checkpoint once, however many receipts bear it, and then
each receipt's own hashes. A receipt that does not hold is an error; one that does comes back with
the list of what that shows, and, just as important, of what it does not.
"""

from collections import OrderedDict
from dataclasses import dataclass
from enum import Enum
from typing import Final

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.receipts.checkpoint import SignedCheckpoint
from counterfoil.receipts.errors import ProofRefused
from counterfoil.receipts.merkle import check_consistency
from counterfoil.receipts.note import signed_by_any
from counterfoil.receipts.notekey import VerifierKey
from counterfoil.receipts.policy import Policy
from counterfoil.receipts.proof import ConsistencyProof
from counterfoil.receipts.receipt import Receipt

_KEPT_CHECKPOINTS: Final = 4096
CLOCK_TOLERANCE_S: Final = 300
"""A witness's clock may be so far ahead of ours."""


class Claim(Enum):
    """Everything that a verification can have to say."""

    INCLUDED = lazy(
        "The record, exactly as shown, is leaf {index} of the log {origin}, which had {size} "
        "leaves."
    )
    HALF = lazy(
        "It is one of the leaf's two halves; the other party's half is not shown, only fixed."
    )
    SIGNED = lazy("The log itself signed this, with the key of {names}.")
    COSIGNED = lazy("The witness {name} saw this log, as one that only grows, at {at} UTC.")
    QUORUM = lazy("The policy's quorum, {quorum}, has cosigned.")
    CONSISTENT = lazy(
        "The log of {size} leaves begins with the log of {old} leaves: from the one to the other, "
        "nothing was changed."
    )
    CONTENT_OPEN = lazy(
        "That what the record says is true: the log shows what was written, not that it happened."
    )
    FORK_OPEN = lazy("That everyone is shown the same log: no known witness has cosigned.")
    TIME_OPEN = lazy("When the record was written: only its place in the log is shown.")
    EARLIER_OPEN = lazy(
        "That the earlier checkpoint is of the same history: the two have {old} and {size} leaves, "
        "and no proof of consistency between them was given."
    )
    LATER_OPEN = lazy("That nothing was written after it: a later record may correct this one.")


@dataclass(frozen=True, slots=True)
class Statement:
    """One claim, with its values."""

    claim: Claim
    values: tuple[tuple[str, object], ...] = ()

    def __str__(self) -> str:
        """Say it in the current language."""
        message: Message = self.claim.value
        return message(**dict(self.values))


@dataclass(frozen=True, slots=True)
class Verified:
    """A receipt that holds."""

    receipt: Receipt
    proven: tuple[Statement, ...]
    not_proven: tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class _Believed:
    """A checkpoint whose signatures were verified."""

    logs: tuple[str, ...]
    cosigned: tuple[tuple[str, int], ...]


class Verifier:
    """Verifies receipts and checkpoints against one policy.

    `now_us` is the time in microseconds since 1970: a witness that claims to have cosigned later
    than that is not counted.
    """

    def __init__(self, policy: Policy, *, now_us: int) -> None:
        self._policy = policy
        self._now_s = now_us // 1_000_000
        self._believed: OrderedDict[str, _Believed] = OrderedDict()
        self._earlier: SignedCheckpoint | None = None
        self._consistency: ConsistencyProof | None = None

    def remember(self, earlier: SignedCheckpoint, proof: ConsistencyProof | None = None) -> None:
        """Ask of every receipt from now on that its log begins with this earlier checkpoint's.

        `proof` shows it for one later checkpoint; one of the same size needs none.

        Raises:
            SignatureRefused: no known log signed the earlier checkpoint.

        """
        self._check_log(earlier)
        self._earlier, self._consistency = earlier, proof

    def verify(self, receipt: Receipt, *, of_any_log: bool = False) -> Verified:
        """Verify a receipt.

        With `of_any_log`, an earlier checkpoint is held against the receipts of its own log alone:
        for a bundle with receipts of several.

        Raises:
            ProofRefused: the record is not in the log, or the log does not begin with the earlier
                one that it is held against.
            SignatureRefused: no known log signed the checkpoint, or a known key's signature is
                wrong.
            QuorumMissed: too few of the policy's witnesses cosigned.
            CodecUnknown: nobody here knows how the record becomes bytes.
            TextMalformed: the record is not in its one spelling.

        """
        believed = self._believe(receipt.proof.signed)
        receipt.check()
        checkpoint = receipt.proof.signed.checkpoint
        place = {
            "index": receipt.proof.index,
            "origin": checkpoint.origin,
            "size": checkpoint.size,
        }
        proven = [_say(Claim.INCLUDED, **place)]
        if receipt.other:
            proven.append(_say(Claim.HALF))
        proven.append(_say(Claim.SIGNED, names=", ".join(believed.logs)))
        for name, at_s in believed.cosigned:
            at = f"{from_us(at_s * 1_000_000):%Y-%m-%d %H:%M:%S}"
            proven.append(_say(Claim.COSIGNED, name=name, at=at))
        if self._policy.quorum:
            proven.append(_say(Claim.QUORUM, quorum=self._policy.quorum))
        not_proven = [_say(Claim.CONTENT_OPEN), _say(Claim.LATER_OPEN)]
        if not believed.cosigned:
            not_proven += [_say(Claim.FORK_OPEN), _say(Claim.TIME_OPEN)]
        is_of_its_log = self._earlier and self._earlier.checkpoint.origin == checkpoint.origin
        if self._earlier and (is_of_its_log or not of_any_log):
            is_shown, said = self._compare(receipt.proof.signed, self._earlier)
            (proven if is_shown else not_proven).append(said)
        return Verified(receipt, tuple(proven), tuple(not_proven))

    def _believe(self, signed: SignedCheckpoint) -> _Believed:
        """Verify a checkpoint's signatures, or remember having done so."""
        text = str(signed)
        if (known := self._believed.get(text)) is not None:
            return known
        logs = self._check_log(signed)
        cosigned = signed.note.verify(witness.key for witness in self._policy.witnesses)
        latest_s = self._now_s + CLOCK_TOLERANCE_S
        timely = {key: at_s for key, at_s in cosigned.items() if 0 < at_s <= latest_s}
        self._policy.check_quorum(timely)
        names = tuple(
            (witness.name, timely[witness.key])
            for witness in self._policy.witnesses
            if witness.key in timely
        )
        believed = _Believed(tuple(f"{key.name}+{key.key_id.hex()}" for key in logs), names)
        self._believed[text] = believed
        if len(self._believed) > _KEPT_CHECKPOINTS:
            self._believed.popitem(last=False)
        return believed

    def _check_log(self, signed: SignedCheckpoint) -> list[VerifierKey]:
        """Verify that a known log signed its own checkpoint; give the keys that did."""
        origin = signed.checkpoint.origin
        known = [key for key in self._policy.logs if key.name == origin]
        return list(signed_by_any(signed.note, known))

    def _compare(
        self, signed: SignedCheckpoint, earlier: SignedCheckpoint
    ) -> tuple[bool, Statement]:
        """Hold a checkpoint against the earlier one."""
        new, old = signed.checkpoint, earlier.checkpoint
        if new.origin != old.origin:
            raise ProofRefused(
                _("The receipt is of the log {origin}, and the earlier checkpoint of {other}.",
                  origin=new.origin, other=old.origin)
            )  # fmt: skip
        if old.size > new.size:
            old, new = new, old
        sizes = {"old": old.size, "size": new.size}
        proof = self._consistency
        if proof and (proof.old, proof.signed.checkpoint) == (old.size, new):
            check_consistency(old.size, new.size, old.root, new.root, proof.hashes)
        elif old.size in {0, new.size}:
            check_consistency(old.size, new.size, old.root, new.root, ())
        else:
            return False, _say(Claim.EARLIER_OPEN, **sizes)
        return True, _say(Claim.CONSISTENT, **sizes)


def _say(claim: Claim, **values: object) -> Statement:
    return Statement(claim, tuple(values.items()))
