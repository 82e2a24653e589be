"""What `counterfoil score train` may be told of outcomes: when contracts were to end, who was refused."""

from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.score.table import Table

EndsOption = Annotated[
    str | None,
    typer.Option(
        help=_("A column with the day on which each contract was to end; never an input."),
        show_default=False,
    ),
]
KnownUntilOption = Annotated[
    datetime | None,
    typer.Option(
        formats=["%Y-%m-%d"],
        help=_("Learn from contracts that were to end by this day: the others still run."),
        show_default=False,
    ),
]
RefusedOption = Annotated[
    Path | None,
    typer.Option(
        exists=True, dir_okay=False, show_default=False,
        help=_("A CSV file of people who were refused: each is given a drawn outcome, a guess."),
    ),
]  # fmt: skip
HarsherOption = Annotated[
    float,
    typer.Option(
        min=1, help=_("How many times as often as the card says the refused are taken to be bad.")
    ),
]


def ripe(found: "Table", ends: str | None, known_until: datetime | None) -> "Table":
    """Keep the contracts whose outcome may be known, and drop the column that says when they end."""
    import numpy as np

    from counterfoil.kernel.clock import to_us
    from counterfoil.score.outcome import matured
    from counterfoil.score.table import Categories, checked

    if ends is None and known_until is None:
        return found
    if ends is None or known_until is None:
        raise typer.BadParameter(_("--ends and --known-until go together."))
    column = {one.name: one for one in found.columns}.get(ends)
    if not isinstance(column, Categories) or (column.codes < 0).any():
        raise typer.BadParameter(_("{column} is no column of days without gaps.", column=ends))
    try:
        days = [date.fromisoformat(name) for name in column.names]
    except ValueError:
        raise typer.BadParameter(
            _("{column} is no column of days without gaps.", column=ends)
        ) from None
    instants = np.array([to_us(datetime.combine(day, time.min, UTC)) for day in days], np.int64)
    others = checked([one for one in found.columns if one.name != ends], found.is_bad)
    return matured(
        others, instants[column.codes], known_until_us=to_us(known_until.replace(tzinfo=UTC))
    )


def with_refused(found: "Table", refused: Path | None, harsher: float) -> "Table":
    """Add those who were refused, each with a drawn outcome."""
    from counterfoil.score.csvfile import read_columns
    from counterfoil.score.outcome import parcelled
    from counterfoil.score.scorecard import Settings

    if refused is None:
        return found
    return parcelled(found, read_columns(refused), settings=Settings(), harsher=harsher, seed=1)
