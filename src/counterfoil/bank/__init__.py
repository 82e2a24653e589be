"""The bank rail: payment orders out as pain.001, status reports and statements in, once each.

The port is `BankRail`, which carries files; the files are ISO 20022. What is booked at the bank is
booked here, so that the ledger's nostro account is the statement's closing balance, to the unit; what
has left and is not booked yet is in transit; what nobody can explain is in suspense and in a report.
This room knows orders and accounts, never why they are there: rooms above register a `Claimant`.
"""

from counterfoil.bank.bank import Bank, Unread
from counterfoil.bank.claim import Claimant, Destination
from counterfoil.bank.errors import (
    AccountUnknown,
    BankBusy,
    BankError,
    EntryNotInSuspense,
    FileChanged,
    IBANInvalid,
    MessageTooLarge,
    MessageUnreadable,
    ReferenceInvalid,
)
from counterfoil.bank.iban import IBAN, masked, parse_iban
from counterfoil.bank.importing import Taken
from counterfoil.bank.model import (
    Entry,
    EntryOutcome,
    NewOrder,
    Order,
    OrderId,
    OrderKind,
    OrderState,
    OwnAccount,
    Party,
    Payment,
    PaymentFile,
    PaymentStatus,
    Statement,
    StatusReport,
)
from counterfoil.bank.orders import SentFile
from counterfoil.bank.rail import BankRail, FolderRail, Received
from counterfoil.bank.reference import new_reference, parse_reference
from counterfoil.bank.simulated import Instructions, PayIn, SimulatedBank
from counterfoil.bank.store import StoredEntry

__all__ = [
    "IBAN",
    "AccountUnknown",
    "Bank",
    "BankBusy",
    "BankError",
    "BankRail",
    "Claimant",
    "Destination",
    "Entry",
    "EntryNotInSuspense",
    "EntryOutcome",
    "FileChanged",
    "FolderRail",
    "IBANInvalid",
    "Instructions",
    "MessageTooLarge",
    "MessageUnreadable",
    "NewOrder",
    "Order",
    "OrderId",
    "OrderKind",
    "OrderState",
    "OwnAccount",
    "Party",
    "PayIn",
    "Payment",
    "PaymentFile",
    "PaymentStatus",
    "Received",
    "ReferenceInvalid",
    "SentFile",
    "SimulatedBank",
    "Statement",
    "StatusReport",
    "StoredEntry",
    "Taken",
    "Unread",
    "masked",
    "new_reference",
    "parse_iban",
    "parse_reference",
]
