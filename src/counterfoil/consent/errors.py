"""Every way consent says no, in the order in which the gate asks.

ConsentError
├── ReasonMissing        nobody reads a person's data without saying why in plain words
├── CertificateEnded     who asks holds no certificate, or it has expired or is suspended
├── BasisForged          the basis was not made here, or says other than the database does
├── ScopeExceeded        the certificate does not cover what was asked; it is suspended
├── BasisEnded           withdrawn, expired, not begun, or its purpose has changed or stopped
├── Objected             the person objects to the purpose
├── Restricted           the person has had this data restricted
├── BasisExceeded        the basis does not cover these categories, this person or this recipient
├── PurposeNotStarted    nothing may be granted or read for a purpose that has not been started
├── AssessmentMissing    the purpose needs an impact assessment and none is stored
├── NoticeOutdated       the notice that was shown is not the one in force
├── GrantBundled         a sensitive category is granted on its own, not along with others
├── GrantNotPermitted    the purpose does not take such a grant
├── GuardianNeeded       under 14 it is the guardian who consents
├── HumanNeeded          the person has refused decisions without a human, or none has decided
├── GrantMissing         the person has not consented to this
├── RequestDecided       an authority's or a person's request has been decided already
├── ReviewInvalid        a request or its review lacks what it must say, or widens what was asked
├── ExtensionNotPermitted a person's request is to be answered by its due date
└── NotFound             there is no such grant, certificate or request
"""

from counterfoil.kernel.errors import CounterfoilError


class ConsentError(CounterfoilError):
    """Consent cannot allow what was asked."""

    code = "consent.error"


class BasisForged(ConsentError):
    """The basis was not made by this room, or says other than the database does."""

    code = "consent.basis-forged"


class ReasonMissing(ConsentError):
    """Somebody wants to read a person's data and does not say why."""

    code = "consent.reason-missing"


class CertificateEnded(ConsentError):
    """Who asks holds no such certificate, or it has expired, or it is suspended."""

    code = "consent.certificate-ended"


class ScopeExceeded(ConsentError):
    """The certificate does not cover what was asked; it has been suspended for that."""

    code = "consent.scope-exceeded"


class BasisEnded(ConsentError):
    """The basis is withdrawn, expired or not begun, or its purpose has changed or stopped."""

    code = "consent.basis-ended"


class BasisExceeded(ConsentError):
    """The basis does not cover these categories, this person or this recipient."""

    code = "consent.basis-exceeded"


class Objected(ConsentError):
    """The person objects to the purpose (GDPR 21, PIPL 24)."""

    code = "consent.objected"


class Restricted(ConsentError):
    """The person has had this data restricted (GDPR 18, PIPL 44); storage and payments go on."""

    code = "consent.restricted"


class HumanNeeded(ConsentError):
    """The person has refused decisions without a human, or no human has decided yet."""

    code = "consent.human-needed"


class PurposeNotStarted(ConsentError):
    """Nothing may be granted or read for a purpose that has not been started."""

    code = "consent.purpose-not-started"


class AssessmentMissing(ConsentError):
    """The purpose needs an impact assessment (PIPL 55) and none is stored for this version."""

    code = "consent.assessment-missing"


class NoticeOutdated(ConsentError):
    """The notice that was shown is not the one in force for the purpose."""

    code = "consent.notice-outdated"


class GrantBundled(ConsentError):
    """A sensitive category was to be granted along with others."""

    code = "consent.grant-bundled"


class GrantNotPermitted(ConsentError):
    """The purpose does not take such a grant."""

    code = "consent.grant-not-permitted"


class GuardianNeeded(ConsentError):
    """Under 14 it is the guardian who consents, and nobody else."""

    code = "consent.guardian-needed"


class GrantMissing(ConsentError):
    """The person has not consented to this, or no longer."""

    code = "consent.grant-missing"


class RequestDecided(ConsentError):
    """An authority's or a person's request has been decided already."""

    code = "consent.request-decided"


class ReviewInvalid(ConsentError):
    """A request or its review lacks what it must say, or widens what was asked."""

    code = "consent.review-invalid"


class ExtensionNotPermitted(ConsentError):
    """The law does not let this request's due date be put off (again)."""

    code = "consent.extension-not-permitted"


class NotFound(ConsentError):
    """There is no such grant, certificate or request."""

    code = "consent.not-found"
