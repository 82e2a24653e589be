"""`counterfoil lab`: run policies on synthetic cities, look at them, live in them, sweep them."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import pyarrow.parquet
import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.lab.engine import EngineName
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.live import MONTHS, live
from counterfoil.lab.memory import check_spec
from counterfoil.lab.population import Population, PopulationSpec, Shape, generate
from counterfoil.lab.population.model import Calendar
from counterfoil.lab.report import index_page, report_page
from counterfoil.lab.report.style import document, figure
from counterfoil.lab.report.svg import heat
from counterfoil.lab.run import Interrupted, Result, run
from counterfoil.lab.run import Progress as Told
from counterfoil.lab.sweep import find_tipping_point, phase_diagram, sweep
from counterfoil.policy import Policy, builtin_names, load

app = typer.Typer(
    name="lab",
    help="Run scoring policies on a synthetic city and measure what they do to people.",
    no_args_is_help=True,
)

People = Annotated[int, typer.Option(help="How many residents.")]
Months = Annotated[int, typer.Option(help="How many months.")]
Seed = Annotated[int, typer.Option(help="The seed; the same seed gives the same city and luck.")]
Out = Annotated[Path, typer.Option(help="Where the page goes.")]
City = Annotated[Shape, typer.Option(help="`city`, or `uniform` for a plain random graph.")]
PolicyName = Annotated[str, typer.Argument(help="A shipped policy's name, or a TOML file.")]

_console = Console(stderr=True)


@contextmanager
def _refusals() -> Iterator[None]:
    """Turn the lab's refusals into one line and exit code 2; Ctrl-C into 130."""
    try:
        yield
    except Interrupted as stopped:
        kept = f"; kept at {stopped.kept_at}" if stopped.kept_at else "; nothing was kept"
        typer.echo(f"Stopped after {stopped.months_done} months{kept}.", err=True)
        if stopped.kept_at:
            typer.echo("Run the same command again to go on from there.", err=True)
        raise typer.Exit(130) from stopped
    except CounterfoilError as problem:
        typer.echo(f"{problem.message} [{problem.code}]", err=True)
        raise typer.Exit(2) from problem


@contextmanager
def _bar(said: str) -> Iterator[Told]:
    """Show a progress bar with the time left, on a terminal only."""
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=_console, transient=True) as progress:
        task = progress.add_task(said, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _city(people: int, seed: int, shape: Shape) -> Population:
    calendar = Calendar.PLAIN if shape is Shape.UNIFORM else Calendar.CITY
    spec = PopulationSpec(people=people, seed=seed, shape=shape, calendar=calendar)
    check_spec(spec)
    with _console.status(f"making a city of {people:,}"):
        return generate(spec)


def _run(
    policy: Policy, city: Population, months: int, seed: int, engine: EngineName, kept: Path | None
) -> Result:
    with _bar(policy.name) as told:
        return run(
            policy, city, months=months, seed=seed, engine=engine, progress=told, checkpoint=kept
        )


def _write_parquet(result: Result, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in result.tables.items():
        pyarrow.parquet.write_table(table, folder / f"{name}.parquet")


@app.command("run")
def run_command(
    policy: PolicyName,
    against: Annotated[str | None, typer.Option(help="Another policy, side by side.")] = None,
    people: People = 1_100_000,
    months: Months = 120,
    seed: Seed = 1,
    out: Out = Path("report.html"),
    parquet: Annotated[Path | None, typer.Option(help="A folder for the tables.")] = None,
    engine: Annotated[EngineName, typer.Option(help="Which engine.")] = EngineName.NUMBA,
    shape: City = Shape.CITY,
) -> None:
    """Run a policy and write its page; stopped with Ctrl-C, the same command goes on."""
    with _refusals():
        rules = load(policy)
        other = load(against) if against else None
        city = _city(people, seed, shape)
        kept = out.with_suffix(".checkpoint")
        result = _run(rules, city, months, seed, engine, kept)
        beside = _run(other, city, months, seed, engine, None) if other else None
        out.parent.mkdir(parents=True, exist_ok=True)
        out.write_text(report_page(result, beside), encoding="utf-8")
        _write_parquet(result, parquet or out.with_suffix(""))
    typer.echo(
        f"{result.policy.name}: {people:,} residents, {months} months in {result.seconds:.1f} s "
        f"(city {city.build_seconds:.1f} s), checksum {result.checksum}"
    )
    typer.echo(f"{out} · tables in {parquet or out.with_suffix('')}")


@app.command()
def gallery(
    people: People = 100_000,
    months: Months = 120,
    seed: Seed = 1,
    out: Annotated[Path, typer.Option(help="The folder of pages.")] = Path("gallery"),
) -> None:
    """Run every policy that ships and write a page each, with an index."""
    with _refusals():
        city = _city(people, seed, Shape.CITY)
        out.mkdir(parents=True, exist_ok=True)
        own = run(load("counterfoil"), city, months=months, seed=seed)
        results = []
        with _bar("the gallery") as told:
            for number, name in enumerate(builtin_names()):
                result = run(load(name), city, months=months, seed=seed)
                beside = own if name != "counterfoil" and result.state is not None else None
                (out / f"{name}.html").write_text(report_page(result, beside), encoding="utf-8")
                results.append(result)
                told(number + 1, len(builtin_names()))
        (out / "index.html").write_text(index_page(results), encoding="utf-8")
    typer.echo(f"{out / 'index.html'}: {len(results)} policies")


@app.command("live")
def live_command(
    policy: PolicyName,
    seed: Seed = 1,
    resident: Annotated[int | None, typer.Option("--as", help="Which resident to be.")] = None,
    script: Annotated[
        str | None, typer.Option(help="Commands separated by semicolons, instead of typing.")
    ] = None,
) -> None:
    """Be one synthetic resident for a year."""
    with _refusals():
        life = live(load(policy), seed=seed, resident=resident)
        _say(life.introduce())
        commands = script.split(";") if script is not None else _typed()
        for command in commands:
            try:
                _say(life.act(command))
            except CounterfoilError as problem:
                if script is not None:
                    raise
                _say([problem.message])
            if life.month >= MONTHS:
                _say(["The year is over."])
                return


def _typed() -> Iterator[str]:
    """Read commands until the input ends or somebody says quit."""
    while True:
        typer.echo("[simulation] > ", nl=False)
        line = sys.stdin.readline()
        if not line or line.strip() in {"quit", "exit"}:
            return
        if line.strip():
            yield line


def _say(lines: list[str]) -> None:
    for line in lines:
        typer.echo(f"[simulation] {line}")


@app.command("sweep")
def sweep_command(
    policy: PolicyName,
    parameter: Annotated[str, typer.Option(help="Which number, dotted, as in listing.below.")],
    low: Annotated[float, typer.Option(help="From.")],
    high: Annotated[float, typer.Option(help="To.")],
    steps: Annotated[int, typer.Option(min=2, max=200, help="How many values.")] = 9,
    metric: Annotated[str, typer.Option(help="Which metric of the summary.")] = "listed_share",
    people: People = 100_000,
    months: Months = 120,
    seed: Seed = 1,
    shape: City = Shape.CITY,
    tip: Annotated[bool, typer.Option("--tip", help="Search for the tipping point.")] = False,
    against: Annotated[
        str | None, typer.Option(help="Second parameter, as name:low:high, for a phase diagram.")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="A page for the phase diagram.")] = None,
) -> None:
    """Run a policy over a range of one number, find where it tips, or map two."""
    with _refusals():
        values = [low + (high - low) * k / (steps - 1) for k in range(steps)]
        task = _Sweep(load(policy), _city(people, seed, shape), parameter, metric, months, seed)
        if tip:
            task.tip(low, high, steps - 1)
        elif against:
            task.map(values, against, out)
        else:
            task.line(values)


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One policy's number, varied; each way of varying it prints what it finds."""

    policy: Policy
    city: Population
    parameter: str
    metric: str
    months: int
    seed: int

    def tip(self, low: float, high: float, coarse: int) -> None:
        """Search for the tipping point."""
        with _bar(f"searching {self.parameter}") as told:
            found = find_tipping_point(
                self.policy, self.city, self.parameter, low, high, metric=self.metric,
                months=self.months, seed=self.seed, coarse=coarse, done=told,
            )  # fmt: skip
        if found is None:
            typer.echo(f"{self.metric} has no tipping point between {low:g} and {high:g}")
            return
        typer.echo(
            f"{self.parameter} tips between {found.low:g} and {found.high:g}: {self.metric} goes "
            f"from {found.before:.4g} to {found.after:.4g}"
        )

    def map(self, values: list[float], against: str, out: Path | None) -> None:
        """Map two numbers; `against` is name:low:high."""
        name, bottom, top = _range_of(against)
        others = [bottom + (top - bottom) * k / 4 for k in range(5)]
        with _bar(f"mapping {self.parameter} and {name}") as told:
            table = phase_diagram(
                self.policy, self.city, (self.parameter, values), (name, others),
                metric=self.metric, months=self.months, seed=self.seed, done=told,
            )  # fmt: skip
        rows = table.to_pylist()
        _print_rows(rows)
        if out:
            cells = {(row[self.parameter], row[name]): row[self.metric] for row in rows}
            drawing = heat(self.metric, (self.parameter, values), (name, others), cells)
            caption = f"{self.metric} of {self.policy.title} after {self.months} months"
            out.write_text(document(caption, figure(drawing, caption)), encoding="utf-8")
            typer.echo(str(out))

    def line(self, values: list[float]) -> None:
        """Vary one number."""
        with _bar(f"sweeping {self.parameter}") as told:
            table = sweep(
                self.policy, self.city, self.parameter, values, months=self.months,
                seed=self.seed, done=told,
            )  # fmt: skip
        if self.metric not in table.column_names:
            raise RunInvalid(
                f"no metric {self.metric!r}; there are {', '.join(table.column_names)}"
            )
        _print_rows(table.select([self.parameter, self.metric]).to_pylist())


def _range_of(said: str) -> tuple[str, float, float]:
    """Take name:low:high apart."""
    parts = said.split(":")
    try:
        name, low, high = parts[0], float(parts[1]), float(parts[2])
    except (IndexError, ValueError) as problem:
        raise RunInvalid(f"{said!r}: write it as name:low:high") from problem
    return name, low, high


def _print_rows(rows: list[dict[str, float]]) -> None:
    for row in rows:
        typer.echo("  ".join(f"{key} {value:.6g}" for key, value in row.items()))
