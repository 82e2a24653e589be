"""Galleries and ensembles that were killed go on where they were, to the same numbers."""

import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil import lab
from counterfoil.lab.ensemble import Replica, run_replicas
from counterfoil.lab.errors import CheckpointInvalid
from counterfoil.lab.report import build_gallery
from tests.lab.kill_lab import ALONE, ENSEMBLE, GALLERY, people, seeing_some


@pytest.fixture(scope="module")
def city() -> lab.Population:
    """Make the city on which the killed programs work."""
    return people()


def _killed(what: str, place: Path, when: str) -> None:
    """Run the program until it kills itself."""
    ended = subprocess.run(
        [sys.executable, "-m", "tests.lab.kill_lab", what, str(place), when],
        check=False, cwd=Path(__file__).parents[2],
    )  # fmt: skip
    assert ended.returncode == -signal.SIGKILL


def _without_times(page: str) -> str:
    """Leave out of a page how long its run took, and the tables to download."""
    page = re.sub(r"[\d.]+ s after [\d.]+ s for the city", "", page)
    return re.sub(r'href="data:[^"]*"', "", page)


def test_a_killed_gallery_goes_on_where_it_was(city: lab.Population, tmp_path: Path) -> None:
    """Killed in a policy's sixth month, a gallery runs no policy twice and no month that is saved."""
    whole, broken = tmp_path / "whole", tmp_path / "broken"
    build_gallery(city, whole, **GALLERY)
    names = lab.builtin_names()
    _killed("gallery", broken, f"{names[3]}:6")
    first = {name: (broken / f"{name}.html").stat().st_mtime_ns for name in names[:3]}
    assert not (broken / f"{names[3]}.html").exists()
    told: list[tuple[str, int]] = []
    begun: list[str] = []
    build_gallery(
        city, broken, **GALLERY, begun=lambda name, *_: begun.append(name),
        progress=lambda done, _: told.append((begun[-1], done)),
    )  # fmt: skip
    assert told[0] == (names[3], 6)
    assert not [name for name, _ in told if name in names[:3]]
    for name in names[:3]:
        assert (broken / f"{name}.html").stat().st_mtime_ns == first[name]
    assert {path.name for path in broken.iterdir()} == {path.name for path in whole.iterdir()}
    for name in names:
        if name != "face-search":  # measures the machine, anew each time
            pages = [(folder / f"{name}.html").read_text("utf-8") for folder in (whole, broken)]
            assert _without_times(pages[0]) == _without_times(pages[1])
    pages = [(folder / "index.html").read_text("utf-8") for folder in (whole, broken)]
    assert pages[0] == pages[1]


def test_a_gallery_of_another_length_is_not_taken_for_this_one(
    city: lab.Population, tmp_path: Path
) -> None:
    """Saved runs of nine months are refused by a gallery of ten."""
    _killed("gallery", tmp_path, f"{lab.builtin_names()[1]}:3")
    with pytest.raises(CheckpointInvalid, match="another policy, population, length or seed"):
        build_gallery(city, tmp_path, months=10)


def _same(one: list[Replica], other: list[Replica]) -> bool:
    return [replica.seed for replica in one] == [replica.seed for replica in other] and all(
        (a.counts == b.counts).all() and a.summary.equals(b.summary)
        for a, b in zip(one, other, strict=True)
    )


@pytest.mark.parametrize("killed_at", [16 * 6, 16 * 14 + 3 * 5])
def test_a_killed_ensemble_goes_on_where_it_was(
    killed_at: int, city: lab.Population, tmp_path: Path
) -> None:
    """Killed in the first or the second line of replicas, it moves only the months not saved."""
    kept, rule = tmp_path / "spiral.ensemble", lab.load("spiral")
    _killed("ensemble", kept, str(killed_at))
    told: list[int] = []
    found = run_replicas(
        rule, city, **ENSEMBLE, checkpoint=kept, progress=lambda done, _: told.append(done)
    )
    width = 16 if killed_at <= 16 * 14 else 3
    assert told[0] == killed_at - width  # what is saved, told before anything is moved
    assert told[1] == killed_at
    assert told[-1] == 19 * 14
    assert _same(found, run_replicas(rule, city, **ENSEMBLE))
    assert list(tmp_path.iterdir()) == []


def test_a_killed_ensemble_run_one_by_one_goes_on_too(city: lab.Population, tmp_path: Path) -> None:
    """Killed after its second replica, it runs the third alone."""
    kept = tmp_path / "friends.ensemble"
    _killed("alone", kept, "16")
    told: list[int] = []
    found = run_replicas(
        seeing_some(), city, **ALONE, checkpoint=kept,
        progress=lambda done, _: told.append(done),
    )  # fmt: skip
    assert told[-1] == 24
    assert len(told) <= 2
    assert _same(found, run_replicas(seeing_some(), city, **ALONE))
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_of_other_seeds_is_refused(city: lab.Population, tmp_path: Path) -> None:
    """What nineteen seeds saved is not taken for eighteen."""
    kept = tmp_path / "spiral.ensemble"
    _killed("ensemble", kept, str(16 * 2))
    with pytest.raises(CheckpointInvalid):
        run_replicas(lab.load("spiral"), city, **(ENSEMBLE | {"replicas": 18}), checkpoint=kept)
