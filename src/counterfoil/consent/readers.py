"""Everything that reads personal data here, declared: what it reads, and how.

A `PersonalReader` cannot be called. It is given to the gate, which fetches with it once a basis
carries the read. Other rooms declare their own (`history` its payments) in the same way.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Generic, TypeVar

import numpy as np
import pyarrow as pa

from counterfoil.consent.category import Category
from counterfoil.kernel.database import Database
from counterfoil.people import (
    CONTACT,
    NAME,
    Contact,
    Fact,
    FactKind,
    Former,
    KeyService,
    PersonId,
    Said,
    WordsKind,
    queries,
)

T = TypeVar("T")
T_co = TypeVar("T_co", covariant=True)


@dataclass(frozen=True, slots=True)
class PersonalReader(Generic[T_co]):
    """One way to read one person's data, for the gate to use."""

    name: str
    categories: Category
    """All that its rows tell."""
    _fetch: Callable[[Database, PersonId], Sequence[T_co]] = field(repr=False)
    _instant_us: Callable[[Any], int] | None = field(repr=False, default=None)
    """When a row happened; None where rows have no time, as a name has none."""

    _fetch_each: Callable[[Database, Sequence[PersonId]], Sequence[Sequence[Any]]] | None = field(
        repr=False, default=None
    )
    """The same for many at once, in their order; None where one after the other is as good."""

    def each(self, database: Database, persons: Sequence[PersonId]) -> Sequence[Sequence[Any]]:
        """Read some people, in their order. For the gate alone."""
        if self._fetch_each is not None:
            return self._fetch_each(database, persons)
        return [self._fetch(database, person) for person in persons]

    def within(self, rows: Sequence[Any], since_us: int, until_us: int) -> tuple[Any, ...]:
        """Keep the rows that happened in a half-open period."""
        if self._instant_us is None:
            return tuple(rows)
        return tuple(row for row in rows if since_us <= self._instant_us(row) < until_us)


@dataclass(frozen=True, slots=True)
class TableReader:
    """One way to read many people's data as a table, for jobs: the gate uses it as the other kind.

    The table's column `place` (int32) says whose a row is, by their place among those asked for.
    """

    name: str
    categories: Category
    _fetch: Callable[[Database, Sequence[PersonId]], pa.Table] = field(repr=False)
    instant_name: str | None = None
    """The column that says when a row happened, in microseconds; None where rows have no time."""

    def within(self, rows: pa.Table, since_us: Sequence[int], until_us: Sequence[int]) -> pa.Table:
        """Keep each person's rows that happened in their half-open period."""
        if self.instant_name is None or not rows.num_rows:
            return rows
        at = rows.column(self.instant_name).to_numpy()
        place = rows.column("place").to_numpy()
        is_within = (at >= np.array(since_us)[place]) & (at < np.array(until_us)[place])
        return rows if is_within.all() else rows.filter(pa.array(is_within))


@dataclass(frozen=True, slots=True)
class OwnReader(Generic[T_co]):
    """One way for a person to read their own data, and for nobody else: no basis carries it."""

    name: str
    _fetch: Callable[[Database, PersonId], Sequence[T_co]] = field(repr=False)


class PeopleReaders:
    """The readers of what the room `people` has sealed."""

    def __init__(self, keys: KeyService) -> None:
        def sealed(
            read: Callable[[Database, KeyService, PersonId], Sequence[T]],
        ) -> Callable[[Database, PersonId], Sequence[T]]:
            return lambda database, person: read(database, keys, person)

        self.own: OwnReader[tuple[str, dict[str, Any]]] = OwnReader(
            "everything-sealed", sealed(queries.everything_of)
        )
        self.name: PersonalReader[str] = PersonalReader(
            "name", Category.NAME, sealed(queries.names_of)
        )
        self.contact: PersonalReader[Contact] = PersonalReader(
            "contact", Category.CONTACT, sealed(queries.contacts_of)
        )
        self.facts: dict[FactKind, PersonalReader[Fact]] = {
            kind: PersonalReader(kind.value, category, sealed(partial(_facts_of, kind)))
            for kind, category in FACT_CATEGORIES.items()
        }

        self.former: dict[Category, PersonalReader[Former]] = {
            category: PersonalReader(
                f"former-{category.code}",
                category,
                sealed(partial(_former, prefix)),
            )
            for prefix, category in FIELD_CATEGORIES.items()
            if category not in _NEVER_CHANGED
        }
        self.statements: dict[Category, PersonalReader[Said]] = {
            category: PersonalReader(
                f"statements-{category.code}",
                category,
                sealed(partial(_statements, prefix)),
            )
            for prefix, category in FIELD_CATEGORIES.items()
        }

    @property
    def all(self) -> list[PersonalReader[object]]:
        """Every one of them."""
        return [
            self.name,
            self.contact,
            *self.facts.values(),
            *self.former.values(),
            *self.statements.values(),
        ]


FACT_CATEGORIES = {
    FactKind.BIRTH_DATE: Category.BIRTH_DATE,
    FactKind.IDENTITY_DOCUMENT: Category.IDENTITY_DOCUMENT,
    FactKind.BANK_CARD: Category.BANK_CARD,
}


def _facts_of(
    kind: FactKind, database: Database, keys: KeyService, person: PersonId
) -> Sequence[Fact]:
    return queries.facts_of(database, keys, person, kind)


FIELD_CATEGORIES = {
    NAME: Category.NAME,
    CONTACT: Category.CONTACT,
    **{f"fact:{kind}:": category for kind, category in FACT_CATEGORIES.items()},
    "payment:": Category.PAYMENTS,
    "score": Category.SCORE,
}
"""How a field that can be contested begins, and what kind of data it is."""

_NEVER_CHANGED = Category.PAYMENTS | Category.SCORE


def category_of_field(field: str) -> Category:
    """Tell what kind of data a field is.

    Raises:
        KeyError: there is no such field.

    """
    for prefix, category in FIELD_CATEGORIES.items():
        if field == prefix or (prefix.endswith(":") and field.startswith(prefix)):
            return category
    raise KeyError(field)


def _former(
    prefix: str, database: Database, keys: KeyService, person: PersonId
) -> Sequence[Former]:
    return queries.former_of(database, keys, person, prefix)


def _statements(
    prefix: str, database: Database, keys: KeyService, person: PersonId
) -> Sequence[Said]:
    return queries.words_of(database, keys, person, WordsKind.STATEMENT, prefix)
