"""What every worker needs before it can start, done once in the process they are forked from.

Importing and loading the compiled engine takes seconds, opening a ledger milliseconds; a worker
forked from here meets its death in the ledger and not in an import. No thread is started here and
no database opened, so that a fork is as good as a new process.
"""

import numpy as np

from counterfoil.ledger.books import forget_resolved, release_due, undo
from counterfoil.ledger.engine import post
from counterfoil.ledger.layout import ACCOUNT_DTYPE, ASKED_DTYPE, empty
from counterfoil.ledger.replay import Replay
from counterfoil.ledger.state import Room, State
from tools.soak import worker

_ = worker.run


def load_engine() -> None:
    """Run each compiled function once, on a ledger of two accounts."""
    state, room = State(), Room.of(4)
    state.add_accounts(empty(2, ACCOUNT_DTYPE))
    state.make_room(8)
    asked = empty(1, ASKED_DTYPE)
    asked["id_lo"], asked["amount"] = 1, 1
    asked["debit_account"], asked["credit_account"] = 1, 2
    batch = room.batch(asked, corrects=False)
    release_due(state.books, batch, 1, 4, 0)
    post(state.books, batch, 1)
    rows = np.copy(batch.rows[:1])
    undo(state.books, batch, 0)
    forget_resolved(state.books, batch)
    Replay(state).apply(rows)


load_engine()
