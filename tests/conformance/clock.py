"""The machine's clock, moved: what is to have happened before the suite begins happened in the past."""

from datetime import timedelta

from counterfoil.kernel.clock import SystemClock


class ShiftedClock:
    """Tells the time, less what is still to pass until now."""

    def __init__(self, behind: timedelta) -> None:
        self._real, self.behind = SystemClock(), behind

    def now_us(self) -> int:
        """Tell the time."""
        return self._real.now_us() - self.behind // timedelta(microseconds=1)

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.behind -= by
