"""History: the one gated reader of payments.

A person's payments are those of their accounts. What reads them is declared here as the gate's
readers are (`consent.readers`): it cannot be called, only given to the gate, which fetches with it
once a basis carries the read and has put the read on record. On PostgreSQL the rows come through
the wall, over a connection that sees nobody without a live basis.
"""

from counterfoil.history.history import Funds, History, Payment

__all__ = ["Funds", "History", "Payment"]
