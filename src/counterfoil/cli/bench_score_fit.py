"""`counterfoil bench score-fit`: how fast a scorecard is fitted, beside two peers."""

from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from counterfoil.cli.options import JSONOption
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _


def register(app: typer.Typer) -> None:
    """Offer the command among the benchmarks."""
    app.command("score-fit")(bench_score_fit)


def bench_score_fit(
    rows: Annotated[int, typer.Option(min=1000, help=_("Rows of the table."))] = 30_000,
    columns: Annotated[int, typer.Option(min=4, max=200, help=_("Columns of the table."))] = 23,
    peers: Annotated[
        Path | None,
        typer.Option(file_okay=False, help=_("The folder of the peers' own environment; it is made if "
                                             "there is none. Without it they are not asked.")),
    ] = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Measure binning and fitting a scorecard, beside optbinning and scorecardpy on the same rows.

    Example: counterfoil bench score-fit --peers .cache/score-peers
    """
    from counterfoil.bench import score_fit

    speeds = score_fit.measure(
        *score_fit.drawn(rows, columns), peers=peers, say=Console(stderr=True).print
    )
    if as_json:
        print_json(asdict(speeds))
        return
    shown = table(_("{rows:,} rows, {columns} columns", rows=speeds.rows, columns=speeds.columns))
    for name in (_("fit"), _("seconds"), "AUC", _("times as long")):
        shown.add_column(name)
    for one in speeds.fits:
        shown.add_row(f"{one.name} {one.version}", f"{one.seconds:.2f}", f"{one.auc:.4f}",
                      f"{one.times:g}")  # fmt: skip
    console().print(shown)
