"""`counterfoil score serve`: answer who asks for a score, and nothing else, on one port."""

from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, HostOption, PortOption, example
from counterfoil.cli.printing import console
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bootstrap import Site
    from counterfoil.server.compose import Composed


def register(app: typer.Typer) -> None:
    """Put the command into the group `score`."""
    app.command(
        help=_(
            "Answer who asks for a live score over HTTP, on the person's grant, and nothing else. "
            "`counterfoil serve` answers the same beside everything else."
        ),
        epilog=example(
            "counterfoil score serve --port 8000 --database sqlite:///shop.db --site site"
        ),
    )(serve)


def serve(
    *,
    database: DatabaseOption,
    site: SiteOption,
    host: HostOption = "localhost",
    port: PortOption = 8000,
    origin: Annotated[
        str | None,
        typer.Option(
            envvar="COUNTERFOIL_ORIGIN",
            metavar="URL",
            help=_("What readers ask, where a proxy with TLS stands before: https://pay.example."),
            show_default=False,
        ),
    ] = None,
) -> None:
    """Serve until interrupted."""
    from counterfoil.server import Settings, logs
    from counterfoil.server import serve as run

    logs.set_up()

    def say(url: str, _site: "Site", _composed: "Composed") -> None:
        console().print(_("Answering about scores at {url}/api/v1 (Ctrl-C stops).", url=url))

    settings = Settings(
        database=database, folder=site, host=host, port=port, origin=origin, scores_only=True
    )
    run(settings, on_start=say)
