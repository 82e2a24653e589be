"""Messages to addresses that others chose: told until heard, and never into the operator's network.

An *event* is something that happened, numbered in order by whoever made it. A *channel* knows to
whom an event is told and in which form. A *delivery* is one event on its way to one address, with
one id on all its *attempts*. Deliveries are durable; a restart goes on where it was.

    courier = Courier(ledger, url, [channel], Guard.opened(["shop.internal"]), clock)
    with courier: …

What is promised: each event is told at least once, in the gaps of its channel's schedule; an
address that hangs holds up only its own host; no redirect is followed; no address of this machine
or of a private network is connected to, whatever its name resolves to, unless the operator opened it.
"""

from counterfoil.courier.address import Guard
from counterfoil.courier.courier import Courier, ask_again
from counterfoil.courier.errors import (
    AddressForbidden,
    AddressInvalid,
    CourierError,
    DeliveryNotFound,
)
from counterfoil.courier.model import (
    Addressed,
    Batch,
    Channel,
    Delivery,
    Message,
    Outcome,
    State,
)

__all__ = [
    "AddressForbidden",
    "AddressInvalid",
    "Addressed",
    "Batch",
    "Channel",
    "Courier",
    "CourierError",
    "Delivery",
    "DeliveryNotFound",
    "Guard",
    "Message",
    "Outcome",
    "State",
    "ask_again",
]
