"""The gate: every look rests on a basis, and is on record before it is handed out."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from counterfoil.consent import (
    Basis,
    BasisEnded,
    BasisExceeded,
    Category,
    CertificateEnded,
    CertificateId,
    CollectorKind,
    Consent,
    GrantMissing,
    PersonalReader,
    Purpose,
    ReasonMissing,
    ScopeExceeded,
    WhyEnded,
)
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.errors import StoreUnavailable
from counterfoil.kernel.i18n import use_locale
from counterfoil.kernel.ids import new_id
from counterfoil.people import ClockWentBack, PersonId
from tests.consent.world import DAY, REASON, Town, now
from tests.people.signing import signed_in


def look(
    town: Town, basis: Basis, who: CertificateId, reader: PersonalReader[object]
) -> tuple[object, ...]:
    with town.consent.gate.read(
        basis, who=who, categories=reader.categories, reason=REASON
    ) as access:
        return access.rows(reader)


def test_a_look_is_on_record_in_plain_words(larch: Town) -> None:
    """Who looked, when, for what, on which basis, how many rows and why: the person can read it."""
    basis = larch.contract(larch.alice)
    assert look(larch, basis, larch.clerk, larch.readers.name) == ("Alice Arnaud",)
    (record,) = larch.consent.who_looked(larch.alice)
    assert record.sentence == (
        "Clara, clerk read your name (1 entry) for running the wallet, on your contract: "
        f"“{REASON}”"
    )
    assert record.at == now(larch.clock)
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["rows"], body["reason"]) == ("access", 1, REASON)
    assert record.number == larch.consent.records_of(larch.alice)[-1].number
    assert larch.consent.who_looked(larch.bob) == []
    with use_locale("fr"):
        assert "votre contrat" in record.sentence


def test_each_read_is_a_record_of_its_own(larch: Town) -> None:
    """Two reads in one access are two looks, and both are told."""
    basis = larch.contract(larch.alice)
    both = Category.NAME | Category.CONTACT
    with larch.consent.gate.read(basis, who=larch.clerk, categories=both, reason=REASON) as access:
        access.rows(larch.readers.name)
        access.rows(larch.readers.contact)
    looks = larch.consent.who_looked(larch.alice)
    assert [one.categories for one in looks] == [Category.NAME, Category.CONTACT]
    assert larch.consent.access_counts() == [(Purpose.RUN_WALLET, 2, 2)]


def test_one_s_own_reads_need_no_basis_and_leave_no_record(larch: Town) -> None:
    """A person sees what is held about them, of their own and of nobody else's."""
    with larch.consent.gate.own(signed_in(larch.people, larch.alice)) as access:
        assert access.rows(larch.readers.name) == ("Alice Arnaud",)
        assert access.rows(larch.payments()) == ()
    assert larch.consent.who_looked(larch.alice) == []


@pytest.mark.parametrize("reason", ["", "       ", "because", "x" * 501, "for\x00 her own good"])
def test_nobody_looks_without_saying_why(larch: Town, reason: str) -> None:
    """A reason is typed, in words that the person can read; without one nothing is read."""
    basis = larch.contract(larch.alice)
    with (
        pytest.raises(ReasonMissing),
        larch.consent.gate.read(basis, who=larch.clerk, categories=Category.NAME, reason=reason),
    ):
        pytest.fail("the access opened")
    assert larch.consent.who_looked(larch.alice) == []


def test_a_certificate_ends_on_its_day(larch: Town) -> None:
    """It is held against the clock at each query, in the middle of an access too."""
    basis = larch.contract(larch.alice)
    with larch.consent.gate.read(
        basis, who=larch.clerk, categories=Category.NAME, reason=REASON
    ) as access:
        larch.clock.advance(365 * DAY - timedelta(microseconds=1))
        assert access.rows(larch.readers.name)
        larch.clock.advance(timedelta(microseconds=1))
        with pytest.raises(CertificateEnded, match="has expired"):
            access.rows(larch.readers.name)
    assert len(larch.consent.who_looked(larch.alice)) == 1


def test_who_holds_no_certificate_reads_nothing(larch: Town) -> None:
    """An id that was never issued opens nothing."""
    basis = larch.contract(larch.alice)
    with pytest.raises(CertificateEnded, match="no certificate"):
        look(larch, basis, CertificateId(new_id()), larch.readers.name)


def test_misuse_suspends_the_certificate_and_is_told(larch: Town) -> None:
    """Asking for more than one is certified for ends the certificate and is told to the person."""
    basis = larch.contract(larch.alice)
    with pytest.raises(ScopeExceeded, match="It is suspended, and the person is told"):
        look(larch, basis, larch.marketer, larch.readers.name)
    assert larch.consent.collectors.certificate(larch.marketer).suspended_at is not None
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["who"]) == ("misuse", "Newsletter")
    larch.agree(larch.alice, Purpose.MARKETING)
    news = larch.consent.bases.on_consent(larch.alice, Purpose.MARKETING, Category.NAME)
    with pytest.raises(CertificateEnded, match="is suspended"):
        look(larch, news, larch.marketer, larch.readers.name)
    larch.consent.collectors.reinstate(larch.marketer, "A wrong setting, put right.")
    assert look(larch, news, larch.marketer, larch.readers.name) == ("Alice Arnaud",)


def test_a_revoked_grant_ends_an_open_access_at_once(larch: Town) -> None:
    """Withdrawal has effect at the very next read, not at the end of a session."""
    basis = larch.scoring_basis(larch.alice)
    (grant,) = larch.consent.grants.grants_of(larch.alice)
    with larch.consent.gate.read(
        basis, who=larch.scorer, categories=Category.PAYMENTS, reason=REASON
    ) as access:
        access.rows(larch.payments())
        larch.consent.grants.revoke_consent(larch.alice, grant.id)
        with pytest.raises(BasisEnded) as refused:
            access.rows(larch.payments())
    assert refused.value.facts["why"] is WhyEnded.ENDED
    assert len(larch.consent.who_looked(larch.alice)) == 1


def test_rows_are_taken_back_when_consent_ends_while_they_are_read(larch: Town) -> None:
    """Between the reading and the record nothing slips through: no rows, and no record of any."""
    basis = larch.scoring_basis(larch.alice)
    (grant,) = larch.consent.grants.grants_of(larch.alice)

    def revoking(_database: Database, person: PersonId) -> Sequence[int]:
        larch.consent.grants.revoke_consent(person, grant.id)
        return [1, 2, 3]

    with pytest.raises(BasisEnded):
        look(larch, basis, larch.scorer,
             PersonalReader("slow payments", Category.PAYMENTS, revoking))  # fmt: skip
    assert larch.consent.who_looked(larch.alice) == []


def test_a_job_leaves_out_whoever_revokes_from_the_next_batch_on(larch: Town) -> None:
    """A running job stops reading a person; the others go on, and each look is on record."""
    people = [larch.alice, larch.bob, larch.person("Carol Cho", "carol@example.org")]
    for person in people:
        larch.agree(person, Purpose.SCORE)
    bases = larch.consent.bases.all_on_consent(Purpose.SCORE, Category.PAYMENTS)
    job = larch.consent.gate.read_each(
        list(bases), larch.payments(), who=larch.scorer, reason="Monthly scores.", batch_people=1
    )
    assert next(job).subject == larch.alice
    (grant,) = larch.consent.grants.grants_of(larch.bob)
    larch.consent.grants.revoke_consent(larch.bob, grant.id)
    assert [found.subject for found in job] == [people[2]]
    assert [len(larch.consent.who_looked(person)) for person in people] == [1, 0, 1]


def test_nothing_is_handed_out_that_could_not_be_recorded(larch: Town) -> None:
    """When the record is not durable, the rows stay inside."""
    basis = larch.contract(larch.alice)

    class Broken:
        def write(self, *rows: AttachedRow) -> None:
            raise StoreUnavailable(f"The disk is full: {len(rows)} rows are lost.")

    mute = Consent(Broken(), larch.database, larch.wall, larch.people, larch.clock)
    with (
        mute.gate.read(basis, who=larch.clerk, categories=Category.NAME, reason=REASON) as access,
        pytest.raises(StoreUnavailable),
    ):
        access.rows(larch.readers.name)
    assert larch.consent.who_looked(larch.alice) == []


def test_a_clock_that_goes_back_revives_no_grant(larch: Town) -> None:
    """An expired grant stays expired: until the clock is right nothing is read or written."""
    basis = larch.scoring_basis(larch.alice)
    larch.clock.advance(31 * DAY)
    with pytest.raises(BasisEnded) as refused:
        look(larch, basis, larch.scorer, larch.payments())
    assert refused.value.facts["why"] is WhyEnded.EXPIRED
    larch.consent.grants.refuse_consent(
        larch.bob, Purpose.SCORE, Category.PAYMENTS,
        larch.consent.purposes.notice(Purpose.SCORE, "en").hash,
    )  # fmt: skip
    larch.clock.advance(-2 * DAY)
    with pytest.raises(ClockWentBack):
        look(larch, basis, larch.scorer, larch.payments())
    assert larch.consent.who_looked(larch.alice, at=now(larch.clock) + 99 * DAY) == []


def test_a_basis_carries_no_more_than_it_says(larch: Town) -> None:
    """It is about one person and some categories, and an access about those it was opened for."""
    basis = larch.contract(larch.alice)
    gate, name = larch.consent.gate, Category.NAME
    with (
        pytest.raises(BasisExceeded),
        gate.read(basis, who=larch.clerk, categories=name, reason=REASON, subject=larch.bob),
    ):
        pytest.fail("the access opened")
    with (
        gate.read(basis, who=larch.clerk, categories=name, reason=REASON) as access,
        pytest.raises(BasisExceeded),
    ):
        access.rows(larch.readers.contact)
    assert [larch.consent.who_looked(one) for one in (larch.alice, larch.bob)] == [[], []]


def test_an_access_ends_with_its_block(larch: Town) -> None:
    """What was kept of it reads nothing afterwards."""
    basis = larch.contract(larch.alice)
    with larch.consent.gate.read(
        basis, who=larch.clerk, categories=Category.NAME, reason=REASON
    ) as access:
        pass
    with pytest.raises(BasisEnded, match="is closed"):
        access.rows(larch.readers.name)


def test_a_merchant_reads_on_a_grant_that_names_it_and_on_no_other(larch: Town) -> None:
    """What is shared with one merchant is not shared with the next, nor with the operator."""
    merchant = CollectorKind.MERCHANT
    bikes, at_bikes = larch.certified(merchant, "Bikes by Bao", Purpose.SHARE_ANSWER)
    cars, at_cars = larch.certified(merchant, "Cars by Chen", Purpose.SHARE_ANSWER)
    own = CollectorKind.OPERATOR
    _, at_home = larch.certified(own, "Curious clerk", Purpose.SHARE_ANSWER)
    larch.agree(larch.alice, Purpose.SHARE_ANSWER, recipient=bikes)
    with pytest.raises(GrantMissing):
        larch.consent.bases.on_consent(larch.alice, Purpose.SHARE_ANSWER, Category.SCORE, cars)
    basis = larch.consent.bases.on_consent(larch.alice, Purpose.SHARE_ANSWER, Category.SCORE, bikes)
    answer: PersonalReader[bool] = PersonalReader(
        "answer", Category.SCORE, lambda _database, _person: [True]
    )
    for other in (at_cars, at_home):
        with pytest.raises(BasisExceeded):
            look(larch, basis, other, answer)
    assert look(larch, basis, at_bikes, answer) == (True,)
    (record,) = larch.consent.who_looked(larch.alice)
    assert record.collector_name == "Bikes by Bao"


def test_a_stopped_purpose_carries_nothing(larch: Town) -> None:
    """The operator stops a purpose, and every grant for it carries nothing from then on."""
    basis = larch.scoring_basis(larch.alice)
    larch.consent.purposes.stop(Purpose.SCORE)
    with pytest.raises(BasisEnded) as refused:
        look(larch, basis, larch.scorer, larch.payments())
    assert refused.value.facts["why"] is WhyEnded.PURPOSE_STOPPED
