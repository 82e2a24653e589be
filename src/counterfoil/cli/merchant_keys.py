"""`counterfoil merchant api-key`: keys for the REST API, made, listed and revoked."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.pay_site import BAKERY, WHERE, MerchantArgument, opened_writing
from counterfoil.cli.printing import console, facts, print_json, table
from counterfoil.cli.wiring import KeysOption, one_of
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.api.keys import Key, Keys
    from counterfoil.pay import Merchant

app = typer.Typer(
    help=_("Make, list and revoke a merchant's keys for the REST API."), no_args_is_help=True
)
KEY = "4f1c2b3a4d5e6f70"


@contextmanager
def opened_keys(database: str, keys: Path, merchant: str) -> Iterator[tuple["Keys", "Merchant"]]:
    """Open the writer and the keys, and find the merchant."""
    from counterfoil.api.keys import Keys
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.ledger import ReadingConnection

    with opened_writing(database, keys) as (ledger, pay):
        reading = ReadingConnection(database)
        try:
            yield Keys(ledger, reading, SystemClock()), pay.merchants.by_number(merchant)
        finally:
            reading.close()


@app.command(
    help=_(
        "Make a key. Its text is printed once and kept nowhere; without --scope it may do everything "
        "that the API offers to a merchant."
    ),
    epilog=example(
        f"counterfoil merchant api-key make {BAKERY} --name shop {WHERE}",
        f"counterfoil merchant api-key make {BAKERY} --name till --scope orders:write {WHERE}",
    ),
)
def make(
    merchant: MerchantArgument,
    *,
    name: Annotated[str, typer.Option(help=_("What it is for, in a word."))] = "shop",
    scope: Annotated[
        list[str],
        typer.Option(help=_("What it may do; give it again for more."), show_default=False),
    ] = [],  # noqa: B006  # Typer copies it
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Make it, and print its text."""
    from counterfoil.api.keys import Scope

    scopes = [one_of(Scope, one) for one in scope] or list(Scope)
    with opened_keys(database, keys, merchant) as (there, found):
        made = there.make(found.id, name, scopes)
    if as_json:
        print_json({**_json(made.key), "key": made.text})
        return
    console().print(
        facts(
            {
                _("Key"): made.text,
                _("Id"): made.key.id,
                _("Scopes"): ", ".join(sorted(one.value for one in made.key.scopes)),
            }
        )
    )
    console().print(_("Keep the key now: it cannot be shown again."))


@app.command(
    name="list",
    help=_("List a merchant's keys, revoked ones too; their texts are not kept."),
    epilog=example(f"counterfoil merchant api-key list {BAKERY} {WHERE}"),
)
def list_keys(
    merchant: MerchantArgument,
    *,
    keys: KeysOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:
    """Print them."""
    with opened_keys(database, keys, merchant) as (there, found):
        listed = there.of_merchant(found.id)
    if as_json:
        print_json({"keys": [_json(one) for one in listed]})
        return
    listing = table()
    for heading in (_("Id"), _("Name"), _("Scopes"), _("Made"), _("Revoked")):
        listing.add_column(heading, overflow="fold")
    for one in listed:
        revoked = f"{one.revoked_at:%Y-%m-%d %H:%M}" if one.revoked_at else ""
        scopes = " ".join(sorted(scope.value for scope in one.scopes))
        listing.add_row(one.id, Text(one.name), scopes, f"{one.made_at:%Y-%m-%d %H:%M}", revoked)
    console().print(listing)


@app.command(
    help=_("Revoke a key: from now on it is unknown. Revoking it again changes nothing."),
    epilog=example(f"counterfoil merchant api-key revoke {BAKERY} {KEY} {WHERE}"),
)
def revoke(
    merchant: MerchantArgument,
    key: Annotated[str, typer.Argument(metavar="KEY", help=_("The key's id."), show_default=False)],
    *,
    keys: KeysOption,
    database: DatabaseOption,
) -> None:
    """Revoke it."""
    with opened_keys(database, keys, merchant) as (there, found):
        there.revoke(key, of=found.id)
    console().print(_("The key {key} is revoked.", key=key))


def _json(key: "Key") -> dict[str, object]:
    return {
        "id": key.id,
        "name": key.name,
        "scopes": sorted(one.value for one in key.scopes),
        "made_at": key.made_at.isoformat(),
        "revoked_at": key.revoked_at.isoformat() if key.revoked_at else None,
    }
