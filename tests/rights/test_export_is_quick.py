"""An export asks each table for a person's rows along an index: it does not read everybody's."""

from pathlib import Path

from counterfoil.kernel import schema
from counterfoil.kernel.database import connect
from counterfoil.rights.export import HOLDINGS, Source

WHOLE = {"notices"}
"""Tables that are read whole: the operator's own notices, a few for each purpose."""


def test_no_table_is_read_whole_for_one_person(tmp_path: Path) -> None:
    """SQLite's plan of each question names an index, and scans no table but the notices."""
    url = f"sqlite:///{tmp_path}/plan.db"
    schema.upgrade(url)
    with connect(url, writes=False) as database:
        for holding in HOLDINGS:
            if holding.source not in {Source.TABLE, Source.WALLED} or holding.table in WHOLE:
                continue
            sql = f"SELECT * FROM {holding.table} WHERE {holding.condition}"
            given = (b"x" * 16, 0) if "$2" in sql else (b"x" * 16,)
            plan = database.query(f"EXPLAIN QUERY PLAN {sql}", given).column("detail").to_pylist()
            assert not [step for step in plan if step.startswith(f"SCAN {holding.table}")], plan
