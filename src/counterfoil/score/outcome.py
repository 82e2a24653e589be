"""What may be learned from: outcomes that are ripe, that came after, and guesses about the refused.

A contract that still runs is *censored*: it is not good, it is not known. Leaving out the running ones
that are in order and keeping those already broken would make everybody look worse, so a contract is
taken or left by the day on which it was to end, whatever became of it.

Who was refused has no outcome. *Parcelling* gives each a drawn one, as often bad as the card for the
accepted says, times how much worse the refused are believed to be (Hand and Henley 1993). It is a
guess; a validation is done on those whose outcome is known.
"""

from collections.abc import Sequence

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import LabelTooEarly, TableRefused
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.table import (
    MISSING,
    BoolArray,
    Categories,
    Column,
    FloatArray,
    IntArray,
    Numbers,
    Table,
    checked,
)


def matured(table: Table, ends_at_us: IntArray, *, known_until_us: int) -> Table:
    """Keep the contracts that were to end by the instant until which outcomes are known.

    Raises:
        TableRefused: lengths differ, or none was.
        OneClassOnly: all that is left is good, or all bad.

    """
    _require_length(table, ends_at_us)
    ripe = np.flatnonzero(ends_at_us <= known_until_us)
    if not len(ripe):
        raise TableRefused(
            _("All {count} contracts still run; wait until some were to have ended.",
              count=len(table))
        )  # fmt: skip
    found = table.take(ripe)
    return checked(found.columns, found.is_bad)


def require_later(as_of_us: IntArray, labelled_at_us: IntArray) -> None:
    """Insist that every outcome came after what is to predict it was known.

    Raises:
        TableRefused: lengths differ.
        LabelTooEarly: a label is as old as its features, or older; the first row is named.

    """
    if len(as_of_us) != len(labelled_at_us):
        raise TableRefused(_("There are {one} instants of features and {other} of labels.",
                             one=len(as_of_us), other=len(labelled_at_us)))  # fmt: skip
    early = np.flatnonzero(labelled_at_us <= as_of_us)
    if len(early):
        raise LabelTooEarly(
            _("In row {row} the outcome was known before the features: it predicts nothing. Take "
              "features from before the contract.", row=int(early[0]) + 1),
            row=int(early[0]) + 1,
        )  # fmt: skip


def parcelled(
    accepted: Table, refused: Sequence[Column], *, settings: Settings, harsher: float, seed: int
) -> Table:
    """Add the refused, each with a drawn outcome, so that a card is learned for all who ask.

    `harsher` is how many times as often as the card says the refused are believed to be bad.

    Raises:
        TableRefused: the refused have not the columns of the accepted.
        FitRefused: nothing can be learned from the accepted.

    """
    columns = {column.name: column for column in refused}
    missing = [column.name for column in accepted.columns if column.name not in columns]
    if missing:
        raise TableRefused(_("The refused have no column {column}.", column=missing[0]))
    card = fit_scorecard(accepted, settings)
    told = card.probability_bad(card.scores(columns))
    chance = np.clip(told * harsher, 0.0, 1.0)
    is_bad: BoolArray = np.random.default_rng(seed).random(len(chance)) < chance
    return checked(
        [_joined(column, columns[column.name]) for column in accepted.columns],
        np.concatenate([accepted.is_bad, is_bad]),
    )


def _joined(one: Column, other: Column) -> Column:
    if isinstance(one, Numbers) and isinstance(other, Numbers):
        values: FloatArray = np.concatenate([one.values, other.values])
        return Numbers(one.name, values)
    if isinstance(one, Categories) and isinstance(other, Categories):
        names = tuple(sorted({*one.names, *other.names}))
        place = {name: code for code, name in enumerate(names)}
        codes = [np.array([*(place[name] for name in part.names), MISSING], np.int64)[part.codes]
                 for part in (one, other)]  # fmt: skip
        return Categories(one.name, np.concatenate(codes), names)
    raise TableRefused(_("Column {column} holds numbers here and names there.", column=one.name))


def _require_length(table: Table, values: IntArray) -> None:
    if len(table) != len(values):
        raise TableRefused(_("There are {one} rows and {other} instants.",
                             one=len(table), other=len(values)))  # fmt: skip
