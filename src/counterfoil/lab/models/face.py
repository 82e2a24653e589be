"""One-to-many face search: arithmetic, and a Monte-Carlo on random vectors.

No face, image or template of anyone, ever: a "face" is a random unit vector. Two strangers'
vectors pass a threshold with the false match rate f; a search over a list of N then raises a
false alarm with probability 1 − (1 − f)^N (independent comparisons: real galleries do worse for
some groups, NIST IR 8280). The sample measures that law instead of trusting it, and how many
comparisons a second this machine does, from which the time of one exact search over 1.4 billion
follows. Times are in a table of their own: they differ from machine to machine.
"""

import math
from statistics import NormalDist
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.kernel.clock import Stopwatch
from counterfoil.kernel.i18n import lazy
from counterfoil.lab.models.summary import Row, Told, share, summary_of
from counterfoil.lab.population.model import Population
from counterfoil.lab.randomness import Stream, words
from counterfoil.policy.model import Policy

NATION: Final = 1_400_000_000
PROBES: Final = 256
SAMPLE_RATE: Final = 1e-5
"""The sample's false match rate: high enough for its few million comparisons to meet it."""
CAMERAS_BY_YEAR: Final = (
    ("IHS Markit, as reported 2017-2019", 2016, 176e6),
    ("IHS Markit, as reported 2017-2019", 2020, 626e6),
    ("BBC News, 10 December 2017", 2017, 170e6),
    ("BBC News, 10 December 2017", 2020, 570e6),
)

Vectors = NDArray[np.float32]


def run_face(
    policy: Policy, population: Population, *, months: int, seed: int, told: Told
) -> dict[str, pa.Table]:
    """Count the alarms of a city's cameras and measure a sample; `months` scales totals."""
    setting = policy.settings
    alarm = false_alarm_rate(setting["false_match_rate"], setting["watchlist"])
    daily = setting["cameras"] * setting["faces_per_camera_day"]
    alarms = daily * alarm
    stopped = alarms * setting["stop_share"]
    sample, speed = _sample(int(setting["sample_gallery"]), int(setting["dimensions"]), seed)
    summary: list[Row] = [
        ("searches_a_day", daily, "searches", lazy("cameras × faces each sees in a day")),
        ("false_alarm_rate", alarm, "share", lazy("of searches of people who are not on the list")),
        ("false_alarms_a_day", alarms, "alarms", lazy("all cameras together")),
        ("wrongly_stopped_a_day", stopped, "people", lazy("alarms on which somebody is stopped")),
        ("wrongly_stopped_total", stopped * 30.4 * months, "people", lazy("in all the months")),
        ("missed_share", setting["false_negative_rate"], "share",
         lazy("of people on the list who walk by unrecognized")),
    ]  # fmt: skip
    assert population.people > 0
    told(1, 1)
    return {
        "months": sample,
        "cameras": _cameras(alarm, setting["faces_per_camera_day"], setting["stop_share"]),
        "measured_speed": speed,
        "summary": summary_of(summary),
    }


def false_alarm_rate(false_match_rate: float, listed: float) -> float:
    """Give the chance that a search over `listed` strangers finds somebody: 1 − (1 − f)^N."""
    return -math.expm1(listed * math.log1p(-false_match_rate)) if false_match_rate < 1 else 1.0


def _cameras(alarm: float, faces: float, stop_share: float) -> pa.Table:
    return pa.Table.from_pylist(
        [
            {
                "source": source,
                "year": year,
                "cameras": cameras,
                "false_alarms_a_day": cameras * faces * alarm,
                "wrongly_stopped_a_day": cameras * faces * alarm * stop_share,
            }
            for source, year, cameras in CAMERAS_BY_YEAR
        ]
    )


def unit_vectors(count: int, dimensions: int, seed: int, part: int) -> Vectors:
    """Draw random directions: normal coordinates from uniform words, then scaled to length 1."""
    blocks = (count * dimensions + 3) // 4
    draw = words(blocks, seed=seed, stream=Stream.FACE, month=part).reshape(-1)
    uniform = (draw[: count * dimensions].astype(np.float64) + 0.5) / 4294967296.0
    # A sum of uniforms is close enough to normal only in bulk; a logistic's quantile is exact
    # in form, symmetric, and its direction is as good as random in hundreds of dimensions.
    vectors = np.log(uniform / (1 - uniform)).reshape(count, dimensions)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray((vectors / lengths).astype(np.float32))


def _sample(size: int, dimensions: int, seed: int) -> tuple[pa.Table, pa.Table]:
    """Search random probes in random galleries of growing size; measure alarms and speed."""
    limit = NormalDist().inv_cdf(1 - SAMPLE_RATE) / math.sqrt(dimensions)
    probes = unit_vectors(PROBES, dimensions, seed, 0)
    gallery = unit_vectors(size, dimensions, seed, 1)
    watch = Stopwatch()
    likeness = gallery @ probes.T
    seconds = watch.elapsed_s
    matches = likeness > limit
    rows: list[dict[str, float]] = []
    for part in (100, 50, 20, 10, 5, 2, 1):
        listed = size // part
        rows.append(
            {
                "month": len(rows) + 1,
                "gallery": listed,
                "alarm_share_measured": share(matches[:listed].any(axis=0).sum(), PROBES),
                "alarm_share_computed": false_alarm_rate(
                    share(matches.sum(), matches.size), listed
                ),
            }
        )
    per_second = size * PROBES / seconds
    speed = [
        {
            "comparisons_per_second": per_second,
            "dimensions": dimensions,
            "seconds_for_one_of_1_4_billion": NATION / per_second,
            "gallery_gb": NATION * dimensions * 4 / 1e9,
        }
    ]
    return pa.Table.from_pylist(rows), pa.Table.from_pylist(speed)
