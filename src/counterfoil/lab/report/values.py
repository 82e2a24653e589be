"""How a metric's value and meaning are written, in the reader's language."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from counterfoil.charts.svg import number, percent
from counterfoil.kernel.i18n import Message, figures, lazy
from counterfoil.lab.run import Result

UNITS: Final = {
    "people": lazy("{value}"),
    "months": lazy("{value} months"),
    "person-months": lazy("{value} person-months"),
    "points": lazy("{value} points"),
    "units": lazy("{value} units"),
    "posts": lazy("{value} posts"),
    "acts": lazy("{value} acts"),
    "records": lazy("{value} records"),
    "contacts": lazy("{value} contacts"),
    "tries": lazy("{value} tries"),
    "service-months": lazy("{value} service-months"),
    "businesses": lazy("{value} businesses"),
    "searches": lazy("{value} searches"),
    "alarms": lazy("{value} alarms"),
}


def say(value: float, unit: str) -> str:
    """Write a metric's value with its unit.

    Raises:
        KeyError: nobody has decided yet how this unit is written.

    """
    if unit == "share":
        return percent(value)
    if unit in {"index", "moves"}:
        return figures(f"{value:.3f}".rstrip("0").rstrip("."))
    return UNITS[unit](value=number(value))


def metrics_of(result: Result) -> dict[str, tuple[float, str, str]]:
    """Give a run's summary by metric: (value, unit, meaning in the reader's language)."""
    return metrics_in(result.tables["summary"].to_pylist())


def metrics_in(summary: Iterable[Mapping[str, Any]]) -> dict[str, tuple[float, str, str]]:
    """Give the rows of a summary by metric, as `metrics_of`."""
    return {
        row["metric"]: (row["value"], row["unit"], str(Message(row["means"]))) for row in summary
    }
