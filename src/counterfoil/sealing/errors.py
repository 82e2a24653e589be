"""Every way this room says no.

SealingError
├── HalfBlinded       the salt key was destroyed: what was sealed with it cannot be opened any more
├── NotSealed         there is no such row, or it is not the caller's, or not published yet
└── SealBroken        the database says something else than what was sealed
"""

from counterfoil.kernel.errors import CounterfoilError


class SealingError(CounterfoilError):
    """A receipt cannot be given out, or the database contradicts its logs."""

    code = "sealing.error"


class HalfBlinded(SealingError):
    """The salt key was destroyed; nobody can open what was sealed with it."""

    code = "sealing.half-blinded"


class NotSealed(SealingError):
    """There is no such row, it is not of that account, or the published log is not there yet."""

    code = "sealing.not-sealed"


class SealBroken(SealingError):
    """The database says something else than what was sealed."""

    code = "sealing.seal-broken"
