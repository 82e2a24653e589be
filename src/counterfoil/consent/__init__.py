"""Consent: the gate that every read of a person's data passes, and what makes a read lawful.

Nothing is read without a *basis*: the person's consent, the contract being performed, a legal duty
or an authority's order. Only this room makes one, the gate holds it against the database at each
read, and each read is on record before its rows are handed out. Scoring, sharing, marketing and
research take consent and nothing else. Refusing or revoking it never stops a payment.
"""

from counterfoil.consent.authorities import Authorities, NewRequest
from counterfoil.consent.authority import (
    Authority,
    AuthorityKind,
    Outcome,
    Request,
    Review,
    Secrecy,
    TransparencyReport,
)
from counterfoil.consent.basis import Basis
from counterfoil.consent.category import SENSITIVE, Category
from counterfoil.consent.consent import Consent
from counterfoil.consent.errors import (
    AssessmentMissing,
    BasisEnded,
    BasisExceeded,
    BasisForged,
    CertificateEnded,
    ConsentError,
    ExtensionNotPermitted,
    GrantBundled,
    GrantMissing,
    GrantNotPermitted,
    GuardianNeeded,
    HumanNeeded,
    NotFound,
    NoticeOutdated,
    Objected,
    PurposeNotStarted,
    ReasonMissing,
    RequestDecided,
    Restricted,
    ReviewInvalid,
    ScopeExceeded,
)
from counterfoil.consent.export import Controller
from counterfoil.consent.gate import Access, Found, FoundTable, Gate
from counterfoil.consent.model import (
    AccessRecord,
    BasisId,
    Certificate,
    CertificateId,
    CollectorId,
    CollectorKind,
    ConsentGrant,
    RequestId,
    RightsRequestId,
    SubjectId,
    WhyEnded,
)
from counterfoil.consent.notice import Notice, Operator
from counterfoil.consent.purpose import DEFINITIONS, BasisKind, Purpose
from counterfoil.consent.readers import (
    OwnReader,
    PeopleReaders,
    PersonalReader,
    TableReader,
    category_of_field,
)
from counterfoil.consent.recipients import Recipient, RecipientKind
from counterfoil.consent.right import DEADLINES, Regime, Right, RightsRequest, State
from counterfoil.consent.rights import Rights
from counterfoil.consent.standing import (
    GROUND_ARTICLES,
    OBJECTIONS,
    Ground,
    HumanReview,
    Objection,
    ObjectionId,
    ObjectionKind,
    Restriction,
    RestrictionId,
    ReviewId,
    ReviewState,
)
from counterfoil.consent.wall import Wall

__all__ = [
    "DEADLINES",
    "DEFINITIONS",
    "GROUND_ARTICLES",
    "OBJECTIONS",
    "SENSITIVE",
    "Access",
    "AccessRecord",
    "AssessmentMissing",
    "Authorities",
    "Authority",
    "AuthorityKind",
    "Basis",
    "BasisEnded",
    "BasisExceeded",
    "BasisForged",
    "BasisId",
    "BasisKind",
    "Category",
    "Certificate",
    "CertificateEnded",
    "CertificateId",
    "CollectorId",
    "CollectorKind",
    "Consent",
    "ConsentError",
    "ConsentGrant",
    "Controller",
    "ExtensionNotPermitted",
    "Found",
    "FoundTable",
    "Gate",
    "GrantBundled",
    "GrantMissing",
    "GrantNotPermitted",
    "Ground",
    "GuardianNeeded",
    "HumanNeeded",
    "HumanReview",
    "NewRequest",
    "NotFound",
    "Notice",
    "NoticeOutdated",
    "Objected",
    "Objection",
    "ObjectionId",
    "ObjectionKind",
    "Operator",
    "Outcome",
    "OwnReader",
    "PeopleReaders",
    "PersonalReader",
    "Purpose",
    "PurposeNotStarted",
    "ReasonMissing",
    "Recipient",
    "RecipientKind",
    "Regime",
    "Request",
    "RequestDecided",
    "RequestId",
    "Restricted",
    "Restriction",
    "RestrictionId",
    "Review",
    "ReviewId",
    "ReviewInvalid",
    "ReviewState",
    "Right",
    "Rights",
    "RightsRequest",
    "RightsRequestId",
    "ScopeExceeded",
    "Secrecy",
    "State",
    "SubjectId",
    "TableReader",
    "TransparencyReport",
    "Wall",
    "WhyEnded",
    "category_of_field",
]
