"""`counterfoil demo`: a small town's money to watch, and a shop to pay in."""

import logging
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from counterfoil.kernel.i18n import _


def demo(
    database: Annotated[
        str | None,
        typer.Option(
            "--database",
            help=_("Where to keep the town; without it, in a file that is thrown away."),
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, help=_("The shop's port; 0 for any that is free."))
    ] = 0,
) -> None:
    """Watch a small town, then pay in its bakery: in a terminal the server stays until Ctrl-C.

    Example: counterfoil demo --database sqlite:///town.db
    """
    # Loading a server takes a second, and no other command should wait for it.
    from counterfoil.demo.screen import show
    from counterfoil.demo.shop import show_shop
    from counterfoil.kernel.database import DatabaseURL
    from counterfoil.ledger import Ledger
    from counterfoil.server import logs

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
        logs.set_up(level=logging.WARNING)
        show_shop(Path(folder), console, stays=console.is_terminal, port=port)
