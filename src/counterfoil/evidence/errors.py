"""Every way this room says no.

EvidenceError
├── EvidenceUnreadable     the file is no pack of evidence, or one of a later version
├── EvidenceRefused        a part of it is not what was signed; the part is named
└── EvidenceContradicted   a receipt says something else than the pack, and the operator signed both
"""

from counterfoil.kernel.errors import CounterfoilError


class EvidenceError(CounterfoilError):
    """A pack of evidence is not believed."""

    code = "evidence.error"


class EvidenceUnreadable(EvidenceError):
    """The file is no pack of evidence, or one of a later version."""

    code = "evidence.unreadable"


class EvidenceRefused(EvidenceError):
    """A part of the pack is not what was signed, or contradicts another part."""

    code = "evidence.refused"


class EvidenceContradicted(EvidenceError):
    """A receipt says something else than the pack; the operator has signed both."""

    code = "evidence.contradicted"
