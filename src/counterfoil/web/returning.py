"""What the pages ask of whoever knows how shops are told: the address by which a browser goes back."""

from datetime import datetime
from typing import Protocol

from counterfoil.pay import Agreement, Application, Order
from counterfoil.people import PersonId


class Returning(Protocol):
    """Writes the addresses by which browsers go back to shops."""

    def of_order(self, order: Order, at: datetime) -> str:
        """Write where the payer of an order goes."""

    def of_agreement(self, agreement: Agreement, at: datetime) -> str:
        """Write where the signer of an agreement goes."""

    def of_authorization(
        self,
        url: str,
        application: Application,
        who: PersonId,
        scope: str,
        state: str,
        at: datetime,
    ) -> str:
        """Write where somebody goes who agreed to be known, with a code that is good once."""

    def of_refusal(self, url: str, application: Application, state: str) -> str:
        """Write where somebody goes who did not agree."""
