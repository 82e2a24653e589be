"""Rings the pages that an event is about: the till of an order that was paid, the phone of its payer.

The events are the outbox of `pay`, in the order in which they became durable. While nobody looks at a
page that could ring, they are only passed over.
"""

import threading
from collections import Counter
from typing import Final

from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import seconds
from counterfoil.pay import Event, EventKind, OrderId, PayNotFound
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
            order = self._site.pay.orders.order(OrderId(event.about))
        except PayNotFound:
            return
        if order.till is not None:
            self._streams.ring(f"till:{order.till}")
        for person in {order.awaiting, order.paid.payer if order.paid else None} - {None}:
            self._streams.ring(f"person:{person}")
