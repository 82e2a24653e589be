"""Giving a person everything that is held about them, as one file, and putting that on record.

The request is received first, if it has not been: should anything fail, its clock runs and it is
still to be answered. The file is whole before the answer is recorded, and the answer's record has
the hash of the manifest, which has the hash of every file: what was given can be shown later by
either side.
"""

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Final

from counterfoil.consent import (
    DEFINITIONS,
    Consent,
    PeopleReaders,
    Purpose,
    Regime,
    Right,
    RightsRequest,
    RightsRequestId,
    State,
    SubjectId,
)
from counterfoil.consent.category import codes
from counterfoil.history import History
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.kernel.i18n import _, use_locale
from counterfoil.kernel.ids import new_id
from counterfoil.people import People, Record, SignedIn
from counterfoil.people.records import Recorder, moment, record_row
from counterfoil.receipts import SignedCheckpoint
from counterfoil.rights.errors import ExportNotAsked, ExportUnwritten
from counterfoil.rights.export.archive import LEVEL_FAST, Archive, archive, as_csv, as_json
from counterfoil.rights.export.gathered import Gathered, Gatherer
from counterfoil.rights.export.holdings import EXCLUDED, HOLDINGS
from counterfoil.rights.export.receipts import Lines, Proving, last_number, of_payments, of_records
from counterfoil.rights.export.words import Words, page, readme
from counterfoil.rights.phrases import told
from counterfoil.sealing import Issuance
from counterfoil.sealing.bundle import FORMAT, MANIFEST, MISSING, RECEIPTS

EXPORTED: Final = frozenset({Right.ACCESS, Right.PORTABILITY})
"""The rights that an export fulfills (GDPR 15 and 20, PIPL 45)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Export:
    """What was given to somebody."""

    request: RightsRequest
    """As it was answered."""
    manifest_sha256: str
    files: int
    rows: int
    receipts: int
    missing: int
    """Receipts that could not be given; each is listed with its reason."""


@dataclass(frozen=True, slots=True)
class _Written:
    manifest_sha256: str
    files: int
    rows: int
    receipts: int
    missing: int


FileSource = Callable[[RightsRequest], Iterable[tuple[str, str, str]]]
"""Gives files of a room above for the request that is answered: each a path, what it is, its text."""


class Exports:
    """Makes exports. `database` is a reading connection that one thread uses at a time."""

    def __init__(
        self,
        writes: Writes,
        database: Database,
        people: People,
        consent: Consent,
        readers: PeopleReaders,
        history: History,
        proving: Proving,
        clock: Clock,
        *,
        more: Sequence[FileSource] = (),
    ) -> None:
        self._more = tuple(more)
        self._recorder = Recorder(writes, database, clock)
        self._people, self._consent, self._proving = people, consent, proving
        self._gatherer = Gatherer(database, readers, history)

    def give(
        self,
        subject: SubjectId,
        to: Path,
        *,
        by: str,
        request: RightsRequestId | None = None,
        regimes: Iterable[Regime] = (),
        language: str | None = None,
    ) -> Export:
        """Write a person's export to a new file that its owner alone may read, and answer for it.

        `request` is the one that this fulfills; without it one is received now, under `regimes`.
        `language` is a locale other than the person's own.

        Raises:
            PersonNotFound: there never was such a person.
            ExportNotAsked: the request is not this person's, or asks for something else.
            ExportUnwritten: there is such a file already, or it cannot be written; nothing was
                answered.
            NotFound, RequestDecided, ReviewInvalid: there is no such request, it has been answered,
                or no law or nobody is named.
            ValueError: there is no such locale.

        """
        with _new_file(to) as out:
            return self.write(
                subject, out, by=by, request=request, regimes=regimes, language=language
            )

    def write(
        self,
        subject: SubjectId,
        out: BinaryIO,
        *,
        by: str,
        request: RightsRequestId | None = None,
        regimes: Iterable[Regime] = (),
        language: str | None = None,
    ) -> Export:
        """Write it to a file that is open, as `give` does; it is synchronized before the answer."""
        locale = language or self._people.registration(subject).locale
        known = self._asked(subject, request, regimes)
        with use_locale(locale):
            written = self._write(known, out, locale)
        out.flush()
        os.fsync(out.fileno())
        self._recorder.commit(lambda at_us: self._answering_rows(known, written, by, at_us))
        return Export(
            request=self._consent.rights.request(known.id), manifest_sha256=written.manifest_sha256,
            files=written.files, rows=written.rows, receipts=written.receipts,
            missing=written.missing,
        )  # fmt: skip

    def gather(self, asked: SignedIn | RightsRequest, at_us: int) -> Gathered:
        """Read what an export made at an instant would say: for a request, or for their own page."""
        with self._consent.gate.own(asked) as own:
            return self._gatherer.gather(own, at_us)

    def _asked(
        self, subject: SubjectId, request: RightsRequestId | None, regimes: Iterable[Regime]
    ) -> RightsRequest:
        rights = self._consent.rights
        if request is None:
            return rights.ask(RightsRequestId(new_id()), subject, Right.ACCESS, regimes)
        known = rights.request(request)
        if known.subject != subject or known.right not in EXPORTED:
            raise ExportNotAsked(
                _("Request {request} does not ask for an export of this person's data.",
                  request=request),
                request=request,
            )  # fmt: skip
        return rights.require_open(request)

    def _write(self, known: RightsRequest, out: BinaryIO, locale: str) -> _Written:
        at_us = self._recorder.now_us()
        gathered = self.gather(known, at_us)
        records = self._consent.records_of(known.subject, from_us(at_us))
        # What cannot be proven yet is given all the same, and listed.
        self._proving.in_step(
            last_number(gathered.rows("payments")), max((one.number for one in records), default=0)
        )
        issuance = self._proving.issuer.published()
        with archive(out, from_us(at_us)) as zipped:
            lines = self._write_receipts(zipped, gathered, records, issuance)
            _write_data(zipped, gathered)
            for source in self._more:
                for path, about, told in source(known):
                    zipped.add(path, [told.encode()], about=about)
            words = self._words(gathered, records, zipped, len(lines.missing))
            for path, text in (("index.html", page(words)), ("README.txt", readme(words))):
                zipped.add(path, [text.encode()], about=path)
            manifest = self._manifest(known, zipped, gathered, issuance, locale, lines)
            entry = zipped.add(MANIFEST, [manifest], about="this list")
        rows = sum(len(rows) for _holding, rows in gathered.files)
        return _Written(entry.sha256, len(zipped.entries), rows, lines.count, len(lines.missing))

    def _write_receipts(
        self,
        zipped: Archive,
        gathered: Gathered,
        records: Sequence[Record],
        issuance: Issuance,
    ) -> Lines:
        issuer, lines = self._proving.issuer, Lines()
        issued = (
            ("transfers", of_payments(issuer, gathered.rows("payments"), issuance)),
            ("records", of_records(issuer, records, issuance)),
        )
        for path, (log, receipts) in zip(RECEIPTS, issued, strict=True):
            before = lines.count
            zipped.add(
                path, lines.chunks(log, receipts), about=f"receipts of {log}", level=LEVEL_FAST
            )
            zipped.count_last(lines.count - before)
        zipped.add(
            MISSING, as_json(lines.missing), about="receipts that are missing",
            rows=len(lines.missing),
        )  # fmt: skip
        return lines

    def _words(
        self, gathered: Gathered, records: Sequence[Record], zipped: Archive, missing: int
    ) -> Words:
        counts = {one.path: one.rows or 0 for one in zipped.entries if one.path in RECEIPTS}
        return Words(
            operator=self._proving.transfers[0].verifier.name.partition("/")[0],
            subject=gathered.subject, day=f"{from_us(gathered.at_us):%Y-%m-%d %H:%M}",
            gathered=gathered, told=[told(one) for one in records], receipts=counts,
            missing=missing, keys=self._proving.keys,
        )  # fmt: skip

    def _manifest(
        self,
        known: RightsRequest,
        zipped: Archive,
        gathered: Gathered,
        issuance: Issuance,
        locale: str,
        lines: Lines,
    ) -> bytes:
        logs = {"transfers": issuance.transfers, "records": issuance.records}
        keys = {"transfers": self._proving.transfers, "records": self._proving.records}
        content = {
            "format": FORMAT,
            "person": str(known.subject),
            "request": str(known.id),
            "right": known.right.value,
            "as_of": moment(gathered.at_us),
            "language": locale,
            "logs": {
                log: {
                    "keys": [str(key.verifier) for key in keys[log]],
                    "checkpoint": _text(published.signed) if published else None,
                }
                for log, published in logs.items()
            },
            "keys_are": "to be compared with those that the operator publishes elsewhere",
            "receipts_missing": len(lines.missing),
            "files": [asdict(one) for one in zipped.entries],
            "excluded": {table: one.reason.template for table, one in EXCLUDED.items()},
            "withheld": {f"{holding.table}.{column}": reason.template
                         for holding in HOLDINGS for column, reason in holding.withheld.items()},
        }  # fmt: skip
        return (json.dumps(content, ensure_ascii=False, indent=1) + "\n").encode()

    def _answering_rows(
        self, known: RightsRequest, written: _Written, by: str, at_us: int
    ) -> tuple[AttachedRow, ...]:
        reasons, state = "", State.FULFILLED
        if written.missing:
            reasons = _("{count} receipts could not be given; receipts/missing.json says why.",
                        count=written.missing)  # fmt: skip
            state = State.PARTLY
        return (
            record_row(
                "export", known.subject, at_us,
                {"request": str(known.id), "manifest_sha256": written.manifest_sha256,
                 "rows": written.rows, "receipts": written.receipts},
            ),
            *self._consent.rights.answering_rows(
                known.id, state, by=by, reasons=reasons, at_us=at_us
            ),
        )  # fmt: skip


def _write_data(zipped: Archive, gathered: Gathered) -> None:
    for holding, rows in gathered.files:
        about = holding.title.template
        names = list(holding.written)
        zipped.add(f"data/{holding.name}.json", as_json(rows), about=about, rows=len(rows))
        zipped.add(f"data/{holding.name}.csv", as_csv(names, rows), about=about, rows=len(rows))
    zipped.add("data/purposes.json", as_json(_purposes()), about="why data may be used",
               rows=len(Purpose))  # fmt: skip
    schema = json.dumps(schemas(), ensure_ascii=False, indent=1) + "\n"
    zipped.add("schema.json", [schema.encode()], about="JSON Schema of the files in data/")


def _purposes() -> list[dict[str, str | int | list[str] | None]]:
    """Say of each purpose what GDPR 15(1) and PIPL 17 want said: data, basis, retention, source."""
    return [
        {
            "purpose": purpose.value,
            "words": str(one.words),
            "categories": codes(one.categories),
            "bases": sorted(kind.code for kind in one.bases),
            "articles": list(one.legal_lines),
            "retention_days": one.retention_days,
            "is_automated": "yes" if one.is_automated else "no",
        }
        for purpose, one in DEFINITIONS.items()
    ]


def schemas() -> dict[str, object]:
    """Give the JSON Schema (2020-12) of each file: `#/$defs/NAME` for `data/NAME.json`."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"https://counterfoil.example/{FORMAT}",
        "$defs": {
            holding.name: {
                "type": "array",
                "items": {
                    "type": "object",
                    "properties": {name: kind.schema for name, kind in holding.written.items()},
                    "required": list(holding.written),
                    "additionalProperties": False,
                },
            }
            for holding in HOLDINGS
        },
    }


def _text(signed: SignedCheckpoint) -> str:
    return str(signed)


@contextmanager
def _new_file(to: Path) -> Iterator[BinaryIO]:
    """Open a file that was not there; it is gone again when what it was for fails."""
    try:
        descriptor = os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except OSError as error:
        raise _unwritten(to, error) from error
    try:
        with os.fdopen(descriptor, "wb") as out:
            yield out
    except OSError as error:
        to.unlink(missing_ok=True)
        raise _unwritten(to, error) from error
    except BaseException:
        to.unlink(missing_ok=True)
        raise


def _unwritten(to: Path, error: OSError) -> ExportUnwritten:
    return ExportUnwritten(
        _("The export cannot be written to {path}: {reason}. Nothing was answered; give another "
          "path.", path=to, reason=error.strerror or error),
        path=str(to),
    )  # fmt: skip
