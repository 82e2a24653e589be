"""Jobs run while the server does, are tried again when they fail, and stop in time."""

import threading
from datetime import UTC, datetime, timedelta

import pytest

from counterfoil.kernel.clock import Deadline, ManualClock
from counterfoil.kernel.errors import CounterfoilError, StoreUnavailable
from counterfoil.server import jobs
from counterfoil.server.jobs import Job, Jobs

CLOCK = ManualClock(datetime(2026, 1, 5, 9, tzinfo=UTC))


def until(happened: threading.Event) -> None:
    assert happened.wait(10)


def test_a_job_runs_again_and_again_until_it_is_stopped() -> None:
    """A job is given rounds while the server runs, and none after it has stopped."""
    thrice, rounds = threading.Event(), []

    def round_(_stop: threading.Event) -> None:
        rounds.append(1)
        if len(rounds) == 3:
            thrice.set()

    running = Jobs([Job("clean", round_, every=timedelta(milliseconds=1))], CLOCK)
    running.start()
    until(thrice)
    running.stop()
    count = len(rounds)
    assert running.states["clean"].run_count == count
    assert running.states["clean"].last_at == datetime(2026, 1, 5, 9, tzinfo=UTC)


def test_a_job_that_fails_is_tried_again_and_its_code_is_known(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A failure is told by its code and forgotten once a round succeeds."""
    monkeypatch.setattr(jobs, "RETRY", timedelta(milliseconds=1))
    seen: list[int] = []
    codes: list[str] = []
    done = threading.Event()
    failures: list[Exception] = [StoreUnavailable("gone"), ValueError("Alice")]

    def round_(_stop: threading.Event) -> None:
        codes.append(running.states["send"].failed_code)
        if failures:
            raise failures.pop(0)
        seen.append(1)
        done.set()

    running = Jobs([Job("send", round_, every=timedelta(hours=1))], CLOCK)
    running.start()
    until(done)
    deadline = Deadline(5000)
    while running.states["send"].failed_code and deadline.left_s:
        threading.Event().wait(0.01)
    running.stop()
    assert codes == ["", "store.unavailable", "ValueError"]
    assert running.states["send"].failure_count == 2
    assert running.states["send"].failed_code == ""


def test_a_job_that_loops_by_itself_is_told_to_stop() -> None:
    """A job that never returns ends when the server stops."""
    ended = threading.Event()

    def loop(stop: threading.Event) -> None:
        stop.wait()
        ended.set()

    running = Jobs([Job("loop", loop)], CLOCK)
    running.start()
    running.stop()
    assert ended.is_set()


def test_every_error_of_ours_has_a_code() -> None:
    """What the log tells of a failed job is a code, never its words."""
    assert CounterfoilError("x").code
