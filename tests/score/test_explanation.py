"""Explaining a score: the lines add up, the reasons are the real losses, and what would help helps."""

import json
import subprocess
import sys
from dataclasses import replace
from functools import cache
from math import isinf
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.kernel.i18n import use_locale
from counterfoil.score.errors import TooLittleKnown
from counterfoil.score.explanation import REASON_COUNT_MAX, Explained, explain, require_enough
from counterfoil.score.export import payments_of, program, score_file
from counterfoil.score.features import FEATURE_BY_NAME, FEATURES, Dimension, EventKind, Lever
from counterfoil.score.table import numbers
from counterfoil.score.wording import change_words, interval_words, line_words, reason_words
from tests.score.people import DAY_US, NOW_US, crowd, crowd_model, events_of, values_of

MODEL = crowd_model()
people = st.dictionaries(
    st.sampled_from([item.binning.name for item in MODEL.card.items]),
    st.none() | st.floats(-1e6, 1e6),
)
Drawn = dict[str, float | None]


@cache
def careless() -> Drawn:
    """Find the values of somebody with as many reasons as there are."""
    return max(
        (values_of(one.events) for one in crowd()[:30]),
        key=lambda values: len(explained(values).reasons),
    )


def explained(values: Drawn) -> Explained:
    """Explain somebody's values."""
    return explain(MODEL, values)


@given(people)
def test_the_lines_add_up_to_the_score(values: Drawn) -> None:
    """Base, one whole number for each column, and what the limits take: exactly the score."""
    told = explained(values)
    assert (
        sum(line.points for line in told.lines) + MODEL.card.base_points + told.limits == told.score
    )
    columns = {item.binning.name: numbers(item.binning.name, [values.get(item.binning.name)])
               for item in MODEL.card.items}  # fmt: skip
    assert MODEL.card.scores(columns)[0] == told.score
    assert sum(told.dimensions.values()) == sum(line.points for line in told.lines)
    assert set(told.dimensions) >= set(Dimension)
    assert told.dimensions[Dimension.CHARACTERISTICS] == told.dimensions[Dimension.CONNECTIONS] == 0


@given(people)
def test_reasons_are_the_largest_losses_against_the_reference(values: Drawn) -> None:
    """At most four, each a loss, none left out that is larger; all losses together are the distance."""
    told = explained(values)
    losses: dict[str, int] = {}
    for line in told.lines:
        losses[line.family] = losses.get(line.family, 0) + line.loss
    real = sorted((loss for loss in losses.values() if loss > 0), reverse=True)
    assert [reason.loss for reason in told.reasons] == real[:REASON_COUNT_MAX]
    assert all(losses[reason.code] == reason.loss for reason in told.reasons)
    assert told.score - told.limits == MODEL.reference_score - sum(losses.values())


@given(people)
def test_what_would_raise_it_raises_it_by_what_is_said(values: Drawn) -> None:
    """Any value of the range that is named gains the points that are named, all else as it is."""
    told = explained(values)
    total = told.score - told.limits
    for change in told.changes:
        ends = (change.low, np.nextafter(change.high, -np.inf))
        for value in [float(end) for end in ends if not isinf(end)]:
            other = explained(values | {change.line.column: value})
            assert other.score - other.limits == total + change.gain
        assert change.gain > 0


@given(people)
def test_time_is_respected(values: Drawn) -> None:
    """What only time changes is promised for a day to come, and what one does within its window."""
    for change in explained(values).changes:
        feature = FEATURE_BY_NAME[change.line.column]
        if change.lever is Lever.TIME:
            assert isinstance(change.line.value, float | int)
            assert change.line.value + change.days >= change.low
            assert change.days > 0
        else:
            assert change.days == feature.days


@given(people, st.floats(1, 3000), st.floats(1, 3000))
def test_less_known_is_less_sure(values: Drawn, one: float, other: float) -> None:
    """The interval holds the score and is never narrower for a thinner file."""
    thin, thick = (explain(MODEL, values, known_days=days) for days in sorted((one, other)))
    assert thin.low <= thick.low <= thick.score <= thick.high <= thin.high


def test_too_little_is_no_score_and_says_why() -> None:
    """Two weeks, three payments, nothing that says something: each is named, and nobody scores low."""
    values = values_of(crowd()[0].events)
    require_enough(MODEL, values, days=400, payments=300)
    with pytest.raises(TooLittleKnown, match="14 days, and it takes 60"):
        require_enough(MODEL, values, days=14.5, payments=300)
    with pytest.raises(TooLittleKnown, match="3 payments are known, and it takes 12"):
        require_enough(MODEL, values, days=400, payments=3)
    with pytest.raises(TooLittleKnown, match="only 0 say something"):
        require_enough(MODEL, {}, days=400, payments=300)


@pytest.mark.parametrize("locale", ["en", "fr", "zh_CN"])
def test_it_is_said_in_the_reader_s_words_with_their_own_numbers(locale: str) -> None:
    """Each reason and change has the person's value, the loss or gain, and no untranslated word."""
    told = explain(MODEL, careless(), known_days=400)
    assert told.reasons
    with use_locale(locale):
        sentences = [reason_words(told, one) for one in told.reasons]
        sentences += [change_words(told, one) for one in told.changes]
        numbers_told = [one.loss for one in told.reasons] + [one.gain for one in told.changes]
        assert all(str(n) in text for n, text in zip(numbers_told, sentences, strict=True))
        assert str(told.score) in interval_words(told)
        for line in told.lines:
            meaning, value, points = line_words(told, line)
            assert meaning
            assert value
            assert int(points) == line.points
        if locale == "zh_CN":
            assert not any(word in "".join(sentences) for word in ("balance", "score", "points"))


@settings(max_examples=6)
@given(st.integers(0, 399), st.integers(0, 300))
def test_a_person_computes_it_again_with_python_alone(number: int, days: int) -> None:
    """From their own payments, `python -I -S` with nothing installed comes to the same number."""
    as_of = NOW_US - days * DAY_US
    events = crowd()[number].events
    score = explain(MODEL, values_of(events, as_of)).score
    text = score_file(MODEL, payments_of(events), {}, as_of_us=as_of, score=score)
    status, said = ran(text)
    assert (status, said.splitlines()[-1]) == (0, "The same.")
    assert f"{score:6d}  in all" in said


def test_a_score_that_was_bent_is_found_out() -> None:
    """Another number, another model than the one whose hash was told: the program says so."""
    events = crowd()[1].events
    score = explain(MODEL, values_of(events)).score
    given_payments = payments_of(events)
    status, said = ran(score_file(MODEL, given_payments, {}, as_of_us=NOW_US, score=score - 1))
    assert (status, said.splitlines()[-1]) == (1, "NOT the same: contest it.")
    bent = json.loads(score_file(MODEL, given_payments, {}, as_of_us=NOW_US, score=score))
    bent["model"]["intercept"] += 1.0
    status, said = ran(json.dumps(bent))
    assert (status, "not the one whose hash" in said) == (1, True)


def ran(text: str) -> tuple[int, str]:
    """Run the program on a file, isolated from everything that is installed."""
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        (Path(folder) / "score.json").write_text(text, "utf-8")
        (Path(folder) / "recompute.py").write_text(program(), "utf-8")
        done = subprocess.run(
            [sys.executable, "-I", "-S", "recompute.py", "score.json"],
            cwd=folder, capture_output=True, text=True, check=False, env={"PYTHONUTF8": "1"},
        )  # fmt: skip
        assert not done.stderr
        return done.returncode, done.stdout


def test_every_feature_is_told_in_words_and_numbers() -> None:
    """Whatever a card may hold can be explained: a meaning, a unit, a lever for each feature."""
    for feature in FEATURES:
        line = replace(explained({}).lines[0], column=feature.name, value=1.5)
        meaning, value, _points = line_words(explained({}), line)
        assert str(feature.meaning)[:1].lower() == meaning[:1].lower()
        assert any(character.isdigit() for character in value)


def test_one_payment_is_too_little() -> None:
    """Somebody who has been paid once has features, and no score."""
    once = events_of(7, [(NOW_US - DAY_US, 5, EventKind.OTHER, 1)])
    values = values_of(once)
    assert values["tenure"] == 1.0
    with pytest.raises(TooLittleKnown):
        require_enough(MODEL, values, days=1, payments=1)
