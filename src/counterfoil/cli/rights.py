"""`counterfoil rights`: persons' requests, their clocks, and what is overdue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.cli.wiring import KeysOption, PersonArgument, one_of, opened
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

if TYPE_CHECKING:
    from counterfoil.consent import Right

app = typer.Typer(help=_("Receive and answer people's requests in time."), no_args_is_help=True)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"
_REVIEW_ARTICLE = "GDPR 22(3)"
_NOTICE_ARTICLE = "GDPR 19"

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
    """Print the reminders and the overdue report: requests, reviews, notices to recipients."""
    from counterfoil.kernel.clock import SystemClock, from_us

    now = from_us(SystemClock().now_us())
    with opened(database, keys) as rooms:
        lines = [
            *(
                Line("request", one.id, one.subject, one.right.value, one.due_at, one.article)
                for one in rooms.consent.rights.due_soon()
            ),
            *(
                Line("review", one.id, one.subject, one.purpose.value, one.due_at, _REVIEW_ARTICLE)
                for one in rooms.consent.reviews.waiting()
            ),
            *(
                Line("notice", one.id, one.subject, one.kind.value, one.due_at, _NOTICE_ARTICLE)
                for one in rooms.rights.notices.overdue()
            ),
        ]
    if as_json:
        print_json({f"{kind}s": [one.json(now) for one in lines if one.kind == kind]
                    for kind in ("request", "review", "notice")})  # fmt: skip
    elif not lines:
        console().print(_("Nothing is due within a week."))
    else:
        listing = table()
        for heading in (_("What"), _("About"), _("Due (UTC)"), _("Article"), _("State")):
            listing.add_column(heading, overflow="fold")
        for one in sorted(lines, key=lambda line: line.due_at):
            state = _("overdue") if one.due_at < now else _("due soon")
            listing.add_row(str(one.id), one.about, moment(one.due_at), one.article, state)
        console().print(listing)
    if any(one.due_at < now for one in lines):
        raise typer.Exit(Exit.DIFFERENCE)


def _by_article(articles: Mapping["Right", str]) -> list[str]:
    return [
        f"{', '.join(right.value for right, one in articles.items() if one == article)}: {article}"
        for article in dict.fromkeys(articles.values())
    ]


@dataclass(frozen=True, slots=True)
class Line:
    """Something that has a clock."""

    kind: str
    id: UUID
    person: UUID
    about: str
    due_at: datetime
    article: str

    def json(self, now: datetime) -> dict[str, object]:
        """Give it to programs."""
        return {
            self.kind: str(self.id),
            "person": str(self.person),
            "right" if self.kind == "request" else "about": self.about,
            "due_at": self.due_at.isoformat(),
            "article": self.article,
            "is_overdue": self.due_at < now,
        }


@app.command(
    help=_("List the laws: by when each wants an answer, and what it lets a person ask for."),
    epilog=example("counterfoil rights laws"),
)
def laws(*, as_json: JSONOption = False) -> None:
    """Print the table of deadlines and articles."""
    from counterfoil.consent.right import ARTICLES, DEADLINES

    if as_json:
        print_json(
            {
                regime.value: {
                    "article": known.article,
                    "months": known.limit.months,
                    "days": known.limit.days,
                    "extension_months": known.extension.months if known.extension else 0,
                    "extension_days": known.extension.days if known.extension else 0,
                    "rights": {right.value: article for right, article in ARTICLES[regime].items()},
                }
                for regime, known in DEADLINES.items()
            }
        )
        return
    listing = table()
    for heading in (_("Law"), _("Answer within"), _("Once more"), _("Right and article")):
        listing.add_column(heading, overflow="fold")
    for regime, known in DEADLINES.items():
        listing.add_row(
            f"{regime.value}\n{known.article}",
            str(known.limit),
            str(known.extension) if known.extension else "—",
            "\n".join(_by_article(ARTICLES[regime])),
        )
    console().print(listing)
