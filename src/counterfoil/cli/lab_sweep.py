"""`counterfoil lab sweep` and `lab ensemble`: many runs, to see what one run cannot say."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Final

import typer

from counterfoil.cli.lab_options import (
    MonthsOption,
    PeopleOption,
    PolicyArgument,
    SeedOption,
    ShapeOption,
    bar,
    load_policy,
    make_city,
    stoppable,
)
from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.lab.population import Population
    from counterfoil.policy import Policy

SWEEP_HELP: Final = _(
    "Run a policy over a range of one number, find where the city tips, or map two numbers; "
    "stopped with Ctrl-C, the same command goes on."
)
SWEEP_EXAMPLE: Final = example(
    "counterfoil lab sweep spiral --parameter listing.below --low 800 --high 960 --steps 5 "
    "--people 10000 --shape uniform"
)
ENSEMBLE_HELP: Final = _(
    "Run a policy on one city with many seeds, and give each metric's mean and spread; stopped or "
    "killed, the same command goes on."
)
ENSEMBLE_EXAMPLE: Final = example(
    "counterfoil lab ensemble spiral --replicas 16 --people 10000 --months 24"
)


def sweep_command(
    policy: PolicyArgument,
    *,
    parameter: Annotated[str, typer.Option(help=_("Which number, dotted, as in listing.below."))],
    low: Annotated[float, typer.Option(help=_("From."))],
    high: Annotated[float, typer.Option(help=_("To."))],
    steps: Annotated[int, typer.Option(min=2, max=200, help=_("How many values."))] = 9,
    metric: Annotated[str, typer.Option(help=_("Which metric of the summary."))] = "listed_share",
    people: PeopleOption = 100_000,
    months: MonthsOption = 120,
    seed: SeedOption = 1,
    shape: ShapeOption = "city",
    tip: Annotated[bool, typer.Option("--tip", help=_("Search for the tipping point."))] = False,
    against: Annotated[
        str | None,
        typer.Option(help=_("A second number, as name:low:high, for a phase diagram.")),
    ] = None,
    out: Annotated[Path | None, typer.Option(help=_("A page for the phase diagram."))] = None,
    as_json: JSONOption = False,
) -> None:
    """Sweep, search or map."""
    other = _range_of(against) if against else None
    values = [low + (high - low) * k / (steps - 1) for k in range(steps)]
    rule = load_policy(policy)
    city = make_city(people, seed, shape)
    kept = Path(f"{rule.name}.sweep")
    task = _Sweep(rule, city, parameter, metric, months, seed, kept, as_json)
    with stoppable():
        if tip:
            task.tip(low, high, steps - 1)
        elif other:
            task.map(values, other, out)
        else:
            task.line(values)


@dataclass(frozen=True, slots=True)
class _Sweep:
    """One policy's number, varied; each way of varying it prints what it finds."""

    policy: "Policy"
    city: "Population"
    parameter: str
    metric: str
    months: int
    seed: int
    kept: Path
    as_json: bool

    def tip(self, low: float, high: float, coarse: int) -> None:
        """Search for the tipping point."""
        from counterfoil.lab.kept import Kept
        from counterfoil.lab.sweep import find_tipping_point

        with bar(_("Searching {parameter}", parameter=self.parameter)) as told:
            found = find_tipping_point(
                self.policy, self.city, self.parameter, low, high, metric=self.metric,
                months=self.months, seed=self.seed, coarse=coarse, done=told,
                kept=Kept(self.kept),
            )  # fmt: skip
        if self.as_json:
            facts = {"low": found.low, "high": found.high, "before": found.before,
                     "after": found.after} if found else None  # fmt: skip
            print_json({"parameter": self.parameter, "metric": self.metric, "tips": facts})
        elif found is None:
            typer.echo(_("{metric} has no tipping point between {low:g} and {high:g}.",
                         metric=self.metric, low=low, high=high))  # fmt: skip
        else:
            typer.echo(
                _(
                    "{parameter} tips between {low:g} and {high:g}: {metric} goes from {before:.4g} "
                    "to {after:.4g}.",
                    parameter=self.parameter, low=found.low, high=found.high, metric=self.metric,
                    before=found.before, after=found.after,
                )
            )  # fmt: skip

    def map(self, values: list[float], other: tuple[str, float, float], out: Path | None) -> None:
        """Map two numbers, and draw the map where a page was asked for."""
        from counterfoil.lab.kept import Kept
        from counterfoil.lab.report import phase_page
        from counterfoil.lab.sweep import phase_diagram

        name, bottom, top = other
        ups = [bottom + (top - bottom) * k / 4 for k in range(5)]
        said = _("Mapping {parameter} and {other}", parameter=self.parameter, other=name)
        with bar(said) as told:
            found = phase_diagram(
                self.policy, self.city, (self.parameter, values), (name, ups),
                metric=self.metric, months=self.months, seed=self.seed, done=told,
                kept=Kept(self.kept),
            )  # fmt: skip
        _print_rows(found.to_pylist(), as_json=self.as_json)
        if out:
            across, up = (self.parameter, values), (name, ups)
            page = phase_page(self.policy, found, across, up, self.metric, self.months)
            out.write_text(page, encoding="utf-8")

    def line(self, values: list[float]) -> None:
        """Vary one number."""
        from counterfoil.lab.kept import Kept
        from counterfoil.lab.sweep import check_metric, sweep

        with bar(_("Sweeping {parameter}", parameter=self.parameter)) as told:
            found = sweep(
                self.policy, self.city, self.parameter, values, months=self.months,
                seed=self.seed, done=told, kept=Kept(self.kept),
            )  # fmt: skip
        check_metric(self.metric, found.column_names[1:])
        _print_rows(found.select([self.parameter, self.metric]).to_pylist(), as_json=self.as_json)


def _range_of(said: str) -> tuple[str, float, float]:
    """Take name:low:high apart."""
    try:
        name, low, high = said.split(":")
        return name, float(low), float(high)
    except ValueError as problem:
        raise typer.BadParameter(
            _("{said} is no range; write it as name:low:high.", said=said)
        ) from problem


def _print_rows(rows: Sequence[Mapping[str, object]], *, as_json: bool) -> None:
    if as_json:
        print_json({"rows": rows})
        return
    shown = table()
    for name in rows[0]:
        shown.add_column(name, justify="right")
    for row in rows:
        shown.add_row(*(f"{value:.6g}" for value in row.values()))
    console().print(shown)


def ensemble_command(
    policy: PolicyArgument,
    *,
    replicas: Annotated[
        int, typer.Option(min=2, max=256, help=_("How many seeds, from --seed upwards."))
    ] = 16,
    people: PeopleOption = 100_000,
    months: MonthsOption = 120,
    seed: SeedOption = 1,
    shape: ShapeOption = "city",
    as_json: JSONOption = False,
) -> None:
    """Run the replicas and print each metric's spread."""
    from counterfoil.lab.ensemble import ensemble

    rule = load_policy(policy)
    city = make_city(people, seed, shape)
    with stoppable(), bar(policy) as told:
        found = ensemble(
            rule, city, replicas=replicas, months=months, seed=seed, progress=told,
            checkpoint=Path(f"{rule.name}.ensemble"),
        )  # fmt: skip
    rows = found.to_pylist()
    if as_json:
        print_json({row.pop("metric"): row for row in rows})
        return
    shown = table(_("{replicas} seeds of {policy}", replicas=replicas, policy=rule.name))
    for name in (_("metric"), _("mean"), _("lowest"), _("highest"), _("95% interval of the mean")):
        shown.add_column(name, justify="left" if name == _("metric") else "right")
    for row in rows:
        interval = f"{row['mean_low']:.4g} – {row['mean_high']:.4g}"
        numbers = (f"{row[name]:.4g}" for name in ("mean", "lowest", "highest"))
        shown.add_row(row["metric"].replace("_", " "), *numbers, interval)
    console().print(shown)
