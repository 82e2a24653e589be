"""Every way this room says no.

RetentionError
└── ClockJumped    so long after the last run that the clock may be wrong: a human says it is right
"""

from counterfoil.kernel.errors import CounterfoilError


class RetentionError(CounterfoilError):
    """Nothing is deleted now."""

    code = "retention.error"


class ClockJumped(RetentionError):
    """More days have passed since the last run than is plausible; what is deleted stays deleted."""

    code = "retention.clock-jumped"
