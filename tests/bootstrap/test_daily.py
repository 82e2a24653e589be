"""What is to be done each day is done by itself, once, while a server runs."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Event

import pytest

from counterfoil.bootstrap import Site
from counterfoil.bootstrap.daily import Task
from counterfoil.consent import BasisId, Operator, Purpose
from counterfoil.kernel.clock import Deadline, ManualClock
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.ids import new_id
from counterfoil.people import NewPerson, PersonId, parse_contact
from counterfoil.receipts import Policy, Verifier
from counterfoil.server.compose import jobs_of
from counterfoil.server.jobs import Jobs

MORNING = datetime(2026, 3, 1, 9, tzinfo=UTC)
PATIENCE_MS = 20_000


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that moves when told."""
    return ManualClock(MORNING)


@pytest.fixture
def site(database_url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Site]:
    """Open an operator's rooms."""
    with Site.open(database_url, tmp_path, origin="larch.example", clock=clock) as opened:
        yield opened


def wait(until: Callable[[], bool]) -> None:
    """Wait for a thread."""
    deadline = Deadline(PATIENCE_MS)
    while not until():
        assert deadline.left_s, "it did not come to that"


def runs(site: Site) -> list[str]:
    """Name the days of the runs that have ended, the latest first."""
    return [str(run.day) for run in site.retention.history() if run.finished_at]


def jobs(site: Site, clock: ManualClock) -> Jobs:
    """Make the jobs that a server of this site has."""
    return Jobs(jobs_of(site), clock)


def test_a_server_that_starts_catches_up_and_a_day_is_done_once(
    site: Site, clock: ManualClock, database_url: str, tmp_path: Path
) -> None:
    """Started, stopped and started again on one day: one run. On a later day: one more, at once."""
    for _time in range(2):
        served = jobs(site, clock)
        served.start()
        wait(lambda served=served: served.states["daily"].run_count > 0)  # type: ignore[misc]
        served.stop()
        clock.advance(timedelta(hours=2))
    assert runs(site) == ["2026-03-01"]
    clock.advance(timedelta(days=9))
    site.close()
    with Site.open(database_url, tmp_path, clock=clock) as again:
        served = jobs(again, clock)
        served.start()
        wait(lambda: runs(again) == ["2026-03-10", "2026-03-01"])
        served.stop()


def test_what_fails_is_tried_again_and_keeps_nothing_else_from_its_turn(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A task of a room above that fails is named; the retention run has been done all the same."""
    done: list[str] = []

    def fail() -> None:
        if not done:
            done.append("failed")
            raise StoreUnavailable("The bank does not answer.")

    more = (Task("bank", fail), *site.daily._tasks, Task("rates", lambda: done.append("rates")))
    monkeypatch.setattr(site.daily, "_tasks", more)
    with pytest.raises(StoreUnavailable, match="does not answer"):
        site.daily.do_due(Event())
    assert (done, runs(site)) == (["failed", "rates"], ["2026-03-01"])
    site.daily.do_due(Event())
    site.daily.do_due(Event())
    assert done == ["failed", "rates", "rates"]


def test_a_run_has_a_receipt_that_anyone_can_verify(
    site: Site, clock: ManualClock, database_url: str, tmp_path: Path
) -> None:
    """The record of what was deleted is a leaf like every other, and names nobody."""
    from counterfoil.bootstrap import SiteReader

    person = site.people.register(
        NewPerson(id=PersonId(new_id()), name="Alice", contact=parse_contact("alice@example.org"))
    )
    site.consent.purposes.assess(new_id(), Purpose.RUN_WALLET, by="Edda", text="Needed.")
    site.consent.purposes.start(Purpose.RUN_WALLET, Operator("Larch", "privacy@larch.example"))
    contract = BasisId(new_id())
    site.consent.bases.enter_contract(contract, person, "terms")
    site.consent.bases.end(contract)
    clock.advance(timedelta(days=40))
    run = site.retention.run()
    assert [(one.what, one.count) for one in run.gone] == [("persons", 1)]
    assert site.sealing.wait_for(records=run.record, timeout_ms=PATIENCE_MS)
    with SiteReader(database_url, tmp_path) as reader:
        receipt = reader.issuer.of_record(run.record)
    verifier = Verifier(Policy((site.keys.records[0].verifier,)), now_us=clock.now_us())
    assert verifier.verify(receipt).proven
    assert str(person) not in receipt.record


def test_forgetting_somebody_leaves_the_log_whole(
    site: Site, clock: ManualClock, database_url: str, tmp_path: Path
) -> None:
    """The words of an erased person's records go after three years, and every leaf still fits."""
    from counterfoil.bootstrap import SiteReader
    from counterfoil.consent import Regime

    person = site.people.register(
        NewPerson(id=PersonId(new_id()), name="Alice", contact=parse_contact("alice@example.org"))
    )
    site.rights.erasures.erase(person, by="Edda", regime=Regime.PIPL)
    clock.advance(timedelta(days=4 * 366))
    run = site.retention.run()
    assert {one.what for one in run.gone} == {"records"}
    assert site.sealing.wait_for(records=run.record, timeout_ms=PATIENCE_MS)
    with SiteReader(database_url, tmp_path) as reader:
        found = reader.auditor.records(lambda _done, _total: None)
    assert (found.difference, found.blinded) == (None, run.record - 1)
