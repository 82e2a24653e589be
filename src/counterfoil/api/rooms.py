"""What the API stands on: the rooms below, and what the operator has decided about it."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from counterfoil.api.answers import Answers
from counterfoil.api.cursors import Cursors
from counterfoil.api.keys import Keys
from counterfoil.api.rates import Rates
from counterfoil.api.webhooks import Webhooks
from counterfoil.courier import Guard
from counterfoil.kernel.clock import Clock
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.pay import Pay, Settling
from counterfoil.qr import Origin
from counterfoil.score.live import LiveScores
from counterfoil.wallet import Wallets

THREADS: Final = 16
"""Requests that read or submit at once; more wait in order, and all of them share commits."""


@dataclass(frozen=True, slots=True)
class Rooms:
    """The rooms, for every request."""

    ledger: Ledger
    pay: Pay
    wallets: Wallets
    settling: Settling
    origin: Origin
    """Where codes lead, and where problems are explained."""
    guard: Guard
    """Where webhooks may be sent."""
    secret: bytes = field(repr=False)
    """What cursors and webhooks' secrets are made of; 32 bytes."""
    clock: Clock
    reading: ReadingConnection
    scores: LiveScores
    resend: Path
    """Where the courier is asked to tell something again."""
    requests_per_s: int = 0
    """How often a key may ask; 0: as often as it likes."""
    threads: ThreadPoolExecutor = field(init=False, repr=False)
    keys: Keys = field(init=False, repr=False)
    answers: Answers = field(init=False, repr=False)
    cursors: Cursors = field(init=False, repr=False)
    webhooks: Webhooks = field(init=False, repr=False)
    rates: Rates = field(init=False, repr=False)

    def __post_init__(self) -> None:
        threads = ThreadPoolExecutor(THREADS, thread_name_prefix="counterfoil-api")
        given = self.ledger, self.reading
        for name, value in (
            ("threads", threads),
            ("keys", Keys(*given, self.clock)),
            ("answers", Answers(*given, threads, self.clock)),
            ("cursors", Cursors(self.secret)),
            ("webhooks", Webhooks(*given, self.pay.events, self.guard, self.secret, self.clock)),
            ("rates", Rates(self.requests_per_s, self.clock)),
        ):
            object.__setattr__(self, name, value)

    def close(self) -> None:
        """Answer what is being worked on, and give up the connection."""
        self.threads.shutdown()
        self.reading.close()
