"""A server looks at the model that scores, every day, and says what moved."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from counterfoil.bootstrap import Site
from counterfoil.consent import SubjectId
from counterfoil.kernel.clock import ManualClock, to_us
from counterfoil.kernel.ids import new_id
from counterfoil.people.records import Recorder
from counterfoil.score.errors import TableRefused
from counterfoil.score.monitor import ROWS_MIN, Watched
from counterfoil.score.score_store import ScoreId, score_rows
from counterfoil.score.watching import OUTCOMES_NAME
from counterfoil.server.compose import jobs_of
from counterfoil.server.jobs import Jobs
from counterfoil.server.metrics import Counts, Metrics
from tests.bootstrap.test_daily import wait
from tests.consent.world import DAY, START
from tests.score.office import lived_site


def found(site: Site) -> set[tuple[Watched, str]]:
    """Tell what the latest look found: about what, and which column."""
    return {(one.about, one.column) for one in site.watching.alerts}


def test_what_moved_is_told_by_name(database_url: str, tmp_path: Path) -> None:
    """One score moves nothing; a crowd that is all alike does: the scores, and columns by name."""
    alice, certificate = lived_site(database_url, tmp_path)
    clock = ManualClock(START + 121 * DAY)
    with Site.open(database_url, tmp_path, clock=clock) as site:
        score = site.scores.score(SubjectId(alice), who=certificate, reason="She asked.")
        site.watching.look()
        assert not found(site)
        crowd = [replace(score, id=ScoreId(new_id())) for _one in range(2 * ROWS_MIN)]
        Recorder(site.ledger, site.database, clock).commit(
            lambda at_us: (score_rows(site.database, crowd, at_us, to_us(score.as_of)),)
        )
        jobs = Jobs([one for one in jobs_of(site) if one.name == "daily"], clock)
        jobs.start()
        wait(lambda: jobs.states["daily"].run_count + jobs.states["daily"].failure_count > 0)
        jobs.stop()
        assert jobs.states["daily"].failure_count == 0
        told = found(site)
        columns = {item.binning.name for item in site.models.champion().card.items}
        assert (Watched.SCORES, "") in told
        named = {column for about, column in told if about is Watched.COLUMN}
        assert named
        assert named <= columns
        page = Metrics(site, dict, Counts()).text().decode()
        assert 'counterfoil_score_alerts{about="scores",column=""}' in page
        assert all(f'column="{column}"' in page for column in named)
        assert str(alice) not in page


def test_where_nothing_scores_there_is_nothing_to_see(database_url: str, tmp_path: Path) -> None:
    """An operator without a model is told of no failure."""
    with Site.open(database_url, tmp_path, origin="larch.example") as site:
        site.watching.look()
        assert not found(site)


def test_outcomes_that_were_not_said_are_told(database_url: str, tmp_path: Path) -> None:
    """When far more contracts fail than the scores said, the daily look says so; else it does not."""
    alice, certificate = lived_site(database_url, tmp_path)
    clock = ManualClock(START + 121 * DAY)
    with Site.open(database_url, tmp_path, clock=clock) as site:
        score = site.scores.score(SubjectId(alice), who=certificate, reason="She asked.")
        crowd = [replace(score, id=ScoreId(new_id())) for _one in range(2 * ROWS_MIN)]
        Recorder(site.ledger, site.database, clock).commit(
            lambda at_us: (score_rows(site.database, crowd, at_us, to_us(score.as_of)),)
        )
        said = float(site.models.champion().card.probability_bad(np.array([score.score]))[0])
        file = site.place.models / OUTCOMES_NAME
        bad_as_said = round(said * len(crowd))
        for bad_count, is_told in ((bad_as_said, False), (len(crowd), True)):
            rows = [f"{one.id},{int(place < bad_count)}" for place, one in enumerate(crowd)]
            gone = f"{new_id()},1"  # somebody who was erased meanwhile
            file.write_text("\n".join(["score,bad", *rows, gone]) + "\n", "utf-8")
            site.watching.look()
            assert ((Watched.CALIBRATION, "") in found(site)) == is_told
        file.write_text("score,bad\nAlice,yes\n", "utf-8")
        with pytest.raises(TableRefused, match="no table of outcomes"):
            site.watching.look()
