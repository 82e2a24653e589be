"""The Berka data: a Czech bank's accounts and payments, 1993-1998, replayed into a ledger.

The data was released for the PKDD'99 Discovery Challenge; it is not part of this project. Each row
of its transaction files becomes one imported transfer between the account it names and one of the
bank's own accounts. Beside each row the bank printed the account's balance: a test of every sign,
amount and order, that nobody here could have bent.

Words: a *row* is a line of the bank's files; an *account's history* its rows in the order in which
they happened; a row *ties* when the ledger's balance moved as the bank's printed balance did.

The pure part reads lines (`rows`), finds the order (`order`) and says which transfer a row is
(`mapping`); `importer` reads files and posts; `ties` compares with the ledger's own log.
"""

from counterfoil.ledger.imports.berka.errors import (
    BerkaError,
    BerkaFileUnreadable,
    BerkaLineUnreadable,
    BerkaMissing,
    BerkaRowTwice,
    BerkaTooOld,
)
from counterfoil.ledger.imports.berka.importer import (
    FileCount,
    Import,
    OwnBalance,
    Progress,
    Stage,
    import_berka,
)
from counterfoil.ledger.imports.berka.mapping import OwnAccount
from counterfoil.ledger.imports.berka.ties import TOLERANCE_MINOR, Miss

__all__ = [
    "TOLERANCE_MINOR",
    "BerkaError",
    "BerkaFileUnreadable",
    "BerkaLineUnreadable",
    "BerkaMissing",
    "BerkaRowTwice",
    "BerkaTooOld",
    "FileCount",
    "Import",
    "Miss",
    "OwnAccount",
    "OwnBalance",
    "Progress",
    "Stage",
    "import_berka",
]
