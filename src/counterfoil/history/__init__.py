"""History: the one gated reader of payments, and copies of them for jobs.

A person's payments are those of their accounts. What reads them is declared here as the gate's
readers are (`consent.readers`): it cannot be called, only given to the gate, which fetches with it
once a basis carries the read and has put the read on record. On PostgreSQL the rows come through
the wall, over a connection that sees nobody without a live basis.

What a job takes along is a copy: a file that holds only people whose basis covers it, that is
written anew when a basis ends, and that cannot be opened before it was.
"""

from counterfoil.history.copies import Copies, OpenCopy
from counterfoil.history.copy import (
    Copy,
    CopyDamaged,
    CopyDue,
    CopyId,
    CopyNotFound,
    CopyNotKept,
    CopyState,
    HistoryError,
    Refreshed,
)
from counterfoil.history.copy_file import COLUMNS
from counterfoil.history.history import Funds, History, Payment

__all__ = [
    "COLUMNS",
    "Copies",
    "Copy",
    "CopyDamaged",
    "CopyDue",
    "CopyId",
    "CopyNotFound",
    "CopyNotKept",
    "CopyState",
    "Funds",
    "History",
    "HistoryError",
    "OpenCopy",
    "Payment",
    "Refreshed",
]
