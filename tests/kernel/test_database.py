"""The two databases behind one interface: where they are, what they promise, how they say no."""

import logging
import traceback
from pathlib import Path
from uuid import UUID

import pyarrow as pa
import pytest

from counterfoil.kernel.database import Database, DatabaseURL, WriterPresent, connect, single
from counterfoil.kernel.errors import (
    StatementRefused,
    StoreConflict,
    StoreError,
    StoreUnavailable,
)
from tools.local_postgres import LocalPostgres


@pytest.mark.parametrize(
    ("text", "dialect", "path"),
    [
        ("sqlite:///shop.db", "sqlite", "shop.db"),
        ("sqlite:////var/lib/shop.db", "sqlite", "/var/lib/shop.db"),
        ("sqlite:///my%20shop.db", "sqlite", "my shop.db"),
        ("postgresql://anna@db.example/shop", "postgresql", None),
        ("postgres://anna@db.example/shop", "postgresql", None),
    ],
)
def test_an_address_says_which_database_and_where(text: str, dialect: str, path: str) -> None:
    """SQLite's is a file, relative with three slashes and absolute with four."""
    url = DatabaseURL(text)
    assert url.dialect == dialect
    if path:
        assert url.path == Path(path)
        assert url.for_sqlalchemy == text
    else:
        assert url.for_sqlalchemy == "postgresql+psycopg://anna@db.example/shop"


@pytest.mark.parametrize("text", ["mysql://root:secret@db/shop", "shop.db", ""])
def test_an_unknown_address_is_refused(text: str) -> None:
    """The message says what can be given, and no password."""
    with pytest.raises(
        StoreError, match=r"is not a database URL; give sqlite:///file\.db"
    ) as refused:
        connect(text, writes=True)
    assert "secret" not in str(refused.value)


WITH_PASSWORD = [
    "postgresql://anna:se-cret@localhost:1/shop",
    "postgresql://anna:se-cret%zz@localhost:1/shop",
    "postgresql:///shop?host=/nowhere&password=se-cret",
    "postgresql:///shop?password=se-cret&host=/nowhere",
    "postgresql://localhost:port/shop?password=se-cret",
    "postgresql://anna:se-cret@/shop?host=/nowhere&nonsense=1",
]


@pytest.mark.parametrize("text", WITH_PASSWORD)
def test_a_password_is_never_shown(text: str, caplog: pytest.LogCaptureFixture) -> None:
    """Not in messages, not in tracebacks, not in logs, not when printed."""
    caplog.set_level(logging.DEBUG)
    url = DatabaseURL(text)
    assert "se-cret" not in f"{url!r} {url} {url.shown}"
    with pytest.raises(StoreUnavailable) as refused:
        connect(text, writes=True)
    told = "".join(traceback.format_exception(refused.value)) + caplog.text
    assert "se-cret" not in told
    assert "se-cret" not in str(refused.value.facts)


def test_an_address_without_a_password_is_shown_whole() -> None:
    """Nothing is hidden that need not be."""
    text = "postgresql://anna@db.example/shop?sslmode=require"
    assert DatabaseURL(text).shown == text
    assert DatabaseURL("postgresql://a:b@c/d").shown == "postgresql://a:…@c/d"


@pytest.fixture
def database(database_url: str) -> Database:
    """Give the writer of a database with one table."""
    database = connect(database_url, writes=True)
    database.execute("CREATE TABLE things (id INTEGER PRIMARY KEY, name TEXT NOT NULL, data BYTEA)")
    database.commit()
    return database


def things(*ids: int, name: str | None = "thing") -> pa.RecordBatch:
    columns = {
        "id": pa.array(ids, pa.int32()),
        "name": pa.array([name] * len(ids), pa.string()),
        "data": pa.array([b"\x00\xff"] * len(ids), pa.binary()),
    }
    return pa.RecordBatch.from_pydict(columns)


def count(database: Database) -> int:
    return int(single(database.query("SELECT count(*) FROM things")))


def test_commits_are_durable_by_the_database_s_own_word(database: Database) -> None:
    """The writer asks the database for its settings instead of believing its own."""
    with database:
        expected = {
            "sqlite": "WAL, synchronous=FULL",
            "postgresql": "fsync=on, synchronous_commit=on",
        }
        assert database.durability == expected[database.dialect]


def test_a_commit_is_all_or_nothing_and_seen_by_others(
    database: Database, database_url: str
) -> None:
    """Between two commits everything can be taken back; after one, everybody sees it."""
    with database, connect(database_url, writes=False) as reader:
        database.ingest("things", things(1, 2))
        assert (count(database), count(reader)) == (2, 0)
        database.rollback()
        database.ingest("things", things(3))
        database.execute("INSERT INTO things VALUES ($1, $2, $3)", (4, "four", b"4"))
        assert database.execute("UPDATE things SET name = $1", ("all",)) == 2
        database.commit()
        assert (count(database), count(reader)) == (2, 2)
        rows = reader.query("SELECT name, data FROM things WHERE id = $1", (4,)).to_pylist()
        assert rows == [{"name": "all", "data": b"4"}]
        with pytest.raises(StoreError):
            reader.execute("DELETE FROM things") if database.dialect == "sqlite" else (
                reader.execute("DELETE FROM thin_air")
            )


def test_rows_of_parameters_are_run_in_order_and_counted(database: Database) -> None:
    """Values may be absent in some rows; what changes nothing is not counted."""
    rows = [(1, "one", b"1"), (2, "two", None), (3, "three", b"3")]
    assert database.execute_many("INSERT INTO things VALUES ($1, $2, $3)", rows) == 3
    changed = [(None, 1), (b"5", 5), (b"33", 3)]
    assert database.execute_many("UPDATE things SET data = $1 WHERE id = $2", changed) == 2
    found = database.query("SELECT id, data FROM things ORDER BY id").to_pylist()
    assert [tuple(row.values()) for row in found] == [(1, None), (2, None), (3, b"33")]


def test_more_statements_than_stay_prepared_are_run_all_the_same(database: Database) -> None:
    """The oldest is prepared again when it comes back."""
    database.execute("INSERT INTO things VALUES ($1, $2, NULL)", (1, "one"))
    for _turn in range(2):
        for k in range(150):
            sql = f"SELECT id + {k} FROM things WHERE id = $1"
            assert single(database.query(sql, (1,))) == 1 + k


def test_a_constraint_speaks_by_one_name(database: Database) -> None:
    """A duplicate and a missing value are conflicts on both, from a statement and from a batch."""
    with database:
        database.ingest("things", things(1))
        database.commit()
        for fault in (
            lambda: database.ingest("things", things(2, 1)),
            lambda: database.ingest("things", things(3, name=None)),
            lambda: database.execute("INSERT INTO things VALUES (1, 'again', NULL)"),
            lambda: database.execute("INSERT INTO things (id) VALUES ($1)", (5,)),
        ):
            with pytest.raises(StoreConflict, match="The database refused a row: ") as refused:
                fault()
            assert not refused.value.is_transient
            database.rollback()
        assert count(database) == 1


def test_a_wrong_statement_speaks_by_one_name(database: Database) -> None:
    """Bad SQL, unknown tables and values of no type are refused, and the connection lives on."""
    with database:
        for sql, parameters in (
            ("SELEKT 1", ()),
            ("DELETE FROM thin_air", ()),
            ("DELETE FROM things WHERE id = $1 OR id = $2", (1,)),
            ("DELETE FROM things WHERE id = $1", (1 << 70,)),
            ("DELETE FROM things WHERE id = $1", (object(),)),
            ("DELETE FROM things WHERE id = $1", ([1],)),
        ):
            with pytest.raises(StatementRefused, match="The database refused a statement: "):
                database.execute(sql, parameters)  # type: ignore[arg-type]
            database.rollback()
        assert count(database) == 0


def test_a_refusal_does_not_quote_the_row(database: Database) -> None:
    """A row can be somebody's data, and an error can end up in a log."""
    with database:
        sql = "INSERT INTO things VALUES ($1, $2, NULL)"
        database.execute(sql, (1, "Anna's secret"))
        with pytest.raises(StoreConflict) as refused:
            database.execute(sql, (1, "Bob's secret"))
        assert "secret" not in refused.value.message
        database.rollback()


def test_one_writes_and_the_next_is_refused(database: Database, database_url: str) -> None:
    """A second writer is told who has it, and let in when the first has gone."""
    with database, pytest.raises(WriterPresent, match="already writes to") as refused:
        connect(database_url, writes=True)
    assert refused.value.is_transient
    connect(database_url, writes=True).close()


def test_what_prepares_runs_once_it_is_the_only_writer(database_url: str) -> None:
    """Preparation that fails leaves no lock and no open connection behind."""

    def fail() -> None:
        raise StoreError("not today")

    with pytest.raises(StoreError, match="not today"):
        connect(database_url, writes=True, prepare=fail)
    prepared = []
    with (
        connect(database_url, writes=True, prepare=lambda: prepared.append(1)),
        pytest.raises(WriterPresent),
    ):
        connect(database_url, writes=True, prepare=lambda: prepared.append(2))
    assert prepared == [1]


def test_an_id_is_spelled_for_its_database(database: Database) -> None:
    """The literal finds the 16 bytes, or the type of PostgreSQL's own."""
    some_id = UUID("017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
    with database:
        found = single(database.query(f"SELECT {database.uuid(some_id)} AS id"))
        assert found == (some_id.bytes if database.dialect == "sqlite" else some_id)


def test_a_file_that_cannot_be_a_database_is_named(tmp_path: Path) -> None:
    """A missing folder, a missing file and a file of something else: each a sentence."""
    with pytest.raises(
        StoreUnavailable, match=r"nowhere/a\.db cannot be opened for writing: No such"
    ):
        connect(f"sqlite:///{tmp_path}/nowhere/a.db", writes=True)
    with pytest.raises(StoreUnavailable, match="There is no database"):
        connect(f"sqlite:///{tmp_path}/a.db", writes=False)
    assert not (tmp_path / "a.db").exists()
    (tmp_path / "letter.txt").write_text("Dear Anna, " * 1000)
    with pytest.raises(StoreError, match="not an SQLite database"):
        connect(f"sqlite:///{tmp_path}/letter.txt", writes=True)
    assert (tmp_path / "letter.txt").read_text() == "Dear Anna, " * 1000


def test_a_server_that_is_not_there_is_unavailable(postgres: LocalPostgres) -> None:
    """A database or server that does not exist: try again, nothing was done."""
    for url in (
        postgres.url.replace("/postgres?", "/no_such_one?"),
        "postgresql:///x?host=/nowhere",
    ):
        with pytest.raises(StoreUnavailable, match="The database failed: ") as refused:
            connect(url, writes=True)
        assert refused.value.is_transient
