"""`counterfoil wallet top-up`, `withdraw`, `send`, `request`: money in and out, in a person's session."""

from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import MoneySite, opened_money
from counterfoil.cli.printing import console, facts, money, money_json, print_json, printable
from counterfoil.cli.wallet import ByOption, CurrencyOption, acting
from counterfoil.cli.wiring import KeysOption, PersonArgument
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money, currency_by_code

if TYPE_CHECKING:
    from counterfoil.people import PersonId

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"
_EUROS = f"--currency EUR --by Edda {_WHERE}"

AmountArgument = Annotated[
    str, typer.Argument(metavar="AMOUNT", help=_("How much, such as 12.50."), show_default=False)
]
OtherArgument = Annotated[
    str,
    typer.Argument(
        metavar="CONTACT", show_default=False,
        help=_("Who else: a phone number (+33…) or an e-mail address."),
    ),
]  # fmt: skip
IdOption = Annotated[
    UUID | None,
    typer.Option(
        "--id", help=_("An id of your own: asked twice, it is done once."), show_default=False
    ),
]


def top_up(
    person: PersonArgument,
    *,
    currency: CurrencyOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print where to pay, and what to write."""
    from counterfoil.people import PersonId

    with opened_money(database, keys) as rooms:
        told = rooms.banking.top_up(PersonId(person), currency_by_code(currency))
    if as_json:
        print_json(
            {"iban": told.account.iban, "holder": told.account.name, "bic": told.account.bic,
             "reference": told.reference, "currency": told.currency.code}
        )  # fmt: skip
        return
    said = {
        _("Pay to"): told.account.name,
        "IBAN": told.account.iban,
        _("Reference"): told.reference,
    }
    console().print(facts(said))


def bank_account(
    person: PersonArgument,
    *,
    iban: Annotated[str, typer.Option(help=_("Their own account."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Keep it sealed, and print it masked."""
    from counterfoil.people import PersonId

    with opened_money(database, keys) as rooms:
        masked = rooms.banking.link_account(PersonId(person), iban)
    if as_json:
        print_json({"person": str(person), "account": masked})
    else:
        console().print(_("Withdrawals go to {account}.", account=masked))


def withdraw(
    person: PersonArgument,
    amount: AmountArgument,
    *,
    currency: CurrencyOption,
    by: ByOption,
    id: IdOption = None,  # noqa: A002  # the option's name
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Queue it for the bank, and print the order."""
    from counterfoil.ledger import TransferId

    asked, named = Money.of(amount, currency_by_code(currency)), TransferId(id or new_id())
    with opened_money(database, keys) as rooms, acting(rooms, person, by) as me:
        order = rooms.banking.withdraw(named, me, asked)
    if as_json:
        print_json({"id": str(order.id), "amount": money_json(order.amount),
                    "state": order.state.value})  # fmt: skip
    else:
        console().print(
            _("{amount} waits for the next file to the bank: counterfoil bank send",
              amount=money(order.amount))
        )  # fmt: skip


def send(
    person: PersonArgument,
    contact: OtherArgument,
    amount: AmountArgument,
    *,
    currency: CurrencyOption,
    by: ByOption,
    id: IdOption = None,  # noqa: A002  # the option's name
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Send it, and print the row of the log."""
    from counterfoil.ledger import TransferId

    asked, named = Money.of(amount, currency_by_code(currency)), TransferId(id or new_id())
    with opened_money(database, keys) as rooms, acting(rooms, person, by) as me:
        posted = rooms.wallets.send(named, me.person, _found(rooms, contact), asked)
    if as_json:
        print_json({"id": str(named), "row": posted.seq, "was_done_before": posted.replayed})
    else:
        console().print(
            _("{amount} sent to {contact}, row {row} of the log.",
              amount=money(asked), contact=printable(contact), row=posted.seq)
        )  # fmt: skip


def request(
    person: PersonArgument,
    contact: OtherArgument,
    amount: AmountArgument,
    *,
    currency: CurrencyOption,
    by: ByOption,
    note: Annotated[str, typer.Option(help=_("What for."))] = "",
    id: IdOption = None,  # noqa: A002  # the option's name
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Ask for it, and print until when it can be paid."""
    asked, named = Money.of(amount, currency_by_code(currency)), id or new_id()
    with opened_money(database, keys) as rooms, acting(rooms, person, by) as me:
        made = rooms.requests.ask(named, me, _found(rooms, contact), asked, note=note)
    if as_json:
        print_json({"id": str(made.id), "amount": money_json(made.amount),
                    "expires_at": made.expires_at.isoformat()})  # fmt: skip
    else:
        console().print(
            _("{contact} is asked for {amount}, until {day}.", contact=printable(contact),
              amount=money(made.amount), day=f"{made.expires_at:%Y-%m-%d}")
        )  # fmt: skip


def _found(rooms: MoneySite, contact: str) -> "PersonId":
    from counterfoil.people import parse_contact

    return rooms.wallets.find(parse_contact(contact, None))


def register(app: typer.Typer) -> None:
    """Offer these commands beside those that show wallets."""
    app.command(
        "top-up",
        help=_("Tell where money for a person's wallet is paid to, and with which reference."),
        epilog=example(f"counterfoil wallet top-up {_BOB} --currency EUR {_WHERE}"),
    )(top_up)
    app.command(
        "bank-account",
        help=_("Keep a person's own bank account, to which they withdraw; it is stored sealed."),
        epilog=example(
            f'counterfoil wallet bank-account {_BOB} --iban "FR14 2004 1010 0505 0001 3M02 606" '
            f"{_WHERE}"
        ),
    )(bank_account)
    app.command(
        help=_("Withdraw to a person's own bank account; once for each --id."),
        epilog=example(f"counterfoil wallet withdraw {_BOB} 20.00 {_EUROS}"),
    )(withdraw)
    app.command(
        help=_("Send from a person's wallet to somebody else's; once for each --id."),
        epilog=example(f"counterfoil wallet send {_BOB} alice@example.org 12.50 {_EUROS}"),
    )(send)
    app.command(
        help=_("Ask somebody for money on a person's behalf; once for each --id."),
        epilog=example(
            f'counterfoil wallet request {_BOB} alice@example.org 8.00 --note "Pizza" {_EUROS}'
        ),
    )(request)
