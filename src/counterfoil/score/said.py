"""What is written of a score, or of why there is none: its row, its record, its receipt's words."""

from collections.abc import Sequence

from counterfoil.consent import BasisId, SubjectId
from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.ids import new_id
from counterfoil.people.records import Json, moment, record_row
from counterfoil.score.evidence_store import Shown
from counterfoil.score.judged import Judged
from counterfoil.score.model import Model
from counterfoil.score.score_store import Cause, Score, ScoreId


def score_of(
    subject: SubjectId, basis: BasisId, judged: Judged, as_of_us: int, at_us: int, cause: Cause
) -> Score:
    """Make a score of what came out for one person.

    `judged` must have been scored.
    """
    told = judged.explained
    assert told is not None
    return Score(
        id=ScoreId(new_id()), subject=subject, basis=basis, model=told.model.hash,
        as_of=from_us(as_of_us), at=from_us(at_us), score=told.score, low=told.low, high=told.high,
        cause=cause, inputs=judged.inputs, days=judged.days,
    )  # fmt: skip


def content(score: Score, model: Model, shown: Sequence[Shown] = ()) -> dict[str, Json]:
    """Say of a score what its record says: the model, the instant, and a hash of the rest."""
    told: dict[str, Json] = {
        "score": str(score.id),
        "model": {"name": model.name, "version": model.version, "sha256": model.hash.hex()},
        "as_of": moment(to_us(score.as_of)),
        "cause": score.cause.value,
        "said": score.digest,
    }
    if shown:
        told["sources"] = [{"purpose": one.purpose.value, "basis": str(one.basis)} for one in shown]
    return told


def refusal(model: Model, judged: Judged, as_of_us: int) -> dict[str, Json]:
    """Say that there is no score, and why; `judged` must have been refused."""
    assert judged.refusal is not None
    return {
        "model": {"name": model.name, "version": model.version, "sha256": model.hash.hex()},
        "as_of": moment(as_of_us),
        "code": judged.refusal.code,
    }


def refusing_row(
    subject: SubjectId, model: Model, judged: Judged, as_of_us: int, at_us: int
) -> AttachedRow:
    """Make the record that there is no score."""
    return record_row("score-refused", subject, at_us, refusal(model, judged, as_of_us))
