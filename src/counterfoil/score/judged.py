"""From payments to scores: features, the card, the interval; the same for one person and for many."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyarrow as pa

from counterfoil.kernel.i18n import _
from counterfoil.money import currency_by_code
from counterfoil.score.errors import ModelRefused, TooLittleKnown
from counterfoil.score.explanation import Explained, Value, explain, require_enough
from counterfoil.score.features import (
    CUTOFFS,
    Feature,
    catalogue_hash,
    compute,
)
from counterfoil.score.features.catalogue import FEATURES
from counterfoil.score.model import Model
from counterfoil.score.payments import events_of

_US_A_DAY = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Judged:
    """What came out for one person: an explained score, or why there is none."""

    explained: Explained | None
    refusal: TooLittleKnown | None
    inputs: dict[str, Value]
    """What the card looked at, by column."""
    days: float
    payments: int


def judge(
    model: Model,
    payments: pa.Table,
    subjects: Sequence[int],
    as_of_us: int,
    given: Mapping[int, Mapping[str, Value]] | None = None,
) -> list[Judged]:
    """Score people from their payments up to an instant, in their order.

    `payments` has the columns of `score.payments.PAYMENTS`; `given` has, by subject, columns that come
    from no payment.

    Raises:
        ModelRefused: the model was made for another catalogue of features, or reads no payments.

    """
    features = features_of(model)
    events = events_of(payments, currency_by_code(model.currency), threads=1)
    cutoffs = pa.table([list(subjects), [as_of_us] * len(subjects)], schema=CUTOFFS)
    rows = {
        row["subject"]: row for row in compute(events, cutoffs, features, threads=1).to_pylist()
    }
    known = _known(events)
    return [
        _judged(
            model,
            {one.name: rows[subject][one.name] for one in features}
            | dict((given or {}).get(subject, {})),
            *known.get(subject, (as_of_us, 0)),
            as_of_us,
        )
        for subject in subjects
    ]


def features_of(model: Model) -> list[Feature]:
    """Give the features that a model's card reads.

    Raises:
        ModelRefused: it was made for another catalogue of features, or for no payments.

    """
    if model.catalogue != catalogue_hash() or not model.currency:
        raise ModelRefused(
            _("{name}, version {version}, was not made for the features that this version computes "
              "from payments; train it anew.", name=model.name, version=model.version)
        )  # fmt: skip
    used = {item.binning.name for item in model.card.items}
    return [feature for feature in FEATURES if feature.name in used]


def _known(events: pa.Table) -> dict[int, tuple[int, int]]:
    """Tell the first instant and the count of each person's payments."""
    found = events.group_by("subject").aggregate([("occurred_at", "min"), ("number", "count")])
    return {
        row["subject"]: (row["occurred_at_min"], row["number_count"]) for row in found.to_pylist()
    }


def _judged(
    model: Model, values: dict[str, Value], first_us: int, payments: int, as_of_us: int
) -> Judged:
    days = (as_of_us - first_us) / _US_A_DAY
    try:
        require_enough(model, values, days=days, payments=payments)
    except TooLittleKnown as refusal:
        return Judged(None, refusal, values, days, payments)
    return Judged(explain(model, values, known_days=days), None, values, days, payments)
