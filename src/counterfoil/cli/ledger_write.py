"""`counterfoil ledger open` and `post`: the first account and the first payment, without a program.

They are for trying out and for the odd payment by hand. Each opens the ledger, writes, and closes
it; a program that pays keeps it open.
"""

from typing import Annotated
from uuid import UUID

import typer

from counterfoil.cli.ledger_tables import kind_name
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, money, money_json, print_json
from counterfoil.kernel.i18n import _, current_locale
from counterfoil.kernel.ids import new_id
from counterfoil.money import currency_by_code, parse_money

KINDS = ("asset", "liability", "equity", "income", "expense")

IdOption = Annotated[
    UUID | None,
    typer.Option(
        "--id",
        metavar="ID",
        help=_("A 128-bit id of your own, so that asking twice is harmless; made if left out."),
        show_default=False,
    ),
]


def register(app: typer.Typer) -> None:
    """Add the two commands to the group."""
    app.command(
        "open",
        help=_("Open an account. The first one makes the ledger."),
        epilog=example(
            "counterfoil ledger open --currency EUR --limited --database sqlite:///shop.db"
        ),
    )(open_account)
    app.command(
        help=_("Move an amount: debit one account and credit another."),
        epilog=example('counterfoil ledger post 1 2 "EUR 12.50" --database sqlite:///shop.db'),
    )(post)


def open_account(
    *,
    currency: Annotated[
        str, typer.Option(help=_("The currency's code, such as EUR."), show_default=False)
    ],
    kind: Annotated[
        str, typer.Option(metavar="|".join(KINDS), help=_("What the account stands for."))
    ] = "liability",
    limited: Annotated[
        bool, typer.Option("--limited", help=_("Refuse to be overdrawn (asset: overpaid)."))
    ] = False,
    given_id: IdOption = None,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open an account and print its number."""
    from counterfoil.ledger import AccountId, AccountKind, Ledger, Limit, NewAccount

    if kind not in KINDS:
        raise typer.BadParameter(
            _("{kind!r} is none of {kinds}.", kind=kind, kinds=", ".join(KINDS))
        )
    is_kind = AccountKind[kind.upper()]
    limit = (
        Limit.CREDITS_NOT_OVER_DEBITS if is_kind.grows_by_debit else Limit.DEBITS_NOT_OVER_CREDITS
    )
    new = NewAccount(
        id=AccountId(given_id or new_id()),
        currency=currency_by_code(currency),
        kind=is_kind,
        limit=limit if limited else Limit.NONE,
    )
    with Ledger.open(database) as ledger:
        number = ledger.open_account(new)
    if as_json:
        print_json({"account": number, "id": str(new.id)})
    else:
        console().print(
            _(
                "Account {number} is open: {kind}, {currency}.",
                number=number,
                kind=kind_name(is_kind),
                currency=new.currency,
            )
        )


def post(
    debit: Annotated[
        int,
        typer.Argument(metavar="DEBIT", help=_("The number of the account that is debited.")),
    ],
    credit: Annotated[
        int,
        typer.Argument(metavar="CREDIT", help=_("The number of the account that is credited.")),
    ],
    amount: Annotated[
        str,
        typer.Argument(metavar="AMOUNT", help=_('The amount with its currency, as "EUR 12.50".')),
    ],
    *,
    given_id: IdOption = None,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Post one transfer and print what was made."""
    from counterfoil.ledger import AccountNumber, Ledger, Transfer, TransferId

    asked = Transfer(
        id=TransferId(given_id or new_id()),
        debit_account=AccountNumber(debit),
        credit_account=AccountNumber(credit),
        amount=parse_money(amount, current_locale()),
    )
    with Ledger.open(database) as ledger:
        posted = ledger.post(asked)[0]
    if as_json:
        print_json(
            {
                "id": str(posted.id),
                "seq": posted.seq,
                "amount": money_json(posted.amount),
                "at": posted.at.isoformat(),
                "replayed": posted.replayed,
            }
        )
        return
    said = _("{amount} from account {debit} to account {credit}, row {seq} of the log, is durable.",
             amount=money(posted.amount), debit=debit, credit=credit, seq=posted.seq)  # fmt: skip
    if posted.replayed:
        said = _("Transfer {id} was made before, as row {seq}; nothing was moved again.",
                 id=posted.id, seq=posted.seq)  # fmt: skip
    console().print(said)
