"""`counterfoil bench settle`: how long a day's settlement takes, at three sizes."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Annotated

import typer

from counterfoil.cli.options import JSONOption
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _


def register(app: typer.Typer) -> None:
    """Offer the command among the benchmarks."""
    app.command("settle")(bench_settle)


def bench_settle(
    *,
    payments: Annotated[
        list[int] | None,
        typer.Option(min=1, help=_("How many payments a day; three sizes if left out.")),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Measure the settlement of a day: read, added up, committed.

    Example: counterfoil bench settle --json
    """
    from counterfoil.bench.settle import SIZES, measure

    found = []
    for count in payments or SIZES:
        with TemporaryDirectory(prefix="counterfoil-settle-") as folder:
            found.append(measure(f"sqlite:///{folder}/day.db", Path(folder), count))
    if as_json:
        print_json({"settlements": [asdict(one) for one in found]})
        return
    listing = table()
    for heading in (_("Payments"), _("Settled, ms"), _("Again, ms"), _("Lines")):
        listing.add_column(heading, justify="right")
    for one in found:
        numbers = (one.payments, one.settle_ms, one.again_ms, one.lines)
        listing.add_row(*(f"{number:,}" for number in numbers))
    console().print(listing)
