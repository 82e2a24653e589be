"""What the gate costs a job: people a second, every check asked and every look on record.

A town of people who have consented is read three ways: as tables (`read_tables`, what a copy or a
batch of scores takes), as values (`read_each`), and one person after another (`read`). The people
are put into the database by statements, because what is measured is the reading of them.
"""

import json
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Final

import numpy as np

from counterfoil.bench.load import TimeOrderedIds, open_accounts
from counterfoil.consent import (
    Basis,
    BasisKind,
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Consent,
    Operator,
    Purpose,
    Wall,
)
from counterfoil.consent.gate import BATCH_PEOPLE
from counterfoil.history import History
from counterfoil.kernel.clock import EPOCH, SystemClock, from_us
from counterfoil.kernel.database import AttachedRow, Database, DatabaseURL, connect, rows_in
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber, Ledger
from counterfoil.ledger.layout import ASKED_DTYPE, empty
from counterfoil.money import currency_by_code
from counterfoil.people import LocalKeys, People

PAYMENTS_EACH: Final = 20
"""Besides the one with which each account is funded."""
SINGLE_PEOPLE: Final = 200
"""How many are read one after another."""
_PART_PEOPLE: Final = 2000
_REASON: Final = "To measure how fast this is."

Progress = Callable[[int, int], None]
"""Called with the people done and the people in all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Speed:
    """People a second, each with their access record, durable before their rows came."""

    people_per_second: int
    """As tables."""
    people_per_second_as_values: int
    people_per_second_one_by_one: int
    people: int
    payments_each: int
    batch_people: int
    rows: int
    access_records: int
    """Written during the measurement: one for each person and way."""
    store: str
    durability: str


def measure(
    url: str, folder: Path, *, people: int, batch_people: int = BATCH_PEOPLE, progress: Progress
) -> Speed:
    """Fill a database with people who have consented, and read their payments in three ways."""
    clock = SystemClock()
    with ExitStack() as until_done:
        ledger = until_done.enter_context(Ledger.open(url, clock=clock))
        database = until_done.enter_context(connect(url, writes=False))
        wall = Wall.connect(url)
        until_done.callback(wall.close)
        register = People(ledger, database, LocalKeys(folder), clock)
        consent = Consent(ledger, database, wall, register, clock)
        certificate = _start(consent)
        first = open_accounts(ledger, people)
        _pay(ledger, first, people)
        _consent(ledger, database, first, people)
        bases = list(consent.bases.all_on_consent(Purpose.SCORE, Category.PAYMENTS))
        assert len(bases) == people
        reading = _Reading(consent, History(ledger), certificate, bases, batch_people, progress)
        looks_before = _look_count(consent)
        rates = {way: round(reading.rate(way)) for way in ("tables", "values", "one_by_one")}
        return Speed(
            people_per_second=rates["tables"],
            people_per_second_as_values=rates["values"],
            people_per_second_one_by_one=rates["one_by_one"],
            people=people,
            payments_each=PAYMENTS_EACH,
            batch_people=batch_people,
            rows=reading.row_count,
            access_records=_look_count(consent) - looks_before,
            store=DatabaseURL(url).dialect,
            durability=ledger.durability,
        )


class _Reading:
    """The three ways to read the town."""

    def __init__(
        self,
        consent: Consent,
        history: History,
        certificate: CertificateId,
        bases: Sequence[Basis],
        batch_people: int,
        progress: Progress,
    ) -> None:
        self._gate, self._history, self._certificate = consent.gate, history, certificate
        self._bases, self._batch_people, self._progress = bases, batch_people, progress
        self._period = EPOCH, from_us(SystemClock().now_us()) + timedelta(days=1)
        self._done = self.row_count = 0

    def rate(self, way: str) -> float:
        """Read in one of the ways, and tell how many people that was a second."""
        start = time.perf_counter()
        people: int = {
            "tables": self._tables, "values": self._values, "one_by_one": self._one_by_one,
        }[way]()  # fmt: skip
        return people / (time.perf_counter() - start)

    def _tables(self) -> int:
        for found in self._gate.read_tables(
            self._bases, self._history.table(*self._period), who=self._certificate,
            reason=_REASON, batch_people=self._batch_people,
        ):  # fmt: skip
            self.row_count += found.rows.num_rows
            self._tell(len(found.subjects))
        return len(self._bases)

    def _values(self) -> int:
        for _found in self._gate.read_each(
            self._bases, self._history.payments(*self._period), who=self._certificate,
            reason=_REASON, batch_people=self._batch_people,
        ):  # fmt: skip
            self._tell(1)
        return len(self._bases)

    def _one_by_one(self) -> int:
        some = self._bases[:SINGLE_PEOPLE]
        for basis in some:
            with self._gate.read(
                basis, who=self._certificate, categories=Category.PAYMENTS, reason=_REASON
            ) as access:
                access.rows(self._history.payments(*self._period))
        return len(some)

    def _tell(self, people: int) -> None:
        self._done += people
        self._progress(self._done, 2 * len(self._bases))


def _start(consent: Consent) -> CertificateId:
    purpose = Purpose.SCORE
    consent.purposes.assess(new_id(), purpose, by="bench", text="A measurement.")
    consent.purposes.start(purpose, Operator("Bench", "privacy@bench.example"))
    collector, certificate = CollectorId(new_id()), CertificateId(new_id())
    consent.collectors.register(collector, CollectorKind.OPERATOR, "Bench")
    until = from_us(SystemClock().now_us()) + timedelta(days=1)
    consent.collectors.certify(certificate, collector, purpose, Category.PAYMENTS, until=until)
    return certificate


def _pay(ledger: Ledger, first: AccountNumber, people: int) -> None:
    """Have everybody pay somebody else in each round: two payments each, one out and one in."""
    ids = TimeOrderedIds()
    payer = np.arange(people)
    for step in range(1, PAYMENTS_EACH // 2 + 1):
        for start in range(0, people, 8192):
            some = payer[start : start + 8192]
            asked = empty(len(some), ASKED_DTYPE)
            asked["id_hi"], asked["id_lo"] = ids.take(len(some))
            asked["currency"] = currency_by_code("EUR").numeric
            asked["debit_account"] = first + some
            asked["credit_account"] = first + (some + step) % people
            asked["amount"] = 100 + step
            ledger.post_records(asked)


def _consent(ledger: Ledger, database: Database, first: AccountNumber, people: int) -> None:
    """Give each account to a person who has consented: a key, the account, the grant."""
    at_us = SystemClock().now_us()
    columns = {"person": "id", "grant_id": "id", "account": "int"}
    for start in range(0, people, _PART_PEOPLE):
        part = range(start, min(start + _PART_PEOPLE, people))
        listed = json.dumps([[new_id().hex, new_id().hex, first + k] for k in part])
        source = f"{rows_in(database, '$1', columns)} AS one"
        ledger.write(
            AttachedRow(
                "INSERT INTO person_keys (person, key_id, wrapped) "  # noqa: S608
                f"SELECT person, grant_id, person FROM {source}",
                (listed,), len(part),
            ),
            AttachedRow(
                "INSERT INTO person_accounts (person, account, linked_at) "  # noqa: S608
                f"SELECT person, account, 0 FROM {source}",
                (listed,), len(part),
            ),
            AttachedRow(
                "INSERT INTO bases (id, kind, subject, purpose, version, categories, source, "  # noqa: S608
                "starts_at, expires_at, ended_at, told_from, data_since, data_until) "
                f"SELECT grant_id, {int(BasisKind.CONSENT)}, person, '{Purpose.SCORE}', 1, "
                f"{int(Category.PAYMENTS)}, 'bench', {at_us}, {at_us + 86_400_000_000}, 0, 0, 0, "
                f"{1 << 62} FROM {source}",
                (listed,), len(part),
            ),
        )  # fmt: skip


def _look_count(consent: Consent) -> int:
    return sum(count for _purpose, count, _rows in consent.access_counts())
