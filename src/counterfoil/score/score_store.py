"""The table of scores: what goes in and comes out. It knows no rules."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from hashlib import sha256
from typing import Any, Final, NewType
from uuid import UUID

from counterfoil.consent import BasisId, Category, PersonalReader, SubjectId
from counterfoil.consent.store import LIVE, UNBARRED
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, Value, rows_in, single
from counterfoil.people import PersonId
from counterfoil.score.explanation import Value as InputValue
from counterfoil.score.model import canonical

ScoreId = NewType("ScoreId", UUID)


class Cause(StrEnum):
    """Why somebody was scored."""

    ASKED = "asked"
    MONTHLY = "monthly"
    CORRECTION = "correction"


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """A score as it was said, and what it was made from."""

    id: ScoreId
    subject: SubjectId
    basis: BasisId
    model: bytes
    """The hash of the model."""
    as_of: datetime
    """Only payments strictly before this count."""
    at: datetime
    """When it was made."""
    score: int
    low: int
    high: int
    cause: Cause
    inputs: Mapping[str, InputValue]
    """What the card looked at, by column."""
    days: float
    """For how long payments were known."""

    @property
    def digest(self) -> str:
        """What its receipt says of it: the hash of all that was said, under its random id."""
        said = [str(self.id), self.score, self.low, self.high, dict(self.inputs), self.days]
        return sha256(canonical(said).encode()).hexdigest()


_COLUMNS: Final = "id, subject, basis, model, as_of, at, score, low, high, cause, inputs"
_CARRIED: Final = f"{LIVE} AND " + UNBARRED.format(
    subject="one.subject", categories=int(Category.PAYMENTS), at="{at}"
)
"""The condition that somebody may be scored at an instant: as the gate's, for payments."""


def score_rows(
    database: Database, scores: Sequence[Score], at_us: int, as_of_us: int
) -> AttachedRow:
    """Make the one statement that enters scores; it enters none unless each basis carries it now."""
    listed = json.dumps(
        [
            [one.id.hex, one.subject.hex, one.basis.hex, one.model.hex(), one.score, one.low,
             one.high, one.cause.value, canonical({"values": dict(one.inputs), "days": one.days})]
            for one in scores
        ]
    )  # fmt: skip
    columns = {"id": "id", "subject": "id", "basis": "id", "model": "id", "score": "int",
               "low": "int", "high": "int", "cause": "text", "inputs": "text"}  # fmt: skip
    return AttachedRow(
        f"INSERT INTO scores ({_COLUMNS}) SELECT one.id, one.subject, one.basis, one.model, $1, $2, "  # noqa: S608
        f"one.score, one.low, one.high, one.cause, one.inputs FROM {rows_in(database, '$3', columns)} "
        "AS one JOIN bases b ON b.id = one.basis JOIN purposes p ON p.purpose = b.purpose "
        f"WHERE {_CARRIED.format(at='$2')}",
        (as_of_us, at_us, listed),
        row_count=len(scores),
    )


def carried(
    database: Database, members: Sequence[tuple[SubjectId, BasisId]], at_us: int
) -> set[SubjectId]:
    """Find who of some people may be scored at an instant."""
    listed = json.dumps([[subject.hex, basis.hex] for subject, basis in members])
    found = database.query(
        "SELECT one.subject FROM "  # noqa: S608
        f"{rows_in(database, '$1', {'subject': 'id', 'basis': 'id'})} AS one "
        "JOIN bases b ON b.id = one.basis JOIN purposes p ON p.purpose = b.purpose "
        f"WHERE {_CARRIED.format(at='$2')}",
        (listed, at_us),
    )
    return {SubjectId(UUID(bytes=one)) for one in found.column(0).to_pylist()}


def scores_reader(since_us: int = 0) -> PersonalReader[Score]:
    """Read somebody's scores, the oldest first; for the gate, and for the person themselves."""

    def fetch(database: Database, person: PersonId) -> list[Score]:
        return scores_where(database, "subject = $1 AND at >= $2", (person.bytes, since_us))

    def instant(score: Score) -> int:
        from counterfoil.kernel.clock import to_us

        return to_us(score.at)

    return PersonalReader("scores", Category.SCORE, fetch, instant)


def scores_where(database: Database, condition: str, parameters: tuple[Value, ...]) -> list[Score]:
    """Read scores, the oldest first."""
    found = database.query(
        f"SELECT {_COLUMNS} FROM scores WHERE {condition} ORDER BY as_of, at, id",  # noqa: S608
        parameters,
    )
    return [_score(row) for row in found.to_pylist()]


def erasing_rows(database: Database, subject: SubjectId) -> tuple[AttachedRow, ...]:
    """Make the rows that delete what was said of somebody."""
    found = []
    for table, whose in (
        ("scores", "subject = $1"),
        ("score_answers", "subject = $1"),
        ("score_sources", "subject = $1"),
        ("score_evidence", "subject = $1 OR guarantor = $1"),
    ):
        count = int(single(database.query(
            f"SELECT count(*) AS n FROM {table} WHERE {whose}", (subject.bytes,)  # noqa: S608
        )))  # fmt: skip
        if count:
            found.append(AttachedRow(f"DELETE FROM {table} WHERE {whose}", (subject.bytes,), count))  # noqa: S608
    return tuple(found)


def _score(row: dict[str, Any]) -> Score:
    inputs = json.loads(row["inputs"])
    return Score(
        id=ScoreId(UUID(bytes=row["id"])),
        subject=SubjectId(UUID(bytes=row["subject"])),
        basis=BasisId(UUID(bytes=row["basis"])),
        model=row["model"],
        as_of=from_us(row["as_of"]),
        at=from_us(row["at"]),
        score=row["score"],
        low=row["low"],
        high=row["high"],
        cause=Cause(row["cause"]),
        inputs=inputs["values"],
        days=inputs["days"],
    )
