"""Computing features on Spark, for more people than one machine holds.

The query is the one that DuckDB runs, spelled for Spark; the numbers are the same to the bit. Java 17
and the extra `spark` are wanted.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from counterfoil.kernel.i18n import _
from counterfoil.score.errors import ExtraMissing
from counterfoil.score.features.catalogue import FEATURES
from counterfoil.score.features.errors import EventsRefused
from counterfoil.score.features.event import CUTOFFS, EVENTS
from counterfoil.score.features.feature import Feature
from counterfoil.score.features.query import query, spelled_for_spark

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession


def session(master: str, name: str = "counterfoil") -> "SparkSession":
    """Begin to work on a cluster, such as `local[2]` or `spark://host:7077`.

    Raises:
        ExtraMissing: PySpark is not installed.

    """
    try:
        from pyspark.sql import SparkSession
    except ImportError as error:
        raise ExtraMissing(
            _("PySpark is not installed; install counterfoil[spark], and Java 17.")
        ) from error
    builder = SparkSession.builder.master(master).appName(name)
    # A sum that does not fit is an error, never a null; instants are numbers, so no zone matters.
    settings = {
        "spark.sql.ansi.enabled": "true",
        "spark.sql.session.timeZone": "UTC",
        "spark.ui.enabled": "false",
    }
    for key, value in settings.items():
        builder = builder.config(key, value)
    made: SparkSession = builder.getOrCreate()
    return made


def compute_on_spark(
    spark: "SparkSession",
    events: Sequence[Path],
    cutoffs: Path,
    features: Sequence[Feature] = FEATURES,
) -> "DataFrame":
    """Compute features from Parquet files of events: a row for each cutoff, in no order.

    The columns are those of `EVENTS` and `CUTOFFS`; null is what could not be told.

    Raises:
        EventsRefused: a column is missing.

    """
    shown = {
        "events": (spark.read.parquet(*map(str, events)), EVENTS),
        "cutoffs": (spark.read.parquet(str(cutoffs)), CUTOFFS),
    }
    for name, (frame, wanted) in shown.items():
        for field in wanted:
            if field.name not in frame.columns:
                raise EventsRefused(
                    _("The column {name} is missing; there are: {columns}.",
                      name=field.name, columns=", ".join(frame.columns)),
                    name=field.name,
                )  # fmt: skip
        frame.createOrReplaceTempView(name)
    return spark.sql(spelled_for_spark(query(tuple(features))))
