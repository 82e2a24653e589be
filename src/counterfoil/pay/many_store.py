"""Stores and tills opened by the hundred: one statement for all of them, and one question before."""

import json
from collections.abc import Sequence
from typing import Final

from counterfoil.kernel.database import AttachedRow, Database, rows_in
from counterfoil.pay.merchant import NewStore, NewTill, Place

_STORE: Final = {
    "id": "id", "merchant": "id", "number": "text", "name": "text", "reference": "text",
    "word": "text", "placed": "int", "category": "text", "country": "text", "city": "text",
}  # fmt: skip
_TILL: Final = {"id": "id", "store": "id", "merchant": "id", "number": "text", "name": "text"}
_NUMBERS: Final = {"owner": "id", "number": "text"}
_NOWHERE: Final = Place()


def taken_number(
    database: Database, table: str, owner: str, numbers: Sequence[tuple[str, str]]
) -> str | None:
    """Find a number that another already has; `owner` names the column whose id comes first."""
    found = database.query(
        f"SELECT {table}.number FROM {rows_in(database, '$1', _NUMBERS)} AS asked "  # noqa: S608
        f"JOIN {table} ON {table}.{owner} = asked.owner AND {table}.number = asked.number LIMIT 1",
        (json.dumps([list(one) for one in numbers]),),
    )
    return str(found.column("number")[0]) if found.num_rows else None


def stores_row(
    database: Database, new: Sequence[NewStore], words: Sequence[str], at_us: int
) -> AttachedRow:
    """Make the statement that opens stores of merchants that are there; refused if one is not."""
    here = ", ".join(
        f"CASE placed WHEN 1 THEN one.{name} ELSE merchants.{name} END"
        for name in ("category", "country", "city")
    )
    listed = []
    for one, word in zip(new, words, strict=True):
        place = one.place or _NOWHERE
        listed.append(
            [
                one.id.hex, one.merchant.hex, one.number, one.name, one.reference, word,
                int(one.place is not None), place.category, place.country, place.city,
            ]
        )  # fmt: skip
    return AttachedRow(
        "INSERT INTO stores (opened_at, id, merchant, number, name, reference, word, category, "  # noqa: S608
        "country, city, standing, reason) SELECT $1, one.id, merchants.id, one.number, one.name, "
        f"one.reference, one.word, {here}, 1, '' FROM {rows_in(database, '$2', _STORE)} AS one "
        "JOIN merchants ON merchants.id = one.merchant",
        (at_us, json.dumps(listed)),
        row_count=len(listed),
    )


def tills_row(database: Database, new: Sequence[NewTill], at_us: int) -> AttachedRow:
    """Make the statement that opens tills in stores that are there; refused if one is not."""
    listed = [[one.id.hex, one.store.hex, one.merchant.hex, one.number, one.name] for one in new]
    return AttachedRow(
        "INSERT INTO tills (opened_at, id, store, merchant, number, name, standing) "  # noqa: S608
        "SELECT $1, one.id, stores.id, stores.merchant, one.number, one.name, 1 "
        f"FROM {rows_in(database, '$2', _TILL)} AS one "
        "JOIN stores ON stores.id = one.store AND stores.merchant = one.merchant",
        (at_us, json.dumps(listed)),
        row_count=len(listed),
    )
