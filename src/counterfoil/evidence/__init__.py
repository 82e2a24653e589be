"""Evidence: one file for a regulator or certifier, that holds without us.

It has purposes, counts of grants, reads by purpose, requests with their clocks, requests of
authorities, breaches, retention runs, model cards and the logs' checkpoints, and no personal data. The
operator signs it; whoever has the operator's public key verifies it offline, and is told what that
proves and what it does not.
"""

from counterfoil.evidence.archive import read_archive, write_archive
from counterfoil.evidence.errors import (
    EvidenceContradicted,
    EvidenceError,
    EvidenceRefused,
    EvidenceUnreadable,
)
from counterfoil.evidence.evidence import Evidence
from counterfoil.evidence.verify import Proven, hold_against, verify_pack

__all__ = [
    "Evidence",
    "EvidenceContradicted",
    "EvidenceError",
    "EvidenceRefused",
    "EvidenceUnreadable",
    "Proven",
    "hold_against",
    "read_archive",
    "verify_pack",
    "write_archive",
]
