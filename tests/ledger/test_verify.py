"""Whatever is damaged in what is stored, `verify` names the first difference."""

import json
import threading
import zlib
from collections.abc import Callable

import numpy as np
import pytest

from counterfoil.kernel.database import Database, connect
from counterfoil.ledger import (
    Ledger,
    LedgerDamaged,
    LedgerReader,
    post_pending_transfer,
    store,
    void_pending_transfer,
    writer,
)
from counterfoil.ledger.layout import ACCOUNT_DTYPE, HOLD_DTYPE, Records
from counterfoil.ledger.replay import Damage
from tests.ledger.given import damage, eur, fresh, hold, new_account, pay, village

STORED = ("accounts", "transfers", "resolutions", "marks", "snapshot")


@pytest.fixture
def ledger_url(database_url: str) -> str:
    """Store a small story of every kind of row, closed, and a copy of each table beside it."""
    v = village(database_url)
    posted, voided = hold(v.alice, v.bob, 50), hold(v.alice, v.bob, 40)
    with v.ledger as ledger:
        v.fund(v.alice, 1000)  # row 1
        ledger.post(pay(v.alice, v.bob, 100))
        ledger.post(posted)
        ledger.post(voided)
        ledger.post(post_pending_transfer(fresh(), subject=posted.id, amount=eur(30)))
        ledger.post(void_pending_transfer(fresh(), subject=voided.id))
        ledger.post(pay(v.bob, v.alice, 10))
        ledger.post(hold(v.alice, v.bob, 7))  # row 8
        ledger.post_each([pay(v.mint, v.bob, 1) for _ in range(300)])
        ledger.open_account(new_account())
        assert ledger.verify().is_sound
    with connect(database_url, writes=True) as database:
        for table in STORED:
            database.execute(f"CREATE TABLE {table}_kept AS SELECT * FROM {table}")
        database.commit()
    return database_url


def restore(url: str) -> None:
    with connect(url, writes=True) as database:
        for table in STORED:
            database.execute(f"DELETE FROM {table}")
            database.execute(f"INSERT INTO {table} SELECT * FROM {table}_kept")
        database.commit()


DAMAGED_ROWS: dict[Damage, tuple[str, str]] = {
    Damage.SEQ: (
        "DELETE FROM transfers WHERE seq = 3",
        "Row 4 of the log is wrong: its number should be 3 and is 4.",
    ),
    Damage.ACCOUNTS: (
        "UPDATE transfers SET credit_account = 2 WHERE seq = 2",
        "Row 2 of the log is wrong: it is not between two different accounts of one currency.",
    ),
    Damage.DEBIT_PREVIOUS: (
        "UPDATE transfers SET debit_previous = 0 WHERE seq = 2",
        "Row 2 of the log is wrong: the debited account's latest row is 1 and it says 0.",
    ),
    Damage.CREDIT_PREVIOUS: (
        "UPDATE transfers SET credit_previous = 2 WHERE seq = 7",
        "Row 7 of the log is wrong: the credited account's latest row is 6 and it says 2.",
    ),
    Damage.TIME: (
        "UPDATE transfers SET at = at - 3600000000 WHERE seq = 5",
        "Row 5 of the log is wrong: it is dated before an earlier row of the same account.",
    ),
    Damage.AMOUNT: (
        "UPDATE transfers SET amount = -100 WHERE seq = 2",
        "Row 2 of the log is wrong: its amount is -100.",
    ),
    Damage.HOLD: (
        "UPDATE transfers SET subject = 2 WHERE seq = 5",
        "Row 5 of the log is wrong: it resolves row 2, which is no open hold between its accounts.",
    ),
    Damage.HOLD_AMOUNT: (
        "UPDATE transfers SET amount = 51 WHERE seq = 5",
        "Row 5 of the log is wrong: it takes 51 from a hold of 50.",
    ),
    Damage.DEBIT_BALANCE: (
        "UPDATE transfers SET amount = 101 WHERE seq = 2",
        "Row 2 of the log is wrong: the debited account's balance becomes 899 and it says 900.",
    ),
    Damage.CREDIT_BALANCE: (
        "UPDATE transfers SET credit_balance = 1 WHERE seq = 2",
        "Row 2 of the log is wrong: the credited account's balance becomes 100 and it says 1.",
    ),
    Damage.DEBIT_LIMIT: (
        "UPDATE accounts SET limits = 1 WHERE number = 1",
        "Row 1 of the log is wrong: it leaves the debited account 1000 past its limit.",
    ),
    Damage.CREDIT_LIMIT: (
        "UPDATE accounts SET limits = 2 WHERE number = 3",
        "Row 2 of the log is wrong: it leaves the credited account 100 past its limit.",
    ),
}


def allow_bad_amounts(database: Database) -> None:
    """Put the constraint aside that the database itself keeps."""
    if database.dialect == "sqlite":
        database.commit()
        database.query("PRAGMA ignore_check_constraints = ON")
    else:
        database.execute("ALTER TABLE transfers DROP CONSTRAINT IF EXISTS transfers_amount_check")


def test_each_damage_of_the_log_is_named(ledger_url: str) -> None:
    """For every way in which a row can be wrong, its number and the sentence are told.

    Where a snapshot covers the row, `verify` finds it; where none does, the ledger does not open.
    """
    verified: dict[Damage, str | None] = {}
    opened: dict[Damage, str] = {}
    for kind, (statement, _) in DAMAGED_ROWS.items():
        with connect(ledger_url, writes=True) as database:
            allow_bad_amounts(database)
            assert database.execute(statement) == 1
            database.commit()
        with LedgerReader.open(ledger_url) as reader:
            verified[kind] = reader.verify().difference
        damage(ledger_url, "DELETE FROM snapshot WHERE part = 'meta'")
        for open_it in (Ledger.open, LedgerReader.open):
            with pytest.raises(LedgerDamaged) as damaged:
                open_it(ledger_url)
            opened[kind] = damaged.value.message
        restore(ledger_url)
    assert verified == {kind: sentence for kind, (_, sentence) in DAMAGED_ROWS.items()}
    advice = "Run 'counterfoil ledger verify'; restore a backup."
    assert opened == {kind: f"{sentence} {advice}" for kind, sentence in verified.items()}
    assert set(DAMAGED_ROWS) == set(Damage)
    with Ledger.open(ledger_url) as ledger:
        assert ledger.verify().is_sound


def reseal(part: str, dtype: "np.dtype[np.void]", change: Callable[[Records], Records]) -> (
    Callable[[Database], None]
):  # fmt: skip
    """Change what a snapshot holds and give it the right checksums."""

    def apply(database: Database) -> None:
        meta = json.loads((store.get_snapshot(database, "meta", 0) or b"").partition(b" ")[2])
        data = store.get_snapshot(database, part, 0) or b""
        data = change(np.frombuffer(data, dtype).copy()).tobytes()
        store.put_snapshot(database, part, 0, data)
        if part == "holds":
            meta["holds"] = zlib.crc32(data)
        else:
            meta["accounts"]["0"] = zlib.crc32(data)
        text = json.dumps(meta).encode()
        store.put_snapshot(database, "meta", 0, b"%08x %s" % (zlib.crc32(text), text))

    return apply


def raised(account: int) -> Callable[[Records], Records]:
    def change(accounts: Records) -> Records:
        accounts["credits_posted"][account] += 1
        return accounts

    return change


def lowered(holds: Records) -> Records:
    holds["amount"] -= 1
    return holds


def statement(sql: str) -> Callable[[Database], None]:
    def apply(database: Database) -> None:
        assert database.execute(sql)

    return apply


DAMAGED_REST: dict[str, Callable[[Database], None]] = {
    "Account 2: credits posted is kept as 1011, and the log makes 1010.": (
        reseal("accounts", ACCOUNT_DTYPE, raised(2))
    ),
    "Account 1: kind is kept as 1, and the log makes 3.": (
        statement("UPDATE accounts SET kind = 3 WHERE number = 1")
    ),
    "There are 3 accounts stored, and 4 had been opened.": (
        statement("DELETE FROM accounts WHERE number = 4")
    ),
    "The hold of row 8 is open only in the log.": (
        reseal("holds", HOLD_DTYPE, lambda holds: holds[:0])
    ),
    "The hold of row 8 is kept otherwise.": reseal("holds", HOLD_DTYPE, lowered),
    "The mark of account 3 at row 257 is wrong.": (
        statement("UPDATE marks SET credits_posted = 0 WHERE account = 3")
    ),
    "There are 1 marks, and the log makes 2.": statement("DELETE FROM marks WHERE account = 3"),
    "Row 5 and the table of resolutions do not agree.": (
        statement("DELETE FROM resolutions WHERE subject = 3")
    ),
    "Row 9 and the table of resolutions do not agree.": (
        statement("INSERT INTO resolutions (subject, seq) VALUES (2, 9)")
    ),
}


def test_each_damage_of_what_is_derived_is_named(ledger_url: str) -> None:
    """Accounts, holds, marks and resolutions are held against what the log makes of them."""
    found = {}
    for sentence, apply in DAMAGED_REST.items():
        with connect(ledger_url, writes=True) as database:
            apply(database)
            database.commit()
        with Ledger.open(ledger_url) as ledger:
            verification = ledger.verify()
        assert not verification.is_sound
        found[sentence] = verification.difference
        restore(ledger_url)
    assert found == {sentence: sentence for sentence in DAMAGED_REST}


def test_rows_that_vanish_are_missed(ledger_url: str) -> None:
    """What had been seen and is in the log no more is named."""
    with LedgerReader.open(ledger_url) as reader:
        last = reader.seq
        damage(ledger_url, f"DELETE FROM transfers WHERE seq = {last}")
        difference = reader.verify().difference
        assert difference == f"The log ends at row {last - 1}, and {last} had been acknowledged."


def test_verify_tells_its_progress_and_what_it_compared(ledger_url: str) -> None:
    """It counts transfers, accounts and holds, and says how far it has come."""
    told: list[tuple[int, int]] = []
    with Ledger.open(ledger_url) as ledger:
        verification = ledger.verify(lambda done, total: told.append((done, total)))
        seq = ledger.seq
    assert told == [(seq, seq)]
    assert (verification.transfer_count, verification.account_count) == (seq, 4)
    assert verification.open_hold_count == 1


def test_verify_finds_no_difference_beside_a_busy_writer(
    database_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While transfers are made and marks stored, verifying the state of a moment is sound."""
    monkeypatch.setattr(writer, "MARKS_IN_MEMORY_MAX", 1)
    v = village(database_url)
    stop = threading.Event()

    def work() -> None:
        while not stop.is_set():
            v.ledger.post_each([pay(v.mint, v.alice, 1) for _ in range(100)])

    with v.ledger as ledger, LedgerReader.open(database_url) as reader:
        thread = threading.Thread(target=work)
        thread.start()
        differences = [source.verify().difference for _ in range(6) for source in (ledger, reader)]
        stop.set()
        thread.join()
    assert differences == [None] * 12
