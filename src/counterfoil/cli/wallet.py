"""`counterfoil wallet`: what is offered, and what an operator does with a person who stands there.

What is a person's own is read and done in a session of theirs: the clerk makes a link as for
`person sign-in-link`, uses it at once, and ends it. Who made it is on the person's record, and what was
done is on it as if they had done it on their phone.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer
from rich.text import Text

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import MoneySite, opened_money
from counterfoil.cli.printing import (
    console,
    facts,
    moment,
    money,
    money_json,
    print_json,
    table,
)
from counterfoil.cli.wiring import KeysOption, PersonArgument, ReasonOption
from counterfoil.kernel.i18n import _
from counterfoil.money import Money, currency_by_code

if TYPE_CHECKING:
    from counterfoil.people import SignedIn
    from counterfoil.wallet import Allowances, Wallet

app = typer.Typer(
    help=_("Offer wallets, and see and move what is in a person's, on their record."),
    no_args_is_help=True,
)

_BOB = "01890a5d-ac96-774b-bcce-b302099a8057"
_WHERE = "--keys keys --database sqlite:///shop.db"
_BY_EDDA = f"--by Edda {_WHERE}"

CurrencyOption = Annotated[
    str, typer.Option(help=_("The wallet's currency, such as EUR."), show_default=False)
]
ByOption = Annotated[
    str,
    typer.Option(help=_("Who does it, for the person's record."), show_default=False),
]


@contextmanager
def acting(rooms: MoneySite, person: UUID, by: str) -> Iterator["SignedIn"]:
    """Act in a session of a person's, which whoever stands at the desk with them has begun."""
    from counterfoil.people import PersonId

    sessions = rooms.rooms.people.sessions
    signed_in = sessions.enter_by_link(sessions.make_link(PersonId(person), by=by)).signed_in
    try:
        yield signed_in
    finally:
        sessions.end(signed_in)


@app.command(
    help=_("Offer wallets in a currency, or change what is offered: limits by day and month."),
    epilog=example(f"counterfoil wallet offer EUR --day 500 --month 3000 {_WHERE}"),
)
def offer(
    currency: Annotated[
        str, typer.Argument(metavar="CURRENCY", help=_("Such as EUR."), show_default=False)
    ],
    *,
    day: Annotated[
        str, typer.Option(help=_("What a new wallet may spend in a day."), show_default=False)
    ],
    month: Annotated[
        str, typer.Option(help=_("What a new wallet may spend in a month."), show_default=False)
    ],
    day_max: Annotated[
        str | None,
        typer.Option(help=_("What any wallet may, at most; as a new one if left out."),
                     show_default=False),
    ] = None,
    month_max: Annotated[
        str | None, typer.Option(help=_("The same by month."), show_default=False)
    ] = None,
    raise_hours: Annotated[
        int, typer.Option(min=0, help=_("How long a person waits for a higher limit."))
    ] = 24,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Offer it, and print all that is offered."""
    from counterfoil.wallet import Limits, Terms

    offered = currency_by_code(currency)
    usual = Limits(Money.of(day, offered), Money.of(month, offered))
    most = Limits(
        Money.of(day_max, offered) if day_max else usual.day,
        Money.of(month_max, offered) if month_max else usual.month,
    )
    asked = Terms(default=usual, ceiling=most, raise_delay=timedelta(hours=raise_hours))
    with opened_money(database, keys) as rooms:
        rooms.wallets.offer(asked)
        _print_terms(rooms, as_json=as_json)


@app.command(
    help=_("List the currencies in which wallets are offered, and their limits."),
    epilog=example(f"counterfoil wallet terms {_WHERE}"),
)
def terms(*, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Print them."""
    with opened_money(database, keys) as rooms:
        _print_terms(rooms, as_json=as_json)


@app.command(
    "open",
    help=_("Open a person's wallet in a currency, or find the one that is open."),
    epilog=example(f"counterfoil wallet open {_BOB} --currency EUR {_WHERE}"),
)
def open_wallet(
    person: PersonArgument,
    *,
    currency: CurrencyOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open it, and print the ledger's account."""
    from counterfoil.people import PersonId

    with opened_money(database, keys) as rooms:
        wallet = rooms.wallets.open_wallet(PersonId(person), currency_by_code(currency))
    if as_json:
        print_json({"account": wallet.account, "currency": wallet.currency.code})
    else:
        console().print(_("The wallet is account {account} of the ledger.", account=wallet.account))


@app.command(
    help=_("Show a person's balances, and what they may still spend."),
    epilog=example(f"counterfoil wallet show {_BOB} {_BY_EDDA}"),
)
def show(
    person: PersonArgument,
    *,
    by: ByOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Read in a session of theirs, and print."""
    with opened_money(database, keys) as rooms, acting(rooms, person, by) as me:
        there = rooms.wallets.wallets(me.person)
        funds = {one.account: one.balances for one in rooms.wallets.funds(me)}
        allowed = {one.account: rooms.wallets.limits.allowances(me.person, one.currency)
                   for one in there}  # fmt: skip
    if as_json:
        wallets = [
            _wallet_json(one, allowed[one.account])
            | {
                "balance": money_json(funds[one.account].balance),
                "available": money_json(funds[one.account].available),
            }
            for one in there
        ]
        print_json({"person": str(person), "wallets": wallets})
        return
    listing = table()
    for heading in (_("Balance"), _("Available"), _("Left today"), _("Left this month")):
        listing.add_column(heading, justify="right")
    listing.add_column(_("Frozen by"))
    for one in there:
        held, left = funds[one.account], allowed[one.account]
        amounts = (held.balance, held.available, left.day.left, left.month.left)
        frozen = one.frozen_by.name.lower() if one.frozen_by else ""
        listing.add_row(*(Text(money(amount)) for amount in amounts), frozen)
    console().print(listing)


@app.command(
    help=_(
        "Show what a person may spend by day and month; with --day and --month, give them other "
        "limits: what is lower holds at once, what is higher after the wait that is offered."
    ),
    epilog=example(
        f"counterfoil wallet limits {_BOB} --currency EUR --day 50 --month 300 {_WHERE}"
    ),
)
def limits(
    person: PersonArgument,
    *,
    currency: CurrencyOption,
    day: Annotated[str | None, typer.Option(help=_("By day."), show_default=False)] = None,
    month: Annotated[str | None, typer.Option(help=_("By month."), show_default=False)] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Change them if asked to, and print."""
    from counterfoil.people import PersonId
    from counterfoil.wallet import Limits

    whose, of = PersonId(person), currency_by_code(currency)
    with opened_money(database, keys) as rooms:
        spendings = rooms.wallets.limits
        allowed = spendings.allowances(whose, of)
        if day or month:
            asked = Limits(
                Money.of(day, of) if day else allowed.day.limit,
                Money.of(month, of) if month else allowed.month.limit,
            )
            allowed = spendings.change(whose, asked)
        wallet = rooms.wallets.wallet(whose, of)
    if as_json:
        print_json(_wallet_json(wallet, allowed))
    else:
        console().print(facts(_allowed_facts(allowed)))


@app.command(
    help=_("Stop a wallet from paying; why is on the person's record."),
    epilog=example(
        f'counterfoil wallet freeze {_BOB} --currency EUR --reason "The phone was stolen." {_WHERE}'
    ),
)
def freeze(
    person: PersonArgument,
    *,
    currency: CurrencyOption,
    reason: ReasonOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Freeze it, and say so."""
    _freeze(person, currency, reason, (keys, database), is_to_freeze=True, as_json=as_json)


@app.command(
    help=_("Let a wallet pay again; why is on the person's record."),
    epilog=example(
        f'counterfoil wallet unfreeze {_BOB} --currency EUR --reason "It was found." {_WHERE}'
    ),
)
def unfreeze(
    person: PersonArgument,
    *,
    currency: CurrencyOption,
    reason: ReasonOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Let it pay, and say so."""
    _freeze(person, currency, reason, (keys, database), is_to_freeze=False, as_json=as_json)


def _freeze(
    person: UUID,
    currency: str,
    reason: str,
    where: tuple[Path, str],
    *,
    is_to_freeze: bool,
    as_json: bool,
) -> None:
    from counterfoil.people import PersonId
    from counterfoil.wallet import FrozenBy

    keys, database = where
    if not reason.strip():
        raise typer.BadParameter(_("Give a reason; the person will read it."))
    whose, of = PersonId(person), currency_by_code(currency)
    with opened_money(database, keys) as rooms:
        freezing = rooms.wallets.freezing
        change = freezing.freeze_wallet if is_to_freeze else freezing.unfreeze_wallet
        change(whose, of, FrozenBy.OPERATOR, reason=reason)
        frozen_by = rooms.wallets.wallet(whose, of).frozen_by
    if as_json:
        print_json({"person": str(person), "frozen_by": frozen_by.name.lower()})
    elif frozen_by:
        console().print(_("The wallet pays nothing until it is unfrozen."))
    else:
        console().print(_("The wallet pays again."))


def _print_terms(rooms: MoneySite, *, as_json: bool) -> None:
    offered = list(rooms.wallets.offered().values())
    if as_json:
        listed = [
            {
                "currency": one.currency.code,
                "day": money_json(one.default.day),
                "month": money_json(one.default.month),
                "day_max": money_json(one.ceiling.day),
                "month_max": money_json(one.ceiling.month),
                "raise_hours": one.raise_delay // timedelta(hours=1),
            }
            for one in offered
        ]
        print_json({"terms": listed})
        return
    listing = table()
    for heading in (_("A day"), _("A month"), _("A day, at most"), _("A month, at most")):
        listing.add_column(heading, justify="right")
    listing.add_column(_("Hours for a raise"), justify="right")
    for one in offered:
        amounts = (one.default.day, one.default.month, one.ceiling.day, one.ceiling.month)
        hours = str(one.raise_delay // timedelta(hours=1))
        listing.add_row(*(Text(money(amount)) for amount in amounts), hours)
    console().print(listing if offered else _("No wallets are offered yet."))


def _wallet_json(wallet: "Wallet", allowed: "Allowances") -> dict[str, object]:
    coming = allowed.coming
    return {
        "account": wallet.account,
        "currency": wallet.currency.code,
        "frozen_by": wallet.frozen_by.name.lower(),
        **{
            one.period.value: {
                "limit": money_json(one.limit),
                "spent": money_json(one.spent),
                "left": money_json(one.left),
                "resets_at": one.resets_at.isoformat(),
            }
            for one in (allowed.day, allowed.month)
        },
        "coming": coming and {
            "day": money_json(coming.limits.day),
            "month": money_json(coming.limits.month),
            "starts_at": coming.starts_at.isoformat(),
        },
    }  # fmt: skip


def _allowed_facts(allowed: "Allowances") -> dict[str, str]:
    said = {
        name: _("{left} of {limit}", left=money(one.left), limit=money(one.limit))
        for name, one in ((_("Left today"), allowed.day), (_("Left this month"), allowed.month))
    }
    if allowed.coming:
        said[_("From {at} (UTC)", at=moment(allowed.coming.starts_at))] = _(
            "{day} a day, {month} a month",
            day=money(allowed.coming.limits.day), month=money(allowed.coming.limits.month),
        )  # fmt: skip
    return said
