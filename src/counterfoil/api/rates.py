"""How often a key may ask: so many requests a second, and as many at once as two seconds make.

A key that was quiet has saved up a burst; one that asks too fast is told when to ask again. What is
remembered is one instant a key, in this process alone: a restart begins anew. A request that was refused
does not count, so that who keeps asking is not kept out by it.
"""

from typing import Final

from counterfoil.api.errors import TooManyRequests
from counterfoil.kernel.clock import Clock

PER_S: Final = 500
"""Far more than a shop asks, and less than a server answers."""
BURST_S: Final = 2
_KEYS_MAX: Final = 10_000
_SECOND_US: Final = 1_000_000


class Rates:
    """Counts requests by key, as a bucket of tokens that fills by time. For one event loop."""

    def __init__(self, per_s: int, clock: Clock) -> None:
        """Let each key ask so often a second; 0: as often as it likes."""
        self._step_us = _SECOND_US // per_s if per_s else 0
        self._clock = clock
        # When the bucket of a key will be full again; each request puts that off by a step.
        self._full_at: dict[str, int] = {}

    def count(self, key: str) -> None:
        """Count a request.

        Raises:
            TooManyRequests: the key asks too fast; `retry_after_s` is when it may ask again.

        """
        if not self._step_us:
            return
        now = self._clock.now_us()
        most = BURST_S * _SECOND_US
        # A clock that was set back keeps nobody out for longer than a burst.
        known = min(max(self._full_at.get(key, 0), now), now + most)
        full_at = known + self._step_us
        if full_at > now + most:
            self._full_at[key] = known
            wait_s = -(-(full_at - now - most) // _SECOND_US)
            raise TooManyRequests(
                f"This key asks too fast. Wait {wait_s} s, and ask at most "
                f"{_SECOND_US // self._step_us} times a second.",
                retry_after_s=wait_s,
            )
        if len(self._full_at) >= _KEYS_MAX:
            self._full_at = {one: at for one, at in self._full_at.items() if at > now}
        self._full_at[key] = full_at
