"""Runs side by side are the runs they would have been one after the other."""

import threading
from pathlib import Path
from typing import Any

import pytest

from counterfoil import lab
from counterfoil.lab.engine import set_threads
from counterfoil.lab.kept import Kept
from counterfoil.lab.side_by_side import lanes_for, metrics_of_all
from counterfoil.lab.state import bytes_needed
from counterfoil.lab.sweep import neighbor
from counterfoil.policy import Policy


def _rules() -> list[Policy]:
    return [neighbor(lab.load("spiral"), "listing.below", value) for value in (800, 860, 920)]


def test_runs_side_by_side_give_what_each_gives_alone(plain: lab.Population) -> None:
    """Metrics come in the order of the policies, each as from a run of its own on every core."""
    told: list[tuple[int, int]] = []
    found = metrics_of_all(
        _rules(), plain, months=30, seed=1, kept=Kept(),
        done=lambda count, total: told.append((count, total)),
    )  # fmt: skip
    assert told == [(1, 3), (2, 3), (3, 3)]
    for rule, metrics in zip(_rules(), found, strict=True):
        rows = lab.run(rule, plain, months=30).tables["summary"].to_pylist()
        assert metrics == {row["metric"]: row["value"] for row in rows}


def test_two_runs_are_under_way_at_once(
    plain: lab.Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where there are two cores, the second run begins before the first one ends."""
    if set_threads(None) < 2:
        pytest.skip("one core")
    both, met = threading.Barrier(2, timeout=30), Kept.metrics

    def waiting(kept: Kept, *args: Any, **options: Any) -> dict[str, float]:
        both.wait()
        assert options["threads"] == 1
        return met(kept, *args, **options)

    monkeypatch.setattr(Kept, "metrics", waiting)
    assert len(metrics_of_all(_rules()[:2], plain, months=6, seed=1, kept=Kept())) == 2


def test_one_that_fails_stops_the_others_and_keeps_what_is_done(
    plain: lab.Population, tmp_path: Path
) -> None:
    """An error in one run ends the sweep at once; runs that were done need not be run again."""
    at, first = tmp_path / "kept", _rules()[0]
    metrics_of_all([first], plain, months=6, seed=1, kept=Kept(at))

    def fail(count: int, _total: int) -> None:
        if count == 1:
            raise RuntimeError

    with pytest.raises(RuntimeError):
        metrics_of_all(_rules() * 40, plain, months=600, seed=1, kept=Kept(at), done=fail)
    assert at.read_text("utf-8").count("\n") < 10


def test_no_more_runs_go_side_by_side_than_memory_holds(
    plain: lab.Population, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With memory for one and a half, runs go one after the other, each on every core."""
    one = bytes_needed(plain.people, plain.directed_ties)
    monkeypatch.setattr("counterfoil.lab.side_by_side.free_bytes", lambda: one * 3 // 2)
    assert lanes_for(plain, 8) == 1
    monkeypatch.setattr("counterfoil.lab.side_by_side.free_bytes", lambda: one * 100)
    assert lanes_for(plain, 8) == min(set_threads(None), 8)
