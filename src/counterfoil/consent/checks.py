"""What the gate asks before each read, of the database and of nothing else.

No object is believed. The basis's row and the certificate's row are read again each time and held
against every rule, in the order of `errors`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NoReturn
from uuid import UUID

from counterfoil.consent import collector_store, standing_store, store
from counterfoil.consent.bases import require_live, require_unbarred
from counterfoil.consent.basis import Basis, is_genuine
from counterfoil.consent.category import Category, codes, in_words
from counterfoil.consent.errors import (
    BasisEnded,
    BasisExceeded,
    BasisForged,
    CertificateEnded,
    Objected,
    ReasonMissing,
    Restricted,
    ScopeExceeded,
)
from counterfoil.consent.model import (
    BasisRow,
    Certificate,
    CertificateId,
    CollectorKind,
    SubjectId,
)
from counterfoil.consent.purpose import DEFINITIONS
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Json, Recorder, record_row

REASON_LENGTH_MIN = 8
REASON_LENGTH_MAX = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """Who wants what, and why."""

    who: CertificateId
    categories: Category
    reason: str


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whose data may be read now, and on which basis."""

    subject: SubjectId
    row: BasisRow


class Checks:
    """Asks every question about a basis and a certificate, anew at each read."""

    def __init__(self, recorder: Recorder, database: Database) -> None:
        self._recorder = recorder
        self._database = database

    def allowed(
        self, batch: Sequence[Basis], certificate: Certificate, asked: Asked, at_us: int
    ) -> list[Allowed]:
        """Ask every question about each basis; leave out those that have ended."""
        stored = self.stored(batch)
        allowed = []
        for basis in batch:
            subject, row = subject_of(basis), stored.get(id_of(basis))
            try:
                row = self.row(basis, row, subject, certificate, asked, at_us)
            except (BasisEnded, Objected, Restricted):
                continue
            allowed.append(Allowed(subject, row))
        return allowed

    def stored(self, bases: Sequence[object]) -> dict[UUID | None, BasisRow]:
        """Read what the database says under the ids of these bases."""
        ids = [one for one in map(id_of, bases) if one is not None]
        rows = store.bases_by_id(self._database, ids)
        return {row.id: row for row in standing_store.with_bars(self._database, rows)}

    def row(
        self, basis: object, row: BasisRow | None, subject: SubjectId, certificate: Certificate,
        asked: Asked, at_us: int,
    ) -> BasisRow:  # fmt: skip
        """Hold a basis and its row against every rule, in the order of `errors`."""
        if row is None or not is_genuine(basis, row):
            raise _forged()
        if row.kind not in DEFINITIONS[row.purpose].bases:
            raise _forged()
        if certificate.purpose is not row.purpose or asked.categories & ~certificate.categories:
            self._suspend(certificate, subject, asked, row)
        require_unbarred(row, asked.categories, at_us)
        require_live(row, at_us)
        is_operator = certificate.collector_kind is CollectorKind.OPERATOR
        recipient = None if is_operator else certificate.collector
        if not row.covers(subject, asked.categories) or row.recipient != recipient:
            raise BasisExceeded(
                _("The basis is for {covered}, and one recipient; this asks for {asked}.",
                  covered=in_words(row.categories), asked=in_words(asked.categories)),
                basis=row.id,
            )  # fmt: skip
        return row

    def certificate(self, asked: Asked, at_us: int) -> Certificate:
        """Read the certificate of who asks, and insist that it is good.

        Raises:
            CertificateEnded: there is none, or it has expired, or it is suspended.

        """
        certificate = collector_store.certificate_by_id(self._database, asked.who)
        if certificate is None:
            reason = _("There is no certificate {certificate}.", certificate=asked.who)
        elif certificate.suspended_at is not None:
            reason = _("Certificate {certificate} of {who} is suspended; have it examined.",
                       certificate=asked.who, who=certificate.collector_name)  # fmt: skip
        elif at_us >= to_us(certificate.expires_at):
            reason = _("Certificate {certificate} of {who} has expired; have it renewed.",
                       certificate=asked.who, who=certificate.collector_name)  # fmt: skip
        else:
            return certificate
        raise CertificateEnded(reason, certificate=asked.who)

    def _suspend(
        self, certificate: Certificate, subject: SubjectId, asked: Asked, row: BasisRow
    ) -> NoReturn:
        content: dict[str, Json] = {
            "who": certificate.collector_name,
            "collector": str(certificate.collector),
            "certificate": str(certificate.id),
            "asked": {"purpose": row.purpose.value, "categories": codes(asked.categories)},
            "covered": {"purpose": certificate.purpose.value,
                        "categories": codes(certificate.categories)},
            "reason": asked.reason,
        }  # fmt: skip

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = collector_store.certificate_by_id(self._database, certificate.id)
            if known is None or known.suspended_at is not None:
                return ()
            return (
                collector_store.suspending_row(certificate.id, at_us),
                record_row("misuse", subject, at_us, content, told_from_us=row.told_from),
            )

        self._recorder.commit(attempt)
        raise ScopeExceeded(
            _("Certificate {certificate} of {who} covers {covered} for {purpose} and asked for "
              "more. It is suspended, and the person is told.",
              certificate=certificate.id, who=certificate.collector_name,
              covered=in_words(certificate.categories), purpose=certificate.purpose.value),
            certificate=certificate.id,
        )  # fmt: skip


def beyond_scope(certificate: Certificate) -> ScopeExceeded:
    """Say that a certificate does not cover what was asked."""
    return ScopeExceeded(
        _("Certificate {certificate} of {who} covers {covered} for {purpose} and asked for more.",
          certificate=certificate.id, who=certificate.collector_name,
          covered=in_words(certificate.categories), purpose=certificate.purpose.value),
        certificate=certificate.id,
    )  # fmt: skip


def subject_of(basis: object, said: SubjectId | None = None) -> SubjectId:
    """Tell whose data is to be read.

    Raises:
        BasisForged: this is no basis.
        BasisExceeded: it is about anybody, and it was not said about whom.

    """
    if not isinstance(basis, Basis) or not hasattr(basis, "subject"):
        raise _forged()
    subject = said or basis.subject
    if subject is None:
        raise BasisExceeded(_("Say whose data is to be read on this basis."))
    return subject


def id_of(basis: object) -> UUID | None:
    """Tell under which id to look a basis up, whatever was given in its place."""
    said = getattr(basis, "id", None)
    return said if isinstance(said, UUID) else None


def _forged() -> BasisForged:
    return BasisForged(_("What was given is no basis of this database; nothing was read."))


def checked_reason(reason: str) -> str:
    """Insist on a reason in plain words.

    Raises:
        ReasonMissing: it is too short or too long to be one, or says nothing readable.

    """
    words = " ".join(reason.split())
    if not REASON_LENGTH_MIN <= len(words) <= REASON_LENGTH_MAX or not words.isprintable():
        raise ReasonMissing(
            _("Say why in {least} to {most} characters; the person will read it.",
              least=REASON_LENGTH_MIN, most=REASON_LENGTH_MAX)
        )  # fmt: skip
    return words
