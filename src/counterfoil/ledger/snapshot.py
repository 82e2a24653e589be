"""A copy of the memory beside the log, so that opening reads back only what came after it.

A snapshot is never trusted over the log: it has a version and a checksum for each piece, and one
that does not fit is set aside and the whole log is read instead. Only the chunks of accounts that
changed since the last snapshot are written again; the others still hold, whatever their age.
"""

import json
import logging
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from counterfoil.kernel.database import Database
from counterfoil.ledger import books as bk
from counterfoil.ledger import store
from counterfoil.ledger.layout import ACCOUNT_DTYPE, CHUNK_ACCOUNTS, HOLD_DTYPE, Records
from counterfoil.ledger.refusal import LedgerDamaged
from counterfoil.ledger.replay import Replay, replay_or_raise
from counterfoil.ledger.state import State

_VERSION = 1
_READ_ROWS = 1 << 17
_READ_ACCOUNTS = 1 << 17

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Loaded:
    """A state built from the database."""

    state: State
    last_change: int
    snapshot_seq: int


class _NotSound(Exception):
    """A piece of the snapshot cannot be trusted; never leaves this module."""


def save_snapshot(database: Database, state: State, last_change: int) -> None:
    """Write what changed since the last snapshot, in the writer's transaction, and the marks."""
    try:
        checksums: dict[str, int] = (_read_meta(database) or {"accounts": {}})["accounts"]
    except _NotSound:
        checksums = {}
    for chunk in range((state.account_count // CHUNK_ACCOUNTS) + 1):
        if state.touched[chunk] or str(chunk) not in checksums:
            data = _account_chunk(state, chunk)
            store.put_snapshot(database, "accounts", chunk, data)
            checksums[str(chunk)] = zlib.crc32(data)
    holds = state.open_holds.tobytes()
    store.put_snapshot(database, "holds", 0, holds)
    if len(state.pending_marks):
        store.append_marks(database, state.pending_marks)
    store.put_snapshot(database, "marks", 0, str(state.seq).encode())
    meta = {
        "version": _VERSION,
        "seq": state.seq,
        "account_count": state.account_count,
        "last_change": last_change,
        "clock_us": state.clock_us,
        "accounts": checksums,
        "holds": zlib.crc32(holds),
    }
    text = json.dumps(meta).encode()
    store.put_snapshot(database, "meta", 0, b"%08x %s" % (zlib.crc32(text), text))


def load_state(database: Database) -> Loaded:
    """Build the memory: the snapshot, if there is a sound one, and the log after it.

    Raises:
        LedgerDamaged: a row of the log disagrees with those before it, or is missing.

    """
    state, last_change = State(), 0
    try:
        meta = _read_meta(database)
        if meta:
            state, last_change = _restore(database, meta), int(meta["last_change"])
    except _NotSound as fault:
        _log.warning("The snapshot is not sound (%s); reading the whole log instead.", fault)
    snapshot_seq, last_seq = state.seq, store.last_seq(database)
    if snapshot_seq > last_seq:
        raise LedgerDamaged(
            f"The log ends at row {last_seq}, and a snapshot was saved at row {snapshot_seq}: "
            "acknowledged rows are missing. Restore a backup."
        )
    last_change = catch_up(database, state, last_change, Replay(state))
    drop_stored_marks(database, state)
    return Loaded(state, last_change, snapshot_seq)


def catch_up(database: Database, state: State, last_change: int, replay: Replay) -> int:
    """Take in the accounts, rows and changes that came after; return the last change's number.

    Raises:
        LedgerDamaged: a row of the log disagrees with those before it.

    """
    # The end of the log first: an account opened meanwhile is then read, its transfers are not.
    end = store.last_seq(database)
    for records in read_accounts(database, state.account_count):
        state.add_accounts(records)
    for rows in read_log(database, state.seq, end):
        replay_or_raise(replay, rows)
    for change, account, rules in store.changes_after(database, last_change):
        state.set_rules(account, rules)
        last_change = change
    return last_change


def read_log(database: Database, after: int, end: int) -> Iterator[Records]:
    """Read the log from after one row up to another, in parts."""
    while after < end:
        rows = store.rows_after(database, after, min(_READ_ROWS, end - after))
        if not len(rows):
            return
        yield rows
        after = int(rows["seq"][-1])


def read_accounts(database: Database, number: int) -> Iterator[Records]:
    """Read the accounts from after a number to the last, as nothing had been posted."""
    while True:
        accounts = store.accounts_after(database, number, _READ_ACCOUNTS)
        if not accounts.num_rows:
            return
        yield store.account_records(accounts)
        number += accounts.num_rows


def _account_chunk(state: State, chunk: int) -> bytes:
    first, end = chunk * CHUNK_ACCOUNTS, min((chunk + 1) * CHUNK_ACCOUNTS, state.account_count + 1)
    data: bytes = state.accounts[first:end].tobytes()
    return data


def _read_meta(database: Database) -> dict[str, Any] | None:
    data = store.get_snapshot(database, "meta", 0)
    if data is None:
        return None
    checksum, _, text = data.partition(b" ")
    if checksum != b"%08x" % zlib.crc32(text):
        raise _NotSound("its head")
    meta: dict[str, Any] = json.loads(text)
    if meta["version"] != _VERSION:
        raise _NotSound(f"version {meta['version']}")
    return meta


def _restore(database: Database, meta: dict[str, Any]) -> State:
    """Load a snapshot, if no piece of it is missing and each matches its checksum."""
    state = State()
    parts = []
    for chunk, checksum in meta["accounts"].items():
        data = store.get_snapshot(database, "accounts", int(chunk))
        if data is None or zlib.crc32(data) != checksum:
            raise _NotSound(f"accounts {chunk}")
        parts.append(np.frombuffer(data, ACCOUNT_DTYPE))
    holds = store.get_snapshot(database, "holds", 0)
    if holds is None or zlib.crc32(holds) != meta["holds"]:
        raise _NotSound("holds")
    state.add_accounts(np.concatenate(parts)[1:])
    if state.account_count != meta["account_count"]:
        raise _NotSound("the number of accounts")
    state.add_holds(np.frombuffer(holds, HOLD_DTYPE))
    state.counters[bk.SEQ] = meta["seq"]
    state.clock_us = meta["clock_us"]
    state.touched[:] = 0
    return state


def drop_stored_marks(database: Database, state: State) -> None:
    """Forget the marks that are stored already."""
    marks = state.pending_marks
    if not len(marks):
        return
    new = marks[marks["seq"] > int(store.get_snapshot(database, "marks", 0) or 0)].copy()
    state.marks[: len(new)] = new
    state.counters[bk.MARK_COUNT] = len(new)
