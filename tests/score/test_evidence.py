"""What people show beside payments: counted only on consent, gone when it is, and neutral when absent."""

from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.consent import (
    CertificateId,
    CollectorId,
    CollectorKind,
    GrantMissing,
    Purpose,
)
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId, parse_contact
from counterfoil.score.declared import POINTS_MAX, Steps, extended, steps_of
from counterfoil.score.errors import EvidenceRefused, ModelRefused, NotScored
from counterfoil.score.evidence import COLUMNS
from counterfoil.score.evidence_store import Confirmed, EvidenceId, confirmed_where
from counterfoil.score.explanation import explain
from counterfoil.score.features import Dimension, FeatureForbidden
from counterfoil.score.features.given import GIVEN_NAMES
from counterfoil.score.model import Model
from counterfoil.score.monitor import inputs_table, watch_columns
from counterfoil.score.registry import Role
from counterfoil.score.score_store import Score, scores_where
from counterfoil.score.wording import change_words, line_words, reason_words
from tests.consent.world import DAY, now, town
from tests.people.signing import signed_in
from tests.score.people import crowd, crowd_model, values_of
from tests.score.test_explanation import ran
from tests.score.test_scores import REASON, Bureau

POINTS = """
[verified_income]
cuts = [100000, 200000]
points = [10, 20]
[job_tenure]
cuts = [365]
points = [10]
[same_address]
cuts = [90]
points = [5]
[guarantor_score]
cuts = [400]
points = [25]
"""
SHOWN = tuple(COLUMNS)


def shown_model(version: int = 2) -> Model:
    """Extend the crowd's model by points for what people show."""
    return extended(crowd_model(), steps_of(POINTS), version=version,
                    made_at="2026-01-06T09:00:00Z")  # fmt: skip


class Office(Bureau):
    """A bureau whose champion counts what people show, and that may read it."""

    verifier: CertificateId

    def __post_init__(self) -> None:
        super().__post_init__()
        model = shown_model()
        self.scores.registry.register(model)
        self.scores.registry.appoint(model.hash, Role.CHAMPION, by="Edda")
        scoring = self.place.consent.collectors.certificate(self.place.scorer).collector
        for purpose in (*SHOWN, Purpose.VOUCH):
            self.certify(scoring, purpose)
        payroll = CollectorId(new_id())
        self.place.consent.collectors.register(payroll, CollectorKind.OPERATOR, "Payroll office")
        self.verifier = self.certify(payroll, Purpose.SCORE_INCOME)

    def certify(self, collector: CollectorId, purpose: Purpose) -> CertificateId:
        """Let a collector read for a purpose."""
        from counterfoil.consent import DEFINITIONS

        certificate = CertificateId(new_id())
        self.place.consent.collectors.certify(
            certificate, collector, purpose, DEFINITIONS[purpose].categories,
            until=now(self.place.clock) + 3000 * DAY,
        )  # fmt: skip
        return certificate

    def confirm_income(self, person: PersonId, value: int = 250_000) -> Confirmed:
        """Have the payroll office confirm what somebody earns."""
        return self.scores.evidence.attest(
            EvidenceId(new_id()), person, Purpose.SCORE_INCOME, value, who=self.verifier,
            reason="Seen the payslips.", until=now(self.place.clock) + 90 * DAY,
        )  # fmt: skip


@pytest.fixture
def office(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with town(database_url, tmp_path) as place:
        found = Office(place, tmp_path)
        for person in (place.alice, place.bob):
            found.live(found.account(person))
            place.agree(person, Purpose.SCORE, days=300)
        yield found


def points_of(office: Office, score: Score) -> dict[Dimension | None, int]:
    return office.scores.explained(score).dimensions


def test_an_income_counts_on_its_own_consent_and_is_gone_with_it(office: Office) -> None:
    """Confirmed, it adds its points and stands in her record; withdrawn, the next score is the first."""
    place, alice = office.place, office.place.alice
    before = office.score(alice)
    assert points_of(office, before)[Dimension.CHARACTERISTICS] == 0
    with pytest.raises(GrantMissing, match="verified income"):
        office.confirm_income(alice)
    grant = place.agree(alice, Purpose.SCORE_INCOME)
    confirmed = office.confirm_income(alice)
    assert (confirmed.attested_by, confirmed.value) == ("Payroll office", 250_000)
    place.clock.advance(DAY / 86_400)
    with_income = office.score(alice, as_of=None)
    assert with_income.inputs["verified_income"] == 250_000
    assert points_of(office, with_income)[Dimension.CHARACTERISTICS] == 20
    assert with_income.score == min(before.score + 20, 950)
    assert "score-evidence" in office.kinds(alice)
    assert any(one.purpose is Purpose.SCORE_INCOME for one in place.consent.who_looked(alice))
    status, said = ran(office.scores.own_file(signed_in(place.people, alice), with_income))
    assert (status, said.splitlines()[-1]) == (0, "The same.")
    place.consent.grants.revoke_consent(alice, grant.id)
    after = office.score(alice)
    assert "verified_income" not in after.inputs
    assert after.score == before.score
    assert office.scores.evidence.own(signed_in(place.people, alice)) == [confirmed]


def test_an_income_that_was_confirmed_later_changes_no_past_score(office: Office) -> None:
    """What is confirmed counts from then on, until its end, and not before."""
    place, alice = office.place, office.place.alice
    then = now(place.clock)
    place.agree(alice, Purpose.SCORE_INCOME, days=300)
    place.clock.advance(DAY)
    office.confirm_income(alice)
    place.clock.advance(DAY)
    assert "verified_income" not in office.score(alice, as_of=then).inputs
    assert "verified_income" in office.score(alice).inputs
    place.clock.advance(90 * DAY)
    assert "verified_income" not in office.score(alice).inputs


def test_a_consent_that_ends_while_the_score_is_made_takes_the_score_back(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No score leaves that counts what is not to be counted any more, and none is stored."""
    place, alice = office.place, office.place.alice
    grant = place.agree(alice, Purpose.SCORE_INCOME)
    office.confirm_income(alice)
    place.clock.advance(DAY)
    gather = office.scores.evidence.shown

    def withdrawn(*arguments: object, **named: object) -> object:
        found = gather(*arguments, **named)  # type: ignore[arg-type]
        place.consent.grants.revoke_consent(alice, grant.id)
        return found

    monkeypatch.setattr(office.scores.evidence, "shown", withdrawn)
    with pytest.raises(NotScored, match="ended while"):
        office.score(alice)
    assert scores_where(place.database, "subject = $1", (alice.bytes,)) == []


def test_a_guarantor_counts_when_both_agree_and_with_their_own_record(office: Office) -> None:
    """It takes both consents; the look at the guarantor's score is in the guarantor's record."""
    place, alice, bob = office.place, office.place.alice, office.place.bob
    until = now(place.clock) + 60 * DAY
    evidence = office.scores.evidence
    theirs = place.agree(bob, Purpose.VOUCH)
    with pytest.raises(GrantMissing, match="vouches for you"):
        evidence.vouch(EvidenceId(new_id()), bob, alice, until=until)
    place.agree(alice, Purpose.SCORE_GUARANTOR)
    evidence.vouch(EvidenceId(new_id()), bob, alice, until=until)
    place.agree(bob, Purpose.SCORE_GUARANTOR)
    place.agree(alice, Purpose.VOUCH)
    with pytest.raises(EvidenceRefused, match="vouches for them"):
        evidence.vouch(EvidenceId(new_id()), alice, bob, until=until)
    place.clock.advance(DAY)
    assert "guarantor_score" not in office.score(alice).inputs, "Bob has no score yet"
    his = office.score(bob)
    place.clock.advance(DAY)
    score = office.score(alice)
    assert score.inputs["guarantor_score"] == his.score
    assert points_of(office, score)[Dimension.CONNECTIONS] == 25 * (his.score >= 400)
    assert any(one.purpose is Purpose.VOUCH for one in place.consent.who_looked(bob))
    assert "score-vouching" in office.kinds(bob)
    place.consent.grants.revoke_consent(bob, theirs.id)
    assert "guarantor_score" not in office.score(alice).inputs


def test_since_when_she_is_reached_alike_counts_from_the_last_change(office: Office) -> None:
    """A changed address begins anew; the address itself is not read."""
    place, alice = office.place, office.place.alice
    place.agree(alice, Purpose.SCORE_CONTACT)
    first = office.score(alice)
    assert first.inputs["same_address"] == pytest.approx(240, abs=1)
    place.people.change_contact(alice, parse_contact("alice@larch.example"))
    place.clock.advance(3 * DAY)
    assert office.score(alice).inputs["same_address"] == pytest.approx(3, abs=0.1)
    assert first.inputs.keys() & GIVEN_NAMES == {"same_address"}


def test_the_monthly_run_counts_what_a_live_score_counts(office: Office) -> None:
    """Live and in the run, the same inputs and the same score, with and without something shown."""
    place = office.place
    place.agree(place.alice, Purpose.SCORE_INCOME, days=300)
    office.confirm_income(place.alice)
    place.clock.advance(DAY)
    live = {one: office.score(one) for one in (place.alice, place.bob)}
    as_of = live[place.bob].as_of
    run = office.scores.run(office.copies, who=place.scorer, reason="Monthly score.", as_of=as_of)
    assert run.scored == 2
    for person, score in live.items():
        monthly = scores_where(
            place.database, "subject = $1 AND cause = 'monthly'", (person.bytes,)
        )
        assert [one.inputs.keys() for one in monthly] == [score.inputs.keys()]
        assert [one.score for one in monthly] == [office.score(person, as_of=as_of).score]
    assert "verified_income" in live[place.alice].inputs


def test_what_was_confirmed_is_ended_by_whom_it_concerns_and_erased_with_them(
    office: Office,
) -> None:
    """She ends it and it counts no more; nobody else can; erasure leaves nothing of it."""
    place, alice = office.place, office.place.alice
    place.agree(alice, Purpose.SCORE_INCOME)
    confirmed = office.confirm_income(alice)
    place.clock.advance(DAY)
    office.score(alice)
    with pytest.raises(EvidenceRefused, match="no confirmation"):
        office.scores.evidence.end(confirmed.id, place.bob)
    office.scores.evidence.end(confirmed.id, alice)
    office.scores.evidence.end(confirmed.id, alice)
    assert office.kinds(alice).count("score-evidence-ended") == 1
    assert "verified_income" not in office.score(alice).inputs
    from counterfoil.score.score_store import erasing_rows

    place.ledger.write(*erasing_rows(place.database, alice))
    assert confirmed_where(place.database, "subject = $1", (alice.bytes,)) == []
    assert scores_where(place.database, "subject = $1", (alice.bytes,)) == []


@pytest.mark.parametrize(
    ("purpose", "value"),
    [(Purpose.SCORE_INCOME, -1), (Purpose.SCORE_JOB, 10**6), (Purpose.SCORE_CONTACT, 3),
     (Purpose.SCORE, 3)],
)  # fmt: skip
def test_what_cannot_be_is_not_confirmed(office: Office, purpose: Purpose, value: int) -> None:
    """No negative income, no job from tomorrow on, nothing that nobody can confirm."""
    with pytest.raises(EvidenceRefused, match="cannot be confirmed"):
        office.scores.evidence.attest(
            EvidenceId(new_id()), office.place.alice, purpose, value, who=office.verifier,
            reason=REASON, until=now(office.place.clock) + DAY,
        )  # fmt: skip
    assert confirmed_where(office.place.database, "id <> $1", (UUID(int=0).bytes,)) == []


@given(
    person=st.integers(0, 399),
    shown=st.dictionaries(st.sampled_from(sorted(GIVEN_NAMES)), st.floats(0, 1e9), max_size=4),
)
def test_showing_less_never_costs_a_point_below_showing_nothing(
    person: int, shown: dict[str, float]
) -> None:
    """Of what is not shown the points are 0, as the reference's are; nothing shown, nothing lost."""
    values = values_of(crowd()[person].events)
    plain, model = explain(crowd_model(), values), shown_model()
    told = explain(model, {**values, **shown})
    assert explain(model, values).score == plain.score
    assert told.score >= plain.score
    assert told.reasons == () or {one.code for one in told.reasons} & GIVEN_NAMES == set()
    for line in told.lines:
        if line.column in GIVEN_NAMES:
            assert line.usual == 0
            assert line.points == 0 or line.column in shown


def test_five_dimensions_add_up_in_three_languages() -> None:
    """Every dimension has its points, and each line of what is shown reads in each language."""
    from counterfoil.kernel.i18n import use_locale

    model = shown_model()
    values = values_of(crowd()[0].events)
    told = explain(model, values | {"verified_income": 120_000.0, "guarantor_score": 700.0})
    assert set(told.dimensions) == set(Dimension)
    assert sum(told.dimensions.values()) + model.card.base_points + told.limits == told.score
    said = {}
    for locale in ("en", "fr", "zh_CN"):
        with use_locale(locale):
            said[locale] = [line_words(told, one) for one in told.lines[-4:]]
            assert all(reason_words(told, one) for one in told.reasons)
            assert all(change_words(told, one) for one in told.changes)
    assert said["en"][0][0] == "Income that somebody has verified, a month"
    assert len({tuple(lines) for lines in said.values()}) == 3


def test_what_nobody_could_show_refuses_nobody_and_alarms_nobody() -> None:
    """Showing nothing is no thin file, and points that were learned from nobody drift from nothing."""
    model = shown_model()
    rows = [values_of(one.events) for one in crowd()[:60]]
    assert not {one.column for one in watch_columns(model, inputs_table(model, rows))} & GIVEN_NAMES


@pytest.mark.parametrize(
    "declared",
    [
        {"income": Steps((1.0,), (1,))},
        {"verified_income": Steps((1.0, 1.0), (1, 2))},
        {"verified_income": Steps((1.0, 2.0), (2, 1))},
        {"verified_income": Steps((1.0,), (-1,))},
        {"verified_income": Steps((1.0,), (POINTS_MAX + 1,))},
        {},
    ],
)
def test_points_that_punish_or_outweigh_are_not_declared(declared: dict[str, Steps]) -> None:
    """Points only rise from 0, for what can be shown, and a dimension stays below its most."""
    with pytest.raises(ModelRefused, match="cannot be declared"):
        extended(crowd_model(), declared, version=2, made_at="2026-01-06T09:00:00Z")


@pytest.mark.parametrize("name", ["friend_score", "school", "employer_name", "car_value"])
def test_friends_school_employer_and_car_are_refused_by_name(name: str, office: Office) -> None:
    """No card here has them: not as points that are declared, nor in a model that is registered."""
    from dataclasses import replace

    from counterfoil.score.scorecard import Item

    model = shown_model(3)
    bins = replace(model.card.items[-1].binning, name=name)
    item = Item(bins, model.card.items[-1].coefficient, model.card.items[-1].points)
    forged = replace(model, card=replace(model.card, items=(*model.card.items[:-1], item)))
    with pytest.raises(FeatureForbidden, match="No score here may"):
        office.scores.registry.register(forged)


def test_an_extended_model_is_the_same_after_reading_it_back(office: Office) -> None:
    """Its declared points stand in the signed file, and it gives the same scores."""
    model = shown_model()
    read = office.scores.registry.load(model.hash)
    assert read == model
