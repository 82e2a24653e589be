"""`counterfoil merchant`: open merchants, stores and tills; keys for their programs; terms, standing."""

from pathlib import Path
from typing import Annotated
from uuid import UUID

import typer
from rich.text import Text

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import BAKERY, WHERE, MerchantArgument, merchant_json, opened_pay
from counterfoil.cli.printing import console, facts, money, money_json, print_json, table
from counterfoil.cli.wiring import KeysOption
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import new_id

app = typer.Typer(help=_("Open merchants, their stores, tills and keys."), no_args_is_help=True)

NameArgument = Annotated[str, typer.Argument(metavar="NAME", help=_("Its name."),
                                             show_default=False)]  # fmt: skip
NumberOption = Annotated[
    str, typer.Option(help=_("The merchant's own number for it."), show_default=False)
]
FeeOption = Annotated[int, typer.Option(metavar="BP", help=_("The fee, in basis points."))]


@app.command(
    name="open",
    help=_("Open a merchant under the name that payers are shown."),
    epilog=example(f'counterfoil merchant open "Larch Bakery" --country FR --city Paris {WHERE}'),
)
def open_merchant(
    name: NameArgument,
    *,
    category: Annotated[
        str, typer.Option(help=_("What is sold: ISO 18245, four digits."))
    ] = "0000",
    country: Annotated[str, typer.Option(help=_("ISO 3166-1, two capitals."))] = "XX",
    city: Annotated[str, typer.Option(help=_("Where it is."))] = "",
    fee: FeeOption = 0,
    owner: Annotated[
        UUID | None, typer.Option(help=_("The person whose shop it is."), show_default=False)
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open it, and print its number."""
    from counterfoil.pay import FeeTerms, MerchantId, NewMerchant, Place
    from counterfoil.people import PersonId

    new = NewMerchant(
        id=MerchantId(new_id()),
        name=name,
        place=Place(category=category, country=country, city=city),
        owner=PersonId(owner) if owner else None,
        terms=FeeTerms(fee),
    )
    with opened_pay(database, keys) as pay:
        merchant = pay.merchants.open(new)
    if as_json:
        print_json(merchant_json(merchant))
    else:
        console().print(merchant.number)


@app.command(
    name="list",
    help=_("List the merchants, in the order in which they were opened."),
    epilog=example(f"counterfoil merchant list {WHERE}"),
)
def list_merchants(
    *,
    count: Annotated[int, typer.Option("--count", "-n", min=1, help=_("How many."))] = 100,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print them."""
    with opened_pay(database, keys) as pay:
        merchants = pay.merchants.page(limit=count)
    if as_json:
        print_json({"merchants": [merchant_json(one) for one in merchants]})
        return
    listing = table()
    for heading in (_("Merchant"), _("Name"), _("Standing")):
        listing.add_column(heading)
    for one in merchants:
        listing.add_row(one.number, Text(one.name), one.standing.name.lower())
    console().print(listing)


@app.command(
    help=_("Show a merchant, its stores, and what it has."),
    epilog=example(f"counterfoil merchant show {BAKERY} {WHERE}"),
)
def show(
    merchant: MerchantArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print it."""
    with opened_pay(database, keys) as pay:
        found = pay.merchants.by_number(merchant)
        stores, purses = pay.merchants.stores(found.id), pay.purses.balances(found.id)
    if as_json:
        shown = [{"number": one.number, "name": one.name, "word": one.word} for one in stores]
        print_json(
            merchant_json(found)
            | {"stores": shown, "available": [money_json(one) for one in purses]}
        )
        return
    console().print(
        facts(
            {
                _("Merchant"): found.number,
                _("Name"): found.name,
                _("Standing"): f"{found.standing.name.lower()} {found.reason}".strip(),
                _("Stores"): ", ".join(f"{one.number} ({one.word})" for one in stores) or "—",
                _("Available"): ", ".join(map(money, purses)) or "—",
            }
        )
    )


@app.command(
    help=_("Open a store of a merchant; print the word of its code."),
    epilog=example(
        f'counterfoil merchant store {BAKERY} "Rue de Rivoli" --number 1 --till A {WHERE}'
    ),
)
def store(
    merchant: MerchantArgument,
    name: NameArgument,
    *,
    number: NumberOption,
    till: Annotated[
        list[str],
        typer.Option(help=_("A till's number; give it again for more."), show_default=False),
    ] = [],  # noqa: B006  # Typer copies it
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open it and its tills in one commit."""
    from counterfoil.pay import NewStore, NewTill, StoreId, TillId

    with opened_pay(database, keys) as pay:
        found = pay.merchants.by_number(merchant)
        new = NewStore(id=StoreId(new_id()), merchant=found.id, number=number, name=name)
        tills = [
            NewTill(id=TillId(new_id()), store=new.id, merchant=found.id, number=one)
            for one in till
        ]
        pay.merchants.open_all([], [new], tills)
        opened = pay.merchants.store(new.id)
    if as_json:
        print_json({"id": str(opened.id), "number": opened.number, "word": opened.word,
                    "tills": till})  # fmt: skip
    else:
        console().print(opened.word)


@app.command(
    help=_("Open a till in a store."),
    epilog=example(f"counterfoil merchant till {BAKERY} --store 1 --number B {WHERE}"),
)
def till(
    merchant: MerchantArgument,
    *,
    store: Annotated[str, typer.Option(help=_("The store's number."), show_default=False)],
    number: NumberOption,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Open it, and print its id."""
    from counterfoil.pay import NewTill, TillId

    with opened_pay(database, keys) as pay:
        found = pay.merchants.by_number(merchant)
        place = pay.merchants.store_by_number(found.id, store)
        opened = pay.merchants.open_till(
            NewTill(id=TillId(new_id()), store=place.id, merchant=found.id, number=number)
        )
    if as_json:
        print_json({"id": str(opened.id), "number": opened.number, "store": store})
    else:
        console().print(str(opened.id))


@app.command(
    help=_(
        "Open an application of a merchant's, or give one another key. The public key is read from a "
        "file in any common form; without one a pair is made, and its private key written where "
        "you say, once."
    ),
    epilog=example(
        f"counterfoil merchant key {BAKERY} --name shop --private-to private.pem {WHERE}",
        f"counterfoil merchant key {BAKERY} --application 2012345678901234 --file key.pem {WHERE}",
    ),
)
def key(
    merchant: MerchantArgument,
    *,
    name: Annotated[str, typer.Option(help=_("The application's name."))] = "shop",
    application: Annotated[
        str | None, typer.Option(help=_("An application that is there."), show_default=False)
    ] = None,
    file: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("The merchant's public key."), show_default=False),
    ] = None,
    private_to: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help=_("Where a private key that is made here is written."),
                     show_default=False),
    ] = None,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Open or change it, and print its id and our public key for it."""
    from counterfoil.pay import ApplicationId

    if (file is None) == (private_to is None):
        raise typer.BadParameter(_("Give either --file or --private-to."))
    if private_to is not None and private_to.exists():
        raise typer.BadParameter(_("{path} is there already; name another.", path=private_to))
    with opened_pay(database, keys) as pay:
        found = pay.merchants.by_number(merchant)
        pair = pay.applications.new_key_pair() if file is None else None
        public = pair.public_pem if pair else (file or Path()).read_text()
        if application is None:
            opened = pay.applications.open(found.id, name, public_key=public)
        else:
            opened = pay.applications.set_key(ApplicationId(application), public)
        ours = pay.applications.our_public_pem(opened.id)
    if pair and private_to is not None:
        private_to.touch(mode=0o600)
        private_to.write_text(pair.private_pem)
    if as_json:
        print_json({"application": opened.id, "our_public_key": ours})
    else:
        console().print(facts({_("Application"): opened.id, _("Our public key"): ours}))


@app.command(
    "return-to",
    help=_(
        "Say where people who agree to be known to a shop are sent back to, in place of earlier "
        "addresses."
    ),
    epilog=example(
        f"counterfoil merchant return-to 2021000000000001 https://shop.example/back {WHERE}"
    ),
)
def return_to(
    application: Annotated[str, typer.Argument(help=_("The application's id."))],
    urls: Annotated[list[str], typer.Argument(metavar="URL...", help=_("The addresses, exactly."))],
    *,
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Keep them."""
    from counterfoil.pay import ApplicationId

    with opened_pay(database, keys) as pay:
        pay.applications.set_return_addresses(ApplicationId(application), urls)
    console().print(_("People can be sent back to: {urls}", urls=", ".join(urls)))


@app.command(
    help=_("Stop a merchant from being paid, with a reason that its owner reads."),
    epilog=example(f'counterfoil merchant suspend {BAKERY} --reason "Papers expired." {WHERE}'),
)
def suspend(
    merchant: MerchantArgument,
    *,
    reason: Annotated[str, typer.Option(help=_("Why, in plain words."), show_default=False)],
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Suspend it."""
    with opened_pay(database, keys) as pay:
        found = pay.merchants.suspend(pay.merchants.by_number(merchant).id, reason)
    console().print(_("{name} can no longer be paid.", name=found.name))


@app.command(
    help=_("Let a suspended merchant be paid again."),
    epilog=example(f"counterfoil merchant reinstate {BAKERY} {WHERE}"),
)
def reinstate(merchant: MerchantArgument, *, keys: KeysOption, database: DatabaseOption) -> None:
    """Reinstate it."""
    with opened_pay(database, keys) as pay:
        found = pay.merchants.reinstate(pay.merchants.by_number(merchant).id)
    console().print(_("{name} can be paid.", name=found.name))


@app.command(
    help=_("Set the fee of a merchant, for orders from now on."),
    epilog=example(f"counterfoil merchant fee {BAKERY} 60 {WHERE}"),
)
def fee(
    merchant: MerchantArgument,
    basis_points: Annotated[
        int, typer.Argument(metavar="BP", help=_("The fee, in basis points."), show_default=False)
    ],
    *,
    rounding: Annotated[str, typer.Option(help=_("How it is rounded."))] = "half-up",
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Set it."""
    from counterfoil.cli.wiring import one_of
    from counterfoil.money import Rounding
    from counterfoil.pay import FeeTerms

    with opened_pay(database, keys) as pay:
        terms = FeeTerms(basis_points, one_of(Rounding, rounding))
        found = pay.merchants.set_terms(pay.merchants.by_number(merchant).id, terms)
    console().print(_("{name} pays {fee} basis points.", name=found.name, fee=basis_points))
