"""Computing features on DuckDB: over Arrow tables in memory, or Parquet segments on disk."""

from collections.abc import Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from pyarrow import parquet

from counterfoil.kernel.i18n import _
from counterfoil.score.engine import asked
from counterfoil.score.features.catalogue import FEATURES
from counterfoil.score.features.errors import EventsRefused
from counterfoil.score.features.event import CUTOFFS, EVENTS
from counterfoil.score.features.feature import Feature
from counterfoil.score.features.query import query


def compute(
    events: pa.Table | Sequence[Path],
    cutoffs: pa.Table,
    features: Sequence[Feature] = FEATURES,
    *,
    threads: int | None = None,
    memory_max: str | None = None,
) -> pa.Table:
    """Compute features: a row for each cutoff, in order of (subject, as_of).

    `events` is in memory, or the Parquet files that hold it; it has the columns of `EVENTS`, and `cutoffs` those of `CUTOFFS`; null is what could not be
    told. `memory_max` is DuckDB's, such as `8GB`; beyond it, it goes to disk.

    Raises:
        EventsRefused: a column is missing or of another type, or a file cannot be read.

    """
    _require(cutoffs.schema, CUTOFFS)
    sql = query(tuple(features)) + " ORDER BY subject, as_of"
    if isinstance(events, pa.Table) and memory_max is None:
        _require(events.schema, EVENTS)
        return asked(sql, {"cutoffs": cutoffs, "events": events}, threads)
    with duckdb.connect() as database:
        if threads:
            database.execute(f"SET threads = {threads:d}")
        if memory_max:
            database.execute("SET memory_limit = ?", [memory_max])
        database.register("cutoffs", cutoffs)
        _show(database, events)
        return database.sql(sql).to_arrow_table()


def read_cutoffs(path: Path) -> pa.Table:
    """Read who is asked about, and when.

    Raises:
        EventsRefused: it is no Parquet file, or a column is missing.

    """
    try:
        found = parquet.read_table(path)
    except (pa.ArrowException, OSError) as error:
        raise EventsRefused(_("The segments cannot be read: {why}", why=str(error))) from error
    _require(found.schema, CUTOFFS)
    return found


def _show(database: duckdb.DuckDBPyConnection, events: pa.Table | Sequence[Path]) -> None:
    if isinstance(events, pa.Table):
        _require(events.schema, EVENTS)
        database.register("events", events)
        return
    try:
        found = database.read_parquet([str(path) for path in events])
    except (duckdb.Error, OSError) as error:
        raise EventsRefused(_("The segments cannot be read: {why}", why=str(error))) from error
    _require(found.limit(0).to_arrow_table().schema, EVENTS)
    found.create_view("events")


def _require(found: pa.Schema, wanted: pa.Schema) -> None:
    for field in wanted:
        place = found.get_field_index(field.name)
        if place < 0:
            raise EventsRefused(
                _("The column {name} is missing; there are: {columns}.",
                  name=field.name, columns=", ".join(found.names)),
                name=field.name,
            )  # fmt: skip
        kind = found.field(place).type
        if field.name != "subject" and not pa.types.is_integer(kind):
            raise EventsRefused(
                _("The column {name} holds {found}, and must hold whole numbers.",
                  name=field.name, found=kind),
                name=field.name,
            )  # fmt: skip
