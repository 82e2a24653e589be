"""Every transfer and every record into the receipt log, and receipts out of it.

The ledger knows no receipts, and the receipts know no ledger; this room stands on both. It follows
what is written, makes each row a leaf, keeps the salt keys of accounts, gives holders their
receipts, and holds the database against what was sealed.
"""

from counterfoil.sealing.audit import Audited, Auditor
from counterfoil.sealing.errors import HalfBlinded, NotSealed, SealBroken, SealingError
from counterfoil.sealing.issue import Issuance, Issuer
from counterfoil.sealing.salts import AccountSalts, destroying_rows
from counterfoil.sealing.sealing import Keys, Sealed, Sealing

__all__ = [
    "AccountSalts",
    "Audited",
    "Auditor",
    "HalfBlinded",
    "Issuance",
    "Issuer",
    "Keys",
    "NotSealed",
    "SealBroken",
    "Sealed",
    "Sealing",
    "SealingError",
    "destroying_rows",
]
