"""The drawings of the models that are no score of conduct: enrolment, brokers, face search."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.charts import svg
from counterfoil.charts.drawing import Drawing
from counterfoil.kernel.i18n import _, lazy
from counterfoil.lab.run import Result
from counterfoil.policy.model import Model

BIRTH: Final = {
    "year": lazy("by year of birth"),
    "year and month": lazy("by month of birth"),
    "full date": lazy("by day of birth"),
}


def _column(result: Result, name: str) -> NDArray[np.float64]:
    return np.asarray(result.tables["months"].column(name).to_numpy(), dtype=np.float64)


def _enrolment(result: Result) -> list[Drawing]:
    people = result.population.people
    series = {
        _("scored"): (_column(result, "scored") / people, svg.INK),
        _("unaware"): (_column(result, "scored_unknowing") / people, svg.OCHRE),
        _("against their will"): (_column(result, "scored_against_will") / people, svg.RED),
    }
    title = _("Who is scored")
    caption = _("Share of residents who are scored, do not know it, or would have said no.")
    return [Drawing(title, svg.lines(title, series, share=True), caption)]


def _relink(result: Result) -> list[Drawing]:
    rows = result.tables["months"].to_pylist()
    joined = [
        [(_("with {count} files", count=row["brokers"]), row["relinked_share"], svg.RED),
         (_("joined to a stranger"), row["mislinked_share"], svg.OCHRE)]
        for row in rows
    ]  # fmt: skip
    alone = [
        (str(BIRTH[row["birth"]]), float(row["unique_share"]), svg.BLUE)
        for row in result.tables["precision"].to_pylist()
    ]
    again, single = _("Found again"), _("Alone with their data")
    return [
        Drawing(
            again,
            svg.bars(again, *joined, share=True),
            _(
                "Share of one broker's file that is found again in the others', by how many are "
                "joined; and that is joined to somebody else at least once."
            ),
        ),
        Drawing(
            single,
            svg.bars(single, alone, share=True),
            _("Share of residents who are alone with their sex, birth and postcode."),
        ),
    ]


def _face(result: Result) -> list[Drawing]:
    rows = [
        (
            _("{count:.0f} million, {year}", count=row["cameras"] / 1e6, year=row["year"]),
            row["false_alarms_a_day"],
            svg.RED,
        )
        for row in result.tables["cameras"].to_pylist()
    ]
    sample = [
        [
            (_("measured, {count:,}", count=row["gallery"]), row["alarm_share_measured"], svg.RED),
            (_("computed"), row["alarm_share_computed"], svg.BLUE),
        ]
        for row in result.tables["months"].to_pylist()
    ]
    (speed,) = result.tables["measured_speed"].to_pylist()
    alarms, searches = _("False alarms a day"), _("Searches that raise a false alarm")
    return [
        Drawing(
            alarms,
            svg.bars(alarms, rows),
            _(
                "By number of cameras, in the two published series: 176 to 626 million (2016 to "
                "2020) and 170 to 570 million (2017 to 2020)."
            ),
        ),
        Drawing(
            searches,
            svg.bars(searches, *sample, share=True),
            _(
                "Searches of random vectors in lists of so many: measured against 1 − (1 − f)ᴺ. "
                "This machine compares {rate} vectors a second, so one exact search of 1.4 billion "
                "takes {seconds} s on it.",
                rate=svg.number(speed["comparisons_per_second"]),
                seconds=svg.number(speed["seconds_for_one_of_1_4_billion"]),
            ),
        ),
    ]


MODEL_CHARTS: Final[Mapping[Model, Callable[[Result], list[Drawing]]]] = {
    Model.ENROLMENT: _enrolment,
    Model.RELINK: _relink,
    Model.FACE: _face,
}
