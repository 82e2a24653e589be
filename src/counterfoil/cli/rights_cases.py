"""`counterfoil rights`: correct, restrict, object, review — what fulfills a request."""

from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json
from counterfoil.cli.wiring import (
    CategoriesArgument,
    KeysOption,
    PersonArgument,
    categories_of,
    one_of,
    opened,
)
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"

ByOption = Annotated[str, typer.Option(help=_("Who answers."), show_default=False)]
ReasonsOption = Annotated[str, typer.Option(help=_("Why."), show_default=False)]
CorrectionArgument = Annotated[
    UUID, typer.Argument(metavar="REQUEST", help=_("The correction's id."), show_default=False)
]
LawOption = Annotated[
    list[str],
    typer.Option(
        metavar="pipl|gdpr|credit-reporting|fcra|gb-35273",
        help=_("A law that applies; give it again for more."),
        show_default=False,
    ),
]


def correct(
    person: PersonArgument,
    field: Annotated[
        str,
        typer.Argument(
            metavar="FIELD",
            help=_("name, contact, fact:KIND:PURPOSE or payment:ID."),
            show_default=False,
        ),
    ],
    value: Annotated[
        str,
        typer.Argument(
            metavar="VALUE",
            help=_("What is right; for a payment, what is wrong with it."),
            show_default=False,
        ),
    ],
    *,
    law: LawOption,
    restrict: Annotated[
        bool, typer.Option(help=_("Restrict what is contested while it is checked."))
    ] = True,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open a correction, and print by when it is due."""
    from counterfoil.consent import Regime, RightsRequestId
    from counterfoil.people import PersonId

    request = RightsRequestId(new_id())
    with opened(database, keys) as rooms:
        rooms.rights.corrections.propose(
            request,
            PersonId(person),
            field,
            value,
            [one_of(Regime, one) for one in law],
            restricts=restrict,
        )
        due_at = rooms.consent.rights.request(request).due_at
    if as_json:
        print_json({"request": str(request), "due_at": due_at.isoformat()})
    else:
        console().print(
            _("Correction {request} is due on {due_at}.", request=request, due_at=moment(due_at))
        )


def accept(
    request: CorrectionArgument,
    *,
    by: ByOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Accept it, and print how many recipients will be told."""
    from counterfoil.consent import RightsRequestId

    with opened(database, keys) as rooms:
        done = rooms.rights.corrections.accept(RightsRequestId(request), by=by)
        telling = [one for one in rooms.rights.notices.waiting() if one.about == request]
    if as_json:
        print_json({"request": str(request), "state": done.state.value, "notices": len(telling)})
    else:
        console().print(
            _("Correction {request}: {state}; recipients to be told: {count}.", request=request,
              state=done.state.value, count=len(telling))
        )  # fmt: skip


def refuse(
    request: CorrectionArgument,
    *,
    by: ByOption,
    reasons: ReasonsOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Refuse it."""
    from counterfoil.consent import RightsRequestId

    with opened(database, keys) as rooms:
        done = rooms.rights.corrections.refuse(RightsRequestId(request), by=by, reasons=reasons)
    if as_json:
        print_json({"request": str(request), "state": done.state.value})
    else:
        console().print(
            _("Correction {request}: {state}. The person can have a statement attached.",
              request=request, state=done.state.value)
        )  # fmt: skip


def dispute(
    request: CorrectionArgument,
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help=_("What the person says."), show_default=False),
    ],
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Attach a statement."""
    from counterfoil.consent import RightsRequestId

    statement = new_id()
    with opened(database, keys) as rooms:
        rooms.rights.corrections.dispute(RightsRequestId(request), statement, text)
    if as_json:
        print_json({"request": str(request), "statement": str(statement)})
    else:
        console().print(_("The statement stays with the value from now on."))


def restrict(
    person: PersonArgument,
    categories: CategoriesArgument,
    *,
    ground: Annotated[
        str,
        typer.Option(
            metavar="accuracy|unlawful|claims|objection|wish",
            help=_("Why, as the law has it."),
        ),
    ] = "wish",
    law: LawOption,
    reason: ReasonsOption,
    by: ByOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Restrict, and print the restriction's id."""
    from counterfoil.consent import Ground, Regime, RightsRequestId
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        placed = rooms.rights.restrict(
            RightsRequestId(new_id()),
            PersonId(person),
            categories_of(categories),
            one_of(Ground, ground),
            regimes=[one_of(Regime, one) for one in law],
            reason=reason,
            by=by,
        )
    if as_json:
        print_json({"restriction": str(placed.id), "article": placed.article})
    else:
        console().print(
            _("Restricted from now on ({article}): {restriction}.", article=placed.article,
              restriction=placed.id)
        )  # fmt: skip


def lift(
    restriction: Annotated[
        UUID,
        typer.Argument(metavar="RESTRICTION", help=_("The restriction's id."), show_default=False),
    ],
    *,
    by: Annotated[str, typer.Option(help=_("Who lifts it."))] = "",
    reason: Annotated[str, typer.Option(help=_("Why."))] = "",
    wish_of: Annotated[
        UUID | None,
        typer.Option(
            metavar="PERSON",
            help=_("The person, who asks for it: it is lifted at once."),
            show_default=False,
        ),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Lift it, and print when it ends."""
    from counterfoil.consent import RestrictionId
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        restrictions = rooms.consent.restrictions
        if wish_of is not None:
            lifted = restrictions.lift_at_wish(RestrictionId(restriction), PersonId(wish_of))
        else:
            lifted = restrictions.announce_lift(RestrictionId(restriction), by=by, reason=reason)
    assert lifted.ends_at is not None
    if as_json:
        print_json({"restriction": str(restriction), "ends_at": lifted.ends_at.isoformat()})
    else:
        console().print(_("The restriction ends on {end}; the person is told.",
                          end=moment(lifted.ends_at)))  # fmt: skip


def object_to(
    person: PersonArgument,
    purpose: Annotated[
        str, typer.Argument(metavar="PURPOSE", help=_("The purpose."), show_default=False)
    ],
    *,
    automated: Annotated[
        bool, typer.Option(help=_("Object to decisions without a human; a review is opened."))
    ] = False,
    matter: Annotated[str, typer.Option(help=_("Which decision the review is about."))] = "",
    withdraw: Annotated[bool, typer.Option(help=_("Take the objection back."))] = False,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Object, or take it back."""
    from counterfoil.consent import NotFound, ObjectionId, ObjectionKind, Purpose
    from counterfoil.people import PersonId

    subject, about = PersonId(person), one_of(Purpose, purpose)
    kind = ObjectionKind.AUTOMATED_DECISION if automated else ObjectionKind.PROCESSING
    with opened(database, keys) as rooms:
        objections = rooms.consent.objections
        if withdraw:
            standing = [one for one in objections.of(subject)
                        if (one.purpose, one.kind, one.ends_at) == (about, kind, None)]  # fmt: skip
            if not standing:
                raise NotFound(_("There is no objection to {purpose}.", purpose=purpose))
            known = standing[0]
            objections.withdraw(subject, known.id)
        else:
            known = objections.object_to(ObjectionId(new_id()), subject, about, kind, matter=matter)
    if as_json:
        print_json({"objection": str(known.id), "article": known.article, "stands": not withdraw})
    elif withdraw:
        console().print(_("The objection is taken back; grants that it ended stay ended."))
    else:
        console().print(_("The objection stands from now on ({article}).", article=known.article))


def review(
    case: Annotated[
        UUID, typer.Argument(metavar="REVIEW", help=_("The review's id."), show_default=False)
    ],
    decision: Annotated[
        str,
        typer.Argument(
            metavar="upheld|changed", help=_("What the human decided."), show_default=False
        ),
    ],
    *,
    by: ByOption,
    reasons: ReasonsOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Decide a review."""
    from counterfoil.consent import ReviewId, ReviewState

    with opened(database, keys) as rooms:
        done = rooms.consent.reviews.decide(
            ReviewId(case), one_of(ReviewState, decision), reviewer=by, reasons=reasons
        )
    if as_json:
        print_json({"review": str(case), "decision": done.state.value, "reviewer": by})
    else:
        console().print(_("Review {review}: {decision}.", review=case, decision=done.state.value))


def say(
    case: Annotated[
        UUID, typer.Argument(metavar="REVIEW", help=_("The review's id."), show_default=False)
    ],
    text: Annotated[
        str,
        typer.Argument(metavar="TEXT", help=_("What the person says."), show_default=False),
    ],
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Take the person's own words down for the reviewer."""
    from counterfoil.consent import ReviewId

    with opened(database, keys) as rooms:
        rooms.consent.reviews.say(ReviewId(case), text)
    if as_json:
        print_json({"review": str(case), "heard": True})
    else:
        console().print(_("The reviewer reads this before deciding."))


def register(root: typer.Typer) -> None:
    """Add these commands to `counterfoil rights`."""
    root.command(
        help=_("Open a correction: the value is sealed, restricted and checked; a clock starts."),
        epilog=example(
            f'counterfoil rights correct {_BOB} name "Bob Baur" --law gdpr --law pipl {_WHERE}'
        ),
    )(correct)
    root.command(
        help=_("Accept a correction: the new value counts, and who received the old one is told."),
        epilog=example(f"counterfoil rights accept {_BOB} --by Edda {_WHERE}"),
    )(accept)
    root.command(
        help=_("Refuse a correction, with reasons."),
        epilog=example(
            f'counterfoil rights refuse {_BOB} --by Edda --reasons "No document says so." {_WHERE}'
        ),
    )(refuse)
    root.command(
        help=_("Attach the person's statement to a value whose correction was refused."),
        epilog=example(f'counterfoil rights dispute {_BOB} "My name is Baur." {_WHERE}'),
    )(dispute)
    root.command(
        help=_("Restrict data from now on: it is stored, and not read on consent or contract."),
        epilog=example(
            f'counterfoil rights restrict {_BOB} payments --law gdpr --reason "He asked." '
            f"--by Edda {_WHERE}"
        ),
    )(restrict)
    root.command(
        help=_("Lift a restriction, a day after the person is told, or at once if they ask."),
        epilog=example(
            f'counterfoil rights lift {_BOB} --by Edda --reason "It was checked." {_WHERE}'
        ),
    )(lift)
    root.command(
        "object",
        help=_("Object to marketing or research, or to decisions without a human."),
        epilog=example(f"counterfoil rights object {_BOB} marketing {_WHERE}"),
    )(object_to)
    root.command(
        help=_("Take down what the person says to whoever reviews a decision."),
        epilog=example(f'counterfoil rights say {_BOB} "I was in hospital." {_WHERE}'),
    )(say)
    root.command(
        help=_("Decide a review, as a human, with reasons. 'rights due' lists those that wait."),
        epilog=example(
            f'counterfoil rights review {_BOB} changed --by Clara --reasons "One late month." '
            f"{_WHERE}"
        ),
    )(review)
