"""A model as SQL: other people's databases give the card's own numbers."""

from collections.abc import Sequence

import duckdb
import numpy as np
import pytest

from counterfoil.kernel.database import connect
from counterfoil.score.model import model_of
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.sql import as_sql
from counterfoil.score.table import Categories, Column, Numbers, Table, categories, checked, numbers
from tests.score.test_model import MODEL
from tests.score.test_scorecard import named, town

Row = tuple[int, float | None, float | None, float | None, str | None]


def strangers() -> Table:
    """People with values at the cuts, at the ends, missing, and homes never seen before."""
    table = town(rows=400, seed=5)
    columns = named(table)
    income, home = columns["income"], columns["home"]
    assert isinstance(income, Numbers)
    assert isinstance(home, Categories)
    cuts = [cut for item in MODEL.card.items for cut in item.binning.cuts]
    values = list(income.values[: -len(cuts) * 2])
    values += [*cuts, *(np.nextafter(cut, -np.inf) for cut in cuts)]
    homes: list[str | None] = [home.names[code] for code in home.codes]
    homes[0], homes[1] = "boat, d'Arnaud's", None
    kept: list[Column] = [columns["late"], columns["shoe"]]
    return checked([numbers("income", values), categories("home", homes), *kept], table.is_bad)


def rows_of(table: Table) -> list[Row]:
    """Give the table as rows for a database, null for what is missing."""
    columns = named(table)

    def of(name: str) -> list[float | None]:
        column = columns[name]
        assert isinstance(column, Numbers)
        return [None if np.isnan(value) else float(value) for value in column.values]

    home = columns["home"]
    assert isinstance(home, Categories)
    homes = [None if code < 0 else home.names[code] for code in home.codes]
    return list(zip(range(len(table)), of("income"), of("late"), of("shoe"), homes, strict=True))


def check(found: Sequence[dict[str, int]], table: Table) -> None:
    """Hold what a database gave against the card."""
    by_person = {row["subject"]: row for row in found}
    points, scores = MODEL.card.points(named(table)), MODEL.card.scores(named(table))
    for person in range(len(table)):
        assert by_person[person]["score"] == scores[person]
        told = [by_person[person][f"{item.binning.name}_points"] for item in MODEL.card.items]
        assert told == points[person].tolist()


CREATE = """CREATE TABLE features
(subject bigint, income double precision, late double precision, shoe double precision, home text)"""


def test_sqlite_and_postgresql_give_the_card_s_scores(database_url: str) -> None:
    """Every point and every score, at the cuts and beside them, missing and never seen."""
    table = strangers()
    with connect(database_url, writes=True) as database:
        database.execute(CREATE)
        for row in rows_of(table):
            given = ["NULL" if value is None else repr(value) for value in row[:4]]
            home = "NULL" if row[4] is None else "'" + row[4].replace("'", "''") + "'"
            database.execute(f"INSERT INTO features VALUES ({', '.join(given)}, {home})")
        database.commit()
        check(database.query(as_sql(MODEL)).to_pylist(), table)


def test_duckdb_gives_the_card_s_scores() -> None:
    """As above, on the engine that runs everybody."""
    table = strangers()
    with duckdb.connect() as database:
        database.execute(CREATE)
        database.executemany("INSERT INTO features VALUES (?, ?, ?, ?, ?)", rows_of(table))
        check(database.sql(as_sql(MODEL)).to_arrow_table().to_pylist(), table)


def test_names_with_quotes_stay_names() -> None:
    """A column called by a quote, a group with an apostrophe: no query breaks out of its names."""
    table = town(rows=500)
    odd = 'in"come; drop table features; --'
    columns: list[Column] = [
        Numbers(odd, column.values) if isinstance(column, Numbers) else column
        for column in table.columns
        if column.name in {"income", "home"}
    ]
    table = checked(columns, table.is_bad)
    card = fit_scorecard(table, Settings())
    model = model_of(card, table, name="odd", version=1, made_at="")
    with duckdb.connect() as database:
        database.execute(
            'CREATE TABLE features (subject int, "in""come; drop table features; --" double, '
            "home text)"
        )
        database.execute("INSERT INTO features VALUES (1, NULL, 'own')")
        ((score,),) = database.sql(f"SELECT score FROM ({as_sql(model)})").fetchall()
    alone: dict[str, Column] = {odd: numbers(odd, [None]), "home": categories("home", ["own"])}
    assert score == card.scores(alone)[0]


@pytest.mark.parametrize("value", [0.1, 1e300, -2.5e-9, 3.0])
def test_numbers_are_written_so_that_every_engine_reads_the_same_bits(value: float) -> None:
    """With an exponent a literal is a double; without, some engines read a decimal."""
    from counterfoil.score.sql import _number

    with duckdb.connect() as database:
        ((kind, found),) = database.sql(
            f"SELECT typeof({_number(value)}), {_number(value)}"
        ).fetchall()
    assert (kind, found) == ("DOUBLE", value)
