"""A day at the desk where limits are kept: plan, run, look back."""

from pathlib import Path

import pytest

from tests.cli.test_people_commands import Desk


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Desk:
    """Give a site with an empty database, whose logs have a name."""
    desk = Desk(tmp_path, database_url)
    desk.where = ("--site", f"{tmp_path}/site", "--database", database_url)
    desk.says("log", "seal", "--origin", "larch.example")
    return desk


def test_a_run_is_planned_done_and_shown(site: Desk) -> None:
    """A dry run, the day's run, the same again, and the history."""
    assert "Nothing is past its limit." in site.says("retention", "plan")
    assert site.answers("retention", "plan")["delete"] == []
    assert "There was no run yet." in site.says("retention", "history")
    done = site.answers("retention", "run")
    assert (done["run"], done["deleted"]) == (1, [])
    assert "Run 1 of" in site.says("retention", "run")
    (only,) = site.answers("retention", "history")["runs"]
    assert only == done
    assert f"{done['record']}" in site.says("retention", "history")
