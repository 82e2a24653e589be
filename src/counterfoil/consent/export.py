"""Consent records for others to read: ISO/IEC TS 27560 in terms of the W3C Data Privacy Vocabulary.

Each grant becomes one `dpv:ConsentRecord` in JSON-LD, in the profile that the vocabulary's guide
gives for the standard: a header, the notice, what is processed, the parties, the events. A refusal
is a record too, with a single event. The vocabulary has no terms for Chinese law, so articles are
written as text, as they stand in the purpose's legal lines.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.consent.category import SENSITIVE, Category, category_by_code, each
from counterfoil.consent.model import ConsentGrant, SubjectId, WhyEnded
from counterfoil.consent.notice import Operator
from counterfoil.consent.purpose import DEFINITIONS, Purpose
from counterfoil.kernel.clock import to_us
from counterfoil.people import Record
from counterfoil.people.records import Json, moment

CONTEXT: Final[dict[str, Json]] = {
    "dct": "http://purl.org/dc/terms/",
    "dpv": "https://w3id.org/dpv#",
    "pd": "https://w3id.org/dpv/pd#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
SCHEMA: Final = "https://w3id.org/dpv/schema/dpv-27560#record"

DATA_TERMS: Final[dict[Category, str]] = {
    Category.CONTACT: "pd:Contact",
    Category.NAME: "pd:Name",
    Category.BIRTH_DATE: "pd:BirthDate",
    Category.IDENTITY_DOCUMENT: "pd:OfficialID",
    Category.BANK_CARD: "pd:PaymentCard",
    Category.PAYMENTS: "pd:Transactional",
    Category.SCORE: "pd:CreditScore",
    Category.EVIDENCE: "pd:CreditCapacity",
}

RIGHTS: Final = (
    "access", "portability", "correction", "erasure", "restriction", "objection", "explanation",
    "withdrawal of consent", "complaint",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Controller:
    """The operator, as the standard wants it described."""

    operator: Operator
    address: str
    jurisdiction: str
    """Whose law applies: a country's two letters, such as CN."""
    storage_location: str
    """Where the data is kept: a country's two letters."""


def grant_record(grant: ConsentGrant, language: str, controller: Controller) -> dict[str, Json]:
    """Describe a grant and all that has happened to it."""
    given_by = "dpv:DataSubject" if grant.given_by == grant.subject else "dpv:GuardianOfDataSubject"
    events: list[Json] = [
        {
            "@type": "dpv:ConsentGiven",
            "dpv:isIndicatedBy": given_by,
            "dpv:isIndicatedAtTime": _moment(to_us(grant.granted_at)),
            "dpv:hasIndicationMethod": grant.method,
            "dpv:hasDuration": _duration((grant.expires_at - grant.granted_at).days),
        }
    ]
    if grant.ended_at:
        events.append(
            {
                "@type": "dpv:ConsentWithdrawn",
                "dpv:isIndicatedBy": given_by,
                "dpv:isIndicatedAtTime": _moment(to_us(grant.ended_at)),
            }
        )
    elif grant.why_ended is WhyEnded.EXPIRED:
        expired = _moment(to_us(grant.expires_at))
        events.append({"@type": "dpv:ConsentExpired", "dpv:isIndicatedAtTime": expired})
    elif grant.why_ended is not None:
        events.append({"@type": "dpv:ConsentInvalidated", "dct:description": grant.why_ended.value})
    return _record(
        identifier=str(grant.id),
        subject=grant.subject,
        purpose=grant.purpose,
        categories=grant.categories,
        notice={
            "version": grant.notice_version,
            "language": language,
            "sha256": grant.notice_hash.hex(),
        },
        recipient=str(grant.recipient) if grant.recipient else None,
        controller=controller,
        events=events,
    )


def refusal_record(record: Record, controller: Controller) -> dict[str, Json]:
    """Describe that a person was asked and said no, from its record."""
    assert record.subject is not None
    body = json.loads(record.body)
    categories = Category(0)
    for code in body["categories"]:
        categories |= category_by_code(code)
    return _record(
        identifier=f"record-{record.number}",
        subject=record.subject,
        purpose=Purpose(body["purpose"]),
        categories=categories,
        notice=body["notice"],
        recipient=None,
        controller=controller,
        events=[
            {
                "@type": "dpv:ConsentRefused",
                "dpv:isIndicatedBy": "dpv:DataSubject",
                "dpv:isIndicatedAtTime": _moment(to_us(record.at)),
            }
        ],
    )


def _record(
    *,
    identifier: str,
    subject: SubjectId,
    purpose: Purpose,
    categories: Category,
    notice: dict[str, Json],
    recipient: str | None,
    controller: Controller,
    events: Sequence[Json],
) -> dict[str, Json]:
    return {
        "@context": CONTEXT,
        "@type": "dpv:ConsentRecord",
        "dct:conformsTo": SCHEMA,
        "dct:identifier": identifier,
        "dpv:hasDataSubject": {"@id": f"urn:uuid:{subject}", "@type": "dpv:DataSubject"},
        "dpv:hasNotice": {
            "@type": "dpv:ConsentNotice",
            "dct:identifier": f"sha256:{notice['sha256']}",
            "dct:hasVersion": f"{purpose.value}/{notice['version']}",
            "dct:language": notice["language"],
        },
        "dpv:hasProcess": _process(purpose, categories, recipient, controller),
        "dpv:hasDataController": _party(controller),
        "dpv:hasConsentStatus": events,
    }


def _process(
    purpose: Purpose, categories: Category, recipient: str | None, controller: Controller
) -> dict[str, Json]:
    definition = DEFINITIONS[purpose]
    return {
        "@type": "dpv:Process",
        "dpv:hasPurpose": {
            "@type": definition.vocabulary_term,
            "dct:title": purpose.value,
            "dct:description": definition.words.template,
        },
        "dpv:hasPersonalData": [
            {
                "@type": [DATA_TERMS[one], "dpv:SensitivePersonalData"]
                if one & SENSITIVE
                else [DATA_TERMS[one]],
                "dct:identifier": one.code,
                "dpv:hasNecessity": "dpv:Required",
                "dpv:hasDataSource": "dpv:DataSubject",
            }
            for one in each(categories)
        ],
        "dpv:hasLegalBasis": {
            "@type": "dpv:ExplicitlyExpressedConsent",
            "dct:source": list(definition.legal_lines),
        },
        "dpv:hasRecipient": [recipient] if recipient else [],
        "dpv:hasStorageCondition": [
            {"@type": "dpv:StorageLocation", "dpv:hasLocation": controller.storage_location},
            {
                "@type": "dpv:StorageDuration",
                "dpv:hasDuration": _duration(definition.retention_days),
            },
        ],
        "dpv:hasJurisdiction": controller.jurisdiction,
        "dpv:hasConsentControl": {
            "@type": "dpv:WithdrawConsent",
            "dct:description": "revoke_consent: one step, at once",
        },
        "dpv:hasRight": list(RIGHTS),
        "dpv:hasImpactAssessment": "required" if definition.needs_assessment else "not-required",
    }


def _party(controller: Controller) -> dict[str, Json]:
    return {
        "@type": "dpv:DataController",
        "dct:identifier": controller.operator.name,
        "dpv:hasName": controller.operator.name,
        "dpv:hasAddress": controller.address,
        "dpv:hasContact": controller.operator.contact,
    }


def _moment(at_us: int) -> dict[str, Json]:
    return {"@type": "xsd:dateTime", "@value": moment(at_us)}


def _duration(days: int) -> dict[str, Json]:
    return {"@type": "xsd:duration", "@value": f"P{days}D"}
