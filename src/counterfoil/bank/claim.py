"""What other rooms tell this one: whose a received reference is, and what to do when money comes back.

The bank's room knows orders and accounts of the ledger, never why they are there. A room that asks
for orders, or hands out references, registers a `Claimant`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from counterfoil.bank.model import Order, OrderKind
from counterfoil.kernel.database import AttachedRow
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency


@dataclass(frozen=True, slots=True)
class Destination:
    """Where received money goes, and what its transfer is called there."""

    account: AccountNumber
    code: int


class Claimant(Protocol):
    """A room that has business with the bank."""

    kind: OrderKind
    paid_code: int
    """What the transfer is called that says that the bank has paid."""
    back_code: int
    """What the transfer is called that gives the money back."""

    def destination(self, reference: str, currency: Currency) -> Destination | None:
        """Tell whose a creditor reference is; None: not this room's."""

    def back_rows(self, order: Order, reason: str, at_us: int) -> Sequence[AttachedRow]:
        """Make the rows that go with money that comes back: a notice, a limit that is uncounted."""
