"""A model: a scorecard with everything that is needed to run it, explain it and watch it.

    {"model": {"format": "counterfoil/score-model@v1", …}, "signatures": ["— bank.example/models …"]}

The file is JSON that a person can read. What is signed, and what the model's hash is of, is the
canonical form of the inner object: keys sorted, no spaces, floats in the shortest form that reads back
as the same bits. So a reloaded model gives the same scores to the last bit.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from hashlib import sha256
from itertools import pairwise
from typing import Any, Final

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.binning import Binning, Counts
from counterfoil.score.errors import ModelRefused
from counterfoil.score.scorecard import Item, Scale, Scorecard
from counterfoil.score.table import Table

FORMAT: Final = "counterfoil/score-model@v1"
NAME_CHARACTERS_MAX: Final = 60

Facts = Mapping[str, str | int | float | bool | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Least:
    """What must be known of somebody before they are scored; with less, nothing is said."""

    days: int = 60
    payments: int = 12
    known_share: float = 0.5
    """Of the card's columns that have something to tell."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Model:
    """A card, what it was learned from, and what its scores are held against."""

    name: str
    version: int
    made_at: str
    """RFC 3339, UTC."""
    currency: str
    """ISO 4217 of the amounts behind its features; empty where it reads none."""
    catalogue: str
    """The hash of the list of features it chose from; empty for other tables."""
    card: Scorecard
    reference: tuple[int, ...]
    """Points of each item that the median of those got who kept their contracts."""
    spread: tuple[float, ...]
    """The standard deviation of each item's points among those it was learned from."""
    score_edges: tuple[int, ...]
    """Deciles of the scores it was learned from; `score_shares` are the shares between them."""
    score_shares: tuple[float, ...]
    least: Least = Least()
    training: Facts = field(default_factory=dict)
    """Rows, bad ones, the period, how labels matured: what a reader of the card must know."""

    @property
    def reference_score(self) -> int:
        """The sum of the reference's points."""
        return self.card.base_points + sum(self.reference)

    @property
    def canonical(self) -> str:
        """The text that is signed and hashed."""
        return canonical(as_json(self))

    @property
    def hash(self) -> bytes:
        """What names the model: SHA-256 of its canonical text."""
        return sha256(self.canonical.encode()).digest()


def model_of(
    card: Scorecard,
    table: Table,
    *,
    name: str,
    version: int,
    made_at: str,
    currency: str = "",
    catalogue: str = "",
    least: Least | None = None,
    training: Facts | None = None,
) -> Model:
    """Make a model of a card and the table that it was learned from.

    Raises:
        ModelRefused: the name is empty or too long, or the version is none.

    """
    if not 0 < len(name) <= NAME_CHARACTERS_MAX or not name.isprintable() or version < 1:
        raise _refused(_("a name and a version from 1 on"))
    columns = {column.name: column for column in table.columns}
    points = card.points(columns)
    scores = card.scores(columns)
    edges = sorted({int(one) for one in np.quantile(scores, np.arange(1, 10) / 10, method="lower")})
    counts = np.bincount(np.searchsorted(edges, scores, side="right"), minlength=len(edges) + 1)
    kept = points[~table.is_bad]
    return Model(
        name=name,
        version=version,
        made_at=made_at,
        currency=currency,
        catalogue=catalogue,
        card=card,
        reference=tuple(int(one) for one in np.quantile(kept, 0.5, axis=0, method="lower")),
        spread=tuple(float(one) for one in points.std(axis=0)),
        score_edges=tuple(edges),
        score_shares=tuple(float(one) for one in counts / len(scores)),
        least=least or Least(),
        training={"rows": len(table), "bad": int(table.is_bad.sum()), **(training or {})},
    )


def canonical(value: object) -> str:
    """Write JSON in one form only; floats as the shortest text that reads back as the same bits."""
    return json.dumps(
        value, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False
    )


def as_json(model: Model) -> dict[str, Any]:
    """Write a model as the inner object of its file."""
    card = model.card
    return {
        "format": FORMAT,
        "name": model.name,
        "version": model.version,
        "made_at": model.made_at,
        "currency": model.currency,
        "catalogue": model.catalogue,
        "scale": asdict(card.scale),
        "base_points": card.base_points,
        "intercept": card.intercept,
        "items": [_item_as_json(item) for item in card.items],
        "refused": list(card.refused),
        "covariance": [list(row) for row in card.covariance],
        "reference": list(model.reference),
        "spread": list(model.spread),
        "score_edges": list(model.score_edges),
        "score_shares": list(model.score_shares),
        "least": asdict(model.least),
        "training": dict(model.training),
    }


def from_json(told: object) -> Model:
    """Read the inner object of a file.

    Raises:
        ModelRefused: something is missing, or is not what it must be.

    """
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise _refused(FORMAT)
    try:
        found = _read(told)
    except (KeyError, TypeError, ValueError) as error:
        raise _refused(str(error)) from error
    lengths = {len(found.card.items), len(found.reference), len(found.spread)}
    if len(lengths) != 1 or canonical(as_json(found)) != canonical(told):
        raise _refused(_("as many references as items, and nothing else"))
    return found


def _read(told: dict[str, Any]) -> Model:
    card = Scorecard(
        scale=Scale(**told["scale"]),
        base_points=int(told["base_points"]),
        intercept=float(told["intercept"]),
        items=tuple(_item(one) for one in told["items"]),
        refused=tuple(told["refused"]),
        covariance=tuple(tuple(map(float, row)) for row in told["covariance"]),
    )
    return Model(
        name=str(told["name"]),
        version=int(told["version"]),
        made_at=str(told["made_at"]),
        currency=str(told["currency"]),
        catalogue=str(told["catalogue"]),
        card=card,
        reference=tuple(map(int, told["reference"])),
        spread=tuple(map(float, told["spread"])),
        score_edges=tuple(map(int, told["score_edges"])),
        score_shares=tuple(map(float, told["score_shares"])),
        least=Least(**told["least"]),
        training=dict(told["training"]),
    )


def _item_as_json(item: Item) -> dict[str, Any]:
    bins = item.binning
    return {
        "column": bins.name,
        "cuts": list(bins.cuts),
        "groups": [list(group) for group in bins.groups],
        "good": [one.good for one in bins.counts],
        "bad": [one.bad for one in bins.counts],
        "woe": list(bins.woe),
        "coefficient": item.coefficient,
        "points": list(item.points),
    }


def _item(told: Mapping[str, Any]) -> Item:
    counts = tuple(
        Counts(int(good), int(bad)) for good, bad in zip(told["good"], told["bad"], strict=True)
    )
    groups = tuple(tuple(map(str, group)) for group in told["groups"])
    cuts = tuple(map(float, told["cuts"]))
    binning = Binning(str(told["column"]), cuts, groups, counts, tuple(map(float, told["woe"])))
    points = tuple(map(int, told["points"]))
    wanted = binning.bin_count + 2  # and missing, and never seen
    if {len(points), len(counts), len(binning.woe)} != {wanted} or not _rises(cuts):
        raise ValueError(binning.name)
    return Item(binning, float(told["coefficient"]), points)


def _rises(cuts: Sequence[float]) -> bool:
    return all(low < high for low, high in pairwise(cuts))


def _refused(wanted: str) -> ModelRefused:
    return ModelRefused(_("This is no model that can be used: {wanted} is needed.", wanted=wanted))
