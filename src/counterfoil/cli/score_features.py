"""`counterfoil score features`: features of many people from files, on this machine or on Spark."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, print_json
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    import pyarrow as pa


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        "features",
        help=_("Compute every feature of everybody in files of events, at the instants asked for."),
        epilog=example(
            "counterfoil score features events --cutoffs asked.parquet --out out.parquet"
        ),
    )(features_command)


def features_command(
    events: Annotated[
        Path,
        typer.Argument(
            exists=True, help=_("A Parquet file of events, or a folder of them."), show_default=False
        ),
    ],
    *,
    cutoffs: Annotated[
        Path,
        typer.Option(
            exists=True, dir_okay=False, show_default=False,
            help=_("A Parquet file of who is asked about and when: subject, as_of."),
        ),
    ],
    out: Annotated[Path, typer.Option(help=_("The Parquet file to write."), show_default=False)],
    spark: Annotated[
        str | None,
        typer.Option(
            help=_("A Spark master, such as spark://host:7077; DuckDB on this machine if left out."),
            show_default=False,
        ),
    ] = None,
    memory_max: Annotated[str, typer.Option(help=_("What DuckDB may take of memory."))] = "8GB",
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Compute, write, say how many."""
    import pyarrow.parquet as pq

    paths = sorted(events.glob("*.parquet")) if events.is_dir() else [events]
    with console().status(_("Computing features")):
        found = _on_spark(spark, paths, cutoffs) if spark else _here(paths, cutoffs, memory_max)
        part = out.with_name(out.name + ".part")
        pq.write_table(found, part, compression="zstd")
        part.replace(out)
    if as_json:
        print_json({"rows": found.num_rows, "features": found.num_columns - 2, "file": str(out)})
    else:
        console().print(
            _("{features} features of {rows} people and instants are in {out}.",
              features=found.num_columns - 2, rows=f"{found.num_rows:,}", out=out)
        )  # fmt: skip


def _here(paths: list[Path], cutoffs: Path, memory_max: str) -> "pa.Table":
    from counterfoil.score.features.run import compute, read_cutoffs

    return compute(paths, read_cutoffs(cutoffs), memory_max=memory_max)


def _on_spark(master: str, paths: list[Path], cutoffs: Path) -> "pa.Table":
    from counterfoil.score.features.spark import compute_on_spark, session

    spark = session(master)
    try:
        found = compute_on_spark(spark, paths, cutoffs).toArrow()
    finally:
        spark.stop()
    return found.sort_by([("subject", "ascending"), ("as_of", "ascending")])
