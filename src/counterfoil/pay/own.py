"""A person's own payments, deposits and agreements: read through the gate, as all of a person's data.

A person's orders are those that their own payments refer to; no index leads from people to orders.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.consent import Category, Gate, PersonalReader
from counterfoil.kernel.clock import to_us
from counterfoil.kernel.database import Database
from counterfoil.ledger import AccountNumber, Ledger
from counterfoil.pay import agreement_store, hold_store, order_store
from counterfoil.pay.agreement import Agreement
from counterfoil.pay.hold import Hold
from counterfoil.pay.order import Order
from counterfoil.people import PersonId, SignedIn, accounts_of

_WAITING: Final = "awaiting = $1 AND length(awaiting) > 0 AND state = 'created' ORDER BY id"


@dataclass(frozen=True, slots=True)
class Awaiting:
    """What a person has been asked to confirm."""

    orders: tuple[Order, ...]
    holds: tuple[Hold, ...]


class Own:
    """What a person who has signed in sees of their own."""

    def __init__(self, ledger: Ledger, gate: Gate) -> None:
        self._ledger = ledger
        self._gate = gate

    def orders(self, signed_in: SignedIn, count: int = 50) -> tuple[Order, ...]:
        """Show a person the orders that their latest payments paid, the latest first."""
        with self._gate.own(signed_in) as own:
            return own.rows(self.orders_reader(count))

    def awaiting(self, signed_in: SignedIn) -> Awaiting:
        """Show a person what waits for their confirmation."""
        with self._gate.own(signed_in) as own:
            return Awaiting(own.rows(_ORDERS_WAITING), own.rows(_HOLDS_WAITING))

    def agreements(self, signed_in: SignedIn) -> tuple[Agreement, ...]:
        """Show a person the agreements that they signed, ended ones too."""
        with self._gate.own(signed_in) as own:
            return own.rows(_AGREEMENTS)

    def holds(self, signed_in: SignedIn, count: int = 50) -> tuple[Hold, ...]:
        """Show a person the latest holds on their wallets, the latest first."""

        def fetch(database: Database, whose: PersonId) -> Sequence[Hold]:
            found = [
                hold
                for reference in self._references(database, whose, count)
                for hold in hold_store.holds_where(database, "id = $1", (reference,))
            ]
            return sorted(found, key=lambda hold: hold.id, reverse=True)

        with self._gate.own(signed_in) as own:
            return own.rows(PersonalReader("holds", Category.PAYMENTS, fetch))

    def orders_reader(self, count: int) -> PersonalReader[Order]:
        """Declare how a person's orders are read, for the gate."""

        def fetch(database: Database, person: PersonId) -> Sequence[Order]:
            references = self._references(database, person, count)
            if not references:
                return []
            return [
                order
                for reference in sorted(references, reverse=True)
                for order in order_store.orders_where(database, "id = $1", (reference,))
            ]

        return PersonalReader(
            "orders", Category.PAYMENTS, fetch, lambda order: to_us(order.created_at)
        )

    def _references(self, database: Database, person: PersonId, count: int) -> set[bytes]:
        return {
            posting.reference.bytes
            for account in accounts_of(database, person)
            for posting in self._ledger.latest(AccountNumber(account), count, through=database)
            if posting.reference is not None
        }


_ORDERS_WAITING: Final[PersonalReader[Order]] = PersonalReader(
    "orders-waiting",
    Category.PAYMENTS,
    lambda database, person: order_store.orders_where(database, _WAITING, (person.bytes,)),
)
_HOLDS_WAITING: Final[PersonalReader[Hold]] = PersonalReader(
    "holds-waiting",
    Category.PAYMENTS,
    lambda database, person: hold_store.holds_where(database, _WAITING, (person.bytes,)),
)
_AGREEMENTS: Final[PersonalReader[Agreement]] = PersonalReader(
    "agreements",
    Category.PAYMENTS,
    lambda database, person: agreement_store.agreements_where(
        database, "payer = $1 AND length(payer) > 0 AND signed_at > 0 ORDER BY id", (person.bytes,)
    ),
)
