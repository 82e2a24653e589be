"""Live scores: made when a merchant asks, about a person whose grant names that merchant.

Nothing is kept to be given again: each request is a look of its own, on the person's record, and a
grant that has ended answers nothing, not even what it answered a moment ago.
"""

from datetime import datetime
from typing import Annotated, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Depends
from pydantic import BaseModel, ConfigDict, Field, StringConstraints
from starlette.responses import Response

from counterfoil.api import models
from counterfoil.api.call import Call, documented, may, said
from counterfoil.api.keys import Scope
from counterfoil.consent import CollectorId
from counterfoil.kernel.i18n import use_locale
from counterfoil.score.live import Live
from counterfoil.score.wording import dimension_words, meaning_of

router = APIRouter(tags=["scores"])
Asking = Annotated[Call, Depends(may(Scope.SCORES_READ))]
Language = Literal["en", "fr", "zh_CN"]
_SCORE: Final = "0 says neither good nor bad: nothing is known, or nothing was shown."


class Question(BaseModel):
    """What is asked, and why."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    grant: UUID = Field(description="The number of the person's grant, which names you.")
    reason: Annotated[models.Line, StringConstraints(max_length=200)] = Field(
        description="Why you ask, in words that the person will read.",
        examples=["You asked us for a loan of 500 euros."],
    )
    language: Language = Field(default="en", description="Of the words in the answer.")


class Model(BaseModel):
    """The model that made a score."""

    name: str
    version: int
    sha256: str


class Dimension(BaseModel):
    """One of the five dimensions, with its points."""

    code: str
    words: str
    points: int = Field(description=_SCORE)


class Reason(BaseModel):
    """What cost most: never an amount, never a payment."""

    code: str
    words: str
    points: int = Field(description="How many points fewer than the reference; below 0.")


class Why(BaseModel):
    """How a score came about: only where the person has granted that too (`share-reasons`)."""

    low: int = Field(description="95 times of 100 the score lies between `low` and `high`.")
    high: int
    dimensions: list[Dimension]
    reasons: list[Reason] = Field(description="At most four, the one that cost most first.")


class Proof(BaseModel):
    """What the person holds the other half of."""

    record: int = Field(description="The score's number in the log of records.")
    said: str = Field(description="SHA-256 of what was said, as the record has it.")
    access: int = Field(description="The number of the record of your look.")


class LiveScore(BaseModel):
    """A live score."""

    id: UUID
    score: int = Field(ge=350, le=950)
    band: Literal["weak", "fair", "good", "very-good", "excellent"]
    as_of: datetime = Field(description="Only payments before this count.")
    model: Model
    why: Why | None = Field(description="Null: the grant is for the number alone (`share-score`).")
    receipt: Proof


@router.post("/scores", response_model=LiveScore, summary="Ask for a live score",
             **documented(Scope.SCORES_READ, 409))  # fmt: skip
async def ask_for_score(call: Asking, question: Question) -> Response:
    """Score a person now, whose grant names you. Asking again is another look, on their record."""

    def scored() -> LiveScore:
        live = call.rooms.scores.told(
            question.grant, CollectorId(call.merchant), question.reason.strip()
        )
        with use_locale(question.language):
            return said_live(live)

    return said(await call.read(scored))


def said_live(live: Live) -> LiveScore:
    """Say a live score in the reader's language: as much as the grant is for."""
    score, model = live.score, live.explained.model
    return LiveScore.model_validate({
        "id": score.id, "score": score.score, "band": live.band.code, "as_of": score.as_of,
        "model": Model(name=model.name, version=model.version, sha256=model.hash.hex()),
        "why": _why(live) if live.tells_reasons else None,
        "receipt": Proof(record=live.receipt, said=score.digest, access=live.access),
    })  # fmt: skip


def _why(live: Live) -> Why:
    told = live.explained
    return Why(
        low=told.low,
        high=told.high,
        dimensions=[
            Dimension(code=of.value if of else "other", words=dimension_words(of), points=points)
            for of, points in told.dimensions.items()
        ],
        reasons=[
            Reason(code=one.code, words=meaning_of(one.line.column), points=-one.loss)
            for one in told.reasons
        ],
    )
