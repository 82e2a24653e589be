"""The summary table, built row by row."""

from collections.abc import Callable
from typing import Final

import pyarrow as pa

from counterfoil.kernel.i18n import Message

Row = tuple[str, float, str, Message]
"""Metric, value, unit, and what it means."""

Told = Callable[[int, int], None]
"""Hears how many steps are done, of how many."""

SUMMARY: Final = pa.schema(
    [
        ("metric", pa.string()),
        ("value", pa.float64()),
        ("unit", pa.string()),
        ("means", pa.string()),
    ]
)


def summary_of(rows: list[Row]) -> pa.Table:
    """Make the summary table; meanings are kept in English, so that a table is the same anywhere."""
    written = [(metric, value, unit, means.template) for metric, value, unit, means in rows]
    return pa.Table.from_pylist(
        [dict(zip(SUMMARY.names, row, strict=True)) for row in written], SUMMARY
    )


def share(part: float, whole: float) -> float:
    """Divide, and give 0 for a share of nothing."""
    return float(part) / float(whole) if whole else 0.0
