"""Verifying a pack offline: every bit, every signature, every opened record; and what that proves.

Proven is what the signed log says: how many records there are, and, word for word, those that are
opened. Of what kind the closed ones are is a list that the operator has signed: it proves nothing by
itself, and it can be caught. Whoever holds a receipt can hold it against the list (`hold_against`); an
auditor can ask for any record to be opened.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from counterfoil.evidence import manifest
from counterfoil.evidence.archive import read_archive, refused
from counterfoil.evidence.errors import EvidenceContradicted, EvidenceRefused
from counterfoil.evidence.evidence import CHECKPOINTS, CONSISTENCY, FACTS, RECEIPTS
from counterfoil.evidence.kinds import PATH as KINDS_PATH
from counterfoil.evidence.kinds import Kinds
from counterfoil.kernel.i18n import _
from counterfoil.receipts import Policy, Receipt, Verifier, parse_receipt
from counterfoil.receipts.checkpoint import SignedCheckpoint, parse_signed_checkpoint
from counterfoil.receipts.errors import ReceiptError
from counterfoil.receipts.note import signed_by_any
from counterfoil.receipts.proof import ConsistencyProof, parse_consistency_proof

_RECORDS: Final = f"{CHECKPOINTS}/records.note"
_TRANSFERS: Final = f"{CHECKPOINTS}/transfers.note"


@dataclass(frozen=True, slots=True)
class Proven:
    """A pack that holds: what that shows, and what not, in the current language."""

    facts: Mapping[str, Any]
    kinds: Kinds
    size: int
    """How many leaves the log of records has."""
    proven: tuple[str, ...]
    not_proven: tuple[str, ...]


def verify_pack(
    data: bytes, policy: Policy, *, now_us: int, earlier: SignedCheckpoint | None = None
) -> Proven:
    """Verify a pack with the keys of a policy; the log's must be among them.

    `earlier` is the checkpoint of records from an earlier pack.

    Raises:
        EvidenceUnreadable: it is no pack.
        EvidenceRefused: a part of it is not what was signed, or contradicts another; it is named.
        SignatureRefused, QuorumMissed: no key that is believed has signed it.

    """
    files = read_archive(data)
    listed = manifest.check(files, policy.logs)
    verifier = Verifier(policy, now_us=now_us)
    records = _checkpoint(files, _RECORDS, policy)
    facts, kinds = _facts(files), Kinds.parse(_part(files, KINDS_PATH))
    size = records.checkpoint.size
    if records.checkpoint.origin != listed.origin or len(kinds) != size:
        raise refused(KINDS_PATH)
    if facts["records"] != {"count": size, "by_kind": kinds.counts()}:
        raise _contradicted(FACTS, _("its counts of records are not those of {path}",
                                     path=KINDS_PATH))  # fmt: skip
    opened = _opened(files, verifier, records, kinds)
    _check_runs(facts, kinds, opened)
    _check_breaches(facts, opened)
    proven = [
        _("The pack is, to the last bit, what {names} signed at {at}.",
          names=", ".join(listed.signed_by), at=listed.made_at),
        _("{size} records had been made by then, no more and no fewer: so many leaves has the log "
          "{origin}.", size=size, origin=listed.origin),
        _("{count} of them are opened here, word for word, and each stands in the log: the starts and "
          "stops of purposes, the steps of breaches, and every retention run with what it deleted.",
          count=len(opened)),
    ]  # fmt: skip
    not_proven = [
        _("Of what kind each closed record is. The operator has signed a list of it: hold any receipt "
          "against it with --receipt, or ask for records of your choice to be opened."),
        _("What no opened record says: grants as they stand, reads by purpose, requests and their "
          "clocks, certificates, what is in the model cards. That is the operator's word, signed."),
        _("That all that happened was recorded, and that what was recorded is true."),
    ]  # fmt: skip
    _add_transfers(files, policy, proven, not_proven)
    _add_witnesses(opened, verifier, proven, not_proven)
    _add_earlier(files, records, earlier, proven, not_proven)
    return Proven(facts, kinds, size, tuple(proven), tuple(not_proven))


def hold_against(found: Proven, receipt: Receipt, policy: Policy, *, now_us: int) -> str:
    """Hold a receipt of a record against a pack that was verified; say in words that both agree.

    Raises:
        EvidenceContradicted: they do not, and the operator has signed both.
        ReceiptError: the receipt itself does not hold.

    """
    Verifier(policy, now_us=now_us).verify(receipt)
    number, origin = receipt.proof.index + 1, receipt.proof.signed.checkpoint.origin
    if origin != found.facts["origin"] or number > found.size:
        return _("The receipt is of {origin}, number {number}, which the pack does not speak of.",
                 origin=origin, number=number)  # fmt: skip
    said, listed = str(json.loads(receipt.record).get("kind")), found.kinds.of(number)
    if said != listed:
        raise EvidenceContradicted(
            _("The receipt shows that record {number} is “{said}”; the pack says “{listed}”. The "
              "operator has signed both.", number=number, said=said, listed=listed),
            number=number,
        )  # fmt: skip
    return _("Record {number} is “{said}”, as the pack says.", number=number, said=said)


def _part(files: Mapping[str, bytes], path: str) -> bytes:
    data = files.get(path)
    if data is None:
        raise refused(path)
    return data


def _facts(files: Mapping[str, bytes]) -> dict[str, Any]:
    try:
        facts: dict[str, Any] = json.loads(_part(files, FACTS))
    except ValueError as error:
        raise refused(FACTS) from error
    return facts


def _checkpoint(files: Mapping[str, bytes], path: str, policy: Policy) -> SignedCheckpoint:
    try:
        signed = parse_signed_checkpoint(_part(files, path).decode())
        known = [key for key in policy.logs if key.name == signed.checkpoint.origin]
        signed_by_any(signed.note, known)
    except (ReceiptError, UnicodeDecodeError) as error:
        raise refused(path) from error
    return signed


def _opened(
    files: Mapping[str, bytes], verifier: Verifier, records: SignedCheckpoint, kinds: Kinds
) -> dict[int, dict[str, Any]]:
    opened: dict[int, dict[str, Any]] = {}
    for path in sorted(files):
        if not path.startswith(f"{RECEIPTS}/"):
            continue
        try:
            receipt = parse_receipt(files[path].decode())
            verifier.verify(receipt)
            body: dict[str, Any] = json.loads(receipt.record)
        except (ReceiptError, ValueError) as error:
            raise refused(path) from error
        number = receipt.proof.index + 1
        if receipt.proof.signed.checkpoint.origin != records.checkpoint.origin:
            raise refused(path)
        if kinds.of(number) != body.get("kind"):
            raise _contradicted(path, _("{path} lists another kind", path=KINDS_PATH))
        opened[number] = body
    return opened


def _check_runs(
    facts: Mapping[str, Any], kinds: Kinds, opened: Mapping[int, Mapping[str, Any]]
) -> None:
    """Every run that the facts name is opened and says the same, and no run is left out."""
    for run in facts["retention_runs"]:
        body = opened.get(run["record"], {})
        said = (body.get("run"), body.get("day"), body.get("deleted"))
        if said != (run["run"], run["day"], run["deleted"]):
            raise _contradicted(FACTS, _("run {run} is not what its record says", run=run["run"]))
    if len(facts["retention_runs"]) != kinds.counts().get("retention-run", 0):
        raise _contradicted(FACTS, _("a retention run is left out"))


def _check_breaches(facts: Mapping[str, Any], opened: Mapping[int, Mapping[str, Any]]) -> None:
    """Every breach that a record opened is in the facts, unless the case has been deleted since."""
    known = {body["breach"] for body in opened.values() if body["kind"] == "breach-opened"}
    open_still = known - {
        body["breach"] for body in opened.values() if body["kind"] == "breach-closed"
    }
    listed = {one["case"] for one in facts["breaches"]}
    if not listed <= known or not open_still <= listed:
        raise _contradicted(FACTS, _("its breaches are not those of the records"))


def _add_transfers(
    files: Mapping[str, bytes], policy: Policy, proven: list[str], not_proven: list[str]
) -> None:
    if _TRANSFERS not in files:
        return
    signed = parse_signed_checkpoint(files[_TRANSFERS].decode())
    origin, size = signed.checkpoint.origin, signed.checkpoint.size
    if any(key.name == origin for key in policy.logs):
        _checkpoint(files, _TRANSFERS, policy)
        proven.append(_("{size} payments stood in the log {origin}, which signed that itself.",
                        size=size, origin=origin))  # fmt: skip
    else:
        not_proven.append(_("How many payments there were: the key of {origin} was not given.",
                            origin=origin))  # fmt: skip


def _add_witnesses(
    opened: Mapping[int, object], verifier: Verifier, proven: list[str], not_proven: list[str]
) -> None:
    names = verifier.witnesses() if opened else ()
    if names:
        proven.append(_("Witnesses saw the log as one that only grows: {names}.",
                        names=", ".join(names)))  # fmt: skip
    else:
        not_proven.append(_("That everyone is shown the same log: no known witness has cosigned."))


def _add_earlier(
    files: Mapping[str, bytes],
    records: SignedCheckpoint,
    earlier: SignedCheckpoint | None,
    proven: list[str],
    not_proven: list[str],
) -> None:
    if earlier is None:
        not_proven.append(_("That the history is the one of an earlier pack: none was given."))
        return
    proof = _consistency(files, records)
    if proof is None or proof.old != earlier.checkpoint.size:
        not_proven.append(
            _("That the history is the one of the earlier pack: this one has no proof from {old} "
              "records on; make it with --since-pack.", old=earlier.checkpoint.size)
        )  # fmt: skip
        return
    try:
        proof.check(earlier.checkpoint.root)
    except ReceiptError as error:
        raise _contradicted(
            CONSISTENCY, _("the log does not begin with the earlier one")
        ) from error
    proven.append(_("From the {old} records of the earlier pack to these {size}, nothing was changed.",
                    old=proof.old, size=records.checkpoint.size))  # fmt: skip


def _consistency(files: Mapping[str, bytes], records: SignedCheckpoint) -> ConsistencyProof | None:
    if CONSISTENCY not in files:
        return None
    try:
        proof = parse_consistency_proof(files[CONSISTENCY].decode())
    except (ReceiptError, UnicodeDecodeError) as error:
        raise refused(CONSISTENCY) from error
    if proof.signed.checkpoint != records.checkpoint:
        raise refused(CONSISTENCY)
    return proof


def _contradicted(part: str, reason: str) -> EvidenceRefused:
    return EvidenceRefused(
        _("{part} contradicts the rest of the pack: {reason}.", part=part, reason=reason), part=part
    )
