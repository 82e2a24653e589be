"""What commands about people stand on: the one writer, the register of people, and consent."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, TypeVar
from uuid import UUID

import typer

from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.consent import Category, Consent, PeopleReaders
    from counterfoil.kernel.database import Database
    from counterfoil.ledger import Ledger
    from counterfoil.people import People
    from counterfoil.rights import PersonRights


def _people_keys(folder: Path) -> Path:
    """Find the persons' keys in the folder of a server too, which has others beside them."""
    for inside in (folder / "people", folder / "keys" / "people"):
        if inside.is_dir():
            return inside
    return folder


KeysOption = Annotated[
    Path,
    typer.Option(
        "--keys",
        "-k",
        callback=_people_keys,
        envvar="COUNTERFOIL_KEYS",
        metavar="FOLDER",
        help=_("The operator's folder of keys; it is made if there is none."),
        show_default=False,
    ),
]
PersonArgument = Annotated[
    UUID, typer.Argument(metavar="PERSON", help=_("The person's id."), show_default=False)
]
ReasonOption = Annotated[
    str,
    typer.Option(help=_("Why, in plain words; the person will read it."), show_default=False),
]
CategoriesArgument = Annotated[
    list[str],
    typer.Argument(
        metavar="CATEGORY…",
        help=_(
            "The data: contact, name, birth-date, identity-document, bank-card, payments, score."
        ),
        show_default=False,
    ),
]


E = TypeVar("E", bound=StrEnum)


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms, wired to one database."""

    ledger: "Ledger"
    reading: "Database"
    people: "People"
    consent: "Consent"
    readers: "PeopleReaders"
    rights: "PersonRights"


@contextmanager
def opened(database: str, keys: Path) -> Iterator[Rooms]:
    """Open the writer, a reading connection and the wall, for as long as the context lasts."""
    import counterfoil.breach  # noqa: F401  # its records are told to persons too

    # Loading the ledger takes half a second, and `--help` should not wait for it.
    from counterfoil.consent import Consent, PeopleReaders, Wall
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.kernel.database import connect
    from counterfoil.ledger import Ledger
    from counterfoil.people import LocalKeys, People
    from counterfoil.rights import PersonRights

    clock, service = SystemClock(), LocalKeys(keys)
    with Ledger.open(database) as ledger, connect(database, writes=False) as reading:
        wall = Wall.connect(database)
        try:
            people = People(ledger, reading, service, clock)
            consent = Consent(ledger, reading, wall, people, clock)
            rights = PersonRights(ledger, reading, people, consent, clock)
            yield Rooms(ledger, reading, people, consent, PeopleReaders(service), rights)
        finally:
            wall.close()


def one_of(kind: type[E], text: str) -> E:
    """Read a value of a closed list; name the list to whoever gives another."""
    try:
        return kind(text)
    except ValueError as error:
        offered = ", ".join(one.value for one in kind)
        raise typer.BadParameter(
            _("{text!r} is none of {offered}.", text=text, offered=offered)
        ) from error


def categories_of(codes: list[str]) -> "Category":
    """Read categories by their codes."""
    from counterfoil.consent import Category
    from counterfoil.consent.category import category_by_code

    found = Category(0)
    for code in codes:
        try:
            found |= category_by_code(code)
        except KeyError as error:
            raise typer.BadParameter(_("{code!r} is no category.", code=code)) from error
    return found
