"""A run that is killed goes on where it was, and counts each row once."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.consent import Regime, Right, RightsRequestId, State
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.ids import new_id
from tests.consent.world import DAY, START, town
from tests.retention.runner import reopened

REQUESTS = 8


@pytest.mark.parametrize(("batches", "days_later"), [(0, 0), (1, 0), (2, 1), (3, 2)])
def test_a_run_that_is_killed_is_carried_out_by_the_next(
    database_url: str, tmp_path: Path, batches: int, days_later: int
) -> None:
    """Eight old requests in batches of three, two idle people: killed anywhere, all go, none twice."""
    with town(database_url, tmp_path) as place:
        for _number in range(REQUESTS):
            request = RightsRequestId(new_id())
            place.consent.rights.ask(request, place.alice, Right.ACCESS, [Regime.GDPR])
            place.consent.rights.answer(request, State.FULFILLED, by="Edda", reasons="")
    at = START + 4 * 365 * DAY
    run = subprocess.Popen(
        [sys.executable, "-m", "tests.retention.runner", database_url, str(tmp_path),
         str(to_us(at)), str(batches)],
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert run.stdout is not None
    assert run.stdout.readline() == b"here\n"
    run.kill()
    run.wait()
    run.stdout.close()
    later = to_us(at + timedelta(days=days_later, hours=1))
    with reopened(database_url, tmp_path, later) as retention:
        retention.run()
        *_, first = retention.history()
        assert first.finished_at is not None
        assert {one.what: one.count for one in first.gone} == {
            "answered-requests": REQUESTS,
            "persons": 2,
        }
        assert len(retention.history()) == (2 if days_later else 1)
        assert retention.plan().gone == ()
