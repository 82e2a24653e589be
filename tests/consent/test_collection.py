"""Nothing is collected that nobody has declared."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from counterfoil.consent.category import Category
from counterfoil.consent.collection import (
    ARISING,
    DECLARED,
    MINIMUM,
    RETENTION_WORDS,
    Retention,
    audit,
    columns_of,
)
from counterfoil.consent.limits import LIMITS, STAYS, WITH_PERSON
from counterfoil.consent.purpose import DEFINITIONS
from counterfoil.kernel import schema
from counterfoil.kernel.database import Database, connect


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    """Make the schema."""
    url = f"sqlite:///{tmp_path}/schema.db"
    schema.upgrade(url)
    with connect(url, writes=False) as opened:
        yield opened


def test_every_column_is_declared(database: Database) -> None:
    """Each column of the schema says what it holds, what for and how long (fails `make check`)."""
    found = audit(database)
    assert found.undeclared == ()
    assert found.missing == ()
    assert found.is_clean


def test_both_databases_are_audited_alike(database_url: str) -> None:
    """PostgreSQL's columns are the same ones."""
    schema.upgrade(database_url)
    with connect(database_url, writes=False) as opened:
        assert audit(opened).is_clean


def test_an_undeclared_column_is_named(database: Database) -> None:
    """A new column, or one that has gone, is found by its name."""
    persons = dict(DECLARED["persons"])
    persons["shoe_size"] = persons.pop("locale")
    found = audit(database, {**DECLARED, "persons": persons})
    assert found.undeclared == ("persons.locale",)
    assert found.missing == ("persons.shoe_size",)
    assert not found.is_clean


def test_an_undeclared_table_is_named_column_by_column(database: Database) -> None:
    """A whole table that nobody declared does not slip through."""
    others = {table: columns for table, columns in DECLARED.items() if table != "persons"}
    found = audit(database, others)
    assert set(found.undeclared) == {f"persons.{name}" for name in columns_of(database)["persons"]}


def test_what_is_personal_has_a_purpose_that_needs_it() -> None:
    """Each personal column names a purpose, and one that may hold that category."""
    assert set(RETENTION_WORDS) == set(Retention)
    for columns in DECLARED.values():
        for declared in columns.values():
            assert declared.is_personal == (declared.purpose is not None)
            if declared.category and declared.category is not Category.BIRTH_DATE:
                assert declared.purpose
                assert not declared.category & ~DEFINITIONS[declared.purpose].categories


def test_little_is_asked_for_beyond_the_minimum(database: Database) -> None:
    """Beyond the necessary information of a payment app: the day on which a child turns 14."""
    found = audit(database)
    assert found.collected & MINIMUM == MINIMUM
    assert found.collected & ARISING == ARISING
    assert found.beyond_minimum == Category.BIRTH_DATE


def test_every_table_about_somebody_has_an_end() -> None:
    """Each table with something about somebody has a limit, goes with the person, or says why not."""
    personal = {
        table
        for table, columns in DECLARED.items()
        if any(declared.is_personal for declared in columns.values())
    }
    answered = {limit.table for limit in LIMITS} | set(WITH_PERSON) | set(STAYS)
    assert personal - answered == set(), (
        "say in consent/limits.py when these rows go: LIMITS, WITH_PERSON or STAYS"
    )
    assert answered - set(DECLARED) == set()
    for table, column in WITH_PERSON.items():
        assert column in DECLARED[table]


def test_every_table_that_names_a_person_goes_with_them_or_says_why() -> None:
    """A column that holds a person's id is emptied when the person is gone for good."""
    naming = {table for table, columns in DECLARED.items() if {"subject", "person"} & set(columns)}
    assert naming - set(WITH_PERSON) - set(STAYS) - {"person_facts", "person_versions"} == set()
