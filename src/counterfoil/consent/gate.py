"""The gate: the one way to somebody's data, for everybody but that person.

    with gate.read(basis, who=certificate, categories=Category.NAME, reason="…") as access:
        names = access.rows(readers.name)

Each `rows` asks everything again: is the basis genuine and live, does it cover the person and the
categories, does the certificate? Then it reads, writes the access record (who, when, what for, on
which basis, how many rows) and waits until that is durable; only then are the rows handed out. The
statement that writes the record holds the conditions too, so that a grant that is revoked while the
rows are being read takes them back. So the access log is complete: it may tell of a look that was
never handed out (the connection broke in between), and never misses one that was.

A job over many people reads in batches (`read_each`); whoever has revoked is left out from the next
batch on. A certificate that asks for what it does not cover is suspended, and the person is told.

A person's own reads need no basis and leave no record (`own`); surfaces offer them after sign-in.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import Generic, NoReturn, TypeVar
from uuid import UUID

from counterfoil.consent import standing_store, store
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
from counterfoil.consent.readers import PersonalReader
from counterfoil.consent.wall import Wall
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Json, Recorder, record_row

T = TypeVar("T")

REASON_LENGTH_MIN = 8
REASON_LENGTH_MAX = 500
BATCH_PEOPLE = 256
"""How many people a job reads between two checks of their bases."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a job read about one person."""

    subject: SubjectId
    rows: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class _Asked:
    who: CertificateId
    categories: Category
    reason: str


class Access:
    """Permission to read one person's data, asked for anew at each read."""

    def __init__(self, gate: "Gate", basis: Basis, subject: SubjectId, asked: _Asked) -> None:
        self._gate = gate
        self._basis = basis
        self._asked = asked
        self._is_open = True
        self.subject = subject

    def rows(self, reader: PersonalReader[T]) -> tuple[T, ...]:
        """Read; the rows come once their access record is durable.

        Raises:
            BasisExceeded: the reader tells more than the access was opened for.
            BasisEnded: the basis has ended meanwhile.
            Objected, Restricted: the person has put that in the way of it meanwhile.
            ConsentError: any other refusal of the gate's.
            StoreUnavailable: it could not be recorded, so nothing was handed out; ask again.

        """
        if not self._is_open:
            raise BasisEnded(_("This access is closed; open another."), why="closed")
        if reader.categories & ~self._asked.categories:
            raise BasisExceeded(
                _("This access was opened for {opened}, not for {asked}.",
                  opened=in_words(self._asked.categories), asked=in_words(reader.categories)),
            )  # fmt: skip
        return self._gate._rows(self._basis, self.subject, self._asked, reader)  # noqa: SLF001

    def close(self) -> None:
        """End it: nothing more is read through this object."""
        self._is_open = False


class Gate:
    """Hands out personal data on a basis, and writes down that it did."""

    def __init__(self, recorder: Recorder, database: Database, wall: Wall) -> None:
        self._recorder = recorder
        self._database = database
        self._wall = wall

    @contextmanager
    def read(
        self,
        basis: Basis,
        *,
        who: CertificateId,
        categories: Category,
        reason: str,
        subject: SubjectId | None = None,
    ) -> Iterator[Access]:
        """Open an access to one person's data.

        `subject` is whose, where the basis is a law's duty about anybody. `reason` is why, typed by
        whoever asks, in words that the person will read.

        Raises:
            ReasonMissing: no reason is given.
            CertificateEnded: who asks holds no valid certificate.
            ScopeExceeded: the certificate does not cover this; it is suspended now.
            BasisForged: the basis is not what the database says.
            Objected, Restricted: the person has put that in the way of it.
            BasisEnded: it carries no read now.
            BasisExceeded: it does not cover the categories, the person or the recipient.

        """
        asked = _Asked(who, categories, _checked_reason(reason))
        whose = _subject_of(basis, subject)
        now = self._recorder.now_us()
        row = self._stored([basis]).get(_id_of(basis))
        self._checked(basis, row, whose, self._checked_certificate(asked, now), asked, now)
        access = Access(self, basis, whose, asked)
        try:
            yield access
        finally:
            access.close()

    def read_each(
        self,
        bases: Iterable[Basis],
        reader: PersonalReader[T],
        *,
        who: CertificateId,
        reason: str,
        batch_people: int = BATCH_PEOPLE,
    ) -> Iterator[Found[T]]:
        """Read many people, a batch at a time; whoever's basis has ended, or is barred, is left out.

        Raises:
            ReasonMissing, CertificateEnded, ScopeExceeded, BasisForged, BasisExceeded: as `read`.
            StoreUnavailable: a batch could not be recorded, so nothing of it was handed out.

        """
        asked = _Asked(who, reader.categories, _checked_reason(reason))
        remaining = iter(bases)
        while batch := list(islice(remaining, batch_people)):
            yield from self._batch(batch, asked, reader)

    @contextmanager
    def own(self, person: SubjectId) -> Iterator["OwnAccess"]:
        """Open a person's access to their own data: no basis, no record.

        For surfaces on which that person has signed in, and for nobody else.
        """
        yield OwnAccess(self._wall, person)

    def _rows(
        self, basis: Basis, subject: SubjectId, asked: _Asked, reader: PersonalReader[T]
    ) -> tuple[T, ...]:
        read: tuple[T, ...] = ()

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal read
            certificate = self._checked_certificate(asked, at_us)
            row = self._stored([basis]).get(_id_of(basis))
            row = self._checked(basis, row, subject, certificate, asked, at_us)
            with self._wall.opened_for(subject, row.id, at_us) as database:
                read = _fetched(database, row, subject, reader)
            return self._access_rows(row, certificate, subject, asked, reader, len(read), at_us)

        self._recorder.commit(attempt)
        return read

    def _batch(
        self, batch: Sequence[Basis], asked: _Asked, reader: PersonalReader[T]
    ) -> list[Found[T]]:
        found: list[Found[T]] = []

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            found.clear()
            certificate = self._checked_certificate(asked, at_us)
            stored = self._stored(batch)
            statements: list[AttachedRow] = []
            with self._wall.opened(at_us) as show:
                for basis in batch:
                    subject, row = _subject_of(basis), stored.get(_id_of(basis))
                    try:
                        row = self._checked(basis, row, subject, certificate, asked, at_us)
                    except (BasisEnded, Objected, Restricted):
                        continue
                    read = _fetched(show(subject, row.id), row, subject, reader)
                    found.append(Found(subject, read))
                    statements += self._access_rows(
                        row, certificate, subject, asked, reader, len(read), at_us
                    )
            return statements

        self._recorder.commit(attempt)
        return found

    def _stored(self, bases: Sequence[object]) -> dict[UUID | None, BasisRow]:
        ids = [one for one in map(_id_of, bases) if one is not None]
        rows = store.bases_by_id(self._database, ids)
        return {row.id: row for row in standing_store.with_bars(self._database, rows)}

    def _access_rows(
        self, row: BasisRow, certificate: Certificate, subject: SubjectId, asked: _Asked,
        reader: PersonalReader[T], row_count: int, at_us: int,
    ) -> tuple[AttachedRow, AttachedRow]:  # fmt: skip
        content = {
            "who": certificate.collector_name,
            "collector": str(certificate.collector),
            "certificate": str(certificate.id),
            "purpose": row.purpose.value,
            "categories": codes(reader.categories),
            "rows": row_count,
            "basis": {"kind": row.kind.code, "id": str(row.id)},
            "reason": asked.reason,
        }
        return (
            store.access_row(row, subject, asked.who, reader.categories, row_count=row_count,
                             reason=asked.reason, at_us=at_us),
            record_row("access", subject, at_us, content, told_from_us=row.told_from),
        )  # fmt: skip

    def _checked(
        self, basis: object, row: BasisRow | None, subject: SubjectId, certificate: Certificate,
        asked: _Asked, at_us: int,
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

    def _checked_certificate(self, asked: _Asked, at_us: int) -> Certificate:
        certificate = store.certificate_by_id(self._database, asked.who)
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
        self, certificate: Certificate, subject: SubjectId, asked: _Asked, row: BasisRow
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
            known = store.certificate_by_id(self._database, certificate.id)
            if known is None or known.suspended_at is not None:
                return ()
            return (
                store.suspending_row(certificate.id, at_us),
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


class OwnAccess:
    """A person's way to their own data."""

    def __init__(self, wall: Wall, person: SubjectId) -> None:
        self._wall = wall
        self.person = person

    def rows(self, reader: PersonalReader[T]) -> tuple[T, ...]:
        """Read one's own."""
        with self._wall.opened_to(self.person) as database:
            return tuple(reader._fetch(database, self.person))  # noqa: SLF001


def _fetched(
    database: Database, row: BasisRow, subject: SubjectId, reader: PersonalReader[T]
) -> tuple[T, ...]:
    return reader.within(reader._fetch(database, subject), row.data_since, row.data_until)  # noqa: SLF001


def _subject_of(basis: object, said: SubjectId | None = None) -> SubjectId:
    if not isinstance(basis, Basis) or not hasattr(basis, "subject"):
        raise _forged()
    subject = said or basis.subject
    if subject is None:
        raise BasisExceeded(_("Say whose data is to be read on this basis."))
    return subject


def _id_of(basis: object) -> UUID | None:
    said = getattr(basis, "id", None)
    return said if isinstance(said, UUID) else None


def _forged() -> BasisForged:
    return BasisForged(_("What was given is no basis of this database; nothing was read."))


def _checked_reason(reason: str) -> str:
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
