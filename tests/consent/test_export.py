"""Consent records that other people's tools can read."""

import json

from counterfoil.consent import CollectorKind, Controller, Purpose
from tests.consent.world import DAY, OPERATOR, Town

CONTROLLER = Controller(
    operator=OPERATOR, address="1 Larch Lane", jurisdiction="FR", storage_location="FR"
)
MANDATORY = {
    *("@context", "@type", "dct:conformsTo", "dct:identifier", "dpv:hasDataSubject"),
    *("dpv:hasNotice", "dpv:hasProcess", "dpv:hasDataController", "dpv:hasConsentStatus"),
}
MANDATORY_OF_PROCESS = {
    *("dpv:hasPurpose", "dpv:hasPersonalData", "dpv:hasLegalBasis", "dpv:hasStorageCondition"),
    *("dpv:hasRecipient", "dpv:hasConsentControl", "dpv:hasJurisdiction"),
}


def test_a_grant_and_its_end_are_one_record(larch: Town) -> None:
    """Who, which notice, what for, which data, how long kept; given and withdrawn, with times."""
    grant = larch.agree(larch.alice, Purpose.SCORE, days=30)
    larch.clock.advance(DAY)
    larch.consent.grants.revoke_consent(larch.alice, grant.id)
    (record,) = json.loads(json.dumps(larch.consent.consent_records(larch.alice, CONTROLLER)))
    assert set(record) >= MANDATORY
    assert set(record["dpv:hasProcess"]) >= MANDATORY_OF_PROCESS
    assert record["dct:conformsTo"].endswith("dpv-27560#record")
    assert record["dpv:hasNotice"]["dct:identifier"] == f"sha256:{grant.notice_hash.hex()}"
    assert record["dpv:hasNotice"]["dct:language"] == "en"
    process = record["dpv:hasProcess"]
    assert process["dpv:hasPurpose"]["@type"] == "dpv:CreditChecking"
    (data,) = process["dpv:hasPersonalData"]
    assert data["@type"] == ["pd:Transactional", "dpv:SensitivePersonalData"]
    assert [
        (event["@type"], event["dpv:isIndicatedAtTime"]["@value"])
        for event in record["dpv:hasConsentStatus"]
    ] == [
        ("dpv:ConsentGiven", "2026-01-05T09:00:00.000000Z"),
        ("dpv:ConsentWithdrawn", "2026-01-06T09:00:00.000000Z"),
    ]
    assert record["dpv:hasConsentStatus"][0]["dpv:hasDuration"]["@value"] == "P30D"


def test_a_refusal_is_a_record_too(larch: Town) -> None:
    """That somebody was asked and said no is part of their record."""
    notice = larch.consent.purposes.notice(Purpose.MARKETING, "fr")
    categories = larch.agree(larch.bob, Purpose.MARKETING).categories
    larch.consent.grants.refuse_consent(larch.alice, Purpose.MARKETING, categories, notice.hash)
    (record,) = larch.consent.consent_records(larch.alice, CONTROLLER)
    assert set(record) >= MANDATORY
    assert json.dumps(record["dpv:hasConsentStatus"]).count("dpv:ConsentRefused") == 1
    assert "fr" in json.dumps(record["dpv:hasNotice"])


def test_expired_and_stopped_grants_say_so_and_a_recipient_is_named(larch: Town) -> None:
    """A record tells how a grant ended, and to whom data could go."""
    merchant, _ = larch.certified(CollectorKind.MERCHANT, "Bikes", Purpose.SHARE_ANSWER)
    larch.agree(larch.alice, Purpose.SHARE_ANSWER, recipient=merchant, days=1)
    larch.agree(larch.alice, Purpose.RESEARCH, days=30)
    larch.clock.advance(2 * DAY)
    larch.consent.purposes.stop(Purpose.RESEARCH)
    shared, research = larch.consent.consent_records(larch.alice, CONTROLLER)
    assert "dpv:ConsentExpired" in json.dumps(shared)
    assert str(merchant) in json.dumps(shared["dpv:hasProcess"])
    assert "dpv:ConsentInvalidated" in json.dumps(research)
