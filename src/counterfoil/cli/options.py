"""The options that commands share, each written once."""

from datetime import datetime
from typing import Annotated

import typer

from counterfoil.kernel.i18n import _

_MOMENTS = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]

DatabaseOption = Annotated[
    str,
    typer.Option(
        "--database",
        "-d",
        envvar="COUNTERFOIL_DATABASE",
        metavar="URL",
        help=_("Where the ledger is: sqlite:///file.db or postgresql://user@host/name."),
        show_default=False,
    ),
]
HostOption = Annotated[str, typer.Option(help=_("Where to listen; 0.0.0.0 for every network."))]
PortOption = Annotated[
    int, typer.Option(min=0, max=65535, help=_("The port; 0 for any that is free."))
]
JSONOption = Annotated[
    bool, typer.Option("--json", help=_("Print one JSON object in place of tables."))
]
AccountArgument = Annotated[
    str,
    typer.Argument(
        metavar="ACCOUNT",
        help=_("The account: its number in the ledger, or the id it was opened with."),
        show_default=False,
    ),
]
SinceOption = Annotated[
    datetime | None,
    typer.Option(
        formats=_MOMENTS,
        help=_("The first moment of the period, UTC; the beginning if left out."),
        show_default=False,
    ),
]
UntilOption = Annotated[
    datetime | None,
    typer.Option(
        formats=_MOMENTS,
        help=_("The moment at which the period has ended, UTC; now if left out."),
        show_default=False,
    ),
]
AtOption = Annotated[
    datetime | None,
    typer.Option(
        formats=_MOMENTS,
        help=_("Just before this moment, UTC; now if left out."),
        show_default=False,
    ),
]
CountOption = Annotated[
    int, typer.Option("--count", "-n", min=1, help=_("How many postings, the latest first."))
]


def example(*lines: str) -> str:
    """Lay out example lines for the end of a command's help."""
    return "\n\n".join([_("Example:"), *(f"$ {line}" for line in lines)])
