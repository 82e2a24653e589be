"""What plain SQL says about a person: every table read whole, and a row is theirs by its values.

Nothing is shared with the export's own reading but the kinds of its columns, which are read back
here into what is stored.
"""

from collections import Counter
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from counterfoil.consent import BasisKind
from counterfoil.consent.category import category_by_code
from counterfoil.consent.collection import columns_of
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import Database
from counterfoil.ledger import AccountKind
from counterfoil.money import Money, currency_by_code
from counterfoil.people import PersonId
from counterfoil.rights.export import Holding
from counterfoil.rights.export.kind import NEVER_US, Kind

Row = Mapping[str, str]

TOLD_FROM = ("told_from", "secret_until")
"""The columns that say from when a person may be told of a row."""
RULES = ("debits-not-over-credits", "credits-not-over-debits", "debits-frozen", "credits-frozen",
         "closed")  # fmt: skip


def rows_of(database: Database, table: str, names: list[str]) -> list[Row]:
    """Read a table whole, as texts: bytes in hexadecimal, NULL as nothing."""
    if database.dialect == "postgresql":
        text = ", ".join(
            f"coalesce(replace(ltrim(CAST({name} AS TEXT), '\\x'), '-', ''), '') AS {name}"
            if name in {"id", "reference"} and table in {"accounts", "transfers"}
            else f"coalesce(CAST({name} AS TEXT), '') AS {name}"
            for name in names
        )
    else:
        text = ", ".join(
            f"CASE typeof({name}) WHEN 'blob' THEN '\\x' || lower(hex({name})) "
            f"ELSE coalesce(CAST({name} AS TEXT), '') END AS {name}"
            for name in names
        )
    found: list[Row] = database.query(f"SELECT {text} FROM {table}").to_pylist()
    return [{name: value.removeprefix("\\x") for name, value in row.items()} for row in found]


def is_about(row: Row, person: PersonId, accounts: set[int]) -> bool:
    """Whether somebody's id or an account of theirs is the value of some column."""
    return not {person.hex, str(UUID(bytes=person.bytes)), *map(str, accounts)}.isdisjoint(
        row.values()
    )


def rows_about(database: Database, person: PersonId, accounts: set[int]) -> dict[str, list[Row]]:
    """Find, in every table, the rows about a person."""
    return {
        table: [row for row in rows_of(database, table, names) if is_about(row, person, accounts)]
        for table, names in columns_of(database).items()
    }


def is_told(row: Row, now_us: int) -> bool:
    """Whether a row may be told at an instant."""
    return all(int(row.get(name, 0)) <= now_us for name in TOLD_FROM)


def stored(kind: Kind, value: Any, row: Mapping[str, Any]) -> str:  # noqa: PLR0911  # a case each
    """Read an exported value back into what is stored, as `rows_of` writes it."""
    match kind:
        case Kind.INSTANT:
            if value is None:
                return "0"
            at = datetime.strptime(value, "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC)
            return str(to_us(at))
        case Kind.ID | Kind.UUID:
            return str(value).replace("-", "") if value else ""
        case Kind.CATEGORIES:
            return str(sum(category_by_code(code) for code in value))
        case Kind.BASIS:
            return str({one.code: one for one in BasisKind}[value].value)
        case Kind.AMOUNT:
            return str(Money.of(value, currency_by_code(row["currency"])).minor)
        case Kind.PAYER_AMOUNT:
            paid = row["payer_currency"]
            return str(Money.of(value, currency_by_code(paid)).minor) if paid else "0"
        case Kind.CURRENCY:
            return str(currency_by_code(value).numeric) if value else "0"
        case Kind.ACCOUNT_KIND:
            return str(AccountKind[value.upper()].value)
        case Kind.RULES:
            return str(sum(1 << RULES.index(name) for name in value))
        case _:
            return "" if value is None else str(value)


def differences(holding: Holding, exported: list[dict[str, Any]], there: list[Row]) -> Counter[Any]:
    """Compare the exported rows of a table with the stored ones, value by value, in any order."""
    names = [name for name in holding.columns if name not in holding.extras]

    def told(row: Mapping[str, Any]) -> tuple[str, ...]:
        return tuple(stored(holding.columns[name], row[name], row) for name in names)

    def plain(row: Row) -> tuple[str, ...]:
        return tuple(
            "0" if holding.columns[name] is Kind.INSTANT and int(row[name]) >= NEVER_US
            else row[name]
            for name in names
        )  # fmt: skip

    expected = Counter(map(plain, there))
    expected.subtract(map(told, exported))
    return Counter({row: count for row, count in expected.items() if count})
