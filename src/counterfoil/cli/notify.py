"""`counterfoil notify`: what merchants' servers were told, what waits, and sending it again."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.kernel.i18n import _, ngettext

app = typer.Typer(
    no_args_is_help=True,
    help=_("See what merchants' servers were told, and tell it again."),
)


@app.command(
    "list", epilog=example("counterfoil notify list --waiting --database sqlite:///shop.db")
)
def list_deliveries(
    *,
    database: DatabaseOption,
    waiting: Annotated[
        bool, typer.Option("--waiting", help=_("Only what was not acknowledged yet."))
    ] = False,
    given_up: Annotated[
        bool, typer.Option("--given-up", help=_("Only what nobody acknowledged in time."))
    ] = False,
    limit: Annotated[int, typer.Option(min=1, max=10_000, help=_("How many at most."))] = 50,
    as_json: JSONOption = False,
) -> None:
    """Print the latest notices: to whom, how often, and what came back."""
    from counterfoil.courier import State, store
    from counterfoil.kernel.database import connect

    state = State.WAITING if waiting else State.GIVEN_UP if given_up else None
    with connect(database, writes=False) as reading:
        found = store.latest(reading, state, limit)
        backlog = store.backlog(reading)
    if as_json:
        print_json(
            {
                "waiting": backlog,
                "deliveries": [
                    {
                        "id": str(one.id),
                        "channel": one.channel,
                        "event": one.event,
                        "url": one.url,
                        "state": one.state.word,
                        "attempts": one.attempts,
                        "outcome": one.outcome.word,
                        "http_status": one.status,
                        "created_at": one.created_at.isoformat(),
                        "next_at": one.next_at.isoformat() if one.next_at else None,
                    }
                    for one in found
                ],
            }
        )
        return
    listing = table()
    for heading in (_("Notice"), _("Address"), _("State"), _("Attempts"), _("Next (UTC)")):
        listing.add_column(heading, overflow="fold")
    for one in found:
        came = f"{one.outcome.word} {one.status or ''}".strip() if one.attempts else ""
        listing.add_row(
            str(one.id), one.url, f"{one.state.word} {came}", str(one.attempts),
            moment(one.next_at) if one.next_at else "",
        )  # fmt: skip
    console().print(listing)
    console().print(ngettext("{count} notice waits.", "{count} notices wait.", backlog))


@app.command(
    "resend",
    epilog=example(
        "counterfoil notify resend 019b3e5e-8400-7000-8000-0000075bcd15 --folder counterfoil-folder"
    ),
)
def resend(
    delivery: Annotated[
        UUID, typer.Argument(metavar="NOTICE", help=_("The notice's id."), show_default=False)
    ],
    *,
    database: DatabaseOption,
    folder: Annotated[
        Path,
        typer.Option(
            envvar="COUNTERFOIL_FOLDER", help=_("The operator's folder, as the server has it.")
        ),
    ] = Path("counterfoil-folder"),
) -> None:
    """Ask the server to send a notice again, by the same id; it does so within a second.

    A server that is not running does so when it starts.
    """
    from counterfoil.bootstrap.folder import SiteFolder
    from counterfoil.courier import DeliveryNotFound, ask_again, store
    from counterfoil.kernel.database import connect

    with connect(database, writes=False) as reading:
        if store.delivery(reading, delivery) is None:
            raise DeliveryNotFound(
                _("There is no notice {delivery}. See: counterfoil notify list", delivery=delivery),
                delivery=str(delivery),
            )
    ask_again(SiteFolder(folder).resend, delivery)
    console().print(_("The notice {delivery} will be sent again.", delivery=delivery))
