"""`counterfoil demo`: a small town's money, to watch."""

import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from counterfoil.demo.screen import show
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger


def demo(
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            help=_("Where to keep the town; without it, in a file that is thrown away."),
        ),
    ] = None,
) -> None:
    """Watch a small town: open, top up, pay, hold, refund, convert, refuse, verify.

    Example: counterfoil demo --database sqlite:///town.db
    """
    console = Console()
    with tempfile.TemporaryDirectory(prefix="counterfoil-") as folder:
        url = database or f"sqlite:///{Path(folder) / 'town.db'}"
        with console.status(_("Compiling the ledger's engine; this happens once")):
            ledger = Ledger.open(url)
            ledger.warm_up()
        with ledger:
            is_sound = show(ledger, DatabaseURL(url).shown, console)
    if not is_sound:
        raise typer.Exit(1)
