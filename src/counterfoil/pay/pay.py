"""The room as a whole: what a site opens and others use."""

from dataclasses import dataclass
from types import TracebackType
from typing import Self

import counterfoil.pay.phrases  # noqa: F401  # so that its records are told in words
from counterfoil.consent import Gate
from counterfoil.kernel.clock import Clock
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.pay.agreements import Agreements
from counterfoil.pay.applications import Applications
from counterfoil.pay.closing import Closing
from counterfoil.pay.codes import Codes
from counterfoil.pay.commit import Commits
from counterfoil.pay.event import Events
from counterfoil.pay.exchange import Exchange
from counterfoil.pay.holds import Holds
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.orders import Orders
from counterfoil.pay.own import Own
from counterfoil.pay.paying import Paying
from counterfoil.pay.payment import Payments
from counterfoil.pay.placing import Placing
from counterfoil.pay.purses import Purses
from counterfoil.pay.receiving import Receiving
from counterfoil.pay.refunds import Refunds
from counterfoil.pay.resolving import Resolving
from counterfoil.pay.settings import OperatorTerms, read_terms, terms_row
from counterfoil.pay.sharing import Shares
from counterfoil.pay.transfers import MerchantTransfers
from counterfoil.people import KeyService
from counterfoil.wallet import Wallets


@dataclass(frozen=True, slots=True)
class PayRooms:
    """What this room stands on."""

    ledger: Ledger
    gate: Gate
    wallets: Wallets
    keys: KeyService
    clock: Clock


class Pay:
    """Merchants and orders of one operator. Its parts may be used from several threads."""

    def __init__(self, rooms: PayRooms, url: str) -> None:
        """Open this room beside its ledger.

        Raises:
            StoreUnavailable: the database cannot be reached.

        """
        ledger, clock = rooms.ledger, rooms.clock
        self._ledger = ledger
        self._reading = reading = ReadingConnection(url)
        with reading.lend() as database:
            terms = read_terms(database)
        self._commits = commits = Commits(ledger, clock)
        self.events = Events(reading)
        self.purses = Purses(ledger, reading)
        self.merchants = Merchants(ledger, reading, clock)
        self.orders = Orders(commits, reading, self.merchants)
        self.exchange = Exchange(commits, reading, self.orders, terms)
        self.applications = Applications(ledger, reading, self.merchants, rooms.keys, clock)
        payments = Payments(rooms.wallets, self.purses)
        wallets, merchants, purses = rooms.wallets, self.merchants, self.purses
        self.paying = Paying(
            commits, reading, merchants, self.orders, payments, self.exchange, wallets, terms
        )
        self.refunds = Refunds(commits, reading, self.orders, purses, self.exchange, wallets)
        receiving = Receiving(merchants, purses, wallets)
        self.sharing = Shares(commits, reading, self.orders, purses, receiving)
        self.transfers = MerchantTransfers(commits, reading, merchants, purses, receiving)
        placing = Placing(commits, reading, merchants, purses, wallets)
        self._resolving = Resolving(commits, reading, placing, self.orders, purses, wallets, terms)
        self.holds = Holds(commits, reading, placing, self._resolving, self.orders)
        self.agreements = Agreements(
            commits, ledger, reading, merchants, self.paying, wallets, clock
        )
        self.codes = Codes(merchants, self.orders, self.holds, self.agreements)
        self.closing = Closing(
            commits, ledger, reading, self.orders, terms, self.holds.end_due,
            self.agreements.end_due,
        )  # fmt: skip
        self.own = Own(ledger, rooms.gate)

    @property
    def terms(self) -> OperatorTerms:
        """What the operator has decided for all merchants."""
        return self.paying.terms

    def set_terms(self, terms: OperatorTerms) -> None:
        """Decide how long orders can be refunded and how money is exchanged, from now on.

        Raises:
            RequestInvalid: a period or the margin cannot be.

        """
        self._ledger.write(terms_row(terms))
        for part in (self.paying, self.exchange, self._resolving, self.closing):
            part.terms = terms

    def close(self) -> None:
        """Give up the threads and the connection."""
        self._commits.close()
        self._reading.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
