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

A person's own reads need no basis and leave no record (`own`). They need a session of that person's,
which the database confirms at each read (`consent.own`).
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import Generic, TypeVar

import numpy as np
import pyarrow as pa

from counterfoil.consent import store
from counterfoil.consent.basis import Basis
from counterfoil.consent.category import Category, codes, in_words
from counterfoil.consent.checks import (
    Allowed,
    Asked,
    Checks,
    beyond_scope,
    checked_reason,
    id_of,
    subject_of,
)
from counterfoil.consent.errors import (
    BasisEnded,
    BasisExceeded,
)
from counterfoil.consent.model import (
    BasisId,
    BasisRow,
    Certificate,
    CertificateId,
    SubjectId,
)
from counterfoil.consent.own import OwnAccess, OwnDoor
from counterfoil.consent.purpose import Purpose
from counterfoil.consent.readers import PersonalReader, TableReader
from counterfoil.consent.right import RightsRequest
from counterfoil.consent.wall import Wall
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.people import Sessions, SignedIn
from counterfoil.people.records import Json, Recorder, record_row, record_rows

T = TypeVar("T")
R = TypeVar("R")
Counts = Sequence[int]
"""How many rows were read of each, in their order."""

BATCH_PEOPLE = 1000
"""How many people a job reads between two checks of their bases."""


@dataclass(frozen=True, slots=True)
class Found(Generic[T]):
    """What a job read about one person."""

    subject: SubjectId
    rows: tuple[T, ...]


@dataclass(frozen=True, slots=True)
class FoundTable:
    """What a job read about some people: a table that names them by their place."""

    subjects: tuple[SubjectId, ...]
    bases: tuple[BasisId, ...]
    """On which each was read."""
    rows: pa.Table


class Access:
    """Permission to read one person's data, asked for anew at each read."""

    def __init__(self, gate: "Gate", basis: Basis, subject: SubjectId, asked: Asked) -> None:
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
        if not isinstance(reader, PersonalReader):
            raise BasisExceeded(
                _("No basis carries {reader}: a person reads that of their own, and nobody else.",
                  reader=reader.name)
            )  # fmt: skip
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

    def __init__(
        self, recorder: Recorder, database: Database, wall: Wall, sessions: Sessions
    ) -> None:
        self._recorder = recorder
        self._database = database
        self._wall = wall
        self._checks = Checks(recorder, database)
        self._door = OwnDoor(database, wall, sessions)

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
        asked = Asked(who, categories, checked_reason(reason))
        whose = subject_of(basis, subject)
        now = self._recorder.now_us()
        row = self._checks.stored([basis]).get(id_of(basis))
        self._checks.row(basis, row, whose, self._checks.certificate(asked, now), asked, now)
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
        asked = Asked(who, reader.categories, checked_reason(reason))

        def fetch(database: Database, allowed: Sequence[Allowed]) -> tuple[list[Found[T]], Counts]:
            read = reader.each(database, [one.subject for one in allowed])
            found = [
                Found(one.subject, reader.within(rows, one.row.data_since, one.row.data_until))
                for one, rows in zip(allowed, read, strict=True)
            ]
            return found, [len(one.rows) for one in found]

        for batch in _batches(bases, batch_people):
            yield from self._batch(batch, asked, fetch) or []

    def read_tables(
        self,
        bases: Iterable[Basis],
        reader: TableReader,
        *,
        who: CertificateId,
        reason: str,
        batch_people: int = BATCH_PEOPLE,
        beside: Callable[[FoundTable], Sequence[AttachedRow]] = lambda _found: (),
    ) -> Iterator[FoundTable]:
        """Read many people as `read_each` does, each batch as one table; some batch may be empty.

        What `beside` makes of a batch is written in the commit of its access records, or not at
        all: what a job must know of whom it has read, it knows before it has the rows.

        Raises:
            ReasonMissing, CertificateEnded, ScopeExceeded, BasisForged, BasisExceeded: as `read`.
            StoreUnavailable: a batch could not be recorded, so nothing of it was handed out.

        """
        asked = Asked(who, reader.categories, checked_reason(reason))

        def fetch(database: Database, allowed: Sequence[Allowed]) -> tuple[FoundTable, Counts]:
            rows = reader.within(
                reader._fetch(database, [one.subject for one in allowed]),  # noqa: SLF001
                [one.row.data_since for one in allowed],
                [one.row.data_until for one in allowed],
            )
            found = FoundTable(
                tuple(one.subject for one in allowed), tuple(one.row.id for one in allowed), rows
            )
            return found, np.bincount(rows.column("place"), minlength=len(allowed)).tolist()

        for batch in _batches(bases, batch_people):
            found = self._batch(batch, asked, fetch, beside)
            if found is not None:
                yield found

    def require_certificate(
        self, who: CertificateId, purpose: Purpose, categories: Category, reason: str
    ) -> Certificate:
        """Insist that somebody may use data of some categories for a purpose now, and says why.

        Raises:
            ReasonMissing: no reason is given.
            CertificateEnded: who asks holds no valid certificate.
            ScopeExceeded: the certificate does not cover this.

        """
        asked = Asked(who, categories, checked_reason(reason))
        certificate = self._checks.certificate(asked, self._recorder.now_us())
        if certificate.purpose is not purpose or categories & ~certificate.categories:
            raise beyond_scope(certificate)
        return certificate

    def own(self, proof: SignedIn | RightsRequest) -> AbstractContextManager[OwnAccess]:
        """Open a person's access to their own data: no basis, no record; see `consent.own`.

        Raises:
            NotSignedIn: the session is not that person's, has ended, or is a till's; or the request
                is not theirs, or not open.

        """
        return self._door.opened(proof)

    def _rows(
        self, basis: Basis, subject: SubjectId, asked: Asked, reader: PersonalReader[T]
    ) -> tuple[T, ...]:
        read: tuple[T, ...] = ()

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal read
            certificate = self._checks.certificate(asked, at_us)
            row = self._checks.stored([basis]).get(id_of(basis))
            row = self._checks.row(basis, row, subject, certificate, asked, at_us)
            with self._wall.opened_for(subject, row.id, at_us) as database:
                read = _fetched(database, row, subject, reader)
            return (
                store.access_row(row, subject, asked.who, reader.categories, row_count=len(read),
                                 reason=asked.reason, at_us=at_us),
                record_row(
                    "access", subject, at_us,
                    _content(row, certificate, replace(asked, categories=reader.categories),
                             len(read)),
                    told_from_us=row.told_from,
                ),
            )  # fmt: skip

        self._recorder.commit(attempt)
        return read

    def _batch(
        self,
        batch: Sequence[Basis],
        asked: Asked,
        fetch: Callable[[Database, Sequence[Allowed]], tuple[R, Counts]],
        beside: Callable[[R], Sequence[AttachedRow]] = lambda _found: (),
    ) -> R | None:
        """Read a batch: whoever may be read, in one opening of the wall and one commit."""
        found: R | None = None

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal found
            found = None
            certificate = self._checks.certificate(asked, at_us)
            allowed = self._checks.allowed(batch, certificate, asked, at_us)
            if not allowed:
                return ()
            shown = [(one.subject, one.row.id) for one in allowed]
            with self._wall.opened_for_each(shown, at_us) as database:
                found, counts = fetch(database, allowed)
            rows = self._recording(certificate, asked, allowed, counts, at_us)
            return (*rows, *beside(found))

        self._recorder.commit(attempt)
        return found

    def _recording(
        self,
        certificate: Certificate,
        asked: Asked,
        allowed: Sequence[Allowed],
        counts: Counts,
        at_us: int,
    ) -> tuple[AttachedRow, AttachedRow]:
        looks = [(one.row, one.subject, count) for one, count in zip(allowed, counts, strict=True)]
        records = [
            (subject, _content(row, certificate, asked, count), row.told_from)
            for row, subject, count in looks
        ]
        return (
            store.access_rows(self._database, looks, asked.who, asked.categories,
                              reason=asked.reason, at_us=at_us),
            record_rows(self._database, "access", at_us, records),
        )  # fmt: skip


def _content(
    row: BasisRow, certificate: Certificate, asked: Asked, row_count: int
) -> dict[str, Json]:
    """Say of a look what its record says."""
    return {
        "who": certificate.collector_name,
        "collector": str(certificate.collector),
        "certificate": str(certificate.id),
        "purpose": row.purpose.value,
        "categories": codes(asked.categories),
        "rows": row_count,
        "basis": {"kind": row.kind.code, "id": str(row.id)},
        "reason": asked.reason,
    }


def _batches(bases: Iterable[Basis], batch_people: int) -> Iterator[list[Basis]]:
    remaining = iter(bases)
    while batch := list(islice(remaining, batch_people)):
        yield batch


def _fetched(
    database: Database, row: BasisRow, subject: SubjectId, reader: PersonalReader[T]
) -> tuple[T, ...]:
    return reader.within(reader._fetch(database, subject), row.data_since, row.data_until)  # noqa: SLF001
