"""Every way the room of rights says no.

RightsError
├── FieldUnknown       nothing that can be corrected has this name
├── CorrectionDecided  the correction has been decided already
├── CorrectionOpen     it has not been decided yet, and only then can a dispute be noted
├── PaymentNotTheirs   the payment is on none of the person's accounts
├── ErasureDeferred    money or an agreement is open; the reasons are on record
├── CaseNotFound       there is no such correction or notice
├── ExportNotAsked     the request is another person's, or asks for something else than an export
├── ExportUnwritten    the file of an export is there already, or cannot be written
└── DeliveryFailed     a notice could not be handed over; it stays in the outbox
"""

from counterfoil.kernel.errors import CounterfoilError


class RightsError(CounterfoilError):
    """What was asked cannot be done."""

    code = "rights.error"


class FieldUnknown(RightsError):
    """Nothing that can be corrected has this name."""

    code = "rights.field-unknown"


class CorrectionDecided(RightsError):
    """The correction has been decided already."""

    code = "rights.correction-decided"


class CorrectionOpen(RightsError):
    """A dispute is noted once a correction has been refused."""

    code = "rights.correction-open"


class PaymentNotTheirs(RightsError):
    """The payment is on none of the person's accounts."""

    code = "rights.payment-not-theirs"


class ErasureDeferred(RightsError):
    """Money or an agreement is open; nothing was erased, and the reasons are on record."""

    code = "rights.erasure-deferred"


class CaseNotFound(RightsError):
    """There is no such correction or notice."""

    code = "rights.not-found"


class ExportNotAsked(RightsError):
    """The request is another person's, or asks for something else than an export."""

    code = "rights.export-not-asked"


class ExportUnwritten(RightsError):
    """The file of an export is there already, or cannot be written; nothing was answered."""

    code = "rights.export-unwritten"


class DeliveryFailed(RightsError):
    """A notice could not be handed over; it stays in the outbox."""

    code = "rights.delivery-failed"
    is_transient = True
