"""Copies of payments for a job: made through the gate, and rewritten when a basis ends.

A copy holds the people who have consented to its purpose, and nobody else. Who is in it is known
before their payments are: the register's rows are written in the commit of the access records. When a
basis ends, the database marks every copy that rests on it, in the same commit; from then on `opened`
refuses the copy, and `refresh_due` writes it anew without them. What expires by itself needs no mark:
a copy knows when the first of its members' bases does.

A run that is killed leaves the old file or the new one, whole, and the mark: the next run does it
again. One object of this class makes copies of a database; one thread at a time uses it.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Final

import numpy as np
import pyarrow.parquet as pq
from numpy.typing import NDArray

from counterfoil.consent import (
    Basis,
    BasisId,
    Category,
    Certificate,
    CertificateId,
    Consent,
    FoundTable,
    Purpose,
    SubjectId,
)
from counterfoil.consent.model import FOREVER_US
from counterfoil.history import copy_store as store
from counterfoil.history.copy import (
    Copy,
    CopyDamaged,
    CopyDue,
    CopyId,
    CopyNotFound,
    CopyNotKept,
    CopyState,
    Refreshed,
)
from counterfoil.history.copy_file import CopyFile
from counterfoil.history.history import History
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.people.records import Json, Recorder, record_row

PEOPLE_MAX: Final = 100_000
"""People in one file: whoever withdraws has that much rewritten, and no more."""


@dataclass(frozen=True, slots=True)
class OpenCopy:
    """A copy that is open: its row in the register, and its file."""

    copy: Copy
    file: pq.ParquetFile


class Copies:
    """The register of copies, and their files in one folder."""

    def __init__(
        self,
        folder: Path,
        consent: Consent,
        history: History,
        writes: Writes,
        database: Database,
        clock: Clock,
    ) -> None:
        self._folder = folder
        self._consent = consent
        self._history = history
        self._database = database
        self._recorder = Recorder(writes, database, clock)
        self._making: set[CopyId] = set()

    def make(
        self,
        purpose: Purpose,
        *,
        who: CertificateId,
        reason: str,
        since: datetime,
        until: datetime,
        people_max: int = PEOPLE_MAX,
    ) -> list[Copy]:
        """Copy the payments of everybody who has consented to a purpose, some people a file.

        Each person's access log says so, with `reason`. Nobody's consent: no file.

        Raises:
            ConsentError: the gate refuses who asks, or what is asked.
            StoreUnavailable: it could not be recorded; what was begun is dropped by the next run.

        """
        made = []
        certificate = self._consent.gate.require_certificate(
            who, purpose, Category.PAYMENTS, reason
        )
        bases = self._consent.bases.all_on_consent(purpose, Category.PAYMENTS)
        while some := list(islice(bases, people_max)):
            copy = self._begun(purpose, certificate, since, until)
            self._making.add(copy.id)
            try:
                made.append(self._made(copy, some, reason))
            finally:
                self._making.discard(copy.id)
        return [copy for copy in made if copy.state is CopyState.KEPT]

    def refresh_due(self) -> list[Refreshed]:
        """Rewrite every copy that may hold somebody whose basis has ended; drop what was broken off.

        A copy that nobody is left in is deleted, and so is one that cannot be read: those who must
        leave could not be taken out of it.

        Raises:
            StoreUnavailable: it is not known whether the last one is recorded; run it again.

        """
        now = self._recorder.now_us()
        done = []
        for copy in store.copies(self._database, now, CopyState.MAKING, CopyState.KEPT):
            if copy.id in self._making or not (copy.is_due or copy.state is CopyState.MAKING):
                continue
            done.append(self._refreshed(copy))
        return done

    @contextmanager
    def opened(self, copy: CopyId, *, who: CertificateId, reason: str) -> Iterator[OpenCopy]:
        """Open a copy for reading, if everybody in it may be read now; that it was is recorded.

        What is open stays as it was when the copy is rewritten meanwhile.

        Raises:
            CopyNotFound: there is none with that id.
            CopyNotKept: it is being made, or deleted.
            CopyDue: somebody in it may no longer be; `refresh_due` first.
            CopyDamaged: the file is not what the register says.
            ReasonMissing, CertificateEnded, ScopeExceeded: as the gate refuses them.

        """
        seen: Copy | None = None

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal seen
            seen = found = self._kept(copy, at_us)
            certificate = self._consent.gate.require_certificate(
                who, found.purpose, found.categories, reason
            )
            content = {
                **_named(found),
                "who": certificate.collector_name,
                "certificate": str(certificate.id),
                "reason": reason,
            }
            return (
                store.opening_row(copy, at_us),
                record_row("copy-opened", None, at_us, content),
            )

        self._recorder.commit(attempt)
        assert seen is not None
        with self._file(seen).opened(seen.generation) as file:
            yield OpenCopy(seen, file)

    def drop(self, copy: CopyId) -> None:
        """Delete a copy's file, and forget whom it held; deleting what is deleted changes nothing.

        Raises:
            CopyNotFound: there is none with that id.

        """
        found = self._found(copy, self._recorder.now_us())
        if found.state is not CopyState.DROPPED:
            self._dropped(found)

    def listing(self) -> list[Copy]:
        """List every copy that there is or was, the oldest first."""
        return store.copies(self._database, self._recorder.now_us())

    def copies_of(self, person: SubjectId) -> list[Copy]:
        """List the copies that hold a person."""
        return store.copies_of(self._database, person, self._recorder.now_us())

    def members(self, copy: CopyId) -> dict[int, tuple[SubjectId, BasisId]]:
        """Tell who stands behind each pseudonym of a copy, and on which basis they are in it."""
        return store.members(self._database, copy)

    def verify(self) -> dict[CopyId, str]:
        """Hold every file against the register; say what differs, by copy."""
        kept = store.copies(self._database, self._recorder.now_us(), CopyState.KEPT)
        found = {copy.id: self._difference(copy) for copy in kept}
        return {copy: difference for copy, difference in found.items() if difference}

    def strangers(self) -> list[str]:
        """Name the files in the folder that are no copy in the register."""
        known = {copy.file for copy in self.listing() if copy.state is not CopyState.DROPPED} | {
            f"{copy}.parquet.part" for copy in self._making
        }
        there = self._folder.iterdir() if self._folder.exists() else ()
        return sorted(path.name for path in there if path.name not in known)

    def _begun(
        self, purpose: Purpose, certificate: Certificate, since: datetime, until: datetime
    ) -> Copy:
        copy_id = CopyId(new_id())
        begun: Copy | None = None

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal begun
            begun = Copy(
                id=copy_id,
                purpose=purpose,
                version=self._consent.purposes.running_version(purpose),
                categories=Category.PAYMENTS,
                certificate=certificate.id,
                collector=certificate.collector,
                since=since,
                until=until,
                file=f"{copy_id}.parquet",
                state=CopyState.MAKING,
                due=0,
                generation=0,
                lapses_at=FOREVER_US,
                made_at=from_us(at_us),
                row_count=0,
                person_count=0,
                hash=b"",
                is_due=False,
            )
            return (store.beginning_row(begun),)

        self._recorder.commit(attempt)
        assert begun is not None
        return begun

    def _made(self, copy: Copy, bases: Sequence[Basis], reason: str) -> Copy:
        pseudonyms: NDArray[np.int64] = np.zeros(0, np.int64)

        def members(found: FoundTable) -> Sequence[AttachedRow]:
            # Random, and made anew at each attempt: nothing but the register can lead back.
            nonlocal pseudonyms
            pseudonyms = np.array([secrets.randbits(63) for _ in found.subjects], np.int64)
            entered = zip(pseudonyms.tolist(), found.subjects, found.bases, strict=True)
            return (store.member_rows(self._database, copy.id, list(entered)),)

        reader = self._history.table(copy.since, copy.until)
        with self._file(copy).writing(copy.generation + 1) as out:
            for found in self._consent.gate.read_tables(
                bases, reader, who=copy.certificate, reason=reason, beside=members
            ):
                out.write_found(found.rows, pseudonyms)
        self._refreshed(copy, is_made=True)
        return self._found(copy.id, self._recorder.now_us())

    def _refreshed(self, copy: Copy, *, is_made: bool = False) -> Refreshed:
        """Take out whoever may not be in it; or drop it, if nobody is left or it is no use."""
        try:
            if copy.state is CopyState.MAKING and not is_made:
                return self._dropped(copy)
            return self._settled(copy.id)
        except CopyDamaged:
            return self._dropped(copy)

    def _settled(self, copy: CopyId) -> Refreshed:
        """Bring file and register in line: the file first, then the register, unless marked anew."""
        removed: NDArray[np.int64] = np.zeros(0, np.int64)
        outcome: Refreshed | None = None

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal removed, outcome
            seen = self._found(copy, at_us)
            gone = store.gone(self._database, copy, at_us)
            count, lapses_at = store.left(self._database, copy, at_us)
            if not count:
                raise _NobodyLeft
            file, generation = self._file(seen), seen.generation + 1
            if len(np.setdiff1d(gone, removed)) or not file.is_of(generation):
                file.rewrite(generation, gone)
                removed = gone
            with file.opened(generation) as written:
                rows = written.metadata.num_rows
            outcome = Refreshed(copy, CopyState.KEPT, len(gone), count)
            digest = file.digest()
            content = {**_named(seen), "generation": generation, "persons": count, "rows": rows,
                       "removed": len(gone), "sha256": digest.hex()}  # fmt: skip
            return (
                store.leaving_row(copy, at_us, len(gone)),
                store.keeping_row(seen, generation=generation, lapses_at=lapses_at,
                                  row_count=rows, person_count=count, hash_=digest),
                record_row("copy-written", None, at_us, content),
            )  # fmt: skip

        try:
            self._recorder.commit(attempt)
        except _NobodyLeft:
            return self._dropped(self._found(copy, self._recorder.now_us()))
        assert outcome is not None
        return outcome

    def _dropped(self, copy: Copy) -> Refreshed:
        self._file(copy).remove()
        count = 0

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal count
            count = store.member_count(self._database, copy.id)
            return (
                *store.dropping_rows(copy.id, count),
                record_row("copy-dropped", None, at_us, {**_named(copy), "removed": count}),
            )

        self._recorder.commit(attempt)
        return Refreshed(copy.id, CopyState.DROPPED, count, 0)

    def _difference(self, copy: Copy) -> str:
        """Say how a file differs from its row; nothing when it does not."""
        members = set(store.pseudonyms(self._database, copy.id))
        file = self._file(copy)
        try:
            digest = file.digest()
            with file.opened(copy.generation) as found:
                there = set(found.read(["person"]).column("person").to_pylist())
                rows = found.metadata.num_rows
        except CopyDamaged as damaged:
            return damaged.message
        if there - members:
            return _("It holds somebody whom the register does not know in it.")
        if rows != copy.row_count or digest != copy.hash or len(members) != copy.person_count:
            return _("Its content is not the one that was recorded.")
        return ""

    def _found(self, copy: CopyId, at_us: int) -> Copy:
        found = store.copy_by_id(self._database, copy, at_us)
        if found is None:
            raise CopyNotFound(_("There is no copy {copy}.", copy=copy), copy=copy)
        return found

    def _kept(self, copy: CopyId, at_us: int) -> Copy:
        found = self._found(copy, at_us)
        if found.state is not CopyState.KEPT:
            raise CopyNotKept(
                _("Copy {copy} is being made, or has been deleted.", copy=copy), copy=copy
            )
        if found.is_due:
            raise CopyDue(
                _("Somebody in copy {copy} has withdrawn, or a basis for it has ended. Run "
                  "`counterfoil copies refresh`, then open it.", copy=copy),
                copy=copy,
            )  # fmt: skip
        return found

    def _file(self, copy: Copy) -> CopyFile:
        return CopyFile(self._folder / copy.file, copy.id)


class _NobodyLeft(Exception):  # never leaves this module
    pass


def _named(copy: Copy) -> dict[str, Json]:
    return {"copy": str(copy.id), "purpose": copy.purpose.value}
