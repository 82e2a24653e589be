"""`counterfoil bank`: orders out, the bank's files in, what lies in suspense; and a bank of paper."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import opened_money
from counterfoil.cli.printing import console, money, money_json, print_json, printable, table
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _
from counterfoil.money import Money, currency_by_code

if TYPE_CHECKING:
    from counterfoil.bank import StoredEntry, Taken, Unread

app = typer.Typer(
    help=_("Pay through the bank and be paid: files out, files in, once each."),
    no_args_is_help=True,
)

_WHERE = "--keys keys --database sqlite:///shop.db"
_UNREAD_STATUS = 6

FolderArgument = Annotated[
    Path,
    typer.Argument(
        metavar="FOLDER",
        help=_("The folder with to-bank and from-bank; they are made if there are none."),
        show_default=False,
    ),
]
IBANOption = Annotated[str, typer.Option(help=_("The account's IBAN."), show_default=False)]
HolderOption = Annotated[str, typer.Option(help=_("Who holds it."), show_default=False)]
BICOption = Annotated[str, typer.Option(help=_("The bank's BIC, if it wants one."))]
CurrencyOption = Annotated[str, typer.Option(help=_("The account's currency."), show_default=False)]


@app.command(
    "open-account",
    help=_("Add the account that the operator has at its bank; one for each currency."),
    epilog=example(
        'counterfoil bank open-account --iban "NL33 LRCH 0000 0000 01" --holder "Larch Savings" '
        f"--currency EUR {_WHERE}"
    ),
)
def open_account(
    *,
    iban: IBANOption,
    holder: HolderOption,
    currency: CurrencyOption,
    bic: BICOption = "",
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Add it, and print the ledger's accounts that stand for it."""
    from counterfoil.bank import Party, parse_iban

    party = Party(holder, parse_iban(iban), bic)
    with opened_money(database, keys) as rooms:
        own = rooms.bank.open_account(party, currency_by_code(currency))
    if as_json:
        print_json({"nostro": own.nostro, "in_transit": own.in_transit, "suspense": own.suspense})
        return
    console().print(
        _("The account is number {nostro} of the ledger; {transit} is in transit, {suspense} is "
          "suspense.", nostro=own.nostro, transit=own.in_transit, suspense=own.suspense)
    )  # fmt: skip


@app.command(
    help=_("Write what waits into payment files for the bank (pain.001), once each."),
    epilog=example(f"counterfoil bank send rail {_WHERE}"),
)
def send(
    folder: FolderArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Write, and print the files."""
    from counterfoil.bank import FolderRail

    with opened_money(database, keys) as rooms:
        files = rooms.bank.send(FolderRail(folder))
    if as_json:
        print_json(
            {
                "files": [
                    {"name": one.name, "message_id": one.message_id, "orders": one.order_count,
                     "total": money_json(one.total)}
                    for one in files
                ]
            }
        )  # fmt: skip
        return
    listing = table()
    for heading in (_("File"), _("Orders"), _("Total")):
        listing.add_column(heading, overflow="fold")
    for one in files:
        listing.add_row(one.name, f"{one.order_count:,}", money(one.total))
    console().print(listing if files else _("No order waits."))


@app.command(
    help=_(
        "Take in what the bank has sent: status reports (pain.002) and statements (camt.053), once "
        "each. What cannot be read is named and left where it is; the exit status is 6 then."
    ),
    epilog=example(f"counterfoil bank receive rail {_WHERE}"),
)
def receive(
    folder: FolderArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Take in, and print what became of each file."""
    from counterfoil.bank import FolderRail, Unread

    with opened_money(database, keys) as rooms:
        told = rooms.bank.receive(FolderRail(folder))
    if as_json:
        print_json({"files": [told_json(one) for one in told]})
    else:
        _print_told(told)
    if any(isinstance(one, Unread) for one in told):
        raise typer.Exit(_UNREAD_STATUS)


@app.command(
    help=_(
        "Be the bank, on paper: read the payment files, answer them, book, and write the day's "
        "statement. It needs no database, and pays everything but what it is told not to."
    ),
    epilog=example(
        "counterfoil bank simulate rail --iban NL33LRCH0000000001 --holder 'Larch Savings' "
        "--currency EUR --pay-in '250.00:RF18 5390 0754 7034' --reject DE89370400440532013000:AC04"
    ),
)
def simulate(
    folder: FolderArgument,
    *,
    iban: IBANOption,
    holder: HolderOption,
    currency: CurrencyOption,
    bic: BICOption = "",
    on: Annotated[
        datetime | None,
        typer.Option(
            "--date", formats=["%Y-%m-%d"], show_default=False,
            help=_("The business day; the one after the last if left out, or today."),
        ),
    ] = None,
    pay_in: Annotated[
        list[str] | None,
        typer.Option(metavar="AMOUNT:TEXT", show_default=False,
                     help=_("Money that somebody pays in, and what they write.")),
    ] = None,
    reject: Annotated[
        list[str] | None,
        typer.Option(metavar="IBAN:REASON", show_default=False,
                     help=_("Whom the bank does not pay, and why (ISO 20022).")),
    ] = None,
    give_back: Annotated[
        list[str] | None,
        typer.Option("--return", metavar="IBAN:REASON", show_default=False,
                     help=_("Whose payment comes back on the next day, and why.")),
    ] = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Live through one day, and print the files written."""
    from counterfoil.bank import Instructions, Party, PayIn, SimulatedBank, parse_iban

    kind = currency_by_code(currency)
    told = Instructions(
        rejects={parse_iban(payee): reason for payee, reason in _pairs(reject)},
        returns={parse_iban(payee): reason for payee, reason in _pairs(give_back)},
        pay_ins=[PayIn(Money.of(amount, kind), text) for amount, text in _pairs(pay_in)],
    )
    bank = SimulatedBank(folder, Party(holder, parse_iban(iban), bic), kind)
    day = on.date() if on else _next_day(bank.last_day)
    names = bank.day(day, told)
    if as_json:
        print_json({"date": day.isoformat(), "files": names, "balance": money_json(bank.balance)})
        return
    for name in names:
        console().print(name)
    console().print(
        _("{date}: the account has {balance} at its bank.",
          date=day.isoformat(), balance=money(bank.balance))
    )  # fmt: skip


def _next_day(last: date | None) -> date:
    if last is not None:
        return last + timedelta(days=1)
    return from_us(SystemClock().now_us()).date()


def _pairs(given: list[str] | None) -> list[tuple[str, str]]:
    pairs = []
    for one in given or []:
        first, colon, second = one.partition(":")
        if not colon or not second.strip():
            raise typer.BadParameter(
                _("{text!r} is no pair; write two values with a colon.", text=one)
            )
        pairs.append((first, second.strip()))
    return pairs


def told_json(one: "Taken | Unread") -> dict[str, object]:
    """Say what became of a file of the bank's."""
    from counterfoil.bank import Unread

    if isinstance(one, Unread):
        return {"name": one.name, "error": one.error.code, "message": one.error.message}
    return {
        "name": one.name,
        "kind": one.kind,
        "id": one.id,
        "was_known": one.was_known,
        "paid": one.paid_count,
        "returned": one.returned_count,
        "received": one.received_count,
        "accepted": one.accepted_count,
        "rejected": one.rejected_count,
        "known": one.known_count,
        "suspense": [entry_json(entry) for entry in one.suspense],
        "findings": one.findings,
    }


def entry_json(entry: "StoredEntry") -> dict[str, object]:
    """Give an entry of a statement as JSON."""
    return {
        "key": entry.key,
        "statement": entry.statement,
        "amount": money_json(entry.amount),
        "booked_on": entry.booked_on.isoformat(),
        "why": entry.why,
    }


def _print_told(told: Sequence["Taken | Unread"]) -> None:
    from counterfoil.bank import Unread

    listing = table()
    listing.add_column(_("File"), overflow="fold")
    for heading in (_("paid"), _("back"), _("received"), _("known"), _("suspense")):
        listing.add_column(heading, justify="right", no_wrap=True)
    taken = [one for one in told if not isinstance(one, Unread)]
    for one in taken:
        back = one.returned_count + one.rejected_count
        counts = (one.paid_count, back, one.received_count, one.known_count, len(one.suspense))
        said = [_("again")] * 5 if one.was_known else [f"{count:,}" for count in counts]
        listing.add_row(printable(one.name), *said)
    console().print(listing if told else _("The bank has sent nothing."))
    for one in taken:
        for finding in one.findings:
            console().print(f"[yellow]![/] {printable(one.name)}: ", printable(finding))
    for unread in told:
        if isinstance(unread, Unread):
            said_why = printable(unread.error.message)
            console().print(f"[red]✗[/] {printable(unread.name)}: ", said_why)
    if entries := [entry for one in taken for entry in one.suspense]:
        console().print(entries_table(entries))


def entries_table(entries: Sequence["StoredEntry"]) -> object:
    """Lay out what lies in suspense."""
    listing = table(_("In suspense"))
    for heading in (_("Date"), _("Amount"), _("Statement"), _("Entry"), _("Why")):
        listing.add_column(heading, overflow="fold")
    for one in entries:
        listing.add_row(
            one.booked_on.isoformat(), money(one.amount), printable(one.statement),
            printable(one.key), one.why,
        )  # fmt: skip
    return listing
