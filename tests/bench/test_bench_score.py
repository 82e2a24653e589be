"""The benchmark of features measures what it says, on a small city."""

import os
import sys
from pathlib import Path

import pytest

from counterfoil.bench import peer_place, score, score_peers
from counterfoil.bench.peer_place import PACKAGES, PeersMissing, python_of


def test_it_measures_everybody_s_features(tmp_path: Path) -> None:
    """Each part runs apart, and the events are a year of payments for each person."""
    seen: list[tuple[int, int]] = []
    speed = score.measure(
        tmp_path, people=200, threads=1, memory_max="1GB",
        progress=lambda done, total: seen.append((done, total)),
    )  # fmt: skip
    assert seen == [(200, 200)]
    assert speed.events > 200 * 24
    assert min(speed.features_seconds, speed.scan_seconds, speed.scans) > 0
    assert speed.scoring_seconds > 0
    assert min(speed.card_columns, speed.live_ms) > 0


def test_features_before_instants_are_those_that_are_computed_anyway() -> None:
    """The part that is timed runs apart, over the same payments, and comes to the same numbers."""
    said: list[str] = []
    events, cutoffs = score_peers.of_city(30)
    speeds = score_peers.measure(events, cutoffs, peers=None, say=said.append, runs=1)
    (ours,) = speeds.speeds
    assert (speeds.instants, ours.times, ours.agrees) == (30, 1.0, True)
    assert speeds.events == events.num_rows
    assert said == ["ours: run 1 of 1"]


def test_the_peers_part_stands_alone() -> None:
    """The peers' Python need not have anything of ours, and each peer has its part."""
    script = Path(score_peers.__file__).with_name("features_peer.py").read_text("utf-8")
    assert "import counterfoil" not in script
    assert "from counterfoil" not in script
    assert all(f'    "{peer}": by_{peer}' in script for peer in score_peers.PEERS)


def test_without_a_network_the_peers_are_missed_by_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What pip says is told, with what to do; the next call begins anew, as nothing is marked ready."""
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setattr(peer_place, "PACKAGES", ("a-peer-that-there-is-not==1.0",))
    said: list[str] = []
    for _attempt in range(2):
        with pytest.raises(PeersMissing, match="leave --peers out") as refused:
            python_of(tmp_path / "peers", said.append)
        assert "a-peer-that-there-is-not" in refused.value.message
    assert [str(tmp_path / "peers") in line for line in said] == [True, True]


def test_a_whole_environment_is_taken_as_it_is(tmp_path: Path) -> None:
    """What is there with this very list is not made again; another list is."""
    folder = tmp_path / "peers"
    (folder / "bin").mkdir(parents=True)
    (folder / "bin" / "python").symlink_to(sys.executable)
    (folder / "ready").write_text("\n".join(PACKAGES), "utf-8")
    said: list[str] = []
    assert python_of(folder, said.append) == folder / "bin" / "python"
    assert said == []
