"""`counterfoil order`: what an operator does with orders; and `counterfoil rate`: exchange rates."""

from datetime import UTC, datetime
from typing import Annotated

import typer
from rich.text import Text

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import (
    BAKERY,
    ORDER,
    WHERE,
    MerchantArgument,
    OrderArgument,
    opened_pay,
    order_facts,
    order_json,
)
from counterfoil.cli.printing import console, facts, moment, money, money_json, print_json, table
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.i18n import _, current_locale

app = typer.Typer(help=_("List, show, refund and close orders."), no_args_is_help=True)
rates = typer.Typer(help=_("Enter and list exchange rates."), no_args_is_help=True)


@app.command(
    name="list",
    help=_("List a merchant's orders, the latest first."),
    epilog=example(f"counterfoil order list {BAKERY} {WHERE}"),
)
def list_orders(
    merchant: MerchantArgument,
    *,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help=_("How many."))] = 20,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print them."""
    with opened_pay(database, keys) as pay:
        orders = pay.orders.page(pay.merchants.by_number(merchant).id, limit=count)
    if as_json:
        print_json({"orders": [order_json(one) for one in orders]})
        return
    listing = table()
    for heading in (_("Order"), _("Created (UTC)"), _("State"), _("Amount")):
        listing.add_column(heading)
    for one in orders:
        listing.add_row(
            one.number, moment(one.created_at), one.state.value, Text(money(one.amount))
        )
    console().print(listing)


@app.command(
    help=_("Show an order and what was given back of it."),
    epilog=example(f"counterfoil order show {ORDER} {WHERE}"),
)
def show(
    order: OrderArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print it."""
    with opened_pay(database, keys) as pay:
        found = pay.orders.by_number(order)
        given_back = pay.refunds.of_order(found.id)
    if as_json:
        refunds = [
            {"request_no": one.request_no, "amount": money_json(one.amount),
             "at": one.at.isoformat()}
            for one in given_back
        ]  # fmt: skip
        print_json(order_json(found) | {"refunds": refunds})
        return
    console().print(facts(order_facts(found)))
    for one in given_back:
        console().print(Text(f"  {moment(one.at)}  −{money(one.amount)}  {one.request_no}"))


@app.command(
    help=_("Give back a part of an order, or all that is left; once for each request number."),
    epilog=example(
        f'counterfoil order refund {ORDER} --request 1 --amount 2.50 --reason "Stale" {WHERE}'
    ),
)
def refund(
    order: OrderArgument,
    *,
    request: Annotated[
        str, typer.Option(help=_("A number of one's own for this refund."), show_default=False)
    ],
    amount: Annotated[
        str | None, typer.Option(help=_("How much; all that is left if left out."),
                                 show_default=False)
    ] = None,
    reason: Annotated[str, typer.Option(help=_("Why."))] = "",
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Give it back, and print the order."""
    from counterfoil.money import Money
    from counterfoil.pay import NewRefund

    with opened_pay(database, keys) as pay:
        found = pay.orders.by_number(order)
        part = found.kept if amount is None else Money.of(amount, found.amount.currency)
        done = pay.refunds.refund(
            NewRefund(order=found.id, request_no=request, amount=part, reason=reason)
        )
    if as_json:
        print_json(order_json(done.order) | {"is_new": done.is_new})
    else:
        console().print(facts(order_facts(done.order)))


@app.command(
    help=_("Close an order that nobody has paid."),
    epilog=example(f"counterfoil order close {ORDER} {WHERE}"),
)
def close(
    order: OrderArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Close it, and print it."""
    with opened_pay(database, keys) as pay:
        closed = pay.orders.close(pay.orders.by_number(order).id)
    if as_json:
        print_json(order_json(closed))
    else:
        console().print(facts(order_facts(closed)))


@app.command(
    help=_(
        "Do what is due: close orders that have timed out, end holds and agreements, and finish "
        "orders that can no longer be refunded. A server does it by itself."
    ),
    epilog=example(f"counterfoil order run-due {WHERE}"),
)
def run_due(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Do it, and print how many there were."""
    with opened_pay(database, keys) as pay:
        done = pay.closing.run_due()
    if as_json:
        print_json(
            {
                "orders_closed": done.orders_closed,
                "orders_finished": done.orders_finished,
                "holds_ended": done.holds_ended,
                "agreements_ended": done.agreements_ended,
            }
        )
    else:
        console().print(_("{count} were due.", count=done.count))


@rates.command(
    help=_("Enter what one unit of a currency is worth in another, and who published it."),
    epilog=example(f'counterfoil rate enter EUR JPY 162.5 --source "ECB" {WHERE}'),
)
def enter(
    base: Annotated[str, typer.Argument(metavar="CURRENCY", show_default=False)],
    quote: Annotated[str, typer.Argument(metavar="CURRENCY", show_default=False)],
    rate: Annotated[str, typer.Argument(metavar="RATE", show_default=False)],
    *,
    source: Annotated[str, typer.Option(help=_("Who published it."), show_default=False)],
    at: Annotated[
        datetime | None,
        typer.Option(formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d"], show_default=False,
                     help=_("From when it holds, UTC; now if left out.")),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
) -> None:  # fmt: skip
    """Enter it."""
    from counterfoil.kernel.clock import SystemClock, from_us
    from counterfoil.money import ExchangeRate

    when = at.replace(tzinfo=UTC) if at else from_us(SystemClock().now_us())
    with opened_pay(database, keys) as pay:
        parsed = ExchangeRate.parse(rate, base=base, quote=quote, source=source, at=when)
        pay.exchange.enter_rate(parsed, rate)
    console().print(f"1 {base} = {rate} {quote}")


@rates.command(
    name="list",
    help=_("List the rates that were entered, the latest first."),
    epilog=example(f"counterfoil rate list {WHERE}"),
)
def list_rates(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print them."""
    from counterfoil.money import format_rate

    with opened_pay(database, keys) as pay:
        found = pay.exchange.rates()
    if as_json:
        print_json(
            {
                "rates": [
                    {"base": one.base.code, "quote": one.quote.code, "rate": str(one.rate),
                     "source": one.source, "at": one.at.isoformat()}
                    for one in found
                ]
            }
        )  # fmt: skip
        return
    listing = table()
    for heading in (_("From"), _("To"), _("Rate"), _("Source"), _("Since (UTC)")):
        listing.add_column(heading)
    for one in found:
        shown = format_rate(one, current_locale())
        listing.add_row(one.base.code, one.quote.code, shown, Text(one.source), moment(one.at))
    console().print(listing)
