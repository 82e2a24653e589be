"""The schema's version: looked up in a millisecond, brought up to date with Alembic."""

from typing import TYPE_CHECKING, Any

from counterfoil.kernel.database import Database, DatabaseURL, connect, single
from counterfoil.kernel.errors import SchemaMismatch, StatementRefused, StoreUnavailable
from counterfoil.migrations import HEAD

if TYPE_CHECKING:
    import sqlalchemy as sa


def upgrade(url: str) -> None:
    """Bring a database's schema to this version, from nothing or from an older one.

    Raises:
        StoreUnavailable: the database cannot be reached.

    """
    import sqlalchemy as sa
    from alembic import command
    from alembic.config import Config

    place = DatabaseURL(url)
    config = Config()
    config.set_main_option("script_location", "counterfoil:migrations")
    config.set_main_option("path_separator", "os")
    engine = sa.create_engine(place.for_sqlalchemy, poolclass=sa.NullPool)
    if place.dialect == "sqlite":
        _prepare_sqlite(engine)
    try:
        with engine.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except sa.exc.OperationalError as error:
        reason = str(error.orig).splitlines()[0]
        raise StoreUnavailable(f"{place.shown} cannot be reached: {reason}") from error
    finally:
        engine.dispose()


def _prepare_sqlite(engine: "sa.Engine") -> None:
    """Choose the size of pages, and let a process that dies while it makes tables leave none.

    Python's sqlite3 begins no transaction before DDL, so that every table would be its own commit;
    the half-made schema could then be neither opened nor made anew.
    """
    import sqlalchemy as sa

    @sa.event.listens_for(engine, "connect")
    def _(connection: Any, _record: object) -> None:
        connection.isolation_level = None
        # Only an empty file takes it: two indexes side by side fit larger pages better.
        connection.execute("PRAGMA page_size = 8192")

    @sa.event.listens_for(engine, "begin")
    def _(connection: "sa.Connection") -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE")


def create_if_empty(url: str) -> None:
    """Bring an empty database to this version, and insist that any other is there already.

    Raises:
        SchemaMismatch: it is at another version.
        StoreUnavailable: the database cannot be reached.

    """
    place = DatabaseURL(url)
    if place.dialect == "postgresql" or place.path.exists():
        with connect(url, writes=False) as database:
            if version(database) is not None:
                require_current(database)
                return
    upgrade(url)


def version(database: Database) -> str | None:
    """Tell a reader's connection which step the schema is at; None for an empty database."""
    try:
        found = single(database.query("SELECT version_num FROM alembic_version"))
    except StatementRefused:  # there is no such table
        return None
    return None if found is None else str(found)


def require_current(database: Database) -> None:
    """Insist that the schema is the one that this version reads and writes.

    Raises:
        SchemaMismatch: it is empty, older or newer.

    """
    found = version(database)
    if found == HEAD:
        return
    if found is None:
        raise SchemaMismatch("This database holds no ledger yet; open it for writing once.")
    raise SchemaMismatch(
        f"The database's schema is {found} and this version needs {HEAD}; run "
        "'counterfoil db upgrade', or use the version that made it.",
        found=found,
        needed=HEAD,
    )
