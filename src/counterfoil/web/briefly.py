"""What is known for a few minutes, in memory alone: challenges, and names that payers have shown.

A challenge is asked for once and answered once. A payer's name is shown to the shop, in part, because
the payer pays there; it is forgotten before the receipt has cooled.
"""

import secrets
import threading
from collections import OrderedDict
from datetime import timedelta
from typing import Final, Generic, TypeVar

from counterfoil.kernel.clock import Clock
from counterfoil.people import PersonId

CHALLENGE_LIFETIME: Final = timedelta(minutes=10)
NAME_LIFETIME: Final = timedelta(minutes=30)
KEPT_MAX: Final = 20_000

K = TypeVar("K")
V = TypeVar("V")


class Briefly(Generic[K, V]):
    """A map whose entries are forgotten after a while, and the oldest when there are too many."""

    def __init__(self, clock: Clock, lifetime: timedelta) -> None:
        self._clock = clock
        self._lifetime_us = lifetime // timedelta(microseconds=1)
        self._lock = threading.Lock()
        self._kept: OrderedDict[K, tuple[int, V]] = OrderedDict()

    def keep(self, key: K, value: V) -> None:
        """Keep a value, in place of an earlier one."""
        now = self._clock.now_us()
        with self._lock:
            self._kept.pop(key, None)
            self._kept[key] = (now + self._lifetime_us, value)
            while self._kept:
                oldest = next(iter(self._kept))
                if self._kept[oldest][0] > now and len(self._kept) <= KEPT_MAX:
                    break
                del self._kept[oldest]

    def look(self, key: K) -> V | None:
        """Give a value that is still known."""
        with self._lock:
            until, value = self._kept.get(key, (0, None))
            return value if until > self._clock.now_us() else None

    def take(self, key: K) -> V | None:
        """Give a value that is still known, and forget it."""
        value = self.look(key)
        with self._lock:
            self._kept.pop(key, None)
        return value


class Challenges:
    """Random challenges for passkeys, each for one visitor and one use."""

    def __init__(self, clock: Clock) -> None:
        self._kept: Briefly[tuple[str, str], bytes] = Briefly(clock, CHALLENGE_LIFETIME)

    def ask(self, visitor: str, what: str) -> bytes:
        """Make a challenge for a visitor's browser."""
        challenge = secrets.token_bytes(32)
        self._kept.keep((visitor, what), challenge)
        return challenge

    def answered(self, visitor: str, what: str) -> bytes:
        """Give the challenge that an answer must be over, once; one that nobody knows if it is gone."""
        return self._kept.take((visitor, what)) or secrets.token_bytes(32)


class ShownNames:
    """The names of people who have just paid somewhere, in part, as they have shown them there."""

    def __init__(self, clock: Clock) -> None:
        self._kept: Briefly[PersonId, str] = Briefly(clock, NAME_LIFETIME)

    def show(self, person: PersonId, name: str) -> None:
        """Remember what the shop sees of a person's name."""
        self._kept.keep(person, masked(name))

    def of(self, person: PersonId) -> str:
        """Tell what a person has shown of their name; nothing, if that is long ago."""
        return self._kept.look(person) or ""


def masked(name: str) -> str:
    """Show of a name what lets two people agree, and no more.

    >>> masked("Alice Arnaud")
    'Al••• A.'
    >>> masked("王小明")
    '王••'
    """
    first, _space, rest = name.strip().partition(" ")
    if not first.isascii() and len(first) <= 4 and not rest:
        return first[:1] + "•" * max(len(first) - 1, 1)
    shown = first[:2] if len(first) > 3 else first[:1]
    last = f" {rest.strip()[0]}." if rest.strip() else ""
    return f"{shown}•••{last}"
