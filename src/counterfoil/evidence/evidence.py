"""Making a pack: facts, the logs' checkpoints, the kinds of all records, and the operator's own opened.

Records about persons stay closed: what is in them is theirs, and opening one would show whose it is.
Opened are the operator's own of the kinds in `OPENED`, which name nobody.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from counterfoil.breach import Breaches
from counterfoil.consent import Consent
from counterfoil.evidence import gather, manifest
from counterfoil.evidence.archive import is_name, write_archive
from counterfoil.evidence.kinds import PATH as KINDS_PATH
from counterfoil.evidence.kinds import Kinds
from counterfoil.evidence.summary import summary_of
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import Database
from counterfoil.people.records import Json, moment, records_after
from counterfoil.receipts import LogReader, Receipt, SigningKey
from counterfoil.retention import Retention
from counterfoil.sealing import Issuer

OPENED: Final = frozenset(
    {
        *("purpose-started", "purpose-stopped", "retention-run"),
        *("breach-opened", "breach-affected", "breach-reported", "breach-closed"),
    }
)
"""Kinds of the operator's own records that hold no person's id and nobody's name."""
FACTS: Final = "evidence.json"
SUMMARY: Final = "summary.html"
CHECKPOINTS: Final = "checkpoints"
RECEIPTS: Final = "receipts"
MODELS: Final = "models"
CONSISTENCY: Final = "consistency.txt"
FORMAT: Final = "counterfoil/evidence@v1"
_CARD: Final = ".card."
_PAGE: Final = 4096


@dataclass(frozen=True, slots=True, kw_only=True)
class Sources:
    """Where a pack's parts come from."""

    database: Database
    consent: Consent
    retention: Retention
    breaches: Breaches
    issuer: Issuer
    logs: Path
    models: Path
    signers: Sequence[SigningKey]
    """Of the log of records."""


class Evidence:
    """Makes packs for one operator."""

    def __init__(self, sources: Sources, clock: Clock) -> None:
        self._sources, self._clock = sources, clock

    def pack(self, since: datetime, until: datetime, *, earlier: int | None = None) -> bytes:
        """Make a pack about a half-open period; counts that have no period are of now.

        `earlier` is the size of the log of records in a pack from before: it is proven then that the
        log still begins with that one.

        Raises:
            LeafNotFound: nothing has been sealed yet, or less than `earlier`.
            SealBroken: the database does not say what was sealed; nothing is packed.

        """
        given, made_at = self._sources, moment(self._clock.now_us())
        readers = {name: LogReader(given.logs / name) for name in ("transfers", "records")}
        published = {name: reader.at_published().signed for name, reader in readers.items()
                     if (given.logs / name / "checkpoint").exists()}  # fmt: skip
        size = readers["records"].at_published().signed.checkpoint.size
        kinds = Kinds.read(given.database, size)
        files: dict[str, bytes] = {
            f"{CHECKPOINTS}/{name}.note": str(signed).encode() for name, signed in published.items()
        }
        files[KINDS_PATH] = bytes(kinds)
        if earlier is not None:
            files[CONSISTENCY] = str(readers["records"].prove_consistency(earlier)).encode()
        for receipt in self._opened(size):
            files[f"{RECEIPTS}/{receipt.proof.index + 1:09}.json"] = str(receipt).encode()
        files |= self._models()
        facts = self._facts(since, until, made_at, kinds, files)
        files[FACTS] = (
            json.dumps(facts, ensure_ascii=False, indent=1, sort_keys=True) + "\n"
        ).encode()
        files[SUMMARY] = summary_of(facts).encode()
        files[manifest.PATH] = manifest.sign(files, given.signers, made_at)
        return write_archive(files)

    def _opened(self, size: int) -> list[Receipt]:
        found, after = [], 0
        while after < size:
            page = records_after(self._sources.database, after, _PAGE)
            if not page:
                break
            after = page[-1].number
            own = [
                one for one in page
                if one.kind in OPENED and one.is_about_nobody and one.number <= size
            ]  # fmt: skip
            for issued in self._sources.issuer.of_records(own):
                if not isinstance(issued, Receipt):
                    raise issued
                found.append(issued)
        return found

    def _models(self) -> dict[str, bytes]:
        folder = self._sources.models
        cards = sorted(folder.rglob(f"*{_CARD}*")) if folder.is_dir() else []
        named = {
            f"{MODELS}/{path.relative_to(folder).as_posix()}": path
            for path in cards if path.is_file()
        }  # fmt: skip
        return {name: path.read_bytes() for name, path in named.items() if is_name(name)}

    def _facts(
        self,
        since: datetime,
        until: datetime,
        made_at: str,
        kinds: Kinds,
        files: Mapping[str, bytes],
    ) -> dict[str, Json]:
        given = self._sources
        database, now_us = given.database, self._clock.now_us()
        return {
            "format": FORMAT,
            "origin": given.signers[0].name,
            "made_at": made_at,
            "period": {"since": moment(to_us(since)), "until": moment(to_us(until))},
            "purposes": gather.purposes(database),
            "grants": gather.grants(database, now_us),
            "accesses": gather.accesses(database, since, until),
            "collectors": gather.collectors(database, now_us),
            "rights_requests": gather.requests(database, now_us),
            "authorities": gather.authorities(given.consent, since, until),
            "breaches": gather.breaches(given.breaches),
            "retention_runs": [
                one for one in gather.runs(given.retention) if one["record"] <= len(kinds)
            ],
            "records": {"count": len(kinds), "by_kind": kinds.counts()},
            "models": sorted(name for name in files if name.startswith(f"{MODELS}/")),
            "at": from_us(now_us).date().isoformat(),
        }
