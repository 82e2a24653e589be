"""How long a person waits for everything that is held about them, and how long it takes to verify.

A town pays at random; one person among them has as many payments as are asked for, and a record for
some of them. Their export is made a few times, from the request to the answer on record, and
verified once, as the person would. The peer writes the same rows with `json` and `zipfile` alone,
without receipts: what is left of the difference is what proof costs.
"""

import json
import statistics
import tempfile
import time
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import numpy as np

from counterfoil.bench.load import Load, open_accounts
from counterfoil.bootstrap import Site
from counterfoil.consent import Regime, Right, RightsRequestId, SubjectId
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, NewAccount
from counterfoil.money import currency_by_code
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.receipts import Policy, Verifier
from counterfoil.rights.export import Export
from counterfoil.sealing.bundle import opened
from counterfoil.sealing.bundle_check import check

RUNS: Final = 5
_BATCH: Final = 8192
_PATIENCE_MS: Final = 600_000
_CORRECTIONS: Final = 50
_EUR: Final = currency_by_code("EUR")

Progress = Callable[[int, int], None]
"""Called with the transfers posted and the transfers in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """One person's full export."""

    export_s: float
    """From the request to its answer on record, the median."""
    export_s_max: float
    gather_s: float
    """Of it, reading what the files say, the median."""
    verify_s: float
    plain_zip_s: float
    """The same payments, read and written without receipts, page and records."""
    payments: int
    receipts: int
    log_leaves: int
    megabytes: float
    store: str
    durability: str


def measure(url: str, folder: Path, *, payments: int, others: int, progress: Progress) -> Cost:
    """Fill a database, and export one person of it."""
    with Site.open(url, folder, origin="bench.example") as site:
        person = _fill(site, payments, others, progress)
        site.sealing.wait_for(transfers=site.ledger.seq, timeout_ms=_PATIENCE_MS)
        with tempfile.TemporaryDirectory(dir=folder) as where:
            # The first run compiles, and opens what is then open.
            runs = [_run(site, person, Path(where) / f"{run}.zip") for run in range(RUNS + 1)][1:]
            last = Path(where) / f"{RUNS}.zip"
            return Cost(
                export_s=round(statistics.median(run.export_s for run in runs), 2),
                export_s_max=round(max(run.export_s for run in runs), 2),
                gather_s=round(statistics.median(run.gather_s for run in runs), 2),
                verify_s=round(_verify(site, last), 2),
                plain_zip_s=round(statistics.median(run.plain_s for run in runs), 2),
                payments=payments,
                receipts=runs[-1].given.receipts,
                log_leaves=site.ledger.seq,
                megabytes=round(last.stat().st_size / 1e6, 1),
                store=DatabaseURL(url).dialect,
                durability=site.ledger.durability,
            )


@dataclass(frozen=True, slots=True)
class _Run:
    export_s: float
    gather_s: float
    plain_s: float
    given: Export


def _run(site: Site, person: SubjectId, to: Path) -> _Run:
    proof = site.consent.rights.ask(RightsRequestId(new_id()), person, Right.ACCESS, [Regime.GDPR])
    marks = [time.perf_counter()]
    given = site.exports.give(person, to, by="bench", regimes=[Regime.GDPR])
    marks.append(time.perf_counter())
    rows = site.exports.gather(proof, SystemClock().now_us()).rows("payments")
    marks.append(time.perf_counter())
    with zipfile.ZipFile(to.with_suffix(".plain"), "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("payments.json", json.dumps(rows))
    marks.append(time.perf_counter())
    assert given.missing == 0
    return _Run(marks[1] - marks[0], marks[2] - marks[1], marks[3] - marks[1], given)


def _fill(site: Site, payments: int, others: int, progress: Progress) -> SubjectId:
    """Let the town pay, and the person in between, so that their leaves are apart."""
    town = 1000
    first = open_accounts(site.ledger, town)
    person = site.people.register(
        NewPerson(id=PersonId(new_id()), name="Bob Bauer", contact=parse_contact("bob@example.org"))
    )
    wallet = NewAccount(id=AccountId(new_id()), currency=_EUR)
    account = site.ledger.open_account(wallet, rows=(site.people.account_row(person, wallet.id),))
    for one in range(_CORRECTIONS):
        site.people.change_name(person, f"Bob Bauer {one}")
    load, done, total = Load("uniform", first, town, references=False), 0, payments + others
    while done < total:
        batch = load.batch(min(_BATCH, total - done))
        # Of every so many payments of the town one is the person's, so that their leaves are apart.
        number = done + np.arange(len(batch))
        is_own = (number + 1) * payments // total > number * payments // total
        batch["debit_account"][is_own] = account
        batch["credit_account"][is_own] = first + number[is_own] % town
        batch["amount"][is_own] = 1 + number[is_own] % 5000
        site.ledger.post_records(batch)
        done += len(batch)
        progress(done, total)
    return person


def _verify(site: Site, archive: Path) -> float:
    keys = (*site.keys.transfers, *site.keys.records)
    verifier = Verifier(Policy(tuple(key.verifier for key in keys)), now_us=SystemClock().now_us())
    start = time.perf_counter()
    with opened(archive) as bundle:
        found = check(bundle, verifier)
    elapsed = time.perf_counter() - start
    assert found.holds, found.faults
    return elapsed
