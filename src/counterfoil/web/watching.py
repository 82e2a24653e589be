"""Rings the pages that an event is about: the till of an order that was paid, the phone of its payer.

The events are the outbox of `pay`, in the order in which they became durable. While nobody looks at a
page that could ring, they are only passed over.
"""

import threading
from collections import Counter
from typing import Final

from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import seconds
from counterfoil.pay import Event, EventKind, Hold, HoldId, Order, OrderId, PayNotFound
from counterfoil.people import PersonId
from counterfoil.web.streams import Streams

LOOK_EVERY_MS: Final = 100
IDLE_EVERY_MS: Final = 1_000


class Watching:
    """Follows the events while the server runs."""

    def __init__(self, site: Site, streams: Streams) -> None:
        self._site, self._streams = site, streams
        self.counts: Counter[EventKind] = Counter()
        """What has happened since the server started, by kind."""

    def run(self, stop: threading.Event) -> None:
        """Follow the events until told to stop."""
        number = self._site.pay.events.latest()
        while not stop.is_set():
            for event in self._site.pay.events.after(number):
                number = event.number
                self.counts[event.kind] += 1
                if self._streams.is_listened_to:
                    self._ring(event)
            stop.wait(seconds(LOOK_EVERY_MS if self._streams.is_listened_to else IDLE_EVERY_MS))

    def _ring(self, event: Event) -> None:
        try:
            order: Order | Hold = self._about(event)
        except PayNotFound:
            return
        if order.till is not None:
            self._streams.ring(f"till:{order.till}")
        for person in {order.awaiting, _payer(order)} - {None}:
            self._streams.ring(f"person:{person}")

    def _about(self, event: Event) -> Order | Hold:
        if event.kind.startswith("hold-"):
            return self._site.pay.holds.hold(HoldId(event.about))
        return self._site.pay.orders.order(OrderId(event.about))


def _payer(paid: Order | Hold) -> PersonId | None:
    if isinstance(paid, Hold):
        return paid.payer
    return paid.paid.payer if paid.paid else None
