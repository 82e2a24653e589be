"""A refresh that is killed leaves the old file or the new one, whole, and the mark."""

import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil.history import CopyDue, CopyState
from tests.consent.world import town
from tests.history.copying import REASON, Desk
from tests.history.refresher import POINTS, reopened


@pytest.mark.parametrize("point", POINTS)
def test_a_refresh_that_is_killed_is_done_by_the_next(
    database_url: str, tmp_path: Path, point: str
) -> None:
    """Carol withdraws; whatever moment the run dies at, nobody reads her and the next one finishes."""
    with town(database_url, tmp_path) as place:
        desk = Desk(place, tmp_path / "copies")
        carol, dan = desk.payer("Carol"), desk.payer("Dan")
        desk.agree(carol, dan)
        (copy,) = desk.make()
        desk.withdraw(carol)
        scorer = place.scorer
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.history.refresher", database_url, str(tmp_path), point],
        stdout=subprocess.PIPE,
    )
    assert run.stdout is not None
    assert run.stdout.readline() == b"here\n"
    run.kill()
    run.wait()
    run.stdout.close()
    with reopened(database_url, tmp_path) as copies:
        with pytest.raises(CopyDue), copies.opened(copy.id, who=scorer, reason=REASON):
            pytest.fail("it opened")
        (done,) = copies.refresh_due()
        assert (done.state, done.removed_count) == (CopyState.KEPT, 1)
        with copies.opened(copy.id, who=scorer, reason=REASON) as found:
            assert found.file.read().num_rows == 2
        assert (copies.verify(), copies.strangers(), copies.refresh_due()) == ({}, [], [])
