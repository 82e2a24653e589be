"""`counterfoil copies …`: files of payments for jobs, and who is in them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from uuid import UUID

import typer

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import DatabaseOption, JSONOption, SinceOption, UntilOption, example
from counterfoil.cli.printing import console, print_json, table
from counterfoil.cli.purpose import PurposeArgument
from counterfoil.cli.wiring import KeysOption, ReasonOption, one_of, opened
from counterfoil.kernel.clock import EPOCH, SystemClock, from_us
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.history import Copies, Copy

app = typer.Typer(
    help=_("Copies of payments for jobs: made on consent, rewritten when it ends."),
    no_args_is_help=True,
)

_WHERE = "--copies copies --keys keys --database sqlite:///shop.db"

CopiesOption = Annotated[
    Path,
    typer.Option(
        "--copies",
        envvar="COUNTERFOIL_COPIES",
        metavar="FOLDER",
        file_okay=False,
        help=_("The folder of copies."),
        show_default=False,
    ),
]


@contextmanager
def _desk(database: str, keys: Path, folder: Path) -> Iterator["Copies"]:
    from counterfoil.history import Copies, History

    with opened(database, keys) as rooms:
        yield Copies(
            folder, rooms.consent, History(rooms.ledger), rooms.ledger, rooms.reading, SystemClock()
        )


@app.command(
    "list",
    help=_("List every copy that there is or was, and whether it may be opened."),
    epilog=example(f"counterfoil copies list {_WHERE}"),
)
def list_copies(
    *, copies: CopiesOption, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False
) -> None:
    """Print the register."""
    with _desk(database, keys, copies) as desk:
        _print_copies(desk.listing(), as_json=as_json)


@app.command(
    help=_("Copy the payments of everybody who has consented to a purpose."),
    epilog=example(
        'counterfoil copies make score --certificate UUID --reason "Monthly scores, which you '
        f'asked for." {_WHERE}'
    ),
)
def make(
    purpose: PurposeArgument,
    *,
    certificate: Annotated[
        UUID, typer.Option(help=_("Whose certificate it is made on."), show_default=False)
    ],
    reason: ReasonOption,
    copies: CopiesOption,
    keys: KeysOption,
    database: DatabaseOption,
    since: SinceOption = None,
    until: UntilOption = None,
    people: Annotated[int, typer.Option(min=1, help=_("How many people at most in one file."))] = (
        100_000
    ),
    as_json: JSONOption = False,
) -> None:
    """Make copies, and print what they hold."""
    from counterfoil.consent import CertificateId, Purpose

    now = from_us(SystemClock().now_us()) + timedelta(microseconds=1)
    with _desk(database, keys, copies) as desk:
        made = desk.make(
            one_of(Purpose, purpose),
            who=CertificateId(certificate),
            reason=reason,
            since=_utc(since) or EPOCH,
            until=_utc(until) or now,
            people_max=people,
        )
    _print_copies(made, as_json=as_json)


@app.command(
    help=_("Rewrite the copies that hold somebody whose basis has ended, without them."),
    epilog=example(f"counterfoil copies refresh {_WHERE}"),
)
def refresh(
    *, copies: CopiesOption, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False
) -> None:
    """Bring every copy in line, and print what was done."""
    with _desk(database, keys, copies) as desk:
        done = desk.refresh_due()
    if as_json:
        print_json(
            {
                "refreshed": [
                    {"copy": str(one.id), "state": one.state.value, "removed": one.removed_count,
                     "persons": one.person_count}
                    for one in done
                ]
            }
        )  # fmt: skip
        return
    listing = table()
    for heading in (_("Copy"), _("State"), _("Taken out"), _("People")):
        listing.add_column(heading)
    for one in done:
        listing.add_row(
            str(one.id), one.state.value, f"{one.removed_count:,}", f"{one.person_count:,}"
        )
    console().print(listing if done else _("No copy is due."))


@app.command(
    help=_("Hold every copy against the register; name what differs and what nobody knows."),
    epilog=example(f"counterfoil copies verify {_WHERE}"),
)
def verify(
    *, copies: CopiesOption, keys: KeysOption, database: DatabaseOption, as_json: JSONOption = False
) -> None:
    """Print the differences; the exit status is 1 when there are any."""
    with _desk(database, keys, copies) as desk:
        differing, strangers = desk.verify(), desk.strangers()
    if as_json:
        print_json(
            {
                "differing": {str(copy): difference for copy, difference in differing.items()},
                "strangers": strangers,
            }
        )
    else:
        for copy, difference in differing.items():
            console().print(f"{copy}: {difference}")
        for name in strangers:
            console().print(_("{name} is no copy in the register.", name=name))
        if not differing and not strangers:
            console().print(_("Every copy is as the register says."))
    if differing or strangers:
        raise typer.Exit(Exit.DIFFERENCE)


def _print_copies(copies: list["Copy"], *, as_json: bool) -> None:
    if as_json:
        print_json({"copies": [_as_json(copy) for copy in copies]})
        return
    listing = table()
    for heading in (_("Copy"), _("Purpose"), _("State"), _("People"), _("Payments"), _("Made")):
        listing.add_column(heading)
    for copy in copies:
        listing.add_row(
            str(copy.id),
            copy.purpose.value,
            _("due") if copy.is_due and copy.state.value == "kept" else copy.state.value,
            f"{copy.person_count:,}",
            f"{copy.row_count:,}",
            f"{copy.made_at:%Y-%m-%d %H:%M}",
        )
    console().print(listing if copies else _("There are no copies."))


def _as_json(copy: "Copy") -> dict[str, object]:
    return {
        "copy": str(copy.id),
        "purpose": copy.purpose.value,
        "state": copy.state.value,
        "due": copy.is_due,
        "file": copy.file,
        "persons": copy.person_count,
        "rows": copy.row_count,
        "generation": copy.generation,
        "made_at": copy.made_at.isoformat(),
        "since": copy.since.isoformat(),
        "until": copy.until.isoformat(),
        "sha256": copy.hash.hex(),
    }


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment else None
