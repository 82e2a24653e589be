"""`counterfoil settle`: a day settled and paid out, once; and the bank's answer held against it."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.bank import entries_table, told_json
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import opened_money
from counterfoil.cli.printing import console, money, money_json, print_json, printable, table
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.kernel.i18n import _
from counterfoil.money import Money

if TYPE_CHECKING:
    from counterfoil.bank import Order, Taken
    from counterfoil.pay import MerchantId, Payout, Settled, StoreId

app = typer.Typer(help=_("Settle a day, pay merchants out, hold the bank's answer against it."))

_WHERE = "--keys keys --database sqlite:///shop.db"
_DIFFERENCE_STATUS = 1


@app.callback(
    invoke_without_command=True,
    help=_(
        "Settle a day that is over: gross, refunds, fees and net of each merchant, store and "
        "currency; and queue the payouts. A day is settled once: a second run prints the same."
    ),
    epilog=example(
        f"counterfoil settle --date 2026-01-05 --rail rail {_WHERE}",
        f"counterfoil settle reconcile rail/from-bank/camt053.xml {_WHERE}",
    ),
)
def settle(
    context: typer.Context,
    *,
    on: Annotated[
        datetime | None,
        typer.Option("--date", formats=["%Y-%m-%d"], show_default=False,
                     help=_("The day; yesterday if left out.")),
    ] = None,
    rail: Annotated[
        Path | None,
        typer.Option(metavar="FOLDER", show_default=False,
                     help=_("Write the payouts for the bank into this folder at once.")),
    ] = None,
    keys: KeysOption = Path("keys"),
    database: DatabaseOption = "",
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Settle, queue, and print."""
    if context.invoked_subcommand is not None:
        return
    if not database:
        raise typer.BadParameter(_("Give --database, or set COUNTERFOIL_DATABASE."))
    from counterfoil.bank import FolderRail

    day = on.date() if on else from_us(SystemClock().now_us()).date() - timedelta(days=1)
    with opened_money(database, keys) as rooms:
        settled = rooms.settling.settle(day)
        payouts = rooms.settling.pay_out(day)
        files = rooms.bank.send(FolderRail(rail)) if rail else []
        names = {one: rooms.pay.merchants.merchant(one).name
                 for one in {line.merchant for line in settled}}  # fmt: skip
        stores = {one: rooms.pay.merchants.store(one).number
                  for one in {line.store for line in settled} if one is not None}  # fmt: skip
    if as_json:
        print_json(
            {
                "date": day.isoformat(),
                "settled": [_settled_json(one) for one in settled],
                "payouts": [_payout_json(one) for one in payouts],
                "files": [one.name for one in files],
            }
        )
        return
    console().print(_settled_table(day, settled, names, stores))
    for payout in payouts:
        whom = printable(names.get(payout.merchant, str(payout.merchant)))
        said = _("{amount} to {merchant}", amount=money(payout.amount), merchant=whom)
        if payout.is_back:
            said = _("{amount} to {merchant} came back: {reason}", amount=money(payout.amount),
                     merchant=whom, reason=payout.reason)  # fmt: skip
        console().print(said)
    for file in files:
        console().print(file.name)


@app.command(
    help=_(
        "Hold a file of the bank's against what was paid out, and report what does not match. It is "
        "taken in once; the exit status is 1 when something does not match."
    ),
    epilog=example(f"counterfoil settle reconcile rail/from-bank/camt053.xml {_WHERE}"),
)
def reconcile(
    file: Annotated[
        Path,
        typer.Argument(exists=True, dir_okay=False, metavar="FILE", show_default=False,
                       help=_("A status report (pain.002) or statement (camt.053).")),
    ],
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Take it in, and print what does not match."""
    from counterfoil.bank import OrderKind, Received

    with opened_money(database, keys) as rooms:
        taken = rooms.bank.take(Received(file.name, file.read_bytes()))
        waiting = rooms.bank.unpaid(OrderKind.PAYOUT)
        suspense = rooms.bank.in_suspense()
    if as_json:
        print_json(
            {
                "file": told_json(taken),
                "waiting": [_order_json(one) for one in waiting],
                "suspense_count": len(suspense),
            }
        )
    else:
        _print_reconciled(taken, waiting)
        if suspense:
            console().print(entries_table(suspense))
    if taken.findings or suspense:
        raise typer.Exit(_DIFFERENCE_STATUS)


def _print_reconciled(taken: "Taken", waiting: "Sequence[Order]") -> None:
    console().print(
        _("{paid} paid, {back} came back, {rejected} rejected, {known} known already.",
          paid=taken.paid_count, back=taken.returned_count, rejected=taken.rejected_count,
          known=taken.known_count)
    )  # fmt: skip
    for finding in taken.findings:
        console().print("[yellow]![/]", printable(finding))
    if not waiting:
        return
    listing = table(_("Payouts that the bank has not booked"))
    for heading in (_("Since"), _("Amount"), _("State"), _("File")):
        listing.add_column(heading, overflow="fold")
    for one in waiting:
        listing.add_row(f"{one.queued_at:%Y-%m-%d}", money(one.amount), one.state.value, one.file)
    console().print(listing)


def _settled_table(
    day: date, settled: "Sequence[Settled]", names: "dict[MerchantId, str]", stores: "dict[StoreId, str]"
) -> object:  # fmt: skip
    listing = table(_("Settlement of {day}", day=day.isoformat()))
    for heading in (_("Merchant"), _("Store")):
        listing.add_column(heading, overflow="fold")
    for heading in (_("Gross"), _("Refunds"), _("Fees"), _("Passed on"), _("Net")):
        listing.add_column(heading, justify="right", no_wrap=True)
    for one in settled:
        passed = one.shared_minor - one.received_minor + one.sent_minor - one.got_minor
        amounts = (one.gross_minor, one.refunds_minor, one.fees_minor, passed)
        listing.add_row(
            printable(names[one.merchant]), stores[one.store] if one.store else "—",
            *(money(Money(minor, one.currency)) for minor in amounts), money(one.net),
        )  # fmt: skip
    return listing if settled else _("Nothing was sold on {day}.", day=day.isoformat())


def _settled_json(one: "Settled") -> dict[str, object]:
    return {
        "merchant": str(one.merchant),
        "store": str(one.store) if one.store else None,
        "currency": one.currency.code,
        "paid_count": one.paid_count,
        "gross": one.gross_minor,
        "refund_count": one.refund_count,
        "refunds": one.refunds_minor,
        "fees": one.fees_minor,
        "shared": one.shared_minor,
        "received": one.received_minor,
        "sent": one.sent_minor,
        "got": one.got_minor,
        "net": one.net.minor,
    }


def _payout_json(one: "Payout") -> dict[str, object]:
    return {
        "id": str(one.id),
        "merchant": str(one.merchant),
        "amount": money_json(one.amount),
        "came_back": one.is_back,
        "reason": one.reason,
    }


def _order_json(one: "Order") -> dict[str, object]:
    return {
        "id": str(one.id),
        "amount": money_json(one.amount),
        "state": one.state.value,
        "queued_at": one.queued_at.isoformat(),
        "file": one.file,
    }
