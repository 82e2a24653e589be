"""Why a score is what it is: lines that add up, reasons that are real losses, what would raise it.

The *reference* is the median person among those who kept their contracts, column by column; it stands
in the model. A *loss* is how many points fewer somebody got than the reference did. Reasons are the
largest losses, at most four (Reg B comment 9(b)(2)-1), and nothing else: no reason without a loss,
no loss left out for a smaller one.

    score = base + Σ points + limits = reference score − Σ losses + Σ gains + limits
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, sqrt
from statistics import NormalDist
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.score.binning import SMOOTHING, Binning
from counterfoil.score.errors import TooLittleKnown
from counterfoil.score.features import FEATURE_BY_NAME, Dimension, Lever
from counterfoil.score.features.given import GIVEN_NAMES
from counterfoil.score.model import Model
from counterfoil.score.scorecard import Item
from counterfoil.score.table import categories, numbers

REASON_COUNT_MAX: Final = 4
CHANGE_COUNT_MAX: Final = 4
CONFIDENCE: Final = 0.95

Value = float | str | None
Values = Mapping[str, Value]


@dataclass(frozen=True, slots=True)
class Line:
    """One column of the card, for one person."""

    column: str
    value: Value
    place: int
    """The bin that the value is in."""
    points: int
    usual: int
    """The points of the reference."""

    @property
    def loss(self) -> int:
        """How many points fewer than the reference; negative is a gain."""
        return self.usual - self.points

    @property
    def family(self) -> str:
        """What it measures, whatever the window."""
        known = FEATURE_BY_NAME.get(self.column)
        return known.family if known else self.column


@dataclass(frozen=True, slots=True)
class Reason:
    """A principal reason: what a family of columns lost, told by the column that lost most."""

    code: str
    """Stable: the family's name."""
    line: Line
    loss: int
    """Of the whole family, in points."""


@dataclass(frozen=True, slots=True)
class Change:
    """What would raise the score: a value of one column, all others as they are."""

    line: Line
    low: float
    high: float
    """The value would be from `low` to below `high`."""
    gain: int
    lever: Lever
    days: int
    """After how many days at the latest the column can say so."""


@dataclass(frozen=True, slots=True)
class Explained:
    """A score, taken apart."""

    model: Model
    score: int
    low: int
    high: int
    """In which the score would lie 95 times of 100, as far as the model and the file are uncertain."""
    lines: tuple[Line, ...]

    @property
    def limits(self) -> int:
        """What the ends of the scale add or take."""
        return self.score - self.model.card.base_points - sum(line.points for line in self.lines)

    @property
    def dimensions(self) -> dict[Dimension | None, int]:
        """The points of each dimension; None: of columns that belong to none.

        A dimension of which nothing is known, or nothing may be, has 0: no gain and no penalty.
        """
        found: dict[Dimension | None, int] = {}
        if self.model.catalogue:
            found |= dict.fromkeys(Dimension, 0)
        for line in self.lines:
            known = FEATURE_BY_NAME.get(line.column)
            of = known.dimension if known else None
            found[of] = found.get(of, 0) + line.points
        return found

    @property
    def reasons(self) -> tuple[Reason, ...]:
        """The principal reasons, the largest loss first."""
        families: dict[str, list[Line]] = {}
        for line in self.lines:
            families.setdefault(line.family, []).append(line)
        found = [
            Reason(family, max(lines, key=lambda line: line.loss), sum(one.loss for one in lines))
            for family, lines in families.items()
        ]
        lost = sorted((one for one in found if one.loss > 0), key=lambda one: (-one.loss, one.code))
        return tuple(lost[:REASON_COUNT_MAX])

    @property
    def changes(self) -> tuple[Change, ...]:
        """What would raise the score most, one for a family."""
        best: dict[str, Change] = {}
        for item, line in zip(self.model.card.items, self.lines, strict=True):
            change = _change(item, line)
            if change and change.gain > (best[line.family].gain if line.family in best else 0):
                best[line.family] = change
        ordered = sorted(best.values(), key=lambda one: (-one.gain, one.line.column))
        return tuple(ordered[:CHANGE_COUNT_MAX])


def explain(model: Model, values: Values, *, known_days: float | None = None) -> Explained:
    """Score one person and take the score apart.

    `values` has what is known by column; what is not there is missing. `known_days` is for how long
    anything is known of them; None: as long as any column looks back.
    """
    lines = tuple(
        _line(item, values.get(item.binning.name), usual)
        for item, usual in zip(model.card.items, model.reference, strict=True)
    )
    scale = model.card.scale
    total = model.card.base_points + sum(line.points for line in lines)
    score = min(max(total, scale.low), scale.high)
    reach = NormalDist().inv_cdf((1 + CONFIDENCE) / 2) * _spread(model, lines, known_days)
    low, high = (
        min(max(round(end), scale.low), scale.high) for end in (total - reach, total + reach)
    )
    return Explained(model, score, low, high, lines)


def require_enough(model: Model, values: Values, *, days: float, payments: int) -> None:
    """Insist that enough is known of somebody to say anything.

    Raises:
        TooLittleKnown: it is not; the fact `why` says what is missing, in words.

    """
    least = model.least
    asked = [item.binning.name for item in model.card.items if item.binning.name not in GIVEN_NAMES]
    known = sum(values.get(name) is not None for name in asked)
    wanted = least.known_share * len(asked)
    if days < least.days:
        why = _("Payments are known for {days} days, and it takes {least}.",
                days=int(days), least=least.days)  # fmt: skip
    elif payments < least.payments:
        why = _("{count} payments are known, and it takes {least}.",
                count=payments, least=least.payments)  # fmt: skip
    elif known < wanted:
        why = _("Of {all} things that the score looks at, only {known} say something.",
                all=len(asked), known=known)  # fmt: skip
    else:
        return
    raise TooLittleKnown(
        _(
            "Too little is known to say anything; nobody is given a low score for that. {why}",
            why=why,
        ),
        why=why,
    )


def _line(item: Item, value: Value, usual: int) -> Line:
    place = _place(item.binning, value)
    return Line(item.binning.name, value, place, item.points[place], usual)


def _place(binning: Binning, value: Value) -> int:
    if binning.groups:
        return int(
            binning.assign(categories(binning.name, [None if value is None else str(value)]))[0]
        )
    return int(binning.assign(numbers(binning.name, [None if value is None else float(value)]))[0])


def _spread(model: Model, lines: tuple[Line, ...], known_days: float | None) -> float:
    """Tell the standard deviation of the sum of points, in points.

    Three things are uncertain: the fit's coefficients, the evidence of each bin (few bad ones say
    little: var(WOE) = 1/good + 1/bad), and what has not been seen. Of a window that reaches back
    further than anything is known, the unseen part is as uncertain as somebody drawn by chance.
    """
    card, factor = model.card, model.card.scale.factor
    evidence = [1.0, *(item.binning.woe[line.place]
                       for item, line in zip(card.items, lines, strict=True))]  # fmt: skip
    fitted = sum(
        a * b * cell
        for a, row in zip(evidence, card.covariance, strict=True)
        for b, cell in zip(evidence, row, strict=True)
    )
    variance = factor**2 * max(fitted, 0.0)
    for item, line, spread in zip(card.items, lines, model.spread, strict=True):
        counts = item.binning.counts[line.place]
        woe_variance = 1 / (counts.good + SMOOTHING) + 1 / (counts.bad + SMOOTHING)
        is_known = item.binning.woe[line.place] != 0.0
        variance += is_known * (factor * item.coefficient) ** 2 * min(woe_variance, 1.0)
        variance += _unseen(line, known_days) * spread**2
    return sqrt(variance)


def _unseen(line: Line, known_days: float | None) -> float:
    if line.value is None:
        return 1.0
    known = FEATURE_BY_NAME.get(line.column)
    if known is None or not known.days or known_days is None:
        return 0.0
    return max(0.0, 1.0 - known_days / known.days)


def _change(item: Item, line: Line) -> Change | None:
    """Find the nearest value that gains points; None where there is none, or it is no number."""
    if item.binning.groups or not isinstance(line.value, float | int):
        return None
    cuts = [-inf, *item.binning.cuts, inf]
    better = [k for k in range(item.binning.bin_count) if item.points[k] > line.points]
    if not better:
        return None
    place = min(better, key=lambda k: abs(k - line.place))
    known = FEATURE_BY_NAME.get(line.column)
    lever, days = (known.lever, known.days) if known else (Lever.CONDUCT, 0)
    low, high = cuts[place], cuts[place + 1]
    if lever is Lever.TIME:
        if low <= float(line.value):  # time does not run backwards
            return None
        days = int(-(-(low - float(line.value)) // 1))
    return Change(line, low, high, item.points[place] - line.points, lever, days)
