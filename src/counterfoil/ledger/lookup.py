"""What the log knows of a batch: ids made before, what corrections correct, what became of holds.

None of it is asked of the log on the way of a transfer that is new and accepted.
"""

from uuid import UUID

import numpy as np

from counterfoil.kernel.database import Database
from counterfoil.ledger import store
from counterfoil.ledger.books import Batch
from counterfoil.ledger.engine import REPLAYED
from counterfoil.ledger.layout import Flags, Int64s, Record, Records
from counterfoil.ledger.refusal import Refusal
from counterfoil.ledger.request import id_of, is_same, subject_id_of

_CORRECTION = int(Flags.CORRECTION)
_UNCORRECTABLE = int(Flags.PENDING | Flags.VOID | Flags.EXPIRY)


class Known:
    """What has been found out about a batch while it ran: statuses, and rows made before."""

    def __init__(self) -> None:
        self.presets: dict[int, int] = {}
        self.rows: dict[int, Record] = {}
        self.reasons: dict[int, str] = {}
        self.writes_alone = False


def with_subjects(database: Database, asked: Records) -> Records:
    """Fill in what corrections correct; the engine knows open holds only."""
    places = np.flatnonzero(asked["flags"] & _CORRECTION)
    if not len(places):
        return asked
    asked = asked.copy()
    found = _by_id(store.rows_by_id(database, {subject_id_of(asked[k]) for k in places}))
    for k in places:
        one, row = asked[k], found.get(subject_id_of(asked[k]))
        if row is None:
            one["subject"] = -Refusal.CORRECTED_NOT_FOUND
        elif not _may_say_accounts(one, row):
            one["subject"] = -Refusal.HOLD_HAS_OTHER_ACCOUNTS
        elif row["flags"] & _UNCORRECTABLE:
            one["subject"] = -Refusal.NOT_CORRECTABLE
        elif store.resolving_seq(database, int(row["seq"])) is not None:
            one["subject"] = -Refusal.ALREADY_CORRECTED
        else:
            one["subject"] = row["seq"]
            one["subject_amount"] = row["amount"]
            one["debit_account"] = row["credit_account"]
            one["credit_account"] = row["debit_account"]
    return asked


def _may_say_accounts(correction: Record, row: Record) -> bool:
    """Whether a correction leaves the accounts out, or says those that it moves between."""
    return correction["debit_account"] in {0, row["credit_account"]} and (
        correction["credit_account"] in {0, row["debit_account"]}
    )


def look_up(
    database: Database, batch: Batch, places: Int64s, known: Known, accounts: Records
) -> bool:
    """Find ids in the log; note what they were used for. Tell whether anything is new."""
    unknown = [int(k) for k in places if int(k) not in known.presets]
    if not unknown:
        return False
    rows = _by_id(store.rows_by_id(database, {id_of(batch.asked[k]) for k in unknown}))
    if not rows:
        return False
    subjects = store.rows_by_seq(database, {int(r["subject"]) for r in rows.values()} - {0})
    subject_by_seq = {int(row["seq"]): row for row in subjects}
    is_new = False
    for k in unknown:
        row = rows.get(id_of(batch.asked[k]))
        if row is None:
            continue
        currency = int(accounts[row["debit_account"]]["currency"])
        same = is_same(batch.asked[k], row, subject_by_seq.get(int(row["subject"])), currency)
        known.presets[k] = REPLAYED if same else int(Refusal.ID_USED_WITH_OTHER_CONTENT)
        known.rows[k] = row
        is_new = True
    return is_new


def explain_holds(database: Database, batch: Batch, status: Int64s, before: int) -> None:
    """Say what became of the holds that are not open any more.

    `before` is the last row before the batch: what stands behind a transfer in its own batch did
    not exist when it was judged.
    """
    places = np.flatnonzero(status == Refusal.HOLD_NOT_FOUND)
    if not len(places):
        return
    ids = {subject_id_of(batch.asked[k]) for k in places}
    holds = _by_id(store.rows_by_id(database, ids))
    for k in places:
        hold = holds.get(subject_id_of(batch.asked[k]))
        if hold is None or hold["seq"] > before:
            continue
        status[k] = Refusal.NOT_A_HOLD
        if hold["flags"] & Flags.PENDING:
            resolving = store.resolving_seq(database, int(hold["seq"]))
            assert resolving is not None, "an open hold is in memory"
            status[k] = _what_resolved(store.rows_by_seq(database, [resolving])[0])


def _what_resolved(row: Record) -> Refusal:
    if row["flags"] & Flags.POST:
        return Refusal.HOLD_ALREADY_POSTED
    return Refusal.HOLD_ALREADY_VOIDED if row["flags"] & Flags.VOID else Refusal.HOLD_EXPIRED


def _by_id(rows: Records) -> dict[UUID, Record]:
    return {id_of(row): row for row in rows}
