"""`counterfoil rights`: persons' requests, their clocks, and what is overdue."""

from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.cli.wiring import KeysOption, PersonArgument, one_of, opened
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

app = typer.Typer(help=_("Receive and answer people's requests in time."), no_args_is_help=True)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"

RequestArgument = Annotated[
    UUID, typer.Argument(metavar="REQUEST", help=_("The request's id."), show_default=False)
]


@app.command(
    help=_("Receive a request; of the laws given, the shortest deadline governs."),
    epilog=example(f"counterfoil rights ask {_BOB} access --law gdpr --law pipl {_WHERE}"),
)
def ask(
    person: PersonArgument,
    right: Annotated[
        str,
        typer.Argument(
            metavar="access|portability|correction|erasure|restriction|objection|explanation",
            help=_("What is asked for."),
            show_default=False,
        ),
    ],
    *,
    law: Annotated[
        list[str],
        typer.Option(
            metavar="pipl|gdpr|credit-reporting|fcra|gb-35273",
            help=_("A law that applies; give it again for more."),
            show_default=False,
        ),
    ],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Receive it, and print by when it is due."""
    from counterfoil.consent import Regime, Right, RightsRequestId
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        request = rooms.consent.rights.ask(
            RightsRequestId(new_id()),
            PersonId(person),
            one_of(Right, right),
            [one_of(Regime, one) for one in law],
        )
    if as_json:
        print_json(
            {
                "request": str(request.id),
                "due_at": request.due_at.isoformat(),
                "article": request.article,
            }
        )
    else:
        console().print(
            _("Request {request} is due on {due_at} ({article}).", request=request.id,
              due_at=moment(request.due_at), article=request.article)
        )  # fmt: skip


@app.command(
    help=_("Put a due date off as far as the law allows, once, with a reason that is told."),
    epilog=example(f'counterfoil rights extend {_BOB} --reason "Ten years of payments." {_WHERE}'),
)
def extend(
    request: RequestArgument,
    *,
    reason: Annotated[str, typer.Option(help=_("Why."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Extend it, and print the new due date."""
    from counterfoil.consent import RightsRequestId

    with opened(database, keys) as rooms:
        extended = rooms.consent.rights.extend(RightsRequestId(request), reason)
    if as_json:
        print_json({"request": str(request), "due_at": extended.due_at.isoformat()})
    else:
        console().print(
            _("Request {request} is due on {due_at} ({article}).", request=request,
              due_at=moment(extended.due_at), article=extended.article)
        )  # fmt: skip


@app.command(
    help=_("Answer a request; what is not fulfilled in whole needs reasons."),
    epilog=example(f"counterfoil rights answer {_BOB} fulfilled --by Edda {_WHERE}"),
)
def answer(
    request: RequestArgument,
    outcome: Annotated[
        str,
        typer.Argument(
            metavar="fulfilled|partly|refused|duplicate",
            help=_("What became of it."),
            show_default=False,
        ),
    ],
    *,
    by: Annotated[str, typer.Option(help=_("Who answers."), show_default=False)],
    reasons: Annotated[str, typer.Option(help=_("Why."))] = "",
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Answer it."""
    from counterfoil.consent import RightsRequestId, State

    with opened(database, keys) as rooms:
        answered = rooms.consent.rights.answer(
            RightsRequestId(request), one_of(State, outcome), by=by, reasons=reasons
        )
    if as_json:
        print_json({"request": str(request), "answer": answered.state.value})
    else:
        console().print(
            _("Request {request}: {outcome}.", request=request, outcome=answered.state.value)
        )


@app.command(
    help=_("List what is due within a week or overdue. Exit status 1 when something is overdue."),
    epilog=example(f"counterfoil rights due {_WHERE}"),
)
def due(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print the reminders and the overdue report."""
    with opened(database, keys) as rooms:
        waiting = rooms.consent.rights.due_soon()
        overdue = {one.id for one in rooms.consent.rights.overdue()}
    if as_json:
        print_json(
            {
                "requests": [
                    {
                        "request": str(one.id),
                        "person": str(one.subject),
                        "right": one.right.value,
                        "due_at": one.due_at.isoformat(),
                        "article": one.article,
                        "is_overdue": one.id in overdue,
                    }
                    for one in waiting
                ]
            }
        )
    elif not waiting:
        console().print(_("Nothing is due within a week."))
    else:
        listing = table()
        for heading in (_("Request"), _("Right"), _("Due (UTC)"), _("Article"), _("State")):
            listing.add_column(heading, overflow="fold")
        for one in waiting:
            state = _("overdue") if one.id in overdue else _("due soon")
            listing.add_row(str(one.id), one.right.value, moment(one.due_at), one.article, state)
        console().print(listing)
    if overdue:
        raise typer.Exit(Exit.DIFFERENCE)
