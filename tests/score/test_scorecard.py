"""A card: its lines add up, it refuses what would lie, and it reads one row as it reads all."""

import numpy as np
import pytest

from counterfoil.score.errors import ColumnRefused, FitRefused, OneClassOnly, TargetLeaked
from counterfoil.score.metric import auc
from counterfoil.score.scorecard import Scale, Settings, fit_scorecard
from counterfoil.score.table import Column, Table, categories, checked, numbers


def town(rows: int = 3000, seed: int = 1) -> Table:
    """Draw people whose income and home tell something, and whose shoe size does not."""
    rng = np.random.default_rng(seed)
    income, late, shoe = rng.normal(size=rows), rng.poisson(1.0, rows), rng.normal(size=rows)
    home = rng.choice(["own", "rent", "parents"], rows)
    log_odds = 2 + income - 0.8 * late + (home == "own")
    is_bad = rng.random(rows) > 1 / (1 + np.exp(-log_odds))
    income[rng.random(rows) < 0.1] = np.nan
    columns: list[Column] = [
        numbers("income", list(income)),
        numbers("late", list(late.astype(np.float64))),
        numbers("shoe", list(shoe)),
        categories("home", list(home)),
    ]
    return checked(columns, is_bad)


def named(table: Table) -> dict[str, Column]:
    """Give the columns by name."""
    return {column.name: column for column in table.columns}


def test_the_points_add_up_to_the_score() -> None:
    """Base points and one whole number for each column are the score, where it is not at an end."""
    table = town()
    card = fit_scorecard(table, Settings())
    total = card.base_points + card.points(named(table)).sum(axis=1)
    assert (card.scores(named(table)) == np.clip(total, 350, 950)).all()
    assert ((total > 350) & (total < 950)).mean() > 0.9


def test_it_tells_good_from_bad_where_it_has_not_looked() -> None:
    """On people it has not seen it is nearly as good as the odds they were drawn with."""
    card = fit_scorecard(town(), Settings())
    others = town(seed=2)
    assert auc(card.scores(named(others)).astype(float), others.is_bad) > 0.75


def test_fifty_points_double_the_odds() -> None:
    """The scale means what it says: pdo points more, half the odds of bad."""
    card = fit_scorecard(town(), Settings(scale=Scale(pdo=40)))
    bad = card.probability_bad(np.array([600, 640]))
    odds = (1 - bad) / bad
    assert odds[1] / odds[0] == pytest.approx(2)


def test_one_person_scores_as_in_a_crowd() -> None:
    """A row alone has the score that it has among thousands."""
    table = town()
    card = fit_scorecard(table, Settings())
    everybody = card.scores(named(table))
    for row in (0, 17, 2999):
        assert card.scores(named(table.take(np.array([row]))))[0] == everybody[row]


def test_a_column_that_is_the_label_is_named_and_refused() -> None:
    """A copy of the label, a category that tells it, a value missing only for the good."""
    table = town()
    bad = table.is_bad
    leaks: list[Column] = [
        numbers("outcome", list(1.0 - bad)),
        categories("status", ["unpaid" if one else "paid" for one in bad]),
        numbers("collected", [5.0 if one else None for one in bad]),
    ]
    for leak in leaks:
        with pytest.raises(TargetLeaked) as refused:
            fit_scorecard(checked([*table.columns, leak], bad), Settings())
        assert leak.name in str(refused.value)


def test_an_identifier_is_no_leak_and_gets_no_points() -> None:
    """A name that each person has alone tells nothing, and is not taken for knowledge."""
    table = town()
    numbered = categories("id", [f"p{row}" for row in range(len(table))])
    card = fit_scorecard(checked([*table.columns, numbered], table.is_bad), Settings())
    others = town(seed=2)
    strangers = categories("id", [f"q{row}" for row in range(len(others))])
    scores = card.scores(named(others) | {"id": strangers})
    assert auc(scores.astype(float), others.is_bad) > 0.75


@pytest.mark.parametrize(
    ("columns", "is_bad", "refusal"),
    [
        ([numbers("income", [1.0, 2.0])], [True, True], OneClassOnly),
        ([numbers("income", [1.0, np.inf])], [True, False], ColumnRefused),
        ([numbers("a", [1.0, 2.0]), numbers("a", [1.0, 2.0])], [True, False], ColumnRefused),
    ],
)
def test_a_table_that_teaches_nothing_is_refused(
    columns: list[Column], is_bad: list[bool], refusal: type[Exception]
) -> None:
    """One class only, an endless number, a column twice: each by name."""
    with pytest.raises(refusal):
        checked(columns, np.array(is_bad))


def test_columns_that_say_nothing_make_no_card() -> None:
    """Constant, all missing: nothing is fitted, and that is said."""
    is_bad = np.array([True, False] * 50)
    table = checked([numbers("one", [1.0] * 100), numbers("none", [None] * 100)], is_bad)
    with pytest.raises(FitRefused):
        fit_scorecard(table, Settings())
