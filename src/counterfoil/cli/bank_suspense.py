"""`counterfoil bank suspense`, `assign`, `send-back`: what nobody knows, and what becomes of it."""

from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.bank import (
    BICOption,
    HolderOption,
    IBANOption,
    entries_table,
    entry_json,
)
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import opened_money
from counterfoil.cli.printing import console, money, money_json, print_json
from counterfoil.cli.wiring import KeysOption, ReasonOption
from counterfoil.kernel.i18n import _

_WHERE = "--keys keys --database sqlite:///shop.db"
_ENTRY = "C0D4F6B0A51E7C33F90B6E2A41D8C7"
_PERSON = "019b3e5e-8400-7000-8000-0000075bcd15"

EntryArgument = Annotated[
    str,
    typer.Argument(
        metavar="ENTRY", help=_("The entry, as `bank suspense` lists it."), show_default=False
    ),
]


def suspense(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """List it."""
    with opened_money(database, keys) as rooms:
        entries = rooms.bank.in_suspense()
    if as_json:
        print_json({"entries": [entry_json(one) for one in entries]})
        return
    console().print(entries_table(entries) if entries else _("Nothing lies in suspense."))


def assign(
    entry: EntryArgument,
    *,
    person: Annotated[UUID, typer.Option(help=_("Whose it is."), show_default=False)],
    reason: ReasonOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Put it into their wallet."""
    from counterfoil.people import PersonId

    with opened_money(database, keys) as rooms:
        amount = rooms.banking.assign(entry, PersonId(person), reason)
    if as_json:
        print_json({"entry": entry, "person": str(person), "amount": money_json(amount)})
    else:
        console().print(_("{amount} are in the wallet.", amount=money(amount)))


def send_back(
    entry: EntryArgument,
    *,
    iban: IBANOption,
    holder: HolderOption,
    bic: BICOption = "",
    reason: Annotated[str, typer.Option(help=_("Why, for the record."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Queue the order."""
    from counterfoil.bank import Party, masked, parse_iban

    payee = Party(holder, parse_iban(iban), bic)
    with opened_money(database, keys) as rooms:
        order = rooms.bank.suspense.send_back(entry, payee, reason)
    if as_json:
        print_json({"entry": entry, "order": str(order)})
    else:
        console().print(
            _("An order to {account} waits for the next payment file.", account=masked(payee.iban))
        )


def register(app: typer.Typer) -> None:
    """Offer these commands beside those that exchange files."""
    app.command(
        help=_("List what the bank booked and nobody here knows why."),
        epilog=example(f"counterfoil bank suspense {_WHERE}"),
    )(suspense)
    app.command(
        help=_(
            "Put money that lies in suspense into the wallet of whom it was meant for. They have the "
            "receipt, and a record with the reason."
        ),
        epilog=example(
            f'counterfoil bank assign {_ENTRY} --person {_PERSON} --reason "Two digits of the '
            f'reference were exchanged." {_WHERE}'
        ),
    )(assign)
    app.command(
        "send-back",
        help=_(
            "Send money that lies in suspense back to the account it came from, with the next payment "
            "file. If the bank does not pay it, it lies in suspense again."
        ),
        epilog=example(
            f"counterfoil bank send-back {_ENTRY} --iban DE89370400440532013000 --holder 'A. Payer' "
            f'--reason "It names nobody." {_WHERE}'
        ),
    )(send_back)
