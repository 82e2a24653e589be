"""Accounts, transfers and holds: the only place where balances change.

It knows accounts, never people. The log of transfers is the truth; balances are derived from it
and kept in memory by the one writer.
"""

from counterfoil.kernel.database import AttachedRow
from counterfoil.ledger.layout import Flags
from counterfoil.ledger.ledger import Ledger
from counterfoil.ledger.model import (
    Account,
    AccountId,
    AccountKind,
    AccountNumber,
    Balances,
    Limit,
    NewAccount,
    Posted,
    Posting,
    RecordedTransfer,
    Request,
    Side,
    Statement,
    Transfer,
    TransferId,
    correcting_transfer,
    imported_transfer,
    pending_transfer,
    post_pending_transfer,
    void_pending_transfer,
)
from counterfoil.ledger.movements import Movements
from counterfoil.ledger.outcome import Outcome
from counterfoil.ledger.queries import TrialLine
from counterfoil.ledger.reader import LedgerReader
from counterfoil.ledger.reading import ReadingConnection
from counterfoil.ledger.refusal import (
    AccountRefusal,
    AccountRefused,
    ClockWentBack,
    LedgerDamaged,
    LedgerError,
    LedgerInUse,
    NotFound,
    Refusal,
    TransferRefused,
)
from counterfoil.ledger.verify import Verification

__all__ = [
    "Account",
    "AccountId",
    "AccountKind",
    "AccountNumber",
    "AccountRefusal",
    "AccountRefused",
    "AttachedRow",
    "Balances",
    "ClockWentBack",
    "Flags",
    "Ledger",
    "LedgerDamaged",
    "LedgerError",
    "LedgerInUse",
    "LedgerReader",
    "Limit",
    "Movements",
    "NewAccount",
    "NotFound",
    "Outcome",
    "Posted",
    "Posting",
    "ReadingConnection",
    "RecordedTransfer",
    "Refusal",
    "Request",
    "Side",
    "Statement",
    "Transfer",
    "TransferId",
    "TransferRefused",
    "TrialLine",
    "Verification",
    "correcting_transfer",
    "imported_transfer",
    "pending_transfer",
    "post_pending_transfer",
    "void_pending_transfer",
]
