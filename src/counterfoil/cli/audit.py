"""`counterfoil audit`: what is collected about people, held against what is declared and needed."""

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import DatabaseOption, JSONOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _

app = typer.Typer(help=_("Check what is collected about people."), no_args_is_help=True)


@app.callback()
def group() -> None:
    """Keep `audit` a group while it has one command."""


@app.command(
    help=_(
        "Name every column about people, what for and how long; compare with the minimum of a payment"
        " app. Exit status 1 when a column is not declared."
    ),
    epilog=example("counterfoil audit collection --database sqlite:///shop.db"),
)
def collection(*, database: DatabaseOption, as_json: JSONOption = False) -> None:
    """Audit the database's columns."""
    from counterfoil.consent.category import codes, in_words
    from counterfoil.consent.collection import MINIMUM, RETENTION_WORDS, audit
    from counterfoil.kernel.database import connect

    with connect(database, writes=False) as opened:
        found = audit(opened)
    personal = [
        (f"{name}.{column}", declared)
        for name, columns in found.columns.items()
        for column, declared in columns.items()
        if declared.is_personal
    ]
    if as_json:
        print_json(
            {
                "columns": {
                    name: {
                        "categories": codes(one.category) if one.category else [],
                        "purpose": one.purpose.value if one.purpose else None,
                        "retention": one.retention.value,
                    }
                    for name, one in personal
                },
                "undeclared": list(found.undeclared),
                "missing": list(found.missing),
                "minimum": codes(MINIMUM),
                "beyond_minimum": codes(found.beyond_minimum),
            }
        )
    else:
        listing = table()
        for heading in (_("Column"), _("Data"), _("Purpose"), _("Kept")):
            listing.add_column(heading, overflow="fold")
        for name, one in personal:
            listing.add_row(
                name,
                ", ".join(codes(one.category)) if one.category else _("what was done"),
                one.purpose.value if one.purpose else "",
                str(RETENTION_WORDS[one.retention]),
            )
        console().print(listing)
        console().print(
            _("Beyond the minimum of a payment app: {beyond}.",
              beyond=in_words(found.beyond_minimum))
        )  # fmt: skip
        for name in found.undeclared:
            console().print(_("Not declared: {column}", column=name))
        for name in found.missing:
            console().print(_("Declared and not there: {column}", column=name))
    if not found.is_clean:
        raise typer.Exit(Exit.DIFFERENCE)
