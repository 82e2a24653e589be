"""`counterfoil lab study`: questions that take many runs and have an answer of their own."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.lab_options import MonthsOption, SeedOption, bar, load_policy
from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _

app = typer.Typer(
    help=_("Answer a question that takes many runs: a chart, a table, the numbers."),
    no_args_is_help=True,
)


@app.callback()
def studies() -> None:
    """Hold the studies apart, though there is one so far."""


@app.command(
    "connections",
    help=_(
        "Show what friends' scores tell a lender, by how alike friends are, and how many people "
        "they bring down."
    ),
    epilog=example("counterfoil lab study connections --people 4000 --months 12 --steps 3"),
)
def connections_command(
    *,
    policy: Annotated[
        str, typer.Option(help=_("Which policy; it needs a minimum for loans."))
    ] = "zhima-like",
    people: Annotated[int, typer.Option("--people", help=_("How many residents."))] = 50_000,
    months: MonthsOption = 36,
    seed: SeedOption = 1,
    steps: Annotated[
        int, typer.Option(min=2, max=21, help=_("How many homophilies, from 0 to 1."))
    ] = 6,
    weight: Annotated[
        list[float] | None,
        typer.Option(help=_("Percent of the score from contacts; may be given again.")),
    ] = None,
    out: Annotated[Path, typer.Option(help=_("Where the page goes."))] = Path("connections.html"),
    as_json: JSONOption = False,
) -> None:
    """Run the study, write its page and its table, and print the rows."""
    from counterfoil.lab.memory import check_spec
    from counterfoil.lab.population import PopulationSpec
    from counterfoil.lab.report import connections_page
    from counterfoil.lab.study import WEIGHTS, connections
    from counterfoil.lab.tables import write_table

    rule, spec = load_policy(policy), PopulationSpec(people=people, seed=seed)
    check_spec(spec)
    with bar(_("Connections")) as told:
        found = connections(
            rule, spec, homophilies=[k / (steps - 1) for k in range(steps)],
            weights=weight or WEIGHTS, months=months, seed=seed, done=told,
        )  # fmt: skip
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text(connections_page(rule, found, months), encoding="utf-8")
    write_table(found, out.with_suffix(".parquet"))
    if as_json:
        print_json({"policy": rule.name, "people": people, "months": months, "seed": seed,
                    "rows": found.to_pylist()})  # fmt: skip
        return
    shown = table()
    for name in found.column_names:
        shown.add_column(name.replace("_", " "), justify="right")
    for row in found.to_pylist():
        shown.add_row(*(f"{value:.4g}" for value in row.values()))
    console().print(shown)
    typer.echo(_("The page is {page}.", page=out))
