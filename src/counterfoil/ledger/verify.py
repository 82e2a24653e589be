"""Doubting everything: rebuild every balance from the log alone and compare it with what is kept.

Each row is held against the rows before it (`replay`), and then the accounts, the open holds, the
marks and the table of resolutions against what the rows make. The first difference is named.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from counterfoil.kernel.database import Database
from counterfoil.ledger import store
from counterfoil.ledger.layout import MARK_DTYPE, Flags, Records, empty
from counterfoil.ledger.queries import Reading, exact_sum
from counterfoil.ledger.replay import Replay
from counterfoil.ledger.snapshot import read_accounts, read_log
from counterfoil.ledger.state import State

Progress = Callable[[int, int], None]
"""Called with the rows done and the rows in all."""

_COMPARED = (
    "debits_posted",
    "credits_posted",
    "debits_pending",
    "credits_pending",
    "head",
    "last_at",
    "currency",
    "kind",
)
_RESOLVING = int(Flags.POST | Flags.VOID | Flags.EXPIRY | Flags.CORRECTION)


@dataclass(frozen=True, slots=True)
class Verification:
    """What was compared, and the first difference if there is one."""

    transfer_count: int
    account_count: int
    open_hold_count: int
    difference: str | None

    @property
    def is_sound(self) -> bool:
        """Whether all of it agrees."""
        return self.difference is None


def verify(reading: Reading, database: Database, progress: Progress | None = None) -> Verification:
    """Rebuild the ledger from its log and compare, as it stood when the call was made."""
    with reading() as kept:
        seq, count = kept.seq, kept.account_count
        accounts = kept.accounts[: count + 1].copy()
        holds = kept.open_holds.copy()
    rebuilt = State()
    for records in read_accounts(database, 0):
        rebuilt.add_accounts(records)
    difference, marks, resolutions = _replay_until(rebuilt, database, seq, progress)
    difference = (
        difference
        or _compare_accounts(accounts, rebuilt, count)
        or _compare_holds(holds, rebuilt.open_holds)
        or _compare_sums(rebuilt)
        or _compare_marks(database, marks, seq)
        or _compare_resolutions(database, seq, resolutions)
    )
    return Verification(seq, count, len(holds), difference)


def _replay_until(
    state: State, database: Database, seq: int, progress: Progress | None
) -> tuple[str | None, Records, Records]:
    """Apply the log up to a row; give what is wrong, the marks and the resolutions it makes."""
    replay = Replay(state)
    marks, resolutions = [empty(0, MARK_DTYPE)], [empty(0, store.RESOLUTION_DTYPE)]
    for rows in read_log(database, 0, seq):
        wrong = replay.apply(rows)
        if wrong is not None:
            return str(wrong), marks[0], resolutions[0]
        resolutions.append(_resolutions(rows))
        marks.append(state.pending_marks.copy())
        state.drop_pending_marks()
        if progress:
            progress(state.seq, seq)
    if state.seq != seq:
        wrong_end = f"The log ends at row {state.seq}, and {seq} had been acknowledged."
        return wrong_end, marks[0], resolutions[0]
    return None, np.concatenate(marks), np.concatenate(resolutions)


def _resolutions(rows: Records) -> Records:
    some = rows[(rows["flags"] & _RESOLVING) != 0]
    made = empty(len(some), store.RESOLUTION_DTYPE)
    made["subject"], made["seq"] = some["subject"], some["seq"]
    return made


def _compare_accounts(kept: Records, rebuilt: State, count: int) -> str | None:
    if rebuilt.account_count < count:
        return f"There are {rebuilt.account_count} accounts stored, and {count} had been opened."
    made = rebuilt.accounts[: count + 1]
    for name in _COMPARED:
        wrong = np.flatnonzero(kept[name] != made[name])
        if len(wrong):
            number = int(wrong[0])
            return (
                f"Account {number}: {name.replace('_', ' ')} is kept as {kept[name][number]}, and "
                f"the log makes {made[name][number]}."
            )
    return None


def _compare_holds(kept: Records, made: Records) -> str | None:
    fields = ["seq", "amount", "expires_at", "debit_account", "credit_account"]
    kept, made = np.sort(kept[fields]), np.sort(made[fields])
    odd = np.setxor1d(kept["seq"], made["seq"])
    if len(odd):
        where = "memory" if odd[0] in kept["seq"] else "the log"
        return f"The hold of row {odd[0]} is open only in {where}."
    wrong = np.flatnonzero(kept != made)
    return f"The hold of row {kept['seq'][wrong[0]]} is kept otherwise." if len(wrong) else None


def _compare_sums(state: State) -> str | None:
    accounts = state.accounts[1 : state.account_count + 1]
    for currency in np.unique(accounts["currency"]):
        some = accounts[accounts["currency"] == currency]
        for kind in ("posted", "pending"):
            debits, credits_ = exact_sum(some[f"debits_{kind}"]), exact_sum(some[f"credits_{kind}"])
            if debits != credits_:
                return f"Currency {currency}: debits {kind} are {debits}, credits {credits_}."
    return None


def _compare_marks(database: Database, made: Records, seq: int) -> str | None:
    # The writer may have gone on since, and stored later marks.
    stored_until = min(int(store.get_snapshot(database, "marks", 0) or 0), seq)
    stored, made = store.every_mark(database), made[made["seq"] <= stored_until]
    stored, made = (np.sort(m[m["seq"] <= stored_until], order=["seq", "account"])
                    for m in (stored, made))  # fmt: skip
    if len(stored) != len(made):
        return f"There are {len(stored)} marks, and the log makes {len(made)}."
    wrong = np.flatnonzero(stored != made)
    if len(wrong):
        mark = stored[wrong[0]]
        return f"The mark of account {mark['account']} at row {mark['seq']} is wrong."
    return None


def _compare_resolutions(database: Database, seq: int, made: Records) -> str | None:
    stored = store.every_resolution(database, seq)
    stored, made = np.sort(stored), np.sort(made)
    odd = np.setxor1d(stored, made)
    if len(odd):
        return f"Row {odd[0]['seq']} and the table of resolutions do not agree."
    return None
