"""Points that an operator gives for what a person shows, before any outcome can teach them.

Nobody has outcomes of people who showed an income here until people have shown one. So these points are
declared, not learned, and the model says so: they stand in its signed file, add and never take, grow
with the value, and come to no more than `POINTS_MAX` a dimension. Who shows nothing has 0 of them, and
so has the reference. The interval counts them as unsure by all that they can add.
"""

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.binning import Binning, Counts
from counterfoil.score.errors import ModelRefused
from counterfoil.score.features import FEATURE_BY_NAME, Dimension
from counterfoil.score.features.given import GIVEN_NAMES
from counterfoil.score.model import Model
from counterfoil.score.scorecard import Item
from counterfoil.score.table import Column, Numbers, Table

POINTS_MAX: Final = 40
"""A dimension that was never tested moves a score by less than the odds' doubling (50 points)."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Points by value: `points[k]` from `cuts[k]` on, and 0 below the first."""

    cuts: tuple[float, ...]
    points: tuple[int, ...]


def steps_of(text: str) -> dict[str, Steps]:
    """Read declared points from TOML: a table a column, with `cuts` and `points`.

    Raises:
        ModelRefused: it is no TOML, or not of that form.

    """
    try:
        return {
            name: Steps(tuple(map(float, told["cuts"])), tuple(map(int, told["points"])))
            for name, told in tomllib.loads(text).items()
        }
    except (tomllib.TOMLDecodeError, KeyError, TypeError, ValueError) as error:
        raise ModelRefused(
            _("The declared points cannot be read: {why}.", why=str(error))
        ) from error


def extended(model: Model, declared: Mapping[str, Steps], *, version: int, made_at: str) -> Model:
    """Add declared points to a model, as its next version.

    Raises:
        ModelRefused: a column cannot be shown, is on the card already, its points fall or are
            negative, or a dimension could add more than `POINTS_MAX`.

    """
    card = model.card
    known = {item.binning.name for item in card.items}
    most: dict[Dimension, int] = {}
    for name, steps in declared.items():
        _check(name, steps, known)
        dimension = FEATURE_BY_NAME[name].dimension
        most[dimension] = most.get(dimension, 0) + steps.points[-1]
    if not declared or max(most.values()) > POINTS_MAX:
        raise _refused(_("at most {most} points for each dimension", most=POINTS_MAX))
    items = [_item(name, steps, card.scale.factor) for name, steps in declared.items()]
    width = len(card.covariance) + len(items) if card.covariance else 0
    covariance = np.zeros((width, width))
    if width:
        size = len(card.covariance)
        covariance[:size, :size] = card.covariance
    none = (0,) * len(items)
    return replace(
        model,
        version=version,
        made_at=made_at,
        card=replace(
            card, items=(*card.items, *items),
            covariance=tuple(tuple(map(float, row)) for row in covariance),
        ),
        reference=(*model.reference, *none),
        spread=(*model.spread, *map(float, none)),
        training={**model.training, "declared": ", ".join(declared), "extends": model.hash.hex()},
    )  # fmt: skip


def completed(model: Model, table: Table) -> dict[str, Column]:
    """Give a table's columns, and nothing for what people could have shown and the table has not."""
    columns = {column.name: column for column in table.columns}
    for item in model.card.items:
        name = item.binning.name
        if name in GIVEN_NAMES and name not in columns:
            columns[name] = Numbers(name, np.full(len(table), np.nan))
    return columns


def _item(name: str, steps: Steps, factor: float) -> Item:
    points = (0, *steps.points, 0, 0)  # what is missing, and what was never seen, come last
    most = max(*steps.points, 1)
    bins = Binning(
        name=name, cuts=steps.cuts, groups=(), counts=(Counts(0, 0),) * len(points),
        woe=tuple(one / most for one in points),
    )  # fmt: skip
    return Item(bins, most / factor, points)


def _check(name: str, steps: Steps, known: set[str]) -> None:
    if name not in GIVEN_NAMES or name in known:
        raise _refused(
            _(
                "a column that people can show ({columns}), once",
                columns=", ".join(sorted(GIVEN_NAMES)),
            )
        )
    if not steps.cuts or len(steps.cuts) != len(steps.points) or not _rises(steps.cuts):
        raise _refused(_("cuts that rise, and points for each"))
    if any(low > high for low, high in pairwise((0, *steps.points))):
        raise _refused(_("points that are not negative and do not fall"))


def _rises(cuts: Sequence[float]) -> bool:
    return all(np.isfinite(cuts)) and all(low < high for low, high in pairwise(cuts))


def _refused(wanted: str) -> ModelRefused:
    return ModelRefused(_("These points cannot be declared: {wanted} is needed.", wanted=wanted))
