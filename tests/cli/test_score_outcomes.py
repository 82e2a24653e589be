"""Training from outcomes that are known, and with those who were refused."""

from pathlib import Path

import numpy as np
import pytest

from counterfoil.bootstrap import Site
from counterfoil.score.model import Model
from tests.cli.test_score_commands import Said, said

__all__ = ["said"]


@pytest.fixture
def contracts(tmp_path: Path) -> Path:
    """Write six hundred contracts, of which the last two hundred still run: so far they are good."""
    rng = np.random.default_rng(8)
    income = rng.normal(size=600)
    is_bad = (rng.random(600) > 1 / (1 + np.exp(-1 - income))) & (np.arange(600) < 400)
    ends = ["2026-01-31" if row < 400 else "2027-01-31" for row in range(600)]
    lines = [f"{value:.3f},{day},{'no' if one else 'yes'}"
             for value, day, one in zip(income, ends, is_bad, strict=True)]  # fmt: skip
    path = tmp_path / "contracts.csv"
    path.write_text("\n".join(["income,due,repaid", *lines]), "utf-8")
    return path


def trained(said: Said, folder: Path, file: Path, version: int, *options: str | Path) -> Model:
    """Train a model, and read what was registered."""
    url = f"sqlite:///{folder}/shop.db"
    if not (folder / "shop.db").exists():
        with Site.open(url, folder / "site", origin="larch.example"):
            pass
    status, _out, err = said(
        "score", "train", file, "--target", "repaid", "--bad", "no", "--name", "loans",
        "--model-version", str(version), "--database", url, "--site", folder / "site", *options,
    )  # fmt: skip
    assert status == 0, err
    with Site.open(url, folder / "site") as site:
        return site.models.load(site.models.named("loans", version).hash)


def counted(model: Model) -> tuple[int, int]:
    """Count the good and the bad that a card was learned from."""
    counts = model.card.items[0].binning.counts
    return sum(one.good for one in counts), sum(one.bad for one in counts)


def test_a_contract_that_still_runs_is_not_good(
    said: Said, contracts: Path, tmp_path: Path
) -> None:
    """Only contracts that were to end by the day count, and that day is no input."""
    until = ("--ends", "due", "--known-until", "2026-02-01")
    model = trained(said, tmp_path, contracts, 1, *until)
    assert sum(counted(model)) == 400
    assert model.training["known_until"] == "2026-02-01"
    assert {item.binning.name for item in model.card.items} == {"income"}


def test_the_refused_are_added_as_a_guess(said: Said, contracts: Path, tmp_path: Path) -> None:
    """A hundred people who were refused count, more often bad than others, and the file says so."""
    refused = tmp_path / "refused.csv"
    refused.write_text(
        "\n".join(["income", *(f"{-1.5 + k / 100:.2f}" for k in range(100))]), "utf-8"
    )
    until = ("--ends", "due", "--known-until", "2026-02-01")
    before = counted(trained(said, tmp_path, contracts, 1, *until))
    model = trained(said, tmp_path, contracts, 2, *until, "--refused", refused, "--harsher", "1.5")
    after = counted(model)
    added = after[0] - before[0], after[1] - before[1]
    assert sum(added) == 100
    assert added[1] / 100 > before[1] / sum(before)
    assert (model.training["refused"], model.training["harsher"]) == (100, 1.5)


def test_a_day_without_its_column_is_refused(said: Said, contracts: Path, tmp_path: Path) -> None:
    """Half of what is needed is asked for by name."""
    status, _out, err = said(
        "score", "train", contracts, "--target", "repaid", "--bad", "no", "--name", "loans",
        "--model-version", "1", "--database", f"sqlite:///{tmp_path}/x.db", "--site", tmp_path,
        "--ends", "due",
    )  # fmt: skip
    assert status == 2
    assert "--known-until" in err
