"""The benchmark of fits measures ours and a peer on the same rows."""

import sys
from pathlib import Path

from counterfoil.bench import score_fit


def test_it_measures_a_fit_and_how_well_it_ranks() -> None:
    """The fit is timed in a process of its own, and its card ranks rows that it has not seen."""
    said: list[str] = []
    speeds = score_fit.measure(
        *score_fit.drawn(2000, 6), peers=None, say=said.append, runs=1
    )  # fmt: skip
    ours, alone = speeds.fits
    assert (speeds.rows, speeds.columns, ours.times) == (2000, 6, 1.0)
    assert ours.seconds > 0
    assert 0.6 < ours.auc < 0.95
    assert alone.seconds > 0
    assert said == ["ours: run 1 of 1", "ours, each column alone: run 1 of 1"]


def test_the_peers_part_stands_alone() -> None:
    """The peers' Python need not have anything of ours."""
    script = Path(score_fit.__file__).with_name("score_peer.py").read_text("utf-8")
    assert "counterfoil." not in script.replace("`counterfoil bench score-fit`", "")
    assert set(score_fit.PEERS) <= {line.split('"')[1] for line in script.splitlines()
                                    if line.startswith('    "')}  # fmt: skip
    assert sys.version_info >= (3, 11)
