"""A person's export: everything that is held about them, as one file with receipts (PIPL 45, GDPR 15).

`holdings` declares every table of the database: what of it a person gets, or why they get none; a
test holds it against the schema. `gathered` reads it, through the person's own access where anything
is sealed or a payment; `archive` and `words` write it, for programs and for the person; `exports`
answers the request, and puts on record what was given.
"""

from counterfoil.rights.export.exports import EXPORTED, Export, Exports, schemas
from counterfoil.rights.export.gathered import Gathered, Gatherer
from counterfoil.rights.export.holding import Excluded, Holding, Source
from counterfoil.rights.export.holdings import EXCLUDED, HOLDINGS, undeclared
from counterfoil.rights.export.receipts import Proving

__all__ = [
    "EXCLUDED",
    "EXPORTED",
    "HOLDINGS",
    "Excluded",
    "Export",
    "Exports",
    "Gathered",
    "Gatherer",
    "Holding",
    "Proving",
    "Source",
    "schemas",
    "undeclared",
]
