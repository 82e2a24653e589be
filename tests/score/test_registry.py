"""The register of models: one champion, files that are what was registered, every change on record."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from counterfoil.people.records import records_after
from counterfoil.receipts import new_signing_key
from counterfoil.score.errors import ModelNotFound, ModelRefused
from counterfoil.score.features import FeatureForbidden
from counterfoil.score.modelfile import write_model
from counterfoil.score.registry import Registry, Role
from tests.consent.world import Town, town
from tests.score.test_model import MODEL

KEY = new_signing_key("larch.example/models")
BETTER = replace(MODEL, version=2, made_at="2026-02-01T00:00:00Z")


@pytest.fixture
def larch(database_url: str, tmp_path: Path) -> Iterator[Town]:
    with town(database_url, tmp_path) as place:
        yield place


def registry_of(place: Town, folder: Path) -> Registry:
    """Open the register of a town's operator."""
    return Registry(folder / "models", KEY, place.ledger, place.database, place.clock)


def test_there_is_one_champion_and_it_can_be_replaced(larch: Town, tmp_path: Path) -> None:
    """A new model challenges; once it is appointed, it scores and the old one challenges."""
    models = registry_of(larch, tmp_path)
    with pytest.raises(ModelNotFound, match="champion"):
        models.champion()
    for model in (MODEL, BETTER):
        assert models.register(model).role is Role.CHALLENGER
    models.appoint(MODEL.hash, Role.CHAMPION, by="Edda")
    assert models.champion() == MODEL
    assert models.challengers() == [BETTER]
    models.appoint(BETTER.hash, Role.CHAMPION, by="Edda")
    assert (models.champion(), models.challengers()) == (BETTER, [MODEL])
    models.appoint(MODEL.hash, Role.RETIRED, by="Edda")
    assert models.challengers() == []
    kinds = [one.kind for one in records_after(larch.database, 0, 99) if "model" in one.kind]
    assert kinds == ["model-registered"] * 2 + ["model-role"] * 3


def test_registering_twice_is_harmless_and_a_number_is_given_once(
    larch: Town, tmp_path: Path
) -> None:
    """The same model again changes nothing; another one under its number is refused."""
    models = registry_of(larch, tmp_path)
    assert models.register(MODEL) == models.register(MODEL)
    with pytest.raises(ModelRefused, match="next"):
        models.register(replace(MODEL, made_at="2027-01-01T00:00:00Z"))
    assert len(models.listing()) == 1
    assert models.named("town", 1).hash == MODEL.hash


def test_a_file_that_was_changed_or_exchanged_does_not_score(larch: Town, tmp_path: Path) -> None:
    """One digit of one point, or another signed model in its place: refused, at the next opening."""
    models = registry_of(larch, tmp_path)
    models.register(MODEL)
    models.appoint(MODEL.hash, Role.CHAMPION, by="Edda")
    (path,) = (tmp_path / "models").iterdir()
    text = path.read_text("utf-8")
    base = f'"base_points": {MODEL.card.base_points}'
    path.write_text(text.replace(base, f"{base}0"), "utf-8")
    with pytest.raises(ModelRefused, match="changed afterwards"):
        registry_of(larch, tmp_path).champion()
    write_model(path, BETTER, KEY)
    with pytest.raises(ModelRefused, match="another model"):
        registry_of(larch, tmp_path).champion()
    path.unlink()
    with pytest.raises(ModelRefused, match="cannot be read"):
        registry_of(larch, tmp_path).champion()


def test_nobody_s_decision_is_none(larch: Town, tmp_path: Path) -> None:
    """Somebody answers for which model scores, and a model that is not there cannot."""
    models = registry_of(larch, tmp_path)
    models.register(MODEL)
    with pytest.raises(ModelRefused, match="who decides"):
        models.appoint(MODEL.hash, Role.CHAMPION, by=" ")
    with pytest.raises(ModelNotFound):
        models.appoint(b"x" * 32, Role.CHAMPION, by="Edda")
    with pytest.raises(ModelNotFound):
        models.named("town", 7)


@pytest.mark.parametrize("column", ["employer_name", "school", "car", "friends_mean", "age_years"])
def test_a_model_that_reads_what_no_score_may_is_not_registered(
    larch: Town, tmp_path: Path, column: str
) -> None:
    """School, an employer's name, a car, friends, age: refused by name, whoever trained it."""
    item = MODEL.card.items[0]
    bent = replace(item, binning=replace(item.binning, name=column))
    card = replace(MODEL.card, items=(bent, *MODEL.card.items[1:]))
    models = registry_of(larch, tmp_path)
    with pytest.raises(FeatureForbidden, match=column):
        models.register(replace(MODEL, card=card))
    assert models.listing() == []
