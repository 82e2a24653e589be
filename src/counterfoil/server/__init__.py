"""The server: one operator's pages and interfaces in one process, on one port.

It composes the surfaces (`web`, and beside it the merchant gateway and the REST API), stands guard
before them (size, time, headers), measures and logs without a word about anybody, runs the rooms'
own jobs, and stops in order: it takes no new request, answers those that it has, ends the jobs, seals
what is there and closes. A kill loses nothing that was acknowledged.
"""

from counterfoil.server.compose import compose
from counterfoil.server.errors import AddressTaken, ServerError
from counterfoil.server.serve import Settings, serve

__all__ = ["AddressTaken", "ServerError", "Settings", "compose", "serve"]
