"""`counterfoil rights`: who is told of a correction, reminders, and explanations."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.cli.wiring import KeysOption, PersonArgument, opened
from counterfoil.kernel.i18n import _, ngettext

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"


def notices(
    person: Annotated[
        UUID | None,
        typer.Argument(
            metavar="[PERSON]",
            help=_("Whose; everybody's that wait to be told if left out."),
            show_default=False,
        ),
    ] = None,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print who was told about a person, as that person may know it, or what waits."""
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        outbox = rooms.rights.notices
        found = outbox.of(PersonId(person)) if person else outbox.waiting()
    if as_json:
        print_json(
            {
                "notices": [
                    {
                        "notice": str(one.id),
                        "kind": one.kind.value,
                        "field": one.field,
                        "recipient": one.recipient_name,
                        "state": one.state.value,
                        "due_at": one.due_at.isoformat(),
                        "told_at": one.told_at.isoformat() if one.told_at else None,
                    }
                    for one in found
                ]
            }
        )
    elif not found:
        console().print(_("There are no notices."))
    else:
        listing = table()
        for heading in (_("Notice"), _("About"), _("Recipient"), _("Due (UTC)"), _("State")):
            listing.add_column(heading, overflow="fold")
        for one in found:
            about = f"{one.kind.value} {one.field}"
            listing.add_row(
                str(one.id), about, one.recipient_name, moment(one.due_at), one.state.value
            )
        console().print(listing)


def deliver(
    to: Annotated[
        Path,
        typer.Option(
            metavar="FOLDER",
            file_okay=False,
            help=_("Where each recipient has a folder."),
            show_default=False,
        ),
    ],
    *,
    key: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_("The key that signs the notices; without one they are plain JSON."),
            show_default=False,
        ),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Queue reminders, hand over all that waits, and print how many went out."""
    from counterfoil.receipts.keyfile import read_signing_key
    from counterfoil.rights import FolderDelivery

    way = FolderDelivery(to, read_signing_key(key) if key else None)
    with opened(database, keys) as rooms:
        rooms.rights.notices.remind()
        told = rooms.rights.notices.deliver(way)
    if as_json:
        print_json({"told": [{"notice": str(one.id), "file": one.told_where} for one in told]})
    else:
        console().print(ngettext("{count} notice told.", "{count} notices told.", len(told)))


def acknowledge(
    notice: Annotated[
        UUID, typer.Argument(metavar="NOTICE", help=_("The notice's id."), show_default=False)
    ],
    *,
    by: Annotated[str, typer.Option(help=_("Who acknowledges it."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Acknowledge a notice."""
    from counterfoil.rights import NoticeId

    with opened(database, keys) as rooms:
        done = rooms.rights.notices.acknowledge(NoticeId(notice), by=by)
    if as_json:
        print_json({"notice": str(notice), "state": done.state.value})
    else:
        console().print(_("Notice {notice}: {state}.", notice=notice, state=done.state.value))


def explain(
    person: PersonArgument,
    *,
    look: Annotated[
        int | None,
        typer.Option(help=_("The number of a look in 'who-looked --json'."), show_default=False),
    ] = None,
    restriction: Annotated[
        UUID | None, typer.Option(help=_("The restriction's id."), show_default=False)
    ] = None,
    request: Annotated[
        UUID | None, typer.Option(help=_("The id of an authority's request."), show_default=False)
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Explain one thing to the person it was done to."""
    from counterfoil.consent import RequestId, RestrictionId
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.people import PersonId

    if sum(one is not None for one in (look, restriction, request)) != 1:
        raise typer.BadParameter(_("Give one of --look, --restriction and --request."))
    subject = PersonId(person)
    with opened(database, keys) as rooms:
        explanations = rooms.rights.explanations
        if look is not None:
            explained = explanations.access(subject, look)
        elif restriction is not None:
            explained = explanations.restriction(subject, RestrictionId(restriction))
        else:
            assert request is not None
            explained = explanations.authority_request(
                subject, RequestId(request), at_us=SystemClock().now_us()
            )
    if as_json:
        print_json({"what": explained.what, "why": explained.why, "rights": explained.rights})
    else:
        typer.echo(explained.text, nl=False)


def finish(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Finish erasures that a duty had put off."""
    with opened(database, keys) as rooms:
        finished = rooms.rights.erasures.finish_due()
    if as_json:
        print_json({"finished": [str(one) for one in finished]})
    else:
        console().print(
            ngettext("{count} erasure finished.", "{count} erasures finished.", len(finished))
        )


def register(root: typer.Typer) -> None:
    """Add these commands to `counterfoil rights`."""
    root.command(
        help=_(
            "List who was told of a correction, restriction, dispute or erasure, or what waits."
        ),
        epilog=example(f"counterfoil rights notices {_BOB} {_WHERE}"),
    )(notices)
    root.command(
        help=_("Hand over all notices and reminders that wait, into a folder for each recipient."),
        epilog=example(f"counterfoil rights deliver --to outbox {_WHERE}"),
    )(deliver)
    root.command(
        help=_("Note that a recipient says it has received a notice."),
        epilog=example(f"counterfoil rights acknowledge {_BOB} --by Scoring {_WHERE}"),
    )(acknowledge)
    root.command(
        help=_("Explain a look, a restriction or an authority's request in plain words."),
        epilog=example(f"counterfoil rights explain {_BOB} --look 12 {_WHERE}"),
    )(explain)
    root.command(
        help=_("Destroy the keys of the erased whose last duty has ended; run it daily."),
        epilog=example(f"counterfoil rights finish {_WHERE}"),
    )(finish)
