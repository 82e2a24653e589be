"""Features on Spark: the same bits as on DuckDB."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pytest
from pyarrow import parquet

from counterfoil.bench.events import AS_OF_US, DAY_US, cutoffs, write_segments
from counterfoil.score.features import CUTOFFS, FEATURES, EventsRefused, compute
from counterfoil.score.features.spark import compute_on_spark, session

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

pytestmark = pytest.mark.slow
PEOPLE = 400


def java_is_there() -> bool:
    """Whether a Java runs here; Spark 4 wants 17 or later."""
    java = shutil.which("java")
    if java is None:
        return False
    return subprocess.run([java, "-version"], check=False, capture_output=True).returncode == 0


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator["SparkSession"]:
    """A cluster of two workers, each in a process of its own."""
    if not java_is_there():
        pytest.skip(
            "Spark wants Java 17, and there is none here; apt-get install openjdk-17-jre-headless"
        )
    os.environ["SPARK_LOCAL_DIRS"] = str(tmp_path_factory.mktemp("spark"))
    os.environ["SPARK_LOCAL_IP"] = "127.0.0.1"
    made = session("local-cluster[2,1,1024]")
    # Few rows: what takes time is planning and compiling, not running.
    for key, value in {
        "spark.sql.shuffle.partitions": "2",
        "spark.sql.adaptive.enabled": "false",
        "spark.sql.codegen.wholeStage": "false",
    }.items():
        made.conf.set(key, value)
    yield made
    made.stop()


@pytest.fixture(scope="module")
def segments(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """The payments of a small city, in two files."""
    folder = tmp_path_factory.mktemp("events")
    (written,) = write_segments(folder, people=PEOPLE, spendings_a_year=30)
    whole = parquet.read_table(written.paths[0])
    paths = [folder / "first.parquet", folder / "second.parquet"]
    parquet.write_table(whole.slice(0, whole.num_rows // 3), paths[0])
    parquet.write_table(whole.slice(whole.num_rows // 3), paths[1])
    return paths


def asked_at_several_instants() -> pa.Table:
    """Everybody at the year's end, some at an earlier instant, one before anything, one unknown."""
    everybody = cutoffs(PEOPLE)
    others = [(subject, AS_OF_US - 100 * DAY_US) for subject in range(0, PEOPLE, 7)]
    others += [(3, 0), (PEOPLE + 1, AS_OF_US)]
    more = pa.table([list(column) for column in zip(*others, strict=True)], schema=CUTOFFS)
    return pa.concat_tables([everybody, more])


def bits(table: pa.Table) -> dict[str, list[int | None]]:
    """Spell every number as its 64 bits, so that equal means equal."""
    found: dict[str, list[int | None]] = {}
    for name in table.column_names:
        column = table.column(name).combine_chunks()
        values = np.asarray(column.fill_null(0).to_numpy(zero_copy_only=False))
        words = values.view(np.int64).tolist() if values.dtype == np.float64 else values.tolist()
        found[name] = [word if known else None
                       for word, known in zip(words, column.is_valid().to_pylist(), strict=True)]  # fmt: skip
    return found


def test_spark_gives_the_same_bits(
    spark: "SparkSession", segments: list[Path], tmp_path: Path
) -> None:
    """Every feature of everybody, at several instants, is the same double on both engines."""
    asked = asked_at_several_instants()
    parquet.write_table(asked, tmp_path / "cutoffs.parquet")
    found = compute_on_spark(spark, segments, tmp_path / "cutoffs.parquet").toArrow()
    found = found.sort_by([("subject", "ascending"), ("as_of", "ascending")])
    expected = compute(segments, asked, threads=2)
    names = [feature.name for feature in FEATURES]
    assert bits(found.select(["subject", "as_of", *names])) == bits(expected)
    assert expected.column("tenure").null_count > 0


def test_a_missing_column_is_named(
    spark: "SparkSession", segments: list[Path], tmp_path: Path
) -> None:
    """Spark's own words about a missing column never reach the reader."""
    parquet.write_table(cutoffs(1), tmp_path / "cutoffs.parquet")
    parquet.write_table(
        parquet.read_table(segments[0]).drop_columns("kind"), tmp_path / "bad.parquet"
    )
    with pytest.raises(EventsRefused, match="kind"):
        compute_on_spark(spark, [tmp_path / "bad.parquet"], tmp_path / "cutoffs.parquet")
