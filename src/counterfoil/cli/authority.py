"""`counterfoil authority`: requests of courts, police and regulators, and the report about them."""

from datetime import UTC, datetime
from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.wiring import KeysOption, PersonArgument, categories_of, one_of, opened
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

app = typer.Typer(help=_("Register and review requests of authorities."), no_args_is_help=True)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"
_DAY = ["%Y-%m-%d"]

CategoryOption = Annotated[
    list[str],
    typer.Option("--category", help=_("A kind of data; give it again for more."),
                 show_default=False),
]  # fmt: skip
SinceDay = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, help=_("The first day of the data."), show_default=False),
]
UntilDay = Annotated[
    datetime | None,
    typer.Option(formats=_DAY, help=_("The day on which the data has ended."), show_default=False),
]


@app.command(
    help=_("Enter a request in the register; nothing is handed over by that."),
    epilog=example(
        f'counterfoil authority enter {_BOB} --kind court --name "District Court" --article '
        f'"Code of Civil Procedure 67" --category payments --since 2026-01-01 --until 2026-02-01 '
        f"{_WHERE}"
    ),
)
def enter(
    person: PersonArgument,
    *,
    kind: Annotated[str, typer.Option(metavar="court|police|regulator", help=_("Who asks."),
                                      show_default=False)],
    name: Annotated[str, typer.Option(help=_("The authority's name."), show_default=False)],
    article: Annotated[
        str, typer.Option(help=_("The article of law it rests on."), show_default=False)
    ],
    category: CategoryOption,
    since: Annotated[datetime, typer.Option(formats=_DAY, help=_("The first day of the data."),
                                            show_default=False)],
    until: Annotated[datetime, typer.Option(
        formats=_DAY, help=_("The day on which the data has ended."), show_default=False)],
    secrecy_article: Annotated[str | None, typer.Option(
        help=_("The article that demands silence."), show_default=False)] = None,
    secret_until: Annotated[datetime | None, typer.Option(
        formats=_DAY, help=_("The day on which the silence ends."), show_default=False)] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Enter it, and print its id."""
    from counterfoil.consent import Authority, AuthorityKind, NewRequest, RequestId, Secrecy
    from counterfoil.people import PersonId

    if (secrecy_article is None) != (secret_until is None):
        raise typer.BadParameter(_("Secrecy has an article and an end; give both or neither."))
    new = NewRequest(
        id=RequestId(new_id()),
        authority=Authority(one_of(AuthorityKind, kind), name),
        article=article,
        subject=PersonId(person),
        categories=categories_of(category),
        since=_utc(since),
        until=_utc(until),
        secrecy=Secrecy(secrecy_article, _utc(secret_until))
        if secrecy_article and secret_until
        else None,
    )
    with opened(database, keys) as rooms:
        rooms.consent.authorities.enter(new)
    if as_json:
        print_json({"request": str(new.id)})
    else:
        console().print(_("Entered as {request}; it waits for a review.", request=new.id))


@app.command(
    help=_("Decide a request: allow what you name, or refuse it by naming nothing."),
    epilog=example(
        f'counterfoil authority decide {_BOB} --reviewer Edda --reasons "Last month only." '
        f"--category payments --since 2026-01-01 --until 2026-02-01 --valid-until 2026-03-01 "
        f"{_WHERE}"
    ),
)
def decide(
    request: Annotated[
        UUID, typer.Argument(metavar="REQUEST", help=_("The request's id."), show_default=False)
    ],
    *,
    reviewer: Annotated[str, typer.Option(help=_("Who decides."), show_default=False)],
    reasons: Annotated[str, typer.Option(help=_("Why."), show_default=False)],
    category: CategoryOption = [],  # noqa: B006  # Typer copies it
    since: SinceDay = None,
    until: UntilDay = None,
    valid_until: Annotated[datetime | None, typer.Option(
        formats=_DAY, help=_("Until when it may be read."), show_default=False)] = None,
    lift_secrecy: Annotated[
        bool, typer.Option("--lift-secrecy", help=_("Find that no duty of silence binds."))
    ] = False,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Decide, and print what came of it."""
    from counterfoil.consent import BasisId, Outcome, RequestId, Review

    review = Review(
        reviewer=reviewer,
        reasons=reasons,
        categories=categories_of(category),
        since=_utc(since) if since else None,
        until=_utc(until) if until else None,
        valid_until=_utc(valid_until) if valid_until else None,
        keeps_secret=not lift_secrecy,
    )
    order = BasisId(new_id())
    with opened(database, keys) as rooms:
        decided = rooms.consent.authorities.decide(RequestId(request), review, order)
    basis = None if decided.outcome is Outcome.REFUSED else str(order)
    if as_json:
        print_json({"request": str(request), "outcome": decided.outcome.value, "basis": basis})
    else:
        console().print(
            _("Request {request}: {outcome}.", request=request, outcome=decided.outcome.value)
        )
        if basis:
            console().print(_("Read on basis {basis}, through the gate.", basis=basis))


@app.command(
    help=_("Count the requests of a period: the transparency report. It names no person."),
    epilog=example(f"counterfoil authority report --since 2026-01-01 --until 2027-01-01 {_WHERE}"),
)
def report(
    *,
    since: Annotated[datetime, typer.Option(formats=_DAY, help=_("The first day."),
                                            show_default=False)],
    until: Annotated[datetime, typer.Option(formats=_DAY, help=_("The day after the last."),
                                            show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Print the report."""
    from counterfoil.consent import Outcome

    with opened(database, keys) as rooms:
        counted = rooms.consent.authorities.report(_utc(since), _utc(until))
    if as_json:
        print_json(
            {
                "requests": {
                    kind.value: {outcome.value: counts.get(outcome, 0) for outcome in Outcome}
                    for kind, counts in counted.by_kind.items()
                },
                "articles": dict(counted.by_article),
                "persons": counted.person_count,
                "told": counted.told_count,
                "deferred": counted.deferred_count,
            }
        )
        return
    listing = table()
    listing.add_column(_("Authority"))
    for outcome in Outcome:
        listing.add_column(outcome.value, justify="right")
    for kind, counts in counted.by_kind.items():
        listing.add_row(kind.value, *(str(counts.get(outcome, 0)) for outcome in Outcome))
    console().print(listing)
    console().print(
        _("{persons} people; told: {told}; silence still ordered: {deferred}.",
          persons=counted.person_count, told=counted.told_count, deferred=counted.deferred_count)
    )  # fmt: skip


def _utc(day: datetime) -> datetime:
    return day.replace(tzinfo=UTC)
