"""`counterfoil score …` on people and models: from the line that is typed to the files that are kept."""

import json
import subprocess
import sys
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from counterfoil.bootstrap import Site
from counterfoil.cli import main
from counterfoil.cli.failure import Exit
from counterfoil.consent import Regime
from counterfoil.kernel.ids import new_id
from counterfoil.pay import FeeTerms, MerchantId, NewMerchant
from counterfoil.people import PersonId
from tests.score.office import lived_site

Said = Callable[..., tuple[int, str, str]]
REASON = "She asked for her score."


@pytest.fixture
def said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> Said:
    """Run `counterfoil …` on one site and give its exit status, stdout and stderr."""
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("COUNTERFOIL_DATABASE", f"sqlite:///{tmp_path}/larch.db")
    monkeypatch.setenv("COUNTERFOIL_SITE", str(tmp_path / "site"))

    def run(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["counterfoil", *map(str, arguments)])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        return int(str(ended.value.code or 0)), printed.out, printed.err

    return run


@pytest.mark.slow
def test_a_person_is_scored_told_why_and_computes_it_again(said: Said, tmp_path: Path) -> None:
    """Score, explanation, monthly run, watching, the file, the export: one number all along."""
    alice, certificate = lived_site(f"sqlite:///{tmp_path}/larch.db", tmp_path / "site")
    asking = ("--as", str(certificate), "--reason", REASON)
    status, out, err = said("score", "person", alice, *asking, "--json")
    assert (status, err) == (0, "")
    told = json.loads(out)
    assert (
        told["base"] + sum(one["points"] for one in told["lines"]) + told["limits"] == told["score"]
    )
    assert told["low"] <= told["score"] <= told["high"]
    assert 1 <= len(told["reasons"]) <= 4
    status, out, _err = said("score", "explain", alice, "--by", "Edda")
    assert (status, str(told["score"]) in out, "What cost most" in out) == (0, True, True)
    status, out, _err = said("score", "batch", *asking, "--json")
    assert (status, json.loads(out)) == (0, {"scored": 1, "refused": 0, "left_out": 0})
    status, out, _err = said("score", "rescore", *asking, "--json")
    assert (status, json.loads(out)) == (0, {"scored": 0})
    assert said("score", "watch")[0] == 0
    assert said("score", "file", alice, tmp_path / "mine", "--by", "Edda")[0] == 0
    assert recomputed(tmp_path / "mine")
    check_export(alice, tmp_path)


def recomputed(folder: Path) -> bool:
    """Run the program that a person is given, isolated."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "recompute.py", "score.json"],
        cwd=folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode == 0 and done.stdout.endswith("The same.\n")


def check_export(alice: PersonId, folder: Path) -> None:
    """Take a person's whole export: the program and its file are in it, and come to the same."""
    with Site.open(f"sqlite:///{folder}/larch.db", folder / "site") as site:
        site.exports.give(alice, folder / "alice.zip", by="Edda", regimes=[Regime.GDPR])
    with zipfile.ZipFile(folder / "alice.zip") as zipped:
        zipped.extractall(folder / "export")
    assert recomputed(folder / "export" / "score")
    (kept, *_more) = json.loads((folder / "export" / "data" / "scores.json").read_text("utf-8"))
    assert kept["cause"] == "asked"


def test_a_model_is_learned_validated_and_appointed(said: Said, tmp_path: Path) -> None:
    """From a labelled table to a signed model, its report, its SQL, and the role of champion."""
    table = tmp_path / "loans.csv"
    write_loans(table)
    Site.open(f"sqlite:///{tmp_path}/larch.db", tmp_path / "site", origin="larch.example").close()
    named = ("--name", "loans", "--model-version", "1")
    labelled = ("--target", "repaid", "--bad", "no")
    status, out, _err = said(
        "score", "train", table, *labelled, *named, "--leave-out", "home", "--json"
    )
    assert (status, json.loads(out)["columns"]) == (0, 1)
    status, out, _err = said(
        "score", "validate", table, *labelled, *named, "--group", "home", "--out",
        tmp_path / "report.html", "--json",
    )  # fmt: skip
    assert (status, json.loads(out)["auc"] > 0.6) == (0, True)
    assert "rent" in (tmp_path / "report.html").read_text("utf-8")
    assert "CASE WHEN" in said("score", "sql", *named)[1]
    appointing = ("score", "appoint", *named, "--role", "champion", "--by", "Edda")
    assert said(*appointing)[0] == 0
    (model,) = json.loads(said("score", "models", "--json")[1])["models"]
    assert (model["role"], model["version"]) == ("champion", 1)
    status, _out, err = said("score", "sql", "--name", "loans", "--model-version", "9")
    assert (status, "Traceback" in err) == (Exit.NOT_FOUND, False)


def write_loans(path: Path) -> None:
    """Write a table in which income tells something, and home nothing."""
    import numpy as np

    rng = np.random.default_rng(8)
    income = rng.normal(size=400)
    bad = rng.random(400) > 1 / (1 + np.exp(-1 - 1.5 * income))
    lines = [
        f"{value:.3f},{'rent' if row % 2 else 'own'},{'no' if one else 'yes'}"
        for row, (value, one) in enumerate(zip(income, bad, strict=True))
    ]
    path.write_text("\n".join(["income,home,repaid", *lines]), "utf-8")


def test_what_a_merchant_may_ask_is_contracted(said: Said, tmp_path: Path) -> None:
    """One line for a product, and a certificate; again the same changes nothing, another is refused."""
    with Site.open(
        f"sqlite:///{tmp_path}/larch.db", tmp_path / "site", origin="larch.example"
    ) as site:
        shop = site.pay.merchants.open(
            NewMerchant(id=MerchantId(new_id()), name="Bikes by Bao", terms=FeeTerms(60))
        )
    contracting = ("score", "contract", shop.number, "w1010100000000002733")
    status, out, err = said(*contracting, "650", "--by", "Edda", "--json")
    assert (status, err) == (0, "")
    first = json.loads(out)
    assert (first["threshold"], first["merchant"]) == (650, shop.number)
    status, out, _err = said(*contracting, "650", "--by", "Edda")
    assert (status, "Bikes by Bao is answered whether a score reaches 650" in out) == (0, True)
    assert json.loads(said(*contracting, "650", "--by", "Edda", "--json")[1]) == first
    status, _out, err = said(*contracting, "651", "--by", "Edda")
    assert (status, "90 days" in err) == (Exit.REFUSED, True)
    status, out, _err = said("score", "contracts", "--json")
    (listed,) = json.loads(out)["contracts"]
    assert (status, listed["merchant"], listed["threshold"]) == (0, shop.number, 650)
    assert shop.number in said("score", "contracts")[1]
    status, out, _err = said("score", "certify", shop.number, "--json")
    assert (status, json.loads(out)["certificate"] != first["certificate"]) == (0, True)
    assert said("score", "certify", "2088000000000000")[0] == Exit.NOT_FOUND
