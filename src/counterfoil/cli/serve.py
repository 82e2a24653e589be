"""`counterfoil serve`: pages, health and measurements of one operator, on one port."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.options import HostOption, PortOption, example
from counterfoil.cli.printing import console
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bootstrap import Site
    from counterfoil.server.compose import Composed


_NotifyAllowOption = Annotated[
    list[str] | None,
    typer.Option(
        envvar="COUNTERFOIL_NOTIFY_ALLOW",
        metavar="HOST",
        help=_("A host or network of your own that merchants' notices may be sent to."),
        show_default=False,
    ),
]
_APIRateOption = Annotated[
    int,
    typer.Option(
        envvar="COUNTERFOIL_API_RATE",
        min=0,
        max=1_000_000,
        help=_("How often a second a key of the REST API may ask; 0: as often as it likes."),
    ),
]


def serve(
    *,
    database: Annotated[
        str,
        typer.Option(
            "--database",
            "-d",
            envvar="COUNTERFOIL_DATABASE",
            metavar="URL",
            help=_("Where the ledger is: sqlite:///file.db or postgresql://user@host/name."),
        ),
    ] = "sqlite:///counterfoil.db",
    folder: Annotated[
        Path,
        typer.Option(
            envvar="COUNTERFOIL_FOLDER",
            help=_("The operator's folder: keys, made if there are none, and the receipt logs."),
        ),
    ] = Path("counterfoil-folder"),
    host: HostOption = "localhost",
    port: PortOption = 8000,
    currency: Annotated[
        str, typer.Option(help=_("The currency of wallets, where none has been offered yet."))
    ] = "EUR",
    origin: Annotated[
        str | None,
        typer.Option(
            envvar="COUNTERFOIL_ORIGIN",
            metavar="URL",
            help=_("What people open, where a proxy with TLS stands before: https://pay.example."),
            show_default=False,
        ),
    ] = None,
    notify_allow: _NotifyAllowOption = None,
    api_rate: _APIRateOption = 500,
) -> None:
    """Serve until interrupted."""
    from counterfoil.alipay.surface import Settings as GatewaySettings
    from counterfoil.server import Settings, logs
    from counterfoil.server import serve as run

    logs.set_up()

    def say(url: str, _site: "Site", _composed: "Composed") -> None:
        console().print(_("Serving at {url} (Ctrl-C stops).", url=url))

    gateway = GatewaySettings(opened=tuple(notify_allow or ()))
    run(
        Settings(
            database=database, folder=folder, host=host, port=port, origin=origin, currency=currency, gateway=gateway,
            api_rate=api_rate,
        ),
        on_start=say,
    )  # fmt: skip


def register(root: typer.Typer) -> None:
    """Add `serve` to the program."""
    root.command(
        name="serve",
        help=_(
            "Serve the pages, health and measurements of one operator. Everything that is missing is "
            "made: the database, the keys, the logs."
        ),
        epilog=example("counterfoil serve --port 8000"),
    )(serve)
