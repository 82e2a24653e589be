"""More than a name and a contact is held only where something makes it lawful; and can be erased."""

import json

import pytest

from counterfoil.consent import (
    BasisEnded,
    BasisId,
    Category,
    GrantMissing,
    Purpose,
    WhyEnded,
)
from counterfoil.kernel.ids import new_id
from counterfoil.people import FactKind, PersonNotFound
from tests.consent.world import DAY, REASON, Town, every_reader, now
from tests.people.signing import past_the_gate


def test_a_fact_is_refused_without_a_basis_for_it(larch: Town) -> None:
    """Without a contract no identity document is held, and with it no birth date either."""
    with pytest.raises(GrantMissing, match="lawful to hold the identity document"):
        larch.consent.give_fact(larch.alice, FactKind.IDENTITY_DOCUMENT, Purpose.RUN_WALLET, "X123")
    larch.contract(larch.alice)
    larch.consent.give_fact(larch.alice, FactKind.IDENTITY_DOCUMENT, Purpose.RUN_WALLET, "X123")
    for kind, purpose in (
        (FactKind.BIRTH_DATE, Purpose.RUN_WALLET),
        (FactKind.IDENTITY_DOCUMENT, Purpose.MARKETING),
    ):
        with pytest.raises(GrantMissing):
            larch.consent.give_fact(larch.alice, kind, purpose, "1990-01-01")
    assert larch.database.query("SELECT kind FROM person_facts").num_rows == 1


def test_what_is_given_again_takes_the_place_of_what_was_given(larch: Town) -> None:
    """A renewed document replaces the old one for that purpose, and the record says that it did."""
    basis = larch.contract(larch.alice)
    kind = FactKind.IDENTITY_DOCUMENT
    for value in ("X123", "Y456"):
        larch.consent.give_fact(larch.alice, kind, Purpose.RUN_WALLET, value)
    reader = larch.readers.facts[kind]
    with larch.consent.gate.read(
        basis, who=larch.clerk, categories=reader.categories, reason=REASON
    ) as access:
        (fact,) = access.rows(reader)
    assert (fact.value, fact.purpose, fact.given_at) == ("Y456", "run-wallet", now(larch.clock))
    kinds = [record.kind for record in larch.consent.records_of(larch.alice)]
    assert kinds.count("fact") == 2


def test_erasing_ends_what_was_allowed_and_destroys_what_was_known(rich: Town) -> None:
    """Grants and contract end, the key is gone, nobody reads anything, and the record counts it."""
    grant = rich.agree(rich.alice, Purpose.MARKETING)
    contract = rich.consent.bases.on_contract(rich.alice)
    rich.consent.erase(rich.alice)
    assert rich.consent.grants.grant(grant.id).why_ended is WhyEnded.ENDED
    for reader in every_reader(rich):
        with pytest.raises(BasisEnded), rich.consent.gate.read(
            contract, who=rich.clerk, categories=reader.categories & contract.categories,
            reason=REASON,
        ) as access:  # fmt: skip
            access.rows(reader)
    own = past_the_gate(rich.wall, rich.alice)
    assert [own.rows(reader) for reader in rich.readers.all] == [()] * len(rich.readers.all)
    ended, erased = (json.loads(one.body) for one in rich.consent.records_of(rich.alice)[-2:])
    assert len(ended["bases"]) == 2
    assert erased["rows"] == {
        "person_keys": 1,
        "persons": 1,
        "person_facts": 2,
        "person_versions": 4,
        "person_words": 2,
        **dict.fromkeys(("sessions", "passkeys", "person_secrets"), 0),
    }
    with pytest.raises(PersonNotFound):
        rich.consent.erase(rich.alice)


def test_erasing_leaves_what_the_law_keeps(rich: Town) -> None:
    """A legal duty outlives the wish: payments can still be read on it, without a name."""
    duty = BasisId(new_id())
    both = Category.NAME | Category.PAYMENTS
    rich.consent.bases.declare_duty(duty, "Tax Code 147", both, until=now(rich.clock) + DAY)
    rich.consent.erase(rich.alice)
    _, auditor = rich.certified(
        rich.consent.collectors.certificate(rich.clerk).collector_kind,
        "Auditor",
        Purpose.COMPLY_WITH_LAW,
    )
    with rich.consent.gate.read(
        rich.consent.bases.on_law(duty), who=auditor, categories=both, reason=REASON,
        subject=rich.alice,
    ) as access:  # fmt: skip
        assert access.rows(rich.payments()) == (1,)
        assert access.rows(rich.readers.name) == ()
    assert len(rich.consent.who_looked(rich.alice)) == 2
