"""What the commands of `lab` share: options, the city, progress bars with the time left."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.progress import (
    BarColumn,
    Progress,
    TaskProgressColumn,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from counterfoil.cli.failure import Exit
from counterfoil.kernel.i18n import _, ngettext

if TYPE_CHECKING:
    from counterfoil.lab.population import Population
    from counterfoil.policy import Policy

Told = Callable[[int, int], None]
"""Told how many steps are done, of how many."""

PolicyArgument = Annotated[
    str,
    typer.Argument(
        metavar="POLICY",
        help=_("A policy that ships, by name (see `counterfoil lab policies`), or a TOML file."),
        show_default=False,
    ),
]
PeopleOption = Annotated[int, typer.Option("--people", help=_("How many residents."))]
MonthsOption = Annotated[int, typer.Option("--months", help=_("How many months."))]
SeedOption = Annotated[
    int, typer.Option("--seed", help=_("The seed: the same one gives the same city and luck."))
]
ShapeOption = Annotated[
    Literal["city", "uniform"],
    typer.Option(
        "--shape",
        help=_("A city of households, workplaces and friends, or a plain random graph."),
    ),
]
EngineOption = Annotated[
    Literal["numba", "numpy", "cuda"],
    typer.Option(
        "--engine",
        help=_("What computes; every engine gives the same bits."),
    ),
]


@contextmanager
def bars() -> Iterator[Progress]:
    """Show bars with the time left on stderr, if that is a terminal."""
    shown = Console(stderr=True)
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=28),
        TaskProgressColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=shown,
        disable=not shown.is_terminal,
    ) as progress:
        yield progress


@contextmanager
def bar(said: str) -> Iterator[Told]:
    """Show one bar with the time left while the block runs."""
    with bars() as progress:
        task = progress.add_task(said, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def make_city(people: int, seed: int, shape: str) -> "Population":
    """Make a city, after looking whether it fits in memory.

    Raises:
        PopulationInvalid: the city cannot be.
        MemoryShort: it would not fit.

    """
    from counterfoil.lab.memory import check_spec
    from counterfoil.lab.population import Calendar, PopulationSpec, Shape, generate

    calendar = Calendar.PLAIN if shape == Shape.UNIFORM else Calendar.CITY
    spec = PopulationSpec(people=people, seed=seed, shape=Shape(shape), calendar=calendar)
    check_spec(spec)
    with bar(
        ngettext("A city of {count:,} resident", "A city of {count:,} residents", people)
    ) as told:
        return generate(spec, progress=told)


def load_policy(name: str) -> "Policy":
    """Load a policy that ships, or a file.

    Raises:
        PolicyError: there is none, or it says something that cannot be run.

    """
    from counterfoil.policy import load

    return load(name)


@contextmanager
def stoppable() -> Iterator[None]:
    """Say, after Ctrl-C, how far a run got and how to go on from there."""
    from counterfoil.lab.run import Interrupted

    try:
        yield
    except Interrupted as stopped:
        said = ngettext("Stopped after {count} month.", "Stopped after {count} months.",
                        stopped.months_done)  # fmt: skip
        typer.echo(said, err=True)
        if stopped.kept_at:
            again = _("What is done is in {path}; run the same command again to go on from there.",
                      path=stopped.kept_at)  # fmt: skip
            typer.echo(again, err=True)
        raise typer.Exit(Exit.INTERRUPTED) from stopped
