"""`counterfoil grant`: a person's consent, given, refused, revoked, listed and exported."""

from datetime import timedelta
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, moment, print_json, table
from counterfoil.cli.purpose import LanguageOption, PurposeArgument
from counterfoil.cli.wiring import (
    CategoriesArgument,
    KeysOption,
    PersonArgument,
    categories_of,
    one_of,
    opened,
)
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

if TYPE_CHECKING:
    from counterfoil.consent import ConsentGrant

app = typer.Typer(help=_("Give, refuse, revoke and export consent."), no_args_is_help=True)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"


@app.command(
    help=_("Record that a person agrees, after the notice in force was shown to them."),
    epilog=example(f"counterfoil grant give {_BOB} score payments --days 90 {_WHERE}"),
)
def give(
    person: PersonArgument,
    purpose: PurposeArgument,
    categories: CategoriesArgument,
    *,
    days: Annotated[int, typer.Option(min=1, help=_("For how many days."))] = 90,
    language: LanguageOption = "en",
    recipient: Annotated[
        UUID | None,
        typer.Option(
            help=_("The collector that the data goes to, if not the operator."), show_default=False
        ),
    ] = None,
    guardian: Annotated[
        UUID | None,
        typer.Option(help=_("The guardian, who consents for a child."), show_default=False),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Grant, and print the grant."""
    from counterfoil.consent import BasisId, CollectorId, Purpose
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        notice = rooms.consent.purposes.notice(one_of(Purpose, purpose), language)
        grant = rooms.consent.grants.grant_consent(
            BasisId(new_id()),
            subject=PersonId(person),
            purpose=one_of(Purpose, purpose),
            categories=categories_of(categories),
            until=from_us(SystemClock().now_us()) + timedelta(days=days),
            notice_hash=notice.hash,
            recipient=CollectorId(recipient) if recipient else None,
            given_by=PersonId(guardian) if guardian else None,
            method="command",
        )
    _print([grant], as_json=as_json)


@app.command(
    help=_("Record that a person was asked and said no. Nothing else changes."),
    epilog=example(f"counterfoil grant refuse {_BOB} marketing name contact {_WHERE}"),
)
def refuse(
    person: PersonArgument,
    purpose: PurposeArgument,
    categories: CategoriesArgument,
    *,
    language: LanguageOption = "en",
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Record it."""
    from counterfoil.consent import Purpose
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        notice = rooms.consent.purposes.notice(one_of(Purpose, purpose), language)
        rooms.consent.grants.refuse_consent(
            PersonId(person), one_of(Purpose, purpose), categories_of(categories), notice.hash
        )
    if as_json:
        print_json({"person": str(person), "purpose": purpose, "refused": True})
    else:
        console().print(_("Recorded: no to {purpose}.", purpose=purpose))


@app.command(
    help=_("Revoke a grant, at once."),
    epilog=example(f"counterfoil grant revoke {_BOB} {_BOB} {_WHERE}"),
)
def revoke(
    person: PersonArgument,
    grant: Annotated[
        UUID, typer.Argument(metavar="GRANT", help=_("The grant's id."), show_default=False)
    ],
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Revoke, and print the grant as it stands."""
    from counterfoil.consent import BasisId
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        revoked = rooms.consent.grants.revoke_consent(PersonId(person), BasisId(grant))
    _print([revoked], as_json=as_json)


@app.command(
    "list",
    help=_("List all that a person has ever granted, and how it stands."),
    epilog=example(f"counterfoil grant list {_BOB} {_WHERE}"),
)
def list_grants(
    person: PersonArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print them."""
    from counterfoil.people import PersonId

    with opened(database, keys) as rooms:
        grants = rooms.consent.grants.grants_of(PersonId(person))
    _print(grants, as_json=as_json)


@app.command(
    help=_("Export a person's consents as ISO/IEC TS 27560 records, in JSON-LD."),
    epilog=example(
        f'counterfoil grant export {_BOB} --operator "Larch Savings" --contact '
        f'privacy@larch.example --address "1 Larch Lane" --country FR {_WHERE}'
    ),
)
def export(
    person: PersonArgument,
    *,
    operator: Annotated[str, typer.Option(help=_("Who runs the wallet."), show_default=False)],
    contact: Annotated[str, typer.Option(help=_("How to reach them."), show_default=False)],
    address: Annotated[str, typer.Option(help=_("Where they are."), show_default=False)],
    country: Annotated[
        str,
        typer.Option(
            help=_("Whose law applies and where the data is kept, such as FR."), show_default=False
        ),
    ],
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Print the records as one JSON object."""
    from counterfoil.consent import Controller, Operator
    from counterfoil.people import PersonId

    controller = Controller(
        operator=Operator(operator, contact),
        address=address,
        jurisdiction=country,
        storage_location=country,
    )
    with opened(database, keys) as rooms:
        records = rooms.consent.consent_records(PersonId(person), controller)
    print_json({"@graph": records})


def _print(grants: list["ConsentGrant"], *, as_json: bool) -> None:
    from counterfoil.consent.category import codes

    if as_json:
        print_json(
            {
                "grants": [
                    {
                        "grant": str(one.id),
                        "purpose": one.purpose.value,
                        "categories": codes(one.categories),
                        "recipient": str(one.recipient) if one.recipient else None,
                        "granted_at": one.granted_at.isoformat(),
                        "expires_at": one.expires_at.isoformat(),
                        "is_active": one.is_active,
                        "why_ended": one.why_ended.value if one.why_ended else None,
                        "notice_sha256": one.notice_hash.hex(),
                    }
                    for one in grants
                ]
            }
        )
        return
    if not grants:
        console().print(_("Nothing has been granted."))
        return
    listing = table()
    for heading in (_("Grant"), _("Purpose"), _("Data"), _("Until (UTC)"), _("State")):
        listing.add_column(heading, overflow="fold")
    for one in grants:
        listing.add_row(
            str(one.id),
            one.purpose.value,
            ", ".join(codes(one.categories)),
            moment(one.expires_at),
            _("active") if one.is_active else str(one.why_ended and one.why_ended.value),
        )
    console().print(listing)
