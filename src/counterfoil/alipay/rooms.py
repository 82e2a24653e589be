"""What the gateway stands on: the rooms below, and what the operator has decided about it."""

from dataclasses import dataclass, field
from typing import Final

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey

from counterfoil.alipay.certificates import Certificates
from counterfoil.alipay.content import content_key
from counterfoil.alipay.identity import Identities
from counterfoil.alipay.scoring import Scoring
from counterfoil.alipay.tokens import Tokens
from counterfoil.courier import Guard
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.money import Currency, currency_by_code
from counterfoil.pay import ApplicationId, Pay
from counterfoil.qr import Origin
from counterfoil.wallet import Wallets

_FIRST: Final = "CNY"
"""The merchant API's own currency, where wallets are offered in it."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms, for every method."""

    ledger: Ledger
    pay: Pay
    wallets: Wallets
    origin: Origin
    """Where codes and cashier pages lead."""
    guard: Guard
    """Where notices may be sent."""
    key: RSAPrivateKey = field(repr=False)
    """The gateway's own key: answers to nobody known, and certificates, are signed with it."""
    secret: bytes = field(repr=False)
    """What open ids, tokens and the keys for encrypted content are made of; 32 bytes."""
    reading: ReadingConnection
    chosen: Currency | None = None
    """What amounts are in when a request names no currency; None: what the wallets are in."""
    scoring: Scoring | None = None
    """Who answers about scores; None: nobody does here."""
    identities: Identities = field(init=False, repr=False)
    tokens: Tokens = field(init=False, repr=False)
    certificates: Certificates = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "identities", Identities(self.secret))
        object.__setattr__(self, "tokens", Tokens(self.secret, self.ledger, self.reading))
        object.__setattr__(self, "certificates", Certificates(self.key))

    @property
    def currency(self) -> Currency:
        """What amounts are in when a request names no currency."""
        if self.chosen is None:
            offered = sorted(self.wallets.offered(), key=lambda one: (one.code != _FIRST, one.code))
            if not offered:
                return currency_by_code(_FIRST)
            # Read once: whoever offers another currency later names it in requests.
            object.__setattr__(self, "chosen", offered[0])
        return self.chosen or currency_by_code(_FIRST)

    def content_key(self, application: ApplicationId) -> str:
        """Tell the AES key for an application's encrypted content."""
        return content_key(self.secret, application)
