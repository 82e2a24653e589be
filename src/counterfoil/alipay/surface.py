"""The gateway as a server mounts it: the application, and the courier that carries notices.

surface = open_surface(site, origin, clock, Settings())
Route("/gateway.do", endpoint=surface.app)         # and surface.courier.run beside it
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.alipay.app import GatewayApp
from counterfoil.alipay.gateway import Gateway
from counterfoil.alipay.keyfile import read_or_make, secret_of
from counterfoil.alipay.methods.bill import BILL_PATH
from counterfoil.alipay.notice import Notices
from counterfoil.alipay.returning import Returning
from counterfoil.alipay.rooms import Rooms
from counterfoil.alipay.scoring import Scoring
from counterfoil.bootstrap import Site
from counterfoil.courier import Channel, Courier, Guard
from counterfoil.kernel.clock import Clock, from_us
from counterfoil.ledger import ReadingConnection
from counterfoil.money import currency_by_code
from counterfoil.qr import Origin

PATH: Final = "/gateway.do"


@dataclass(frozen=True, slots=True)
class Settings:
    """What the operator decides about the gateway."""

    currency: str = ""
    """What amounts are in when a request names no currency; empty: the currency of the wallets."""
    opened: tuple[str, ...] = ()
    """Hosts and networks of the operator's own that notices may be sent to."""


@dataclass(frozen=True, slots=True)
class Surface:
    """The gateway, open."""

    app: GatewayApp
    courier: Courier
    returning: Returning
    """How browsers go back to shops."""

    rooms: Rooms
    clock: Clock

    def forget_codes(self) -> None:
        """Forget which codes were exchanged, of those that are over."""
        self.rooms.tokens.forget(from_us(self.clock.now_us()))

    def close(self) -> None:
        """Answer what is being worked on; send nothing more."""
        self.app.close()
        self.courier.close()


def open_surface(
    site: Site, origin: Origin, clock: Clock, settings: Settings, channels: Sequence[Channel] = ()
) -> Surface:
    """Open the gateway on an operator's rooms; its courier carries other surfaces' channels too.

    Raises:
        GatewayKeyUnusable: the gateway's key cannot be used.
        UnknownCurrency: there is no such currency.

    """
    key = read_or_make(site.place.keys_folder)
    currency = currency_by_code(settings.currency) if settings.currency else None
    guard = Guard.opened(settings.opened)
    scoring = Scoring(site.answers, site.consent, site.wallets.accounts.people_lock)
    rooms = Rooms(
        site.ledger, site.pay, site.wallets, origin, guard, key, secret_of(key),
        ReadingConnection(site.url), currency, scoring,
    )  # fmt: skip
    courier = Courier(
        site.ledger,
        site.url,
        [Notices(rooms), *channels],
        guard,
        clock,
        asked_again=site.place.resend,
    )
    return Surface(GatewayApp(Gateway(rooms, clock)), courier, Returning(rooms), rooms, clock)


__all__ = ["BILL_PATH", "PATH", "Settings", "Surface", "open_surface"]
