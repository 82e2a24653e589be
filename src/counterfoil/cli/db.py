"""`counterfoil db`: the database's schema."""

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json
from counterfoil.kernel.i18n import _

app = typer.Typer(help=_("Look after the database's schema."), no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `db` a group while it has one command."""


@app.command(
    help=_("Bring a database's schema to this version; an empty database becomes a ledger."),
    epilog=example("counterfoil db upgrade --database sqlite:///bank.db"),
)
def upgrade(*, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Upgrade under the writer's lock, so that nobody writes meanwhile."""
    from counterfoil.kernel import schema
    from counterfoil.kernel.database import connect

    with connect(database, writes=True, prepare=lambda: schema.upgrade(database)) as opened:
        version = schema.version(opened)
    if as_json:
        print_json({"version": version})
    else:
        console().print(_("The database is at version {version}.", version=version))
