"""Mesa beside the lab: its environment, its numbers, and what is said when it cannot be had."""

import json
import sys
from pathlib import Path

import pytest

from counterfoil.bench import mesa
from counterfoil.cli import main
from counterfoil.lab.errors import ExtraMissing


@pytest.mark.slow
def test_mesa_runs_beside_in_an_environment_of_its_own(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """`bench lab --mesa` installs Mesa apart, runs it, and calls what it scaled up extrapolated."""
    line = ["counterfoil", "bench", "lab", "--people", "20000", "--months", "3", "--mesa", "--json"]
    monkeypatch.setattr(sys, "argv", line)
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr()
    if ended.value.code and "lab.extra-missing" in said.err:
        pytest.skip(f"pip reaches no Mesa here: {said.err.strip()}")
    assert not ended.value.code
    found = json.loads(said.out)
    (peer,) = found["compared_with"]
    assert peer["name"] == f"Mesa {mesa.VERSION}"
    assert (peer["people"], peer["months"], peer["extrapolated"]) == (10_000, 3, True)
    assert peer["seconds_at_to_people"] == pytest.approx(2 * peer["seconds"])
    assert peer["ratio"] == pytest.approx(peer["seconds_at_to_people"] / found["seconds"], abs=0.06)
    assert "10,000 residents" in peer["note"]
    assert "for 20,000 extrapolated" in peer["note"]
    assert "mesa" not in sys.modules
    small = mesa.measure_mesa(people=200, months=2)
    assert (small.people, small.extrapolated) == (200, False)
    assert small.seconds_at_to_people == small.seconds


def test_a_mesa_that_pip_cannot_find_is_said_and_leaves_nothing(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Without a reachable package the error names pip's reason, and no half environment stays."""
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "nothing"))
    folder = tmp_path / "kept" / "mesa"
    with pytest.raises(
        ExtraMissing, match=rf"No matching distribution found for mesa=={mesa.VERSION}"
    ):
        mesa.measure_mesa(people=10, months=1, folder=folder)
    assert list(folder.parent.iterdir()) == []
