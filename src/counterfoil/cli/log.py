"""`counterfoil log`: the keys of a log, and proofs that it only grew."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.witness import KeyFileArgument, KeyNameArgument, make_key
from counterfoil.kernel.i18n import _

app = typer.Typer(help=_("The tamper-evident log: keys and proofs."), no_args_is_help=True)


@app.command(
    help=_("Make a log's key. Keep the file; give the printed key to everyone."),
    epilog=example("counterfoil log key log.example/bank log.key"),
)
def key(name: KeyNameArgument, file: KeyFileArgument, *, as_json: JSONOption = False) -> None:
    """Make a log's key."""
    from counterfoil.receipts import KeyType

    make_key(name, file, KeyType.LOG, as_json=as_json)


@app.command(
    help=_(
        "Prove that the published log begins with an older one. The text that is printed is what "
        "'verify --consistency' reads."
    ),
    epilog=example("counterfoil log consistency log --old 8"),
)
def consistency(
    folder: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", exists=True, file_okay=False, help=_("The folder of the log.")
        ),
    ],
    *,
    old: Annotated[
        int, typer.Option(min=0, help=_("How many leaves the older one had."), show_default=False)
    ],
) -> None:
    """Print a proof of consistency, verbatim."""
    from counterfoil.receipts import LogReader

    typer.echo(str(LogReader(folder).prove_consistency(old)), nl=False)
