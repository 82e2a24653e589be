"""A purpose is one of a closed list, says what it needs, and runs only when its notice is out."""

from pathlib import Path

import pytest

from counterfoil.consent import (
    DEFINITIONS,
    SENSITIVE,
    AssessmentMissing,
    BasisKind,
    Category,
    Operator,
    Purpose,
    PurposeNotStarted,
)
from counterfoil.consent.category import WORDS
from counterfoil.consent.export import DATA_TERMS
from counterfoil.consent.notice import LANGUAGES, language_for, notice
from counterfoil.kernel.ids import new_id
from tests.consent.world import DAY, OPERATOR, Town


def test_every_purpose_and_category_is_described() -> None:
    """Nothing on the closed lists is without its words, its law and its term in the vocabulary."""
    assert set(DEFINITIONS) == set(Purpose)
    assert set(WORDS) == set(DATA_TERMS) == set(Category)
    for definition in DEFINITIONS.values():
        assert definition.categories
        assert definition.bases
        assert definition.legal_lines
        assert str(definition.words)
        assert (BasisKind.CONSENT in definition.bases) == (definition.grant_days_max > 0)


@pytest.mark.parametrize(
    "purpose", [Purpose.SCORE, Purpose.SHARE_ANSWER, Purpose.MARKETING, Purpose.RESEARCH]
)
def test_what_is_not_paying_takes_consent_and_nothing_else(purpose: Purpose) -> None:
    """No contract, duty or order can stand in for a person's consent to these."""
    assert DEFINITIONS[purpose].bases == {BasisKind.CONSENT}


def test_paying_takes_no_consent() -> None:
    """The wallet runs on its contract, so that no consent can be made a price of it."""
    assert BasisKind.CONSENT not in DEFINITIONS[Purpose.RUN_WALLET].bases


@pytest.mark.parametrize("purpose", Purpose)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_notice_is_complete(purpose: Purpose, language: str) -> None:
    """Each names who asks and how to reach them, and leaves no blank (PIPL 17)."""
    shown = notice(purpose, language, Operator("Larch Savings", "privacy@larch.example"))
    assert "Larch Savings" in shown.text
    assert "privacy@larch.example" in shown.text
    assert not {"{", "}"} & set(shown.text)
    assert len(shown.text) > 150


@pytest.mark.parametrize("purpose", Purpose)
def test_the_languages_say_as_much(purpose: Purpose) -> None:
    """A notice has as many paragraphs in each language: none is a summary of another."""
    counts = {len(notice(purpose, language, OPERATOR).text.split("\n\n")) for language in LANGUAGES}
    assert len(counts) == 1


def test_where_consent_is_asked_the_notice_says_that_one_may_refuse() -> None:
    """Every notice that asks says no harm comes of refusing, and that one step takes it back."""
    for purpose in (Purpose.SCORE, Purpose.SHARE_ANSWER, Purpose.MARKETING, Purpose.RESEARCH):
        words = notice(purpose, "en", OPERATOR).text
        assert "You may say no. Your wallet works just the same" in words
        assert "in one step" in words


def test_a_word_more_is_another_hash() -> None:
    """The hash is of the exact text: another operator's name makes another notice."""
    one = notice(Purpose.SCORE, "en", OPERATOR)
    other = notice(Purpose.SCORE, "en", Operator("Birch Savings", OPERATOR.contact))
    assert one.hash != other.hash
    assert one.hash == notice(Purpose.SCORE, "en", OPERATOR).hash


@pytest.mark.parametrize(
    ("locale", "language"),
    [
        ("zh-CN", "zh_CN"),
        ("zh_Hant_TW", "en"),
        ("fr-CA", "fr"),
        ("de", "en"),
        ("en_GB", "en"),
        ("tlh!", "en"),
    ],
)
def test_a_reader_gets_a_language_they_read(locale: str, language: str) -> None:
    """Where there is no notice in theirs, the English one is shown and its hash is kept."""
    assert language_for(locale) == language


def test_what_touches_sensitive_data_waits_for_its_assessment(larch: Town) -> None:
    """A purpose that needs an impact assessment does not start without one (PIPL 55)."""
    needing = {one for one in Purpose if DEFINITIONS[one].needs_assessment}
    assert needing == set(Purpose) - {Purpose.MARKETING, Purpose.SCORE_CONTACT}
    assert all(DEFINITIONS[one].categories & SENSITIVE for one in needing)
    larch.consent.purposes.stop(Purpose.SCORE)
    with pytest.raises(PurposeNotStarted):
        larch.agree(larch.alice, Purpose.SCORE)
    with pytest.raises(AssessmentMissing, match="says who made it"):
        larch.consent.purposes.assess(new_id(), Purpose.SCORE, by="Edda", text="  ")


def test_a_changed_purpose_waits_for_an_assessment_of_the_change(
    larch: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The old version's assessment does not carry the new one."""
    from dataclasses import replace

    changed = replace(DEFINITIONS[Purpose.SCORE], version=2)
    monkeypatch.setitem(DEFINITIONS, Purpose.SCORE, changed)
    monkeypatch.setattr(Path, "read_text", lambda _path: "{operator}: {contact}")
    with pytest.raises(AssessmentMissing, match="assessment of version 2 first"):
        larch.consent.purposes.start(Purpose.SCORE, OPERATOR)
    assert larch.consent.purposes.running_version(Purpose.SCORE) == 1
    larch.consent.purposes.assess(new_id(), Purpose.SCORE, by="Edda", text="Assessed anew.")
    larch.consent.purposes.start(Purpose.SCORE, OPERATOR)
    assert larch.consent.purposes.running_version(Purpose.SCORE) == 2


def test_starting_what_runs_writes_nothing(larch: Town) -> None:
    """An operator may start its purposes at each start of the program."""
    before = larch.database.query("SELECT number FROM records").num_rows
    larch.consent.purposes.start(Purpose.SCORE, OPERATOR)
    assert larch.database.query("SELECT number FROM records").num_rows == before


def test_a_new_operator_s_name_is_a_new_text_and_the_old_grants_stand(larch: Town) -> None:
    """The wording has not changed, so grants under the former name stay; the new one is shown."""
    grant = larch.agree(larch.alice, Purpose.MARKETING)
    for operator in (Operator("Birch Savings", "us@birch.example"), OPERATOR):
        larch.clock.advance(DAY)
        larch.consent.purposes.start(Purpose.MARKETING, operator)
        shown = larch.consent.purposes.notice(Purpose.MARKETING, "en").text
        assert operator.name in shown
    assert larch.consent.grants.grant(grant.id).is_active
