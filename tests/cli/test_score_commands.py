"""`counterfoil score`, from the line that is typed to the line that is printed."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pyarrow import parquet

from counterfoil.bench.events import cutoffs, write_segments
from counterfoil.cli import main
from counterfoil.cli.failure import Exit

Said = Callable[..., tuple[int, str, str]]


@pytest.fixture
def said(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Said:
    """Run `counterfoil …` and give its exit status, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["counterfoil", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(str(ended.value.code or 0)), printed.out, printed.err

    return run


@pytest.fixture
def loans(tmp_path: Path) -> Path:
    """Write a table in which income tells something."""
    rng = np.random.default_rng(8)
    income = rng.normal(size=400)
    bad = rng.random(400) > 1 / (1 + np.exp(-1 - income))
    lines = [
        f"{value:.3f},{'no' if one else 'yes'}" for value, one in zip(income, bad, strict=True)
    ]
    path = tmp_path / "loans.csv"
    path.write_text("\n".join(["income,repaid", *lines]), "utf-8")
    return path


def test_a_table_is_cross_validated_beside_lightgbm(said: Said, loans: Path) -> None:
    """The answer in JSON has the figures, fold by fold, and the paired difference."""
    status, out, err = said("score", "table", loans, "--target", "repaid", "--bad", "no", "--json")
    answer = json.loads(out)
    assert (status, err.strip(), len(answer["folds"])) == (0, "", 25)
    assert answer["auc"] == pytest.approx(np.mean(answer["folds"]))
    assert answer["auc_interval"][0] < answer["auc"] < answer["auc_interval"][1]
    assert answer["lightgbm"]["difference"] == pytest.approx(
        answer["auc"] - answer["lightgbm"]["auc"]
    )


def test_a_difference_that_is_noise_is_called_so(said: Said, loans: Path) -> None:
    """For people there is a table, and a sentence when it cannot tell who is better."""
    status, out, _err = said("score", "table", loans, "--target", "repaid", "--bad", "no")
    assert status == 0
    assert "scorecard" in out
    assert "cannot tell which" in out


def test_what_cannot_be_read_is_a_sentence(said: Said, loans: Path) -> None:
    """A label that is not there: the columns that are, and no traceback."""
    status, _out, err = said("score", "table", loans, "--target", "paid")
    assert status == Exit.BAD_DATA
    assert "income, repaid" in err
    assert "Traceback" not in err


def test_a_table_with_time_is_learned_from_what_came_before(said: Said, tmp_path: Path) -> None:
    """Each part is tested by what was learned from the months before it; the month is no input."""
    rng = np.random.default_rng(8)
    income = rng.normal(size=600)
    bad = rng.random(600) > 1 / (1 + np.exp(-1 - income))
    lines = [f"{row // 50},{value:.3f},{'no' if one else 'yes'}"
             for row, (value, one) in enumerate(zip(income, bad, strict=True))]  # fmt: skip
    path = tmp_path / "loans.csv"
    path.write_text("\n".join(["month,income,repaid", *lines]), "utf-8")
    asked = ("score", "table", path, "--target", "repaid", "--bad", "no", "--json", "--folds", "4")
    status, out, _err = said(*asked, "--time", "month")
    answer = json.loads(out)
    assert (status, answer["columns"], len(answer["folds"])) == (0, 1, 4)
    assert said(*asked, "--time", "day")[0] == Exit.USAGE


def test_features_come_from_files(tmp_path: Path, said: Said) -> None:
    """A folder of events and a list of whom and when become a file with a row for each."""
    events, asked, out = tmp_path / "events", tmp_path / "asked.parquet", tmp_path / "out.parquet"
    for _written in write_segments(events, people=20, spendings_a_year=5):
        pass
    parquet.write_table(cutoffs(20), asked)
    status, printed, _err = said("score", "features", events, "--cutoffs", asked, "--out", out)
    assert (status, "20 people" in printed) == (0, True)
    assert parquet.read_table(out).num_rows == 20
    (tmp_path / "no.parquet").write_bytes(b"no Parquet")
    status, _out, err = said(
        "score", "features", events, "--cutoffs", tmp_path / "no.parquet", "--out", out
    )
    assert status == Exit.BAD_DATA
    assert "cannot be read" in err
