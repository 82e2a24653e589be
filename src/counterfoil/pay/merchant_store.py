"""The tables of merchants, stores and tills: statements that go in, rows that come out."""

from collections.abc import Iterable
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import AttachedRow, Database, ids_in, listed
from counterfoil.money import Rounding
from counterfoil.pay.merchant import (
    FeeTerms,
    Merchant,
    MerchantId,
    NewMerchant,
    Place,
    Standing,
    Store,
    StoreId,
    Till,
    TillId,
)
from counterfoil.people import PersonId

_MERCHANT: Final = (
    "id, number, name, category, country, city, owner, fee_bp, fee_rounding, reference, standing, "
    "reason, opened_at"
)
_STORE: Final = (
    "id, merchant, number, name, category, country, city, reference, word, standing, reason, "
    "opened_at"
)
_TILL: Final = "id, store, merchant, number, name, standing, opened_at"

Parameter = int | str | bytes


def merchant_row(new: NewMerchant, number: str, at_us: int) -> AttachedRow:
    """Make the statement that opens a merchant."""
    return AttachedRow(
        f"INSERT INTO merchants ({_MERCHANT}) "  # noqa: S608
        "VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 1, '', $11)",
        (
            new.id.bytes, number, new.name, new.place.category, new.place.country, new.place.city,
            new.owner.bytes if new.owner else b"", new.terms.basis_points,
            new.terms.rounding.value, new.reference, at_us,
        ),
    )  # fmt: skip


def standing_row(
    table: str,
    whose: UUID,
    old: Standing,
    new: Standing,
    reason: str,
) -> AttachedRow:
    """Make the statement that changes the standing of a merchant or store, if it is as read."""
    return AttachedRow(
        f"UPDATE {table} SET standing = $1, reason = $2 WHERE id = $3 AND standing = $4",  # noqa: S608
        (new.value, reason, whose.bytes, old.value),
    )


def terms_row(merchant: MerchantId, terms: FeeTerms) -> AttachedRow:
    """Make the statement that gives a merchant other terms, for orders from now on."""
    return AttachedRow(
        "UPDATE merchants SET fee_bp = $1, fee_rounding = $2 WHERE id = $3",
        (terms.basis_points, terms.rounding.value, merchant.bytes),
    )


def name_row(merchant: MerchantId, name: str) -> AttachedRow:
    """Make the statement that registers a merchant under another name."""
    return AttachedRow("UPDATE merchants SET name = $1 WHERE id = $2", (name, merchant.bytes))


def merchants(database: Database, rest: str, parameters: tuple[Parameter, ...]) -> list[Merchant]:
    """Read merchants that a condition of this room's chooses."""
    found = database.query(f"SELECT {_MERCHANT} FROM merchants WHERE {rest}", parameters)  # noqa: S608
    return [_merchant(row) for row in found.to_pylist()]


def stores(database: Database, rest: str, parameters: tuple[Parameter, ...]) -> list[Store]:
    """Read stores that a condition of this room's chooses."""
    found = database.query(f"SELECT {_STORE} FROM stores WHERE {rest}", parameters)  # noqa: S608
    return [_store(row) for row in found.to_pylist()]


def tills(database: Database, rest: str, parameters: tuple[Parameter, ...]) -> list[Till]:
    """Read tills that a condition of this room's chooses."""
    found = database.query(f"SELECT {_TILL} FROM tills WHERE {rest}", parameters)  # noqa: S608
    return [_till(row) for row in found.to_pylist()]


def ids_there(database: Database, table: str, ids: Iterable[UUID]) -> set[UUID]:
    """Tell which of many ids a table has already."""
    found = database.query(
        f"SELECT id FROM {table} WHERE id IN ({ids_in(database, '$1')})",  # noqa: S608
        (listed(ids),),
    )
    return {UUID(bytes=row["id"]) for row in found.to_pylist()}


def is_person(database: Database, person: PersonId) -> bool:
    """Tell whether there is such a person, and they have not been erased."""
    found = database.query("SELECT 1 FROM persons WHERE id = $1 AND erased_at = 0", (person.bytes,))
    return bool(found.num_rows)


def _merchant(row: dict[str, Any]) -> Merchant:
    return Merchant(
        id=MerchantId(UUID(bytes=row["id"])),
        number=row["number"],
        name=row["name"],
        place=_place(row),
        owner=PersonId(UUID(bytes=row["owner"])) if row["owner"] else None,
        terms=FeeTerms(row["fee_bp"], Rounding(row["fee_rounding"])),
        reference=row["reference"],
        standing=Standing(row["standing"]),
        reason=row["reason"],
        opened_at=from_us(row["opened_at"]),
    )


def _store(row: dict[str, Any]) -> Store:
    return Store(
        id=StoreId(UUID(bytes=row["id"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        number=row["number"],
        name=row["name"],
        place=_place(row),
        reference=row["reference"],
        word=row["word"],
        standing=Standing(row["standing"]),
        reason=row["reason"],
        opened_at=from_us(row["opened_at"]),
    )


def _till(row: dict[str, Any]) -> Till:
    return Till(
        id=TillId(UUID(bytes=row["id"])),
        store=StoreId(UUID(bytes=row["store"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        number=row["number"],
        name=row["name"],
        standing=Standing(row["standing"]),
        opened_at=from_us(row["opened_at"]),
    )


def _place(row: dict[str, Any]) -> Place:
    return Place(category=row["category"], country=row["country"], city=row["city"])
