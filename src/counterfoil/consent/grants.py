"""Giving, refusing and revoking consent.

A grant is subject × purpose × categories × recipient × period. It is never there by default, never
bundled, and names the notice that was shown by the hash of its text. Refusing and revoking touch
nothing else: no other room asks whether somebody has consented to something in order to pay.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from counterfoil.consent import store
from counterfoil.consent.category import SENSITIVE, Category, codes, in_words
from counterfoil.consent.errors import (
    GrantBundled,
    GrantNotPermitted,
    GuardianNeeded,
    NotFound,
    NoticeOutdated,
)
from counterfoil.consent.model import (
    BasisId,
    BasisRow,
    CollectorId,
    ConsentGrant,
    SubjectId,
)
from counterfoil.consent.notice import Notice
from counterfoil.consent.objections import require_not_objected
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.consent.purposes import Purposes
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import People, PersonNotFound, Registration
from counterfoil.people.records import Json, Recorder, moment, record_row

DEFAULT_METHOD: Final = "agree-button"


class Grants:
    """The consents of all persons."""

    def __init__(
        self, recorder: Recorder, database: Database, people: People, purposes: Purposes
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._people = people
        self._purposes = purposes

    def grant_consent(
        self,
        grant: BasisId,
        *,
        subject: SubjectId,
        purpose: Purpose,
        categories: Category,
        until: datetime,
        notice_hash: bytes,
        recipient: CollectorId | None = None,
        given_by: SubjectId | None = None,
        method: str = DEFAULT_METHOD,
    ) -> ConsentGrant:
        """Record that a person agrees, after the notice with this hash was shown to them.

        `given_by` is the guardian where the person is under 14. Asking twice with one id grants once.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.
            PurposeNotStarted: the purpose does not run.
            NoticeOutdated: the notice is not the one in force.
            Objected: the person objects to the purpose.
            GrantNotPermitted: the purpose takes no such grant.
            GrantBundled: a sensitive category came along with others.
            GuardianNeeded: it is not the person's, or not the guardian's, to give.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            row = BasisRow(
                id=grant,
                kind=BasisKind.CONSENT,
                subject=subject,
                purpose=purpose,
                version=self._purposes.running_version(purpose),
                categories=categories,
                recipient=recipient,
                source=method,
                starts_at=at_us,
                expires_at=to_us(until),
                notice=notice_hash,
                given_by=given_by or subject,
            )
            known = store.basis_by_id(self._database, grant)
            if known is not None:
                return _nothing_new(known, row)
            require_not_objected(self._database, subject, purpose, at_us)
            notice = self._check_notice(purpose, notice_hash)
            self._check_purpose(row, at_us)
            self._check_giver(row, at_us)
            return (
                store.basis_row(row),
                record_row("grant", subject, at_us, _content(row, notice.language)),
            )

        self._recorder.commit(attempt)
        return self.grant(grant)

    def refuse_consent(
        self, subject: SubjectId, purpose: Purpose, categories: Category, notice_hash: bytes
    ) -> None:
        """Record that a person was asked and said no. Nothing else changes.

        Raises:
            PersonNotFound: there is no such person, or they have been erased.
            PurposeNotStarted: the purpose does not run.
            NoticeOutdated: the notice is not the one in force.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            self._check_person(subject)
            notice = self._check_notice(purpose, notice_hash)
            content = {
                "purpose": purpose.value,
                "categories": codes(categories),
                "notice": _notice_content(notice),
            }
            return (record_row("refusal", subject, at_us, content),)

        self._recorder.commit(attempt)

    def revoke_consent(self, subject: SubjectId, grant: BasisId) -> ConsentGrant:
        """End a person's grant, at once; revoking what has ended changes nothing.

        Raises:
            NotFound: the person has given no such grant.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            row = self._given(subject, grant)
            if row.ended_at:
                return ()
            content = {"grant": str(grant), "purpose": row.purpose.value}
            return (
                store.ending_row(grant, at_us),
                record_row("withdrawal", subject, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.grant(grant)

    def grant(self, grant: BasisId) -> ConsentGrant:
        """Tell a grant as it stands.

        Raises:
            NotFound: there is no such grant.

        """
        row = store.basis_by_id(self._database, grant)
        if row is None or row.kind is not BasisKind.CONSENT:
            raise _not_found(grant)
        return _grant(row, self._recorder.now_us())

    def grants_of(self, subject: SubjectId) -> list[ConsentGrant]:
        """List all that a person has ever granted, in the order of time."""
        now = self._recorder.now_us()
        rows = store.bases_of(self._database, subject)
        return [_grant(row, now) for row in rows if row.kind is BasisKind.CONSENT]

    def _given(self, subject: SubjectId, grant: BasisId) -> BasisRow:
        row = store.basis_by_id(self._database, grant)
        if row is None or row.kind is not BasisKind.CONSENT or row.subject != subject:
            raise _not_found(grant)
        return row

    def _check_notice(self, purpose: Purpose, notice_hash: bytes) -> Notice:
        notice = self._purposes.notice_by_hash(purpose, notice_hash)
        if notice is None:
            raise NoticeOutdated(
                _("The notice that was shown for {purpose} is not the one in force. Show the "
                  "current one and ask again.", purpose=purpose.value),
                purpose=purpose.value,
            )  # fmt: skip
        return notice

    def _check_purpose(self, row: BasisRow, at_us: int) -> None:
        definition = DEFINITIONS[row.purpose]
        longest = timedelta(days=definition.grant_days_max)
        ends = from_us(row.expires_at)
        refusal = None
        if BasisKind.CONSENT not in definition.bases:
            refusal = _("Purpose {purpose} does not rest on consent, so there is nothing to grant.",
                        purpose=row.purpose.value)  # fmt: skip
        elif not row.categories or row.categories & ~definition.categories:
            refusal = _("Purpose {purpose} needs {needed}; ask for that and nothing else.",
                        purpose=row.purpose.value,
                        needed=in_words(definition.categories))  # fmt: skip
        elif not from_us(at_us) < ends <= from_us(at_us) + longest:
            refusal = _("A grant for {purpose} ends within {days} days; give an end in that time.",
                        purpose=row.purpose.value, days=definition.grant_days_max)  # fmt: skip
        elif not definition.may_name_recipient if row.recipient else definition.names_recipient:
            refusal = _("A grant names its recipient if, and only if, data goes to somebody else.")
        if refusal:
            raise GrantNotPermitted(refusal, purpose=row.purpose.value)
        sensitive = row.categories & SENSITIVE
        if sensitive and row.categories.bit_count() > 1:
            raise GrantBundled(
                _("{sensitive} is sensitive and is granted on its own. Ask for each by itself.",
                  sensitive=in_words(sensitive)),
                purpose=row.purpose.value,
            )  # fmt: skip

    def _check_giver(self, row: BasisRow, at_us: int) -> None:
        assert row.subject is not None
        registered = self._check_person(row.subject)
        guarded_until = to_us(registered.guarded_until) if registered.guarded_until else 0
        is_child = guarded_until > at_us
        if row.given_by != (registered.guardian if is_child else row.subject):
            raise GuardianNeeded(
                _("Under 14 the guardian consents; from 14 on the person does, and nobody else.")
            )
        if is_child and row.expires_at > guarded_until:
            raise GuardianNeeded(
                _("A guardian's consent ends on the day the person turns 14; give an end by then.")
            )

    def _check_person(self, subject: SubjectId) -> Registration:
        registered = self._people.registration(subject)
        if registered.is_erased:
            raise PersonNotFound(
                _("There is no person {person}, or no longer.", person=subject), person=subject
            )
        return registered


def _nothing_new(known: BasisRow, asked: BasisRow) -> tuple[AttachedRow, ...]:
    names = ("subject", "purpose", "categories", "recipient", "notice", "given_by", "expires_at")
    if any(getattr(known, name) != getattr(asked, name) for name in names):
        raise GrantNotPermitted(
            _("Id {grant} already names another grant; make a new id.", grant=known.id),
            grant=known.id,
        )
    return ()


def _content(row: BasisRow, language: str) -> dict[str, Json]:
    return {
        "grant": str(row.id),
        "purpose": row.purpose.value,
        "categories": codes(row.categories),
        "recipient": str(row.recipient) if row.recipient else None,
        "notice": {"version": row.version, "language": language, "sha256": row.notice.hex()},
        "given_by": str(row.given_by),
        "method": row.source,
        "expires_at": moment(row.expires_at),
    }


def _notice_content(notice: Notice) -> dict[str, Json]:
    return {"version": notice.version, "language": notice.language, "sha256": notice.hash.hex()}


def _grant(row: BasisRow, at_us: int) -> ConsentGrant:
    assert row.subject is not None
    assert row.given_by is not None
    return ConsentGrant(
        id=row.id,
        subject=row.subject,
        purpose=row.purpose,
        categories=row.categories,
        recipient=row.recipient,
        notice_version=row.version,
        notice_hash=row.notice,
        given_by=row.given_by,
        method=row.source,
        granted_at=from_us(row.starts_at),
        expires_at=from_us(row.expires_at),
        ended_at=from_us(row.ended_at) if row.ended_at else None,
        why_ended=row.why_ended(at_us),
    )


def _not_found(grant: BasisId) -> NotFound:
    return NotFound(_("There is no grant {grant} of this person.", grant=grant), grant=grant)
