"""Every way the server says no before it serves.

ServerError
├── AddressTaken     something else listens there
└── OriginUnusable   the address that people are to open is none
"""

from counterfoil.kernel.errors import CounterfoilError


class ServerError(CounterfoilError):
    """The server cannot start."""

    code = "server.error"


class AddressTaken(ServerError):
    """Something else listens at that address, or this machine does not have it."""

    code = "server.address-taken"


class OriginUnusable(ServerError):
    """The address that people are to open is none."""

    code = "server.origin-unusable"
