"""How long scores are kept, and what was shown for them: 25 months, to the day, and no longer."""

from datetime import timedelta

from counterfoil.consent import Purpose
from counterfoil.consent.limits import APPLICATION
from counterfoil.retention.model import Run
from tests.consent.world import DAY
from tests.retention.conftest import House
from tests.score.test_evidence import Office, office

__all__ = ["office"]


def test_a_score_and_what_it_counted_go_the_day_after_their_25_months(office: Office) -> None:
    """On the last day it can still be explained; the day after, the score and its sources are gone."""
    place = office.place
    for person in (place.alice, place.bob):
        place.contract(person)  # who has no basis left is erased much sooner
    place.agree(place.alice, Purpose.SCORE_INCOME)
    confirmed = office.confirm_income(place.alice)
    place.clock.advance(timedelta(seconds=1))
    score = office.score(place.alice)
    assert score.inputs["verified_income"] == confirmed.value
    house, last = House(place), APPLICATION.after(score.at)
    assert (last - score.at).days in range(758, 765)

    def left() -> dict[str, int]:
        return {
            table: len(place.database.query(f"SELECT 1 AS one FROM {table}").to_pylist())
            for table in ("scores", "score_sources", "score_evidence")
        }

    kept = {"scores": 1, "score_sources": 1, "score_evidence": 1}
    assert _gone(house.run(last)) == {}
    assert left() == kept
    assert _gone(house.run(last + DAY)) == {"old-scores": 1, "old-sources": 1}
    assert left() == kept | {"scores": 0, "score_sources": 0}
    assert _gone(house.run(APPLICATION.after(confirmed.until) + DAY)) == {"old-evidence": 1}
    assert left() == dict.fromkeys(kept, 0)


def _gone(run: Run) -> dict[str, int]:
    return {one.what: one.count for one in run.gone if one.what.startswith("old-") and one.count}
