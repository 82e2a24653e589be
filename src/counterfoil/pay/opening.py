"""What it takes to open merchants, stores and tills: what is checked, and the rows that are written."""

import secrets
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.pay import many_store
from counterfoil.pay import merchant_store as store
from counterfoil.pay.errors import NumberTaken, ReceiverNotFound, RequestInvalid
from counterfoil.pay.merchant import (
    FEE_MAX_BP,
    FeeTerms,
    NewMerchant,
    NewStore,
    NewTill,
    Place,
)
from counterfoil.pay.said import checked_number, checked_text
from counterfoil.people import PersonId
from counterfoil.people.records import Json, record_row
from counterfoil.qr import ALPHABET

NAME_MAX: Final = 64
WORD_LENGTH: Final = 8
CITY_MAX: Final = 64
_NUMBER_CHANCE: Final = 10**12


def check_merchant(new: NewMerchant) -> None:
    """Check a merchant that is to be opened.

    Raises:
        RequestInvalid: its name, place or terms cannot be.

    """
    checked_text("name", new.name, NAME_MAX, is_required=True)
    checked_text("reference", new.reference, NAME_MAX)
    check_terms(new.terms)
    _check_place(new.place)


def check_store(new: NewStore) -> None:
    """Check a store that is to be opened.

    Raises:
        RequestInvalid: its number, name or place cannot be.

    """
    checked_number("number", new.number)
    checked_text("name", new.name, NAME_MAX, is_required=True)
    checked_text("reference", new.reference, NAME_MAX)
    if new.place is not None:
        _check_place(new.place)


def check_till(new: NewTill) -> None:
    """Check a till that is to be opened.

    Raises:
        RequestInvalid: its number or name cannot be.

    """
    checked_number("number", new.number)
    checked_text("name", new.name, NAME_MAX)


def check_terms(terms: FeeTerms) -> None:
    """Check what a merchant is to pay.

    Raises:
        RequestInvalid: it is below nothing, or above a tenth.

    """
    if not 0 <= terms.basis_points <= FEE_MAX_BP:
        raise RequestInvalid(
            _(
                "A fee of {basis_points} basis points was refused: give 0 to {most}.",
                basis_points=terms.basis_points,
                most=FEE_MAX_BP,
            ),
            field="terms",
        )


def merchant_rows(
    database: Database, new: Sequence[NewMerchant], at_us: int
) -> Iterator[AttachedRow]:
    """Make the rows of the merchants that are not there yet.

    Raises:
        NumberTaken: another has the reference.
        ReceiverNotFound: there is no such owner.

    """
    there = store.ids_there(database, "merchants", (one.id for one in new)) if new else set()
    for one in new:
        if one.id in there:
            continue
        if one.reference and store.merchants(database, "reference = $1", (one.reference,)):
            raise _taken(one.reference)
        if one.owner is not None and not store.is_person(database, one.owner):
            raise ReceiverNotFound(_("There is no person to own this shop. Register them first."))
        yield store.merchant_row(one, f"2088{secrets.randbelow(_NUMBER_CHANCE):012}", at_us)
        yield from told(one.owner, "merchant-opened", one.name, at_us)


def store_rows(database: Database, new: Sequence[NewStore], at_us: int) -> Iterator[AttachedRow]:
    """Make the row of the stores that are not there yet.

    Raises:
        NumberTaken: another of the merchant's has the number.

    """
    there = store.ids_there(database, "stores", (one.id for one in new)) if new else set()
    fresh = [one for one in new if one.id not in there]
    if not fresh:
        return
    numbers = [(one.merchant.hex, one.number) for one in fresh]
    if taken := _twice(numbers) or many_store.taken_number(database, "stores", "merchant", numbers):
        raise _taken(taken)
    words = ["".join(secrets.choice(ALPHABET) for _ in range(WORD_LENGTH)) for _one in fresh]
    yield many_store.stores_row(database, fresh, words, at_us)


def till_rows(database: Database, new: Sequence[NewTill], at_us: int) -> Iterator[AttachedRow]:
    """Make the row of the tills that are not there yet.

    Raises:
        NumberTaken: another in the store has the number.

    """
    there = store.ids_there(database, "tills", (one.id for one in new)) if new else set()
    fresh = [one for one in new if one.id not in there]
    if not fresh:
        return
    numbers = [(one.store.hex, one.number) for one in fresh]
    if taken := _twice(numbers) or many_store.taken_number(database, "tills", "store", numbers):
        raise _taken(taken)
    yield many_store.tills_row(database, fresh, at_us)


def _twice(numbers: Sequence[tuple[str, str]]) -> str | None:
    """Find a number that is asked for twice at once."""
    seen: set[tuple[str, str]] = set()
    for one in numbers:
        if one in seen:
            return one[1]
        seen.add(one)
    return None


def told(
    owner: PersonId | None, kind: str, name: str, at_us: int, reason: str = ""
) -> Iterable[AttachedRow]:
    """Make the record for a shop's owner, where a person owns it."""
    if owner is None:
        return ()
    content: dict[str, Json] = {"name": name}
    if reason:
        content["reason"] = reason
    return (record_row(kind, owner, at_us, content),)


def _check_place(place: Place) -> None:
    checked_text("city", place.city, CITY_MAX)
    is_category = len(place.category) == 4 and place.category.isascii() and place.category.isdigit()
    is_country = len(place.country) == 2 and place.country.isascii() and place.country.isupper()
    if not is_category or not is_country:
        raise RequestInvalid(
            _(
                "The place {category}, {country} was refused: give four digits of ISO 18245 for "
                "what is sold, and two capitals of ISO 3166-1 for the country.",
                category=place.category,
                country=place.country,
            ),
            field="place",
        )


def _taken(number: str) -> NumberTaken:
    return NumberTaken(
        _("The number {number} is taken. Choose another, or use the one that has it.",
          number=number),
        number=number,
    )  # fmt: skip
