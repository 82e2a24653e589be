"""`counterfoil lab`: run policies on synthetic cities, look at them, live in them.

What is heavy (the compiler, Arrow) is imported when a command needs it, so that `--help` does not
wait for it.
"""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli import lab_study, lab_sweep
from counterfoil.cli.lab_options import (
    EngineOption,
    MonthsOption,
    PeopleOption,
    PolicyArgument,
    SeedOption,
    ShapeOption,
    bar,
    bars,
    load_policy,
    make_city,
    stoppable,
)
from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _, translated

if TYPE_CHECKING:
    from counterfoil.lab.population import Population
    from counterfoil.lab.run import Result
    from counterfoil.policy import Policy

app = typer.Typer(
    help=_("Run scoring policies on a synthetic city and measure what they do to people."),
    no_args_is_help=True,
)
app.add_typer(lab_study.app, name="study")
app.command(name="sweep", help=lab_sweep.SWEEP_HELP, epilog=lab_sweep.SWEEP_EXAMPLE)(
    lab_sweep.sweep_command
)
app.command(name="ensemble", help=lab_sweep.ENSEMBLE_HELP, epilog=lab_sweep.ENSEMBLE_EXAMPLE)(
    lab_sweep.ensemble_command
)


@app.command(
    "policies",
    help=_("List the policies that ship, with who may run them."),
    epilog=example("counterfoil lab policies"),
)
def policies(*, as_json: JSONOption = False) -> None:
    """List what `load` knows by name."""
    from counterfoil.policy import builtin_names, load

    found = [load(name) for name in builtin_names()]
    if as_json:
        print_json({policy.name: {"kind": policy.kind, "title": policy.title} for policy in found})
        return
    rows = table(_("Policies that ship"))
    for name in (_("name"), _("kind"), _("what it is")):
        rows.add_column(name)
    for policy in found:
        rows.add_row(policy.name, policy.kind, translated(policy.title))
    console().print(rows)


@app.command(
    "run",
    help=_("Run a policy and write its page; stopped with Ctrl-C, the same command goes on."),
    epilog=example(
        "counterfoil lab run suining-2010 --against counterfoil --people 20000 --months 60"
    ),
)
def run_command(
    policy: PolicyArgument,
    *,
    against: Annotated[
        str | None, typer.Option(help=_("Another policy, on the same people, side by side."))
    ] = None,
    people: PeopleOption = 1_100_000,
    months: MonthsOption = 120,
    seed: SeedOption = 1,
    out: Annotated[Path, typer.Option(help=_("Where the page goes."))] = Path("report.html"),
    parquet: Annotated[
        Path | None,
        typer.Option(help=_("A folder for the tables, as Parquet; beside the page if left out.")),
    ] = None,
    engine: EngineOption = "numba",
    shape: ShapeOption = "city",
    as_json: JSONOption = False,
) -> None:
    """Run, write, and say where."""
    rules, other = load_policy(policy), load_policy(against) if against else None
    check_months(months)
    folder = parquet or out.with_suffix("")
    with stoppable():
        city = make_city(people, seed, shape)
        result = _run(rules, city, months, seed, engine, out.with_suffix(".checkpoint"))
        beside = None
        if other:
            kept = out.with_suffix(".against.checkpoint")
            beside = _run(other, city, months, seed, engine, kept)
        _write(result, beside, out, folder)
    if as_json:
        print_json(_facts(result) | {"report": str(out), "tables": str(folder)})
        return
    typer.echo(
        _(
            "{policy}: {people:,} residents, {months} months in {seconds:.1f} s, after "
            "{build:.1f} s for the city; checksum {checksum}.",
            policy=rules.name, people=people, months=months, seconds=result.seconds,
            build=city.build_seconds, checksum=result.checksum,
        )
    )  # fmt: skip
    typer.echo(_("The page is {page}; its tables are in {folder}.", page=out, folder=folder))


def check_months(months: int) -> None:
    """Refuse a length that no run has, before a city is made for it.

    Raises:
        RunInvalid: no months, or too many.

    """
    from counterfoil.lab.run import check_months as check

    check(months)


def _run(
    policy: "Policy", city: "Population", months: int, seed: int, engine: str, kept: Path
) -> "Result":
    from counterfoil.lab.run import run

    with bar(policy.name) as told:
        return run(
            policy, city, months=months, seed=seed, engine=engine, progress=told, checkpoint=kept
        )


def _facts(result: "Result") -> dict[str, object]:
    """Give a run's summary for programs."""
    summary = result.tables["summary"].to_pylist()
    return {
        "policy": result.policy.name,
        "people": result.population.people,
        "months": result.months,
        "seed": result.seed,
        "engine": result.engine,
        "threads": result.threads,
        "seconds": result.seconds,
        "build_seconds": result.population.build_seconds,
        "checksum": result.checksum,
        "summary": {row["metric"]: row["value"] for row in summary},
    }


def _write(result: "Result", beside: "Result | None", out: Path, folder: Path) -> None:
    """Write the page and one Parquet file a table; the other policy's go into a folder of its own."""
    from counterfoil.lab.report import report_page
    from counterfoil.lab.tables import write_parquet

    with bar(_("The page")) as told:
        told(0, 3)
        page = report_page(result, beside)
        told(1, 3)
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(page, encoding="utf-8")
        told(2, 3)
        write_parquet(result, folder)
        if beside:
            write_parquet(beside, folder / beside.policy.name)
        told(3, 3)


@app.command(
    help=_(
        "Run every policy that ships and write a page for each, with an index; stopped or killed, "
        "the same command goes on."
    ),
    epilog=example("counterfoil lab gallery --people 20000 --months 24 --out gallery"),
)
def gallery(
    *,
    people: PeopleOption = 100_000,
    months: MonthsOption = 120,
    seed: SeedOption = 1,
    out: Annotated[Path, typer.Option(help=_("The folder of pages."))] = Path("gallery"),
) -> None:
    """Run all eleven on one city, Counterfoil's own beside each."""
    check_months(months)
    with stoppable():
        city = make_city(people, seed, "city")
        count = _gallery(city, months, seed, out)
    typer.echo(_("{count} pages; begin with {index}.", count=count, index=out / "index.html"))


def _gallery(city: "Population", months: int, seed: int, out: Path) -> int:
    from counterfoil.lab.report import build_gallery

    with bars() as progress:
        whole = progress.add_task(_("The gallery"))
        one = progress.add_task("")

        def begun(name: str, done: int, total: int) -> None:
            progress.update(whole, completed=done, total=total)
            progress.reset(one, description=name)

        def told(done: int, total: int) -> None:
            progress.update(one, completed=done, total=total)

        return len(build_gallery(city, out, months=months, seed=seed, begun=begun, progress=told))


@app.command(
    "live",
    help=_("Be one synthetic resident for a year: ask, be refused, look at the list, object."),
    epilog=example('counterfoil lab live suining-2010 --script "ask school-place; next; score"'),
)
def live_command(
    policy: PolicyArgument,
    *,
    seed: SeedOption = 1,
    resident: Annotated[
        int | None,
        typer.Option(
            "--as", help=_("Which resident to be; left out, the one to whom most happens.")
        ),
    ] = None,
    script: Annotated[
        str | None,
        typer.Option(help=_("What to do, separated by semicolons, instead of typing it.")),
    ] = None,
) -> None:
    """Play a year; every line says that it is a simulation."""
    from counterfoil.lab.live import MONTHS, live

    life = live(load_policy(policy), seed=seed, resident=resident)
    _say(life.introduce())
    commands = script.split(";") if script is not None else _typed()
    for command in filter(str.strip, commands):
        try:
            _say(life.act(command))
        except CounterfoilError as problem:
            if script is not None:
                raise
            _say([problem.message])
        if life.month >= MONTHS:
            _say([_("The year is over.")])
            return


def _typed() -> Iterator[str]:
    """Read commands until the input ends or somebody says quit."""
    while True:
        typer.echo(_mark("> "), nl=False)
        line = sys.stdin.readline()
        if not line or line.strip() in {"quit", "exit"}:
            return
        yield line


def _say(lines: list[str]) -> None:
    """Print what a life says, each line of the screen marked."""
    for line in lines:
        for part in line.splitlines():
            typer.echo(_mark(part))


def _mark(said: str) -> str:
    """Mark a line as simulation."""
    return _("[simulation] {said}", said=said)
