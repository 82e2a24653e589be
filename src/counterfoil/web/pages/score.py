"""My score: the number and how it comes about, made when one asks; and who has confirmed what for it."""

import json
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from babel.dates import format_date
from starlette.responses import Response
from starlette.routing import BaseRoute

from counterfoil.consent import DEFINITIONS, GrantMissing, Purpose
from counterfoil.kernel.clock import EPOCH, from_us, to_us
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.money import Money, currency_by_code, format_money
from counterfoil.score.band import band_of
from counterfoil.score.errors import ModelNotFound, NotScored
from counterfoil.score.evidence_store import Confirmed, EvidenceId
from counterfoil.score.explanation import Explained
from counterfoil.score.wording import (
    change_words,
    dimension_words,
    interval_words,
    line_words,
    reason_words,
)
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who

_DAY_US = 86_400_000_000
_VOUCHING = {"score-vouching", "score-evidence-ended"}


@dataclass(frozen=True, slots=True)
class Told:
    """Something confirmed, as its person reads it."""

    one: Confirmed
    what: str
    value: str
    by: str
    counts: bool


@dataclass(frozen=True, slots=True)
class Vouching:
    """That one vouches for somebody."""

    id: UUID
    until: datetime


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    pages = ScorePages(desk)
    return [
        desk.route("/record/score", pages.show, who=Who.PERSON),
        desk.posted("/record/score", pages.ask, who=Who.PERSON),
        desk.posted("/record/score/end", pages.end, who=Who.PERSON),
    ]


class ScorePages:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site

    def show(self, asked: Asked) -> Response:
        """Show the latest score, taken apart, and what others have confirmed."""
        me, scores = asked.me, self._site.scores
        found = scores.own(me)
        return self._desk.page(
            asked, "score.html", score=found[-1] if found else None,
            told=self._told(scores.explained(found[-1])) if found else None,
            confirmed=[self._confirmed(one) for one in scores.evidence.own(me)[::-1]],
            vouching=self._vouching(asked),
        )  # fmt: skip

    def _told(self, told: Explained) -> dict[str, object]:
        return {
            "band": str(band_of(told.score).words),
            "sure": interval_words(told),
            "base": told.model.card.base_points,
            "limits": told.limits,
            "dimensions": [(dimension_words(one), f"{points:+d}" if points else "0")
                           for one, points in told.dimensions.items()],
            "reasons": [reason_words(told, one) for one in told.reasons],
            "changes": [change_words(told, one) for one in told.changes],
            "lines": [line_words(told, one) for one in told.lines],
        }  # fmt: skip

    def ask(self, asked: Asked) -> Response:
        """Make a score now.

        Raises:
            NotScored: one has not agreed to be scored.
            ScoreError: too little is known, or nobody is scored here.

        """
        try:
            self._site.live_scores.own(asked.me)
        except GrantMissing as error:
            raise NotScored(
                _("You have not agreed to be scored. Switch it on in your record, if you want to.")
            ) from error
        return self._desk.go("/record/score")

    def end(self, asked: Asked) -> Response:
        """End what was confirmed, or that one vouches; ending it again changes nothing."""
        evidence, me = self._site.scores.evidence, asked.me
        mine = [*(one.id for one in evidence.own(me)), *(one.id for one in self._vouching(asked))]
        for one in mine:
            if one.hex == asked.field("evidence"):
                evidence.end(EvidenceId(one), me.person)
        return self._desk.go("/record/score")

    def _vouching(self, asked: Asked) -> list[Vouching]:
        """List for whom one vouches, by one's own records: for how long, and not whom for."""
        records = [json.loads(one.body) for one in
                   self._site.consent.records_of(asked.me.person) if one.kind in _VOUCHING]  # fmt: skip
        ended = {one["evidence"] for one in records if one["kind"] == "score-evidence-ended"}
        found = [Vouching(UUID(one["evidence"]), datetime.fromisoformat(one["until"]))
                 for one in records
                 if one["kind"] == "score-vouching" and one["evidence"] not in ended]  # fmt: skip
        return [one for one in found[::-1] if one.until > self._desk.now]

    def _counts(self, one: Confirmed) -> bool:
        return one.ended_at is None and one.until > self._desk.now

    def _confirmed(self, one: Confirmed) -> Told:
        return Told(
            one,
            str(DEFINITIONS[one.purpose].words),
            self._value(one),
            one.attested_by or _("Somebody who vouches for you"),
            self._counts(one),
        )

    def _value(self, one: Confirmed) -> str:
        if one.purpose is Purpose.SCORE_INCOME:
            income = Money(one.value, currency_by_code(self._currency()))
            return _("{income} a month", income=format_money(income, current_locale()))
        if one.purpose is Purpose.SCORE_JOB:
            day = from_us(to_us(EPOCH) + one.value * _DAY_US).date()
            return _("since {day}", day=format_date(day, "medium", current_locale()))
        return _("their own score counts, and is told to nobody")

    def _currency(self) -> str:
        """Tell what amounts are confirmed in: the model's currency, as it will count them."""
        try:
            found = self._site.models.champion().currency
        except ModelNotFound:
            found = ""
        return found or next(iter(self._site.wallets.offered())).code
