"""The API as a server mounts it: the application, and the channel by which webhooks are told.

surface = open_surface(site, origin, clock, guard)
Mount("/api/v1", app=surface.app)          # and surface.channel among the courier's
"""

from dataclasses import dataclass

from counterfoil.api import scores
from counterfoil.api.app import MOUNT, APIApp
from counterfoil.api.rooms import Rooms
from counterfoil.api.secret import read_or_make
from counterfoil.api.webhooks import Webhooks
from counterfoil.bootstrap import Site
from counterfoil.courier import Guard
from counterfoil.kernel.clock import Clock
from counterfoil.ledger import ReadingConnection
from counterfoil.qr import Origin


@dataclass(frozen=True, slots=True)
class Surface:
    """The API, open."""

    app: APIApp
    channel: Webhooks

    def forget_answers(self) -> None:
        """Forget the answers that nobody asks for again."""
        self.app.rooms.answers.forget()

    def close(self) -> None:
        """Answer what is being worked on."""
        self.app.close()


def open_surface(
    site: Site, origin: Origin, clock: Clock, guard: Guard, requests_per_s: int = 0,
    *, scores_only: bool = False,
) -> Surface:  # fmt: skip
    """Open the API: all of it, or about scores alone; a key may ask so often a second, 0: no limit.

    Raises:
        SecretUnusable: the API's secret cannot be used.
        StoreUnavailable: the database cannot be reached.

    """
    secret = read_or_make(site.place.keys_folder)
    rooms = Rooms(
        site.ledger, site.pay, site.wallets, site.settling, origin, guard, secret, clock,
        ReadingConnection(site.url), site.live_scores, site.place.resend, requests_per_s,
    )  # fmt: skip
    return Surface(APIApp(rooms, [scores.router] if scores_only else None), rooms.webhooks)


__all__ = ["MOUNT", "Surface", "open_surface"]
