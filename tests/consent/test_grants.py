"""Consent is given, refused and revoked by the person, one thing at a time."""

import json
from collections.abc import Callable
from datetime import date, timedelta

import pytest

from counterfoil.consent import (
    BasisId,
    Category,
    CollectorId,
    CollectorKind,
    GrantBundled,
    GrantMissing,
    GrantNotPermitted,
    GuardianNeeded,
    NotFound,
    NoticeOutdated,
    Purpose,
    WhyEnded,
)
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, NewAccount, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.people import NewPerson, PersonId, PersonNotFound, parse_contact
from tests.consent.world import DAY, EUR, Town, now


def test_signing_up_grants_nothing(larch: Town) -> None:
    """A person who has just registered has consented to nothing, and cannot be scored."""
    assert larch.consent.grants.grants_of(larch.alice) == []
    assert list(larch.consent.bases.all_on_consent(Purpose.SCORE, Category.PAYMENTS)) == []
    with pytest.raises(GrantMissing, match="has not consented to scoring for credit"):
        larch.consent.bases.on_consent(larch.alice, Purpose.SCORE, Category.PAYMENTS)


def test_a_grant_says_what_was_agreed_to_and_which_text_was_shown(larch: Town) -> None:
    """The record holds purpose, data, period, and the hash of the very words that were read."""
    grant = larch.agree(larch.alice, Purpose.SCORE, days=30)
    assert grant.is_active
    assert (grant.granted_at, grant.expires_at) == (now(larch.clock), now(larch.clock) + 30 * DAY)
    notice = larch.consent.purposes.notice(Purpose.SCORE, "en")
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert body == {
        "format": "counterfoil/record@v1",
        "kind": "grant",
        "subject": str(larch.alice),
        "at": "2026-01-05T09:00:00.000000Z",
        "grant": str(grant.id),
        "purpose": "score",
        "categories": ["payments"],
        "recipient": None,
        "notice": {"version": 1, "language": "en", "sha256": notice.hash.hex()},
        "given_by": str(larch.alice),
        "method": "agree-button",
        "expires_at": "2026-02-04T09:00:00.000000Z",
    }


def test_asking_twice_grants_once(larch: Town) -> None:
    """A repeated request with one id gives the first grant; with other content it is refused."""
    first = larch.agree(larch.alice, Purpose.SCORE, grant=(grant := new_id()))
    assert larch.agree(larch.alice, Purpose.SCORE, grant=grant) == first
    assert [one.kind for one in larch.consent.records_of(larch.alice)].count("grant") == 1
    with pytest.raises(GrantNotPermitted, match="already names another grant"):
        larch.agree(larch.alice, Purpose.MARKETING, grant=grant)


def test_revoking_takes_one_step_and_is_done_once(larch: Town) -> None:
    """Revoking again changes nothing, and writes nothing."""
    grant = larch.agree(larch.alice, Purpose.SCORE)
    larch.clock.advance(timedelta(hours=1))
    revoked = larch.consent.grants.revoke_consent(larch.alice, grant.id)
    assert (revoked.why_ended, revoked.ended_at) == (WhyEnded.ENDED, now(larch.clock))
    larch.clock.advance(timedelta(hours=1))
    assert larch.consent.grants.revoke_consent(larch.alice, grant.id) == revoked
    kinds = [one.kind for one in larch.consent.records_of(larch.alice)]
    assert kinds.count("withdrawal") == 1


def test_nobody_revokes_or_sees_another_s_grant(larch: Town) -> None:
    """Bob cannot end what Alice granted, and is not told that it exists."""
    grant = larch.agree(larch.alice, Purpose.SCORE)
    with pytest.raises(NotFound):
        larch.consent.grants.revoke_consent(larch.bob, grant.id)
    assert larch.consent.grants.grant(grant.id).is_active
    assert larch.consent.grants.grants_of(larch.bob) == []


NOT_PERMITTED: dict[str, tuple[Callable[[Town], object], type[Exception], str]] = {
    "what the purpose does not need": (
        lambda town: town.agree(town.alice, Purpose.MARKETING, Category.PAYMENTS),
        GrantNotPermitted,
        "needs phone number or e-mail address, name; ask for that and nothing else",
    ),
    "what does not rest on consent": (
        lambda town: town.agree(town.alice, Purpose.RUN_WALLET, Category.NAME),
        GrantNotPermitted,
        "does not rest on consent",
    ),
    "longer than the longest": (
        lambda town: town.agree(town.alice, Purpose.SCORE, days=367),
        GrantNotPermitted,
        "ends within 366 days",
    ),
    "what has ended before it begins": (
        lambda town: town.agree(town.alice, Purpose.SCORE, days=0),
        GrantNotPermitted,
        "ends within 366 days",
    ),
    "sharing with nobody in particular": (
        lambda town: town.agree(town.alice, Purpose.SHARE_ANSWER),
        GrantNotPermitted,
        "names its recipient",
    ),
    "marketing for somebody else": (
        lambda town: town.agree(town.alice, Purpose.MARKETING, recipient=CollectorId(new_id())),
        GrantNotPermitted,
        "names its recipient",
    ),
    "somebody who is not there": (
        lambda town: town.agree(PersonId(new_id()), Purpose.MARKETING),
        PersonNotFound,
        "There is no person",
    ),
    "in somebody else's name": (
        lambda town: town.agree(town.alice, Purpose.SCORE, given_by=town.bob),
        GuardianNeeded,
        "from 14 on the person does, and nobody else",
    ),
}


@pytest.mark.parametrize("name", NOT_PERMITTED)
def test_no_grant_is_taken_for(larch: Town, name: str) -> None:
    """Each is refused by name, and nothing is written."""
    ask, refusal, words = NOT_PERMITTED[name]
    before = len(larch.consent.records_of(larch.alice))
    with pytest.raises(refusal, match=words):
        ask(larch)
    assert larch.consent.grants.grants_of(larch.alice) == []
    assert len(larch.consent.records_of(larch.alice)) == before


def test_sensitive_data_is_granted_on_its_own(larch: Town, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a purpose needs a sensitive category and another, each has a grant of its own."""
    from dataclasses import replace

    from counterfoil.consent.purpose import DEFINITIONS

    both = Category.NAME | Category.PAYMENTS
    wider = replace(DEFINITIONS[Purpose.RESEARCH], categories=both)
    monkeypatch.setitem(DEFINITIONS, Purpose.RESEARCH, wider)
    with pytest.raises(GrantBundled, match="payments and balances is sensitive"):
        larch.agree(larch.alice, Purpose.RESEARCH, both)
    for one in (Category.NAME, Category.PAYMENTS):
        assert larch.agree(larch.alice, Purpose.RESEARCH, one).is_active


def test_a_notice_nobody_was_shown_grants_nothing(larch: Town) -> None:
    """The hash must be that of a text in force, for this very purpose."""
    notice = larch.consent.purposes.notice(Purpose.MARKETING, "en")
    with pytest.raises(NoticeOutdated):
        larch.consent.grants.grant_consent(
            BasisId(new_id()), subject=larch.alice, purpose=Purpose.SCORE,
            categories=Category.PAYMENTS, until=now(larch.clock) + DAY, notice_hash=notice.hash,
        )  # fmt: skip


def child_of(town: Town, guardian: PersonId) -> PersonId:
    new = NewPerson(
        id=PersonId(new_id()),
        name="Dora Arnaud",
        contact=parse_contact("dora@example.org"),
        guardian=guardian,
        turns_14_on=date(2026, 3, 1),
    )
    return town.people.register(new)


def test_under_14_the_guardian_consents(larch: Town) -> None:
    """A child's own word does not count, nor a stranger's; the guardian's does, until 14."""
    dora = child_of(larch, larch.alice)
    for giver in (dora, larch.bob):
        with pytest.raises(GuardianNeeded):
            larch.agree(dora, Purpose.MARKETING, given_by=giver)
    with pytest.raises(GuardianNeeded, match="ends on the day the person turns 14"):
        larch.agree(dora, Purpose.MARKETING, given_by=larch.alice, days=90)
    grant = larch.agree(dora, Purpose.MARKETING, given_by=larch.alice, days=30)
    assert (grant.subject, grant.given_by) == (dora, larch.alice)


def test_from_14_on_the_person_consents(larch: Town) -> None:
    """On the day a person turns 14 the guardian's word no longer counts, and their own does."""
    dora = child_of(larch, larch.alice)
    larch.clock.set(now(larch.clock).replace(month=3, day=1, hour=0))
    with pytest.raises(GuardianNeeded):
        larch.agree(dora, Purpose.MARKETING, given_by=larch.alice)
    assert larch.agree(dora, Purpose.MARKETING).is_active


def test_saying_no_to_everything_changes_nothing_else(larch: Town) -> None:
    """Who refuses and revokes all there is pays as before."""
    for purpose in (Purpose.SCORE, Purpose.MARKETING, Purpose.RESEARCH):
        grant = larch.agree(larch.alice, purpose)
        larch.consent.grants.revoke_consent(larch.alice, grant.id)
        notice = larch.consent.purposes.notice(purpose, "en")
        larch.consent.grants.refuse_consent(larch.alice, purpose, grant.categories, notice.hash)
    kinds = [one.kind for one in larch.consent.records_of(larch.alice)]
    assert kinds.count("refusal") == 3
    hers, till = larch.ledger.open_accounts(
        [NewAccount(id=AccountId(new_id()), currency=EUR) for _ in range(2)]
    )
    paying = Transfer(id=TransferId(new_id()), debit_account=hers, credit_account=till,
                      amount=Money(5, EUR))  # fmt: skip
    assert larch.ledger.post(paying)[0].seq == 1


def test_a_changed_text_needs_a_new_grant(
    larch: Town, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """When the purpose's notice changes, grants under the old text carry nothing any more."""
    from dataclasses import replace

    from counterfoil.consent import notice as notices
    from counterfoil.consent.purpose import DEFINITIONS
    from tests.consent.world import OPERATOR

    old = larch.agree(larch.alice, Purpose.MARKETING)
    folder = tmp_path_factory.mktemp("notices")
    for language in notices.LANGUAGES:
        (folder / f"marketing.2.{language}.txt").write_text("{operator} ({contact}) asks more.")
    monkeypatch.setattr(notices, "_FOLDER", folder)
    changed = replace(DEFINITIONS[Purpose.MARKETING], version=2)
    monkeypatch.setitem(DEFINITIONS, Purpose.MARKETING, changed)
    larch.consent.purposes.start(Purpose.MARKETING, OPERATOR)
    assert larch.consent.grants.grant(old.id).why_ended is WhyEnded.PURPOSE_CHANGED
    with pytest.raises(GrantMissing):
        larch.consent.bases.on_consent(larch.alice, Purpose.MARKETING, Category.NAME)
    with pytest.raises(NoticeOutdated):
        larch.consent.grants.grant_consent(
            BasisId(new_id()), subject=larch.alice, purpose=Purpose.MARKETING,
            categories=Category.NAME, until=now(larch.clock) + DAY, notice_hash=old.notice_hash,
        )  # fmt: skip
    assert larch.agree(larch.alice, Purpose.MARKETING).notice_version == 2


def test_a_grant_can_name_a_partner(larch: Town) -> None:
    """Research by a partner is consented to by that partner's name, apart from the operator's."""
    partner, _ = larch.certified(CollectorKind.PARTNER, "The university", Purpose.RESEARCH)
    larch.agree(larch.alice, Purpose.RESEARCH, recipient=partner)
    assert list(larch.consent.bases.all_on_consent(Purpose.RESEARCH, Category.PAYMENTS)) == []
    basis = larch.consent.bases.on_consent(
        larch.alice, Purpose.RESEARCH, Category.PAYMENTS, partner
    )
    assert basis.subject == larch.alice


@pytest.mark.parametrize("statement", ["UPDATE records SET body = '{}'", "DELETE FROM records"])
def test_records_are_only_ever_added_to(larch: Town, statement: str) -> None:
    """The database itself refuses to change or remove one."""
    count = larch.database.query("SELECT number FROM records").num_rows
    with pytest.raises(StoreConflict, match="only ever added to"):
        larch.ledger.write(AttachedRow(statement, (), count))
    numbers = larch.database.query("SELECT number FROM records ORDER BY number").to_pylist()
    assert [row["number"] for row in numbers] == list(range(1, count + 1))


def test_a_record_names_nobody(larch: Town) -> None:
    """Names and contacts appear in no record: ids alone, so that erasure leaves nothing to read."""
    larch.contract(larch.alice)
    larch.agree(larch.alice, Purpose.MARKETING)
    bodies = larch.database.query("SELECT body FROM records").column(0).to_pylist()
    assert len(bodies) > 10
    for body in bodies:
        for secret in ("Alice", "Arnaud", "alice@", "Bauer", "39981234", "39 98"):
            assert secret not in body
