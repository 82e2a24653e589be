"""A model file: what is read back is what was signed, to the bit, or nothing."""

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.receipts import new_signing_key
from counterfoil.score.errors import ModelRefused
from counterfoil.score.model import Model, canonical, from_json, model_of
from counterfoil.score.modelfile import opened, read_model, signed, write_model
from counterfoil.score.scorecard import Settings, fit_scorecard
from counterfoil.score.table import Table
from tests.score.test_scorecard import named, town

KEY = new_signing_key("bank.example/models")
STRANGER = new_signing_key("elsewhere.example/models")


def model_of_town(seed: int = 1) -> tuple[Model, Table]:
    """Learn a model in the town of the scorecard's tests."""
    table = town(seed=seed)
    card = fit_scorecard(table, Settings())
    return model_of(
        card, table, name="town", version=1, made_at="2026-01-05T09:00:00Z", currency="EUR"
    ), table


MODEL, TABLE = model_of_town()


def test_a_reloaded_model_gives_the_same_scores_to_the_bit(tmp_path: Path) -> None:
    """Written, read, written again: the same text, the same points, the same probabilities."""
    write_model(tmp_path / "town.json", MODEL, KEY)
    again = read_model(tmp_path / "town.json", [KEY.verifier])
    assert again == MODEL
    assert again.hash == MODEL.hash
    columns = named(town(seed=2))
    assert (again.card.points(columns) == MODEL.card.points(columns)).all()
    scores = MODEL.card.scores(columns)
    assert (again.card.probability_bad(scores) == MODEL.card.probability_bad(scores)).all()


def test_a_person_can_read_the_file() -> None:
    """It is JSON over many lines, with the cuts, the counts and the points of every column."""
    told = json.loads(signed(MODEL, KEY))["model"]
    (income,) = [item for item in told["items"] if item["column"] == "income"]
    assert len(income["points"]) == len(income["cuts"]) + 3
    assert len(income["good"]) == len(income["points"])
    assert signed(MODEL, KEY).count("\n") > 50


def paths_of(told: object, at: tuple[str | int, ...] = ()) -> list[tuple[str | int, ...]]:
    """List the places of every value in JSON."""
    if isinstance(told, dict):
        return [path for name, inner in told.items() for path in paths_of(inner, (*at, name))]
    if isinstance(told, list):
        return [path for k, inner in enumerate(told) for path in paths_of(inner, (*at, k))]
    return [at]


PATHS = paths_of(json.loads(signed(MODEL, KEY))["model"])


@given(st.sampled_from(PATHS), st.sampled_from([0, 7, -1.5, "x", None, [], True]))
def test_whatever_is_changed_in_it_is_refused(path: tuple[str | int, ...], value: object) -> None:
    """Any other value at any place: the signature no longer holds, and nothing is loaded."""
    file = json.loads(signed(MODEL, KEY))
    place = file["model"]
    for step in path[:-1]:
        place = place[step]
    if canonical(place[path[-1]]) == canonical(value):
        return
    place[path[-1]] = value
    with pytest.raises(ModelRefused, match="changed afterwards"):
        opened(json.dumps(file), [KEY.verifier])


def test_a_stranger_s_signature_is_none() -> None:
    """Signed by nobody whom the operator knows, or not at all: refused."""
    text = signed(MODEL, STRANGER)
    with pytest.raises(ModelRefused, match="Nobody who may sign"):
        opened(text, [KEY.verifier])
    unsigned = json.loads(text) | {"signatures": []}
    with pytest.raises(ModelRefused, match="Nobody who may sign"):
        opened(json.dumps(unsigned), [STRANGER.verifier])


@pytest.mark.parametrize("text", ["", "[]", "{}", "nonsense", '{"model": NaN, "signatures": []}'])
def test_what_is_no_model_file_is_called_so(text: str, tmp_path: Path) -> None:
    """Empty, a list, no model, no number: a sentence, not a traceback."""
    (tmp_path / "m.json").write_text(text)
    with pytest.raises(ModelRefused):
        read_model(tmp_path / "m.json", [KEY.verifier])
    with pytest.raises(ModelRefused):
        read_model(tmp_path / "nowhere.json", [KEY.verifier])


def test_a_signed_file_of_another_format_is_refused() -> None:
    """A signature proves who wrote it, not that it is a model."""
    for change in (
        {"format": "v9"},
        {"reference": [1]},
        {"more": 1},
        {"scale": {"pdo": 3, "x": 1}},
    ):
        told = json.loads(MODEL.canonical) | change
        line = str(KEY.sign(canonical(told)))
        with pytest.raises(ModelRefused, match="no model that can be used"):
            opened(json.dumps({"model": told, "signatures": [line]}), [KEY.verifier])


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_floats_come_back_as_they_were(value: float) -> None:
    """Every double survives the canonical form with all its bits."""
    (again,) = json.loads(canonical([value]))
    assert np.float64(again).tobytes() == np.float64(value).tobytes()


def test_the_reference_is_who_kept_their_contracts() -> None:
    """Half of the good have at least the reference's points in each column, and half at most."""
    points = MODEL.card.points(named(TABLE))[~TABLE.is_bad]
    for column, usual in zip(points.T, MODEL.reference, strict=True):
        assert (column <= usual).mean() >= 0.5
        assert (column >= usual).mean() >= 0.5
    assert from_json(json.loads(MODEL.canonical)) == MODEL


def test_a_model_has_a_name_and_a_version() -> None:
    """Without them it cannot be told from another."""
    for name, version in (("", 1), ("town", 0), ("a\nb", 1)):
        with pytest.raises(ModelRefused):
            model_of(MODEL.card, TABLE, name=name, version=version, made_at="")
