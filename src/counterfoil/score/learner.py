"""What can learn a score: the scorecard, and challengers behind the same interface.

A learner is settings and nothing else; `fit` gives a model that tells how good each row is, higher
for better. Challengers are there to show what being explainable costs; they are an extra.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Final, Protocol
from warnings import catch_warnings, filterwarnings

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.binning import Trend
from counterfoil.score.errors import ExtraMissing
from counterfoil.score.fold import folds
from counterfoil.score.metric import auc
from counterfoil.score.scorecard import (
    Scorecard,
    Settings,
    evidence_of,
    fit_card,
    fit_scorecard,
)
from counterfoil.score.table import Categories, FloatArray, Table

if TYPE_CHECKING:
    from lightgbm import Booster


def is_installed(library: str) -> bool:
    """Tell whether an optional library is there, without loading it."""
    return find_spec(library) is not None


class Model(Protocol):
    """Something that has learned."""

    def goodness(self, table: Table) -> FloatArray:
        """Tell how good each row is: any scale, higher for better."""


class Learner(Protocol):
    """Something that learns."""

    @property
    def name(self) -> str:
        """What reports call it."""

    def fit(self, table: Table) -> Model:
        """Learn from a table.

        Raises:
            FitRefused: nothing can be learned from it.

        """


STRENGTHS: Final = (1.0, 3.0, 10.0, 30.0)
"""Regularizations to choose from, where the choice is left to the data that is learned from."""
_INNER_FOLDS: Final = 4


@dataclass(frozen=True, slots=True)
class ScorecardLearner:
    """Learns a scorecard; its goodness is the sum of points, not yet held to the scale's ends.

    With several `strengths` it cross-validates within the rows that it learns from, and takes the
    best; the rows that are held out have no part in the choice.
    """

    settings: Settings = field(default_factory=Settings)
    strengths: tuple[float, ...] = ()
    name: str = "scorecard"

    def fit(self, table: Table) -> Model:
        """Learn a card."""
        return _Card(self.card(table))

    def card(self, table: Table) -> Scorecard:
        """Learn a card, and give the card itself.

        Raises:
            TargetLeaked: one column tells the label.
            FitRefused: no column tells anything, or the regression does not come to rest.

        """
        return fit_scorecard(table, self._chosen(table))

    def _chosen(self, table: Table) -> Settings:
        if len(self.strengths) < 2:  # nothing to choose
            return self.settings
        offered = [replace(self.settings, strength=one) for one in self.strengths]
        inner = folds(table.is_bad, fold_count=_INNER_FOLDS, repeat_count=1, seed=0)
        reached = np.zeros(len(offered))
        for fold in inner:
            evidence = evidence_of(table.take(fold.train), self.settings)
            test = table.take(fold.test)
            cards = [fit_card(evidence, one) for one in offered]
            reached += [auc(_Card(card).goodness(test), test.is_bad) for card in cards]
        return offered[int(reached.argmax())]


@dataclass(frozen=True, slots=True)
class _Card:
    card: Scorecard

    def goodness(self, table: Table) -> FloatArray:
        points = self.card.points({column.name: column for column in table.columns})
        return np.asarray(points.sum(axis=1), np.float64)


@dataclass(frozen=True, slots=True)
class LightGBMLearner:
    """Boosted trees with settings fixed beforehand (those of the published baselines)."""

    tree_count: int = 200
    rate: float = 0.03
    leaf_count: int = 7
    leaf_rows_min: int = 10
    seed: int = 0
    trends: Mapping[str, Trend] = field(default_factory=dict)
    """What is known of a column before; the trees are held to it, as the scorecard is."""
    name: str = "lightgbm"

    def fit(self, table: Table) -> Model:
        """Grow the trees.

        Raises:
            ExtraMissing: LightGBM is not installed.

        """
        try:
            import lightgbm
        except ImportError as error:
            raise ExtraMissing(
                _("LightGBM is not installed; install counterfoil[challengers].")
            ) from error
        settings: dict[str, Any] = {
            "objective": "binary", "learning_rate": self.rate, "num_leaves": self.leaf_count,
            "min_data_in_leaf": self.leaf_rows_min, "bagging_fraction": 0.8, "bagging_freq": 1,
            "feature_fraction": 0.5, "lambda_l2": 5.0, "seed": self.seed, "deterministic": True,
            "num_threads": 1, "verbosity": -1,
        }  # fmt: skip
        if self.trends:
            settings["monotone_constraints"] = [
                _MONOTONE[self.trends.get(column.name, Trend.EITHER)] for column in table.columns
            ]
        data = lightgbm.Dataset(
            _matrix(table), (~table.is_bad).astype(np.float64),
            categorical_feature=[place for place, column in enumerate(table.columns)
                                 if isinstance(column, Categories)],
            params={"verbosity": -1},
        )  # fmt: skip
        booster = lightgbm.train(settings, data, num_boost_round=self.tree_count)
        return _Boosted(booster)


_MONOTONE: Final = {Trend.RISING: -1, Trend.FALLING: 1, Trend.EITHER: 0}
"""What learns is the good class: where the bad rate rises, goodness falls."""


@dataclass(frozen=True, slots=True)
class EBMLearner:
    """An explainable boosting machine (InterpretML): a sum of curves, one a column, no pairs."""

    bag_count: int = 4
    seed: int = 0
    trends: Mapping[str, Trend] = field(default_factory=dict)
    name: str = "ebm"

    def fit(self, table: Table) -> Model:
        """Boost one column after the other, in turns.

        Raises:
            ExtraMissing: InterpretML is not installed.

        """
        try:
            from interpret.glassbox import ExplainableBoostingClassifier
        except ImportError as error:
            raise ExtraMissing(
                _("InterpretML is not installed; install counterfoil[challengers].")
            ) from error
        held = [_MONOTONE[self.trends.get(column.name, Trend.EITHER)] for column in table.columns]
        machine = ExplainableBoostingClassifier(
            interactions=0, outer_bags=self.bag_count, random_state=self.seed, n_jobs=1,
            monotone_constraints=held if any(held) else None,
            feature_types=["nominal" if isinstance(column, Categories) else "continuous"
                           for column in table.columns],
        )  # fmt: skip
        with catch_warnings():  # that it could not draw a missing value, which nobody asks it to
            filterwarnings("ignore", message="Missing values detected")
            machine.fit(_matrix(table), ~table.is_bad)
        return _Explainable(machine)


@dataclass(frozen=True, slots=True)
class _Explainable:
    machine: Any

    def goodness(self, table: Table) -> FloatArray:
        return np.asarray(self.machine.decision_function(_matrix(table)), np.float64)


@dataclass(frozen=True, slots=True)
class _Boosted:
    booster: "Booster"

    def goodness(self, table: Table) -> FloatArray:
        return np.asarray(self.booster.predict(_matrix(table)), np.float64)


def _matrix(table: Table) -> FloatArray:
    return np.column_stack([
        np.where(column.codes < 0, np.nan, column.codes)
        if isinstance(column, Categories) else column.values
        for column in table.columns
    ])  # fmt: skip
