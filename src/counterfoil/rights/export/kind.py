"""How a column's values are written for the person: one form in JSON, one in CSV, one in a schema.

A stored value is exact and terse: microseconds, bits, 16 bytes. What a person takes along says the
same in a form that others read without asking us: RFC 3339 instants in UTC, names of categories,
UUIDs, amounts as decimal text.
"""

import uuid
from collections.abc import Callable, Mapping
from enum import Enum
from typing import Any, Final

from counterfoil.consent import BasisKind, Category
from counterfoil.consent.category import codes
from counterfoil.ledger import AccountKind
from counterfoil.ledger.columns import as_uuid
from counterfoil.ledger.layout import AccountRules
from counterfoil.money import Money, currency_by_numeric
from counterfoil.people.records import moment

Json = str | int | bool | list[str] | None
Row = Mapping[str, Any]

NEVER_US: Final = 1 << 61
"""Stored instants from here on stand for one that does not come."""


class Kind(Enum):
    """What a column holds."""

    TEXT = "text"
    NUMBER = "number"
    INSTANT = "instant"
    ID = "id"
    """16 bytes."""
    UUID = "uuid"
    """An id of the ledger's, which PostgreSQL stores as its own type."""
    HASH = "hash"
    CATEGORIES = "categories"
    BASIS = "basis"
    AMOUNT = "amount"
    """In the row's currency."""
    PAYER_AMOUNT = "payer-amount"
    """In the payer's currency, where there is one yet."""
    CURRENCY = "currency"
    ACCOUNT_KIND = "account-kind"
    RULES = "rules"
    NAMES = "names"

    def written(self, value: Any, row: Row) -> Json:
        """Write a stored value; an amount is read in the currency of its row."""
        return _WRITERS[self](value, row)

    @property
    def schema(self) -> Mapping[str, object]:
        """The JSON Schema of what is written."""
        return _SCHEMAS[self]


def instant(value: int | None) -> str | None:
    """Write an instant in UTC, to the microsecond; none where it never came, or never comes."""
    return moment(value) if value and value < NEVER_US else None


def _id(value: uuid.UUID | bytes | None) -> str | None:
    found = as_uuid(value) if value else None
    return str(found) if found else None


def _payer_amount(value: int, currency: int) -> str | None:
    return Money(value, currency_by_numeric(currency)).plain if currency else None


_WRITERS: Final[dict[Kind, Callable[[Any, Row], Json]]] = {
    Kind.TEXT: lambda value, _row: value,
    Kind.NUMBER: lambda value, _row: value,
    Kind.INSTANT: lambda value, _row: instant(value),
    Kind.ID: lambda value, _row: _id(value),
    Kind.UUID: lambda value, _row: _id(value),
    Kind.HASH: lambda value, _row: value.hex() if value else None,
    Kind.CATEGORIES: lambda value, _row: codes(Category(value)),
    Kind.BASIS: lambda value, _row: BasisKind(value).code,
    Kind.AMOUNT: lambda value, row: Money(value, currency_by_numeric(row["currency"])).plain,
    Kind.PAYER_AMOUNT: lambda value, row: _payer_amount(value, row["payer_currency"]),
    Kind.CURRENCY: lambda value, _row: currency_by_numeric(value).code if value else None,
    Kind.ACCOUNT_KIND: lambda value, _row: AccountKind(value).name.lower(),
    Kind.RULES: lambda value, _row: _names(AccountRules(value)),
    Kind.NAMES: lambda value, _row: list(value),
}

_MAYBE_TEXT: Final = {"type": ["string", "null"]}
_LIST: Final = {"type": "array", "items": {"type": "string"}}
_SCHEMAS: Final[dict[Kind, Mapping[str, object]]] = {
    Kind.TEXT: _MAYBE_TEXT,
    Kind.NUMBER: {"type": ["integer", "null"]},
    Kind.INSTANT: _MAYBE_TEXT | {"format": "date-time"},
    Kind.ID: _MAYBE_TEXT | {"format": "uuid"},
    Kind.UUID: _MAYBE_TEXT | {"format": "uuid"},
    Kind.HASH: _MAYBE_TEXT | {"pattern": "^[0-9a-f]+$"},
    Kind.CATEGORIES: _LIST,
    Kind.BASIS: {"enum": [kind.code for kind in BasisKind]},
    Kind.AMOUNT: {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    Kind.PAYER_AMOUNT: _MAYBE_TEXT | {"pattern": r"^-?[0-9]+(\.[0-9]+)?$"},
    Kind.CURRENCY: _MAYBE_TEXT | {"pattern": "^[A-Z]{3}$"},
    Kind.ACCOUNT_KIND: {"enum": [kind.name.lower() for kind in AccountKind]},
    Kind.RULES: _LIST,
    Kind.NAMES: _LIST,
}


def _names(flags: AccountRules) -> list[str]:
    return [one.name.lower().replace("_", "-") for one in AccountRules if one & flags and one.name]


def columns(text: str) -> dict[str, Kind]:
    """Read a list of columns, each `name` (a text) or `name:kind`, in the order of the file."""
    parts = (one.partition(":") for one in text.split())
    return {name: Kind(kind or Kind.TEXT.value) for name, _colon, kind in parts}
