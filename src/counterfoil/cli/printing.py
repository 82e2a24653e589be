"""How commands print: tables that fit 80 columns for people, one JSON object for programs."""

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime

from rich import box
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)
from rich.table import Table

from counterfoil.kernel.i18n import current_locale
from counterfoil.money import Label, Money, format_money


def console() -> Console:
    """Make the console of answers, on stdout."""
    return Console(highlight=False)


def print_json(answer: Mapping[str, object]) -> None:
    """Print one JSON object, by itself, on stdout."""
    print(json.dumps(answer, ensure_ascii=False, indent=2))  # noqa: T201  # it is the answer


def table(title: str | None = None) -> Table:
    """Make an empty table in the one style that there is."""
    return Table(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD,
                 pad_edge=False)  # fmt: skip


def facts(rows: Mapping[str, str], title: str | None = None) -> Table:
    """Make a table of two columns: what, and its value."""
    grid = Table(
        title=title, title_justify="left", title_style="bold", box=None, show_header=False,
        pad_edge=False,
    )  # fmt: skip
    grid.add_column(style="dim")
    grid.add_column(overflow="fold")
    for name, value in rows.items():
        grid.add_row(name, value)
    return grid


def money(amount: Money) -> str:
    """Write an amount with its currency, as the reader's locale does."""
    return format_money(amount, current_locale())


def number(amount: Money) -> str:
    """Write an amount without its currency, for a column that names it."""
    return format_money(amount, current_locale(), label=Label.NONE)


def money_json(amount: Money) -> dict[str, object]:
    """Give an amount exactly: minor units, and the currency."""
    return {"minor": amount.minor, "currency": amount.currency.code}


def moment(at: datetime) -> str:
    """Write an instant, UTC, to the second."""
    return f"{at:%Y-%m-%d %H:%M:%S}"


def printable(text: str) -> str:
    """Escape what a terminal would obey instead of show, in texts that come from strangers."""
    return "".join(
        character if character.isprintable() or character == "\n" else repr(character)[1:-1]
        for character in text
    )


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Show bars on stderr while the block runs; none where stderr is not a terminal."""
    shown = Console(stderr=True)
    with Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(compact=True),
        console=shown,
        disable=not shown.is_terminal,
    ) as bars:
        yield bars
