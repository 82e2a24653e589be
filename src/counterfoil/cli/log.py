"""`counterfoil log`: the keys of a log, proofs that it only grew, and the log as static files."""

from pathlib import Path
from typing import Annotated

import typer

from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json
from counterfoil.cli.witness import KeyFileArgument, KeyNameArgument, make_key
from counterfoil.kernel.i18n import _, ngettext

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER", exists=True, file_okay=False, help=_("The folder of the log.")
    ),
]

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
    folder: FolderArgument,
    *,
    old: Annotated[
        int, typer.Option(min=0, help=_("How many leaves the older one had."), show_default=False)
    ],
) -> None:
    """Print a proof of consistency, verbatim."""
    from counterfoil.receipts import LogReader

    typer.echo(str(LogReader(folder).prove_consistency(old)), nl=False)


@app.command(
    help=_(
        "Bring a folder of static files in step with the published log (C2SP tlog-tiles), for a "
        "web server or an auditor."
    ),
    epilog=example("counterfoil log export log site"),
)
def export(
    folder: FolderArgument,
    site: Annotated[
        Path, typer.Argument(metavar="SITE", file_okay=False, help=_("The folder to write."))
    ],
    *,
    with_entries: Annotated[
        bool,
        typer.Option("--entries", help=_("Write the entries too, which show the log's rhythm.")),
    ] = False,
    as_json: JSONOption = False,
) -> None:
    """Export what is new."""
    from counterfoil.receipts import LogReader
    from counterfoil.receipts.export import export as export_log

    count = export_log(LogReader(folder), site, with_entries=with_entries)
    if as_json:
        print_json({"files": count})
    else:
        console().print(ngettext("{count} file written.", "{count} files written.", count))
