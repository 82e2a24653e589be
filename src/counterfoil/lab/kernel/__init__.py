"""One resident's month, compiled: the default engine.

`lab.reference` says the same in NumPy and is the easier one to read; a test holds the two to
the same bits. A resident writes only to their own entries, so any number of threads may share
the residents among them: a tie between two people is judged by both ends, from the same random
word, and each removes its own half.

Residents are moved in chunks small enough for a core's own cache, each chunk in four passes:
contacts, records, scores, counting. Functions are called once a chunk, not once a resident,
because each call that hands over arrays counts references, which two threads then fight over
(measured: 2,000 ms a month instead of 30).
"""

from counterfoil.lab.kernel.arrays import Fixed, Moving, fixed_of
from counterfoil.lab.kernel.layout import (
    close_up,
    close_up_alone,
    spread_out,
    spread_out_alone,
)
from counterfoil.lab.kernel.month import (
    draw_quarter,
    draw_quarter_alone,
    move_month,
    move_month_alone,
)

__all__ = [
    "Fixed", "Moving", "close_up", "close_up_alone", "draw_quarter", "draw_quarter_alone",
    "fixed_of", "move_month", "move_month_alone", "spread_out", "spread_out_alone",
]  # fmt: skip
