"""Validating and watching a model: what is said of it is true, and what moves is noticed."""

from dataclasses import replace
from html.parser import HTMLParser

import numpy as np
import pytest

from counterfoil.kernel.i18n import use_locale
from counterfoil.score.comparison import compare
from counterfoil.score.fold import folds
from counterfoil.score.learner import EBMLearner, Learner, LightGBMLearner, ScorecardLearner
from counterfoil.score.metric import auc
from counterfoil.score.monitor import Watched, watch
from counterfoil.score.report import report_page
from counterfoil.score.scorecard import Settings
from counterfoil.score.table import Categories, Numbers, categories, checked
from counterfoil.score.validation import PSI_ALERT, share_interval, validate
from tests.score.test_model import MODEL, TABLE
from tests.score.test_scorecard import named, town

LATER = town(seed=7)
MONTHS = categories("month", [f"2026-0{1 + row % 3}" for row in range(len(LATER))])
GROUPS = categories("group", ["urban" if row % 2 else "rural" for row in range(len(LATER))])


def test_the_figures_are_those_of_the_scores() -> None:
    """AUC as every pair says, bands that hold everybody once, groups and months that add up."""
    found = validate(MODEL, LATER, months=MONTHS, groups=GROUPS)
    scores = MODEL.card.scores(named(LATER))
    assert found.auc.value == pytest.approx(auc(scores.astype(float), LATER.is_bad))
    for parts in (found.bands, found.months, found.groups):
        assert sum(one.rows for one in parts) == len(LATER)
    assert sum(round(one.came.value * one.rows) for one in found.bands) == found.bad
    assert found.psi.value < 0.1
    assert all(moved < 0.1 for _name, moved in found.column_psi)


def test_its_odds_come_true_where_it_learned() -> None:
    """On the table it was learned from nearly every band came as was said."""
    found = validate(MODEL, TABLE)
    assert sum(one.is_calibrated for one in found.bands) >= len(found.bands) - 2


def test_wilson_s_interval_is_the_published_one() -> None:
    """81 of 263 (Newcombe 1998, table I): 0.2553 to 0.3662; and never beyond 0 and 1."""
    found = share_interval(81, 263)
    assert (round(found.low, 4), round(found.high, 4)) == (0.2553, 0.3662)
    assert share_interval(0, 20).low == pytest.approx(0, abs=1e-12)
    assert share_interval(20, 20).high == pytest.approx(1)


def test_what_moves_is_noticed_and_chance_is_not() -> None:
    """The same crowd again: no alert. Incomes gone, outcomes worse: each is named."""
    scores = MODEL.card.scores(named(LATER))
    assert watch(MODEL, scores, LATER) == []
    few = LATER.take(np.arange(60))
    assert watch(MODEL, MODEL.card.scores(named(few)), few) == []
    columns = named(LATER)
    income = columns["income"]
    assert isinstance(income, Numbers)
    poor = checked(
        [Numbers("income", income.values - 2.5), *(c for n, c in columns.items() if n != "income")],
        LATER.is_bad,
    )
    alerts = watch(MODEL, MODEL.card.scores(named(poor)), poor)
    assert {one.about for one in alerts} == {Watched.SCORES, Watched.COLUMN}
    assert "income" in {one.column for one in alerts}
    assert all(one.value > PSI_ALERT for one in alerts)
    worse = np.ones(len(LATER), np.bool_)
    (alert,) = watch(MODEL, scores, None, worse)
    assert alert.about is Watched.CALIBRATION


class Parsed(HTMLParser):
    """What a page fetches, and whether its tags are closed."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note what is opened, and what is fetched from anywhere."""
        self.fetched += [f"{name}={value}" for name, value in attrs if name in {"src", "href"}]
        if tag not in {"meta", "line", "path", "circle", "rect", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        """Note what is closed."""
        if self.open and self.open[-1] == tag:
            self.open.pop()


@pytest.mark.parametrize("locale", ["en", "fr", "zh_CN"])
def test_the_report_is_one_page_that_needs_nothing(locale: str) -> None:
    """Nothing is fetched, every drawing and table is there, and every column with its bins."""
    learners: list[Learner] = [ScorecardLearner(), LightGBMLearner()]
    cut = folds(LATER.is_bad, fold_count=3, repeat_count=1, seed=1)
    with use_locale(locale):
        page = report_page(
            validate(MODEL, LATER, months=MONTHS, groups=GROUPS), compare(LATER, learners, cut)
        )
    parsed = Parsed()
    parsed.feed(page)
    assert parsed.fetched == []
    assert parsed.open == []
    assert page.count("<svg") >= 5 + len(MODEL.card.items)
    assert "<script" not in page
    for text in (MODEL.hash.hex(), "2026-02", "urban", "lightgbm", "home"):
        assert text in page


def test_challengers_learn_behind_the_same_interface() -> None:
    """Boosted trees, the same held to trends, and an explainable boosting machine: all tell something."""
    from counterfoil.score.binning import Trend

    plain = [column for column in LATER.columns if not isinstance(column, Categories)]
    table = checked(plain, LATER.is_bad)
    train, test = table.take(np.arange(0, 2000)), table.take(np.arange(2000, 3000))
    trends = {"income": Trend.FALLING, "late": Trend.RISING}
    for learner in (
        LightGBMLearner(tree_count=60), LightGBMLearner(tree_count=60, trends=trends),
        EBMLearner(bag_count=2, trends=trends), ScorecardLearner(Settings(trends=trends)),
    ):  # fmt: skip
        assert auc(learner.fit(train).goodness(test), test.is_bad) > 0.7
    held = LightGBMLearner(tree_count=60, trends=trends).fit(train)
    grid = np.linspace(-3, 3, 50)
    ladder = checked(
        [Numbers("income", grid), Numbers("late", np.ones(50)), Numbers("shoe", np.zeros(50))],
        np.arange(50) % 2 == 0,
    )
    assert (np.diff(held.goodness(ladder)) >= -1e-12).all()


def test_ks_and_psi_have_the_interval_that_drawing_anew_gives() -> None:
    """Each interval holds its value, narrows with more rows, and is the same in each report."""
    found, again = validate(MODEL, LATER), validate(MODEL, LATER)
    assert (found.ks, found.psi) == (again.ks, again.psi)
    few = LATER.take(np.arange(len(LATER) // 4))
    fewer = validate(MODEL, few)
    for one, wide in ((found.ks, fewer.ks), (found.psi, fewer.psi)):
        assert one.low <= one.value <= one.high
        assert one.high - one.low < wide.high - wide.low


def test_the_report_holds_a_challenger_beside_the_champion() -> None:
    """On the same rows: both AUCs, their difference, and whether these rows can tell them apart."""
    blunt = replace(
        MODEL,
        version=2,
        reference=MODEL.reference[:1],
        card=replace(MODEL.card, items=MODEL.card.items[:1]),
    )
    sharp, dull = validate(MODEL, LATER), validate(blunt, LATER)
    page = report_page(sharp, champion=dull)
    assert "Beside the champion" in page
    assert "ranks better than the champion" in page
    assert "ranks worse than the champion" in report_page(dull, champion=sharp)
    assert "cannot tell the two apart" in report_page(sharp, champion=sharp)
    assert "Beside the champion" not in report_page(sharp)
