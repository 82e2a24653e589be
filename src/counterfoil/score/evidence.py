"""What a person shows beside their payments: verified income, a job's length, who vouches for them.

Each kind has a consent of its own, and none is needed: what is not shown counts for nothing. Somebody
who holds a certificate for that purpose confirms a value, under the person's live consent; a guarantor
vouches under a consent of their own, and it is their own latest score that counts. What is confirmed
holds until an instant. Every score reads it anew through the gate, so a consent that is withdrawn takes
it out of the next score, and each look is in the person's record, a guarantor's look in theirs.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from counterfoil.consent import (
    Basis,
    BasisId,
    Category,
    CertificateId,
    Consent,
    GrantMissing,
    Purpose,
    RightsRequest,
    SubjectId,
)
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.i18n import _
from counterfoil.people import SignedIn
from counterfoil.people.records import Json, Recorder, moment, record_row
from counterfoil.score.errors import EvidenceRefused, NotScored
from counterfoil.score.evidence_store import (
    Confirmed,
    EvidenceId,
    Shown,
    ShownBy,
    certificate_beside,
    confirmed_row,
    confirmed_where,
    contact_reader,
    ending_row,
    every_evidence,
    evidence_reader,
    live_of,
)
from counterfoil.score.features.given import CONTACT, GIVEN_NAMES, GUARANTOR, INCOME, JOB
from counterfoil.score.model import Model
from counterfoil.score.score_store import scores_reader

CATEGORIES: Final[Mapping[Purpose, Category]] = {
    Purpose.SCORE_INCOME: Category.EVIDENCE,
    Purpose.SCORE_JOB: Category.EVIDENCE,
    Purpose.SCORE_CONTACT: Category.CONTACT,
    Purpose.SCORE_GUARANTOR: Category.EVIDENCE,
}
"""What can be shown, and what kind of data it is."""
COLUMNS: Final[Mapping[Purpose, str]] = {
    Purpose.SCORE_INCOME: INCOME,
    Purpose.SCORE_JOB: JOB,
    Purpose.SCORE_CONTACT: CONTACT,
    Purpose.SCORE_GUARANTOR: GUARANTOR,
}
ATTESTED: Final = (Purpose.SCORE_INCOME, Purpose.SCORE_JOB)
DAYS_MAX: Final = 366
VALUE_MAX: Final = 10**12
_DAY_US: Final = 86_400_000_000
_FEW: Final = 50
"""For so few people their consents are looked up one by one; for more, in one walk."""


class Evidence:
    """Takes in what is confirmed, and gathers it for a score."""

    def __init__(self, consent: Consent, writes: Writes, database: Database, clock: Clock) -> None:
        self._consent = consent
        self._database = database
        self._recorder = Recorder(writes, database, clock)

    def attest(
        self,
        evidence: EvidenceId,
        subject: SubjectId,
        purpose: Purpose,
        value: int,
        *,
        who: CertificateId,
        reason: str,
        until: datetime,
    ) -> Confirmed:
        """Confirm an income (minor units a month) or since when a job lasts (days since the epoch).

        Raises:
            EvidenceRefused: it is none of the two, no such value, or holds for longer than a year.
            GrantMissing: the person has not agreed that it counts.
            ReasonMissing, CertificateEnded, ScopeExceeded: who confirms is not certified for it.
            StoreConflict: something is entered under that id, or the consent has just ended.

        """
        now = self._recorder.now_us()
        today = now // _DAY_US
        is_value = 0 <= value <= (VALUE_MAX if purpose is Purpose.SCORE_INCOME else today)
        if purpose not in ATTESTED or not is_value:
            raise EvidenceRefused(
                _("{value} cannot be confirmed for {purpose}: what can is an income from 0 on, and a "
                  "day until today.", value=value, purpose=purpose.value),
                purpose=purpose.value,
            )  # fmt: skip
        certificate = self._consent.gate.require_certificate(
            who, purpose, Category.EVIDENCE, reason
        )
        basis = self._consent.bases.on_consent(subject, purpose, Category.EVIDENCE)
        return self._enter(
            _confirmed(evidence, subject, purpose, basis, value, until, certificate.collector_name)
        )

    def vouch(
        self, evidence: EvidenceId, guarantor: SubjectId, subject: SubjectId, *, until: datetime
    ) -> Confirmed:
        """Let a person vouch for another; both have agreed, each under their own consent.

        Raises:
            EvidenceRefused: nobody vouches for themselves, or for who vouches for them.
            GrantMissing: one of the two has not agreed.
            StoreConflict: something is entered under that id, or a consent has just ended.

        """
        back = confirmed_where(
            self._database, "subject = $1 AND guarantor = $2 AND ended_at = 0",
            (guarantor.bytes, subject.bytes),
        )  # fmt: skip
        if guarantor == subject or back:
            raise EvidenceRefused(
                _("Nobody vouches for themselves, nor for somebody who vouches for them.")
            )
        bases = self._consent.bases
        theirs = bases.on_consent(guarantor, Purpose.VOUCH, Category.SCORE)
        basis = bases.on_consent(subject, Purpose.SCORE_GUARANTOR, Category.EVIDENCE)
        return self._enter(
            _confirmed(evidence, subject, Purpose.SCORE_GUARANTOR, basis, 0, until, "",
                       guarantor, theirs.id)
        )  # fmt: skip

    def end(self, evidence: EvidenceId, whose: SubjectId) -> None:
        """End it at once, for the person or for who vouches; ending it again changes nothing.

        Raises:
            EvidenceRefused: there is none of theirs with that id.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            found = confirmed_where(
                self._database, "id = $1 AND (subject = $2 OR guarantor = $2)",
                (evidence.bytes, whose.bytes),
            )  # fmt: skip
            if not found:
                raise EvidenceRefused(
                    _("There is no confirmation {evidence} of this person.", evidence=evidence)
                )
            (one,) = found
            if one.ended_at is not None:
                return ()
            told: dict[str, Json] = {"evidence": str(evidence), "purpose": one.purpose.value}
            whom = [one.subject, *([one.guarantor] if one.guarantor else [])]
            return (
                ending_row(evidence, at_us),
                *(record_row("score-evidence-ended", each, at_us, told) for each in whom),
            )

        self._recorder.commit(attempt)

    def own(self, proof: SignedIn | RightsRequest) -> list[Confirmed]:
        """List what was confirmed of a person, for themselves.

        Raises:
            NotSignedIn: the session or the request is not that person's, or has ended.

        """
        with self._consent.gate.own(proof) as own:
            return list(own.rows(every_evidence()))

    def shown(
        self, model: Model, subjects: Sequence[SubjectId], *, who: CertificateId, reason: str,
        as_of_us: int,
    ) -> dict[SubjectId, list[Shown]]:  # fmt: skip
        """Read what some people show, before an instant, each kind under its own consent.

        A kind that the model's card does not count, or for which who asks has no certificate beside
        theirs, is not read.

        Raises:
            ConsentError: the gate refuses who asks.
            StoreUnavailable: a look could not be recorded, so nothing was read.

        """
        found: dict[SubjectId, list[Shown]] = {}
        counted = GIVEN_NAMES & {item.binning.name for item in model.card.items}
        for purpose, category in CATEGORIES.items():
            if COLUMNS[purpose] not in counted:
                continue
            certificate = self._certificate(who, purpose)
            bases = self._bases(subjects, purpose, category) if certificate else []
            if not bases or certificate is None:
                continue
            of = {one.subject: one.id for one in bases if one.subject}
            values = (
                self._since(bases, certificate, reason, as_of_us)
                if purpose is Purpose.SCORE_CONTACT
                else self._confirmed(bases, purpose, certificate, reason, as_of_us, who)
            )
            for subject, (value, more) in values.items():
                found.setdefault(subject, []).append(
                    Shown(purpose=purpose, column=COLUMNS[purpose], value=value, basis=of[subject])
                )
                found[subject].extend(more)
        return found

    def require_live(self, shown: Sequence[Shown], at_us: int) -> None:
        """Insist that each consent behind what is shown carries a read at an instant.

        Raises:
            NotScored: one has ended.

        """
        bases = [one.basis for one in shown]
        if len(live_of(self._database, bases, at_us)) < len(set(bases)):
            raise NotScored(
                _("A consent ended while the score was being made; no score was given out.")
            )

    def withdrawn(self, shown: ShownBy, at_us: int) -> set[SubjectId]:
        """Find who has ended a consent behind what they showed."""
        bases = [one.basis for each in shown.values() for one in each]
        live = live_of(self._database, bases, at_us)
        return {subject for subject, each in shown.items()
                if any(one.basis not in live for one in each)}  # fmt: skip

    def _since(
        self, bases: Sequence[Basis], certificate: CertificateId, reason: str, as_of_us: int
    ) -> dict[SubjectId, tuple[float, list[Shown]]]:
        told = {}
        for found in self._consent.gate.read_each(
            bases, contact_reader(), who=certificate, reason=reason
        ):
            changes = [at for at in found.rows if at < as_of_us]
            if changes:
                told[found.subject] = ((as_of_us - max(changes)) / _DAY_US, list[Shown]())
        return told

    def _confirmed(
        self, bases: Sequence[Basis], purpose: Purpose, certificate: CertificateId, reason: str,
        as_of_us: int, who: CertificateId,
    ) -> dict[SubjectId, tuple[float, list[Shown]]]:  # fmt: skip
        told: dict[SubjectId, tuple[float, list[Shown]]] = {}
        for found in self._consent.gate.read_each(
            bases, evidence_reader(purpose), who=certificate, reason=reason
        ):
            held = [one for one in found.rows if one.holds(as_of_us)]
            if not held:
                continue
            latest = held[-1]
            if purpose is Purpose.SCORE_INCOME:
                told[found.subject] = (float(latest.value), [])
            elif purpose is Purpose.SCORE_JOB:
                told[found.subject] = ((as_of_us - latest.value * _DAY_US) / _DAY_US, [])
            elif (vouched := self._vouched(latest, who, reason, as_of_us)) is not None:
                told[found.subject] = vouched
        return told

    def _vouched(
        self, one: Confirmed, who: CertificateId, reason: str, as_of_us: int
    ) -> tuple[float, list[Shown]] | None:
        """Read the guarantor's own latest score, under the consent under which they vouch."""
        certificate = self._certificate(who, Purpose.VOUCH)
        if certificate is None or one.guarantor is None or one.guarantor_basis is None:
            return None
        bases = self._bases([one.guarantor], Purpose.VOUCH, Category.SCORE)
        bases = [basis for basis in bases if basis.id == one.guarantor_basis]
        found = self._consent.gate.read_each(bases, scores_reader(), who=certificate, reason=reason)
        scores = [row for each in found for row in each.rows if to_us(row.at) < as_of_us]
        if not scores:
            return None
        told = float(scores[-1].score)
        return told, [
            Shown(purpose=Purpose.VOUCH, column="", value=None, basis=one.guarantor_basis)
        ]

    def _certificate(self, who: CertificateId, purpose: Purpose) -> CertificateId | None:
        found = certificate_beside(self._database, who, purpose, self._recorder.now_us())
        return CertificateId(found) if found else None

    def _bases(
        self, subjects: Sequence[SubjectId], purpose: Purpose, category: Category
    ) -> list[Basis]:
        if len(subjects) > _FEW:
            wanted = set(subjects)
            first: dict[SubjectId, Basis] = {}
            for basis in self._consent.bases.all_on_consent(purpose, category):
                if basis.subject in wanted and basis.subject is not None:
                    first.setdefault(basis.subject, basis)
            return list(first.values())
        found = []
        for subject in subjects:
            try:
                found.append(self._consent.bases.on_consent(subject, purpose, category))
            except GrantMissing:
                continue
        return found

    def _enter(self, one: Confirmed) -> Confirmed:
        def attempt(at_us: int) -> Sequence[AttachedRow]:
            if not at_us < to_us(one.until) <= at_us + DAYS_MAX * _DAY_US:
                raise EvidenceRefused(
                    _("What is confirmed holds for a year at most; give an end in that time.")
                )
            said: dict[str, Json] = {
                "evidence": str(one.id), "purpose": one.purpose.value,
                "by": one.attested_by or _("Somebody who vouches for you"),
                "basis": str(one.basis), "until": moment(to_us(one.until)),
            }  # fmt: skip
            rows = [
                confirmed_row(one, at_us),
                record_row("score-evidence", one.subject, at_us, said),
            ]
            if one.guarantor is not None:
                theirs: dict[str, Json] = {
                    "evidence": str(one.id), "basis": str(one.guarantor_basis),
                    "until": moment(to_us(one.until)),
                }  # fmt: skip
                rows.append(record_row("score-vouching", one.guarantor, at_us, theirs))
            return rows

        self._recorder.commit(attempt)
        (stored,) = confirmed_where(self._database, "id = $1", (one.id.bytes,))
        return stored


def _confirmed(
    evidence: EvidenceId, subject: SubjectId, purpose: Purpose, basis: Basis, value: int,
    until: datetime, by: str, guarantor: SubjectId | None = None,
    guarantor_basis: BasisId | None = None,
) -> Confirmed:  # fmt: skip
    return Confirmed(
        id=evidence, subject=subject, purpose=purpose, basis=basis.id, value=value,
        guarantor=guarantor, guarantor_basis=guarantor_basis, attested_by=by, at=from_us(0),
        until=until, ended_at=None,
    )  # fmt: skip
