"""`counterfoil person` and `who-looked`: register, find, show, erase; and who has read what."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, facts, moment, print_json, table
from counterfoil.cli.wiring import KeysOption, PersonArgument, ReasonOption, one_of, opened
from counterfoil.kernel.i18n import _, current_locale, use_locale
from counterfoil.kernel.ids import new_id

app = typer.Typer(help=_("Register, find, show and erase people."), no_args_is_help=True)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"

RegionOption = Annotated[
    str | None,
    typer.Option(
        help=_("The country whose national phone numbers are understood, such as FR."),
        show_default=False,
    ),
]
ContactArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONTACT", help=_("A phone number or an e-mail address."), show_default=False
    ),
]


@app.command(
    help=_("Register a person and, with --terms, enter their contract for a wallet."),
    epilog=example(f'counterfoil person add "Bob Bauer" "+33 6 39 98 12 34" {_WHERE}'),
)
def add(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help=_("The person's name."), show_default=False)
    ],
    contact: ContactArgument,
    *,
    region: RegionOption = None,
    locale: Annotated[str, typer.Option(help=_("The person's language."))] = "en",
    guardian: Annotated[
        UUID | None,
        typer.Option(help=_("Who answers for a person under 14."), show_default=False),
    ] = None,
    turns_14_on: Annotated[
        datetime | None,
        typer.Option(
            formats=["%Y-%m-%d"],
            help=_("The day on which a person under 14 turns 14."),
            show_default=False,
        ),
    ] = None,
    terms: Annotated[
        str | None,
        typer.Option(help=_("The version of the terms they have agreed to."), show_default=False),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Register, and print the id."""
    from counterfoil.consent import BasisId
    from counterfoil.people import NewPerson, PersonId, parse_contact

    new = NewPerson(
        id=PersonId(new_id()),
        name=name,
        contact=parse_contact(contact, region),
        locale=locale,
        guardian=PersonId(guardian) if guardian else None,
        turns_14_on=turns_14_on.date() if turns_14_on else None,
    )
    with opened(database, keys) as rooms:
        rooms.people.register(new)
        if terms:
            rooms.consent.bases.enter_contract(BasisId(new_id()), new.id, terms)
    if as_json:
        print_json({"person": str(new.id)})
    else:
        console().print(_("Registered as {person}.", person=new.id))


@app.command(
    help=_("Find who has registered with a contact; exit status 5 for nobody."),
    epilog=example(f'counterfoil person find "+33 6 39 98 12 34" {_WHERE}'),
)
def find(
    contact: ContactArgument,
    *,
    region: RegionOption = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print the id."""
    from counterfoil.people import PersonNotFound, parse_contact

    with opened(database, keys) as rooms:
        person = rooms.people.find(parse_contact(contact, region))
    if person is None:
        raise PersonNotFound(_("Nobody has registered with this contact."))
    if as_json:
        print_json({"person": str(person)})
    else:
        console().print(str(person))


@app.command(
    help=_("Show a person's name and contact, on their contract; the look is recorded and told."),
    epilog=example(
        f'counterfoil person show {_BOB} --as {_BOB} --reason "He asked on the phone." {_WHERE}'
    ),
)
def show(
    person: PersonArgument,
    *,
    certificate: Annotated[
        UUID,
        typer.Option(
            "--as", metavar="CERTIFICATE", help=_("Your certificate's id."), show_default=False
        ),
    ],
    reason: ReasonOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Read through the gate, and print."""
    from counterfoil.consent import Category, CertificateId, category_of_field
    from counterfoil.people import PersonId

    with (
        opened(database, keys) as rooms,
        rooms.consent.gate.read(
            rooms.consent.bases.on_contract(PersonId(person)),
            who=CertificateId(certificate),
            categories=Category.NAME | Category.CONTACT,
            reason=reason,
        ) as access,
    ):
        (name,) = access.rows(rooms.readers.name) or ("",)
        contacts = access.rows(rooms.readers.contact)
        # Only where there is one: each read, even of nothing, is told to the person.
        fields = rooms.people.words.disputed(PersonId(person))
        contested = {category_of_field(field) for field in fields}
        disputed = [
            said
            for category in (Category.NAME, Category.CONTACT)
            if category in contested
            for said in access.rows(rooms.readers.statements[category])
        ]
    shown = contacts[0].value if contacts else ""
    if as_json:
        disputes = [{"field": one.field, "statement": one.text} for one in disputed]
        print_json({"person": str(person), "name": name, "contact": shown, "disputed": disputes})
    else:
        console().print(facts({_("Name"): name, _("Contact"): shown}))
        for one in disputed:
            said = _("The person disputes this ({field}): “{text}”", field=one.field, text=one.text)
            console().print(Text(said))


@app.command(
    help=_(
        "Erase a person: end their grants and contract, destroy the key to what is known, and "
        "answer item by item what a law keeps, by which article and until when."
    ),
    epilog=example(f"counterfoil person erase {_BOB} --by Edda --answer answer.txt {_WHERE}"),
)
def erase(
    person: PersonArgument,
    *,
    by: Annotated[str, typer.Option(help=_("Who answers."))] = "operator",
    request: Annotated[
        UUID | None,
        typer.Option(help=_("The request that this answers."), show_default=False),
    ] = None,
    law: Annotated[
        str,
        typer.Option(
            metavar="pipl|gdpr|credit-reporting|fcra|gb-35273",
            help=_("The law that says what is kept, where no request names it."),
        ),
    ] = "gdpr",
    answer: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            help=_("Write the answer here, in the person's language."),
            show_default=False,
        ),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Erase, and print what was erased and what is kept."""
    from counterfoil.consent import Regime, RightsRequestId
    from counterfoil.people import PersonId
    from counterfoil.rights import answer_text

    with opened(database, keys) as rooms:
        locale = rooms.people.registration(PersonId(person)).locale
        done = rooms.rights.erasures.erase(
            PersonId(person),
            by=by,
            regime=one_of(Regime, law),
            request=RightsRequestId(request) if request else None,
        )
    if answer is not None:
        answer.write_text(answer_text(done, locale))
    if as_json:
        print_json(
            {
                "person": str(person),
                "erased": [item.value for item in done.erased],
                "kept": [
                    {
                        "item": one.item.value,
                        "article": one.article,
                        "until": one.until.isoformat(),
                    }
                    for one in done.kept
                ],
                "is_complete": done.is_complete,
            }
        )
    else:
        console().print(answer_text(done, current_locale()))


@app.command(
    help=_("Tell everything that was done about a person, in order and in words."),
    epilog=example(f"counterfoil person record {_BOB} --language fr {_WHERE}"),
)
def record(
    person: PersonArgument,
    *,
    language: Annotated[
        str | None,
        typer.Option(help=_("A language other than the person's own."), show_default=False),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print the person's half of the record, as they may be told it now."""
    from counterfoil.people import PersonId
    from counterfoil.rights import told

    with opened(database, keys) as rooms:
        locale = language or rooms.people.registration(PersonId(person)).locale
        records = rooms.consent.records_of(PersonId(person))
    with _speaking(locale):
        lines = [told(one) for one in records]
        if as_json:
            print_json(
                {
                    "records": [
                        {
                            "number": one.number,
                            "at": one.at.isoformat(),
                            "kind": one.kind,
                            "sentence": one.sentence,
                        }
                        for one in lines
                    ]
                }
            )
            return
        listing = table()
        listing.add_column(_("When (UTC)"), no_wrap=True)
        listing.add_column(_("What happened"), overflow="fold")
        for one in lines:
            listing.add_row(moment(one.at), Text(one.sentence))
        console().print(listing)


@app.command(
    "sign-in-link",
    help=_(
        "Make a link that signs a person in, once, within an hour; that it was made is on their "
        "record. With --till it makes a device that till, and nothing else."
    ),
    epilog=example(
        f"counterfoil person sign-in-link {_BOB} --by Edda --origin https://pay.example {_WHERE}"
    ),
)
def sign_in_link(
    person: PersonArgument,
    *,
    by: Annotated[str, typer.Option(help=_("Who makes it."))] = "operator",
    origin: Annotated[
        str,
        typer.Option(
            envvar="COUNTERFOIL_ORIGIN", metavar="URL", help=_("Where the server is found.")
        ),
    ] = "http://localhost:8000",
    till: Annotated[UUID | None, typer.Option(help=_("The till's id."), show_default=False)] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Make the link, and print it."""
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        token = rooms.people.sessions.make_link(PersonId(person), by=by, till=till)
    link = f"{origin}/in/{token}"
    if as_json:
        print_json({"link": link})
    else:
        console().print(link, soft_wrap=True)


@contextmanager
def _speaking(locale: str) -> Iterator[None]:
    try:
        with use_locale(locale):
            yield
    except ValueError as error:
        raise typer.BadParameter(str(error)) from error


def who_looked(
    person: PersonArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print every look, as the person may be told it now."""
    from counterfoil.consent.category import codes
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        looks = rooms.consent.who_looked(PersonId(person))
    if as_json:
        print_json(
            {
                "looks": [
                    {
                        "number": look.number,
                        "at": look.at.isoformat(),
                        "who": look.collector_name,
                        "purpose": look.purpose.value,
                        "categories": codes(look.categories),
                        "rows": look.row_count,
                        "basis": {"kind": look.basis_kind.code, "id": str(look.basis)},
                        "reason": look.reason,
                    }
                    for look in looks
                ]
            }
        )
        return
    if not looks:
        console().print(_("Nobody has looked."))
        return
    listing = table()
    listing.add_column(_("When (UTC)"), no_wrap=True)
    listing.add_column(_("What happened"), overflow="fold")
    for look in looks:
        listing.add_row(moment(look.at), look.sentence)
    console().print(listing)


def register_who_looked(root: typer.Typer) -> None:
    """Add `who-looked` to the program."""
    root.command(
        "who-looked",
        help=_("List everybody who has read a person's data, in plain words."),
        epilog=example(f"counterfoil who-looked {_BOB} {_WHERE}"),
    )(who_looked)
