"""What the benchmark of receipts prints is what happened."""

import json
from pathlib import Path

from typer.testing import CliRunner

from counterfoil.cli.bench import app
from counterfoil.receipts import LogReader

_ASKED = {"leaves_per_second", "proof_ms", "verify_per_second", "compared_with", "log_leaves"}


def test_the_logs_that_were_measured_are_there(tmp_path: Path) -> None:
    """The leaves that were counted are in one log, the proofs came from the other."""
    folder = tmp_path / "bench"
    asked = [
        *("receipts", "--folder", str(folder), "--leaves", "9000"),
        *("--log-leaves", "70000", "--samples", "20", "--json"),
    ]
    done = CliRunner().invoke(app, asked)
    assert done.exit_code == 0, done.output
    found = json.loads(done.stdout)
    assert set(found) >= _ASKED
    assert found["compared_with"][0]["name"] == "hashlib"
    assert (folder / "sealed" / "head").read_bytes().count(b'"size": 16384') == 1
    published = LogReader(folder / "large").published()
    assert published is not None
    assert published.checkpoint.size == found["log_leaves"] == 70_000
    again = CliRunner().invoke(app, asked)
    assert again.exit_code == 2
    assert "is there already" in " ".join(again.output.replace("│", " ").split())
