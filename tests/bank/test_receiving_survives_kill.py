"""Taking in a bank's statement is killed in the middle and done again: each entry counts once."""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pytest

from counterfoil.bank import Instructions, Party, PayIn, SimulatedBank, parse_iban
from counterfoil.kernel.database import Database, connect
from counterfoil.money import Money, currency_by_code

EUR = currency_by_code("EUR")
LARCH = Party("Larch Savings", parse_iban("NL33LRCH0000000001"))
COUNT = 400
WAIT_S = 60


def count_of(database: Database) -> int:
    found = database.query("SELECT count(*) AS n FROM bank_entries").to_pylist()
    return int(found[0]["n"])


@pytest.mark.slow
def test_a_killed_statement_is_taken_in_once(database_url: str, tmp_path: Path) -> None:
    """Killed between two commits: what is booked is booked, the rest follows, and the books agree."""
    where = ["--keys", f"{tmp_path}/keys", "--database", database_url]
    program = str(Path(sys.executable).with_name("counterfoil"))

    def run(*command: str) -> Sequence[str]:
        return [program, "bank", *command, *where]

    opening = run("open-account", "--iban", LARCH.iban, "--holder", LARCH.name, "--currency", "EUR")
    subprocess.run(opening, check=True, capture_output=True)
    bank = SimulatedBank(tmp_path / "rail", LARCH, EUR)
    pay_ins = [PayIn(Money(k, EUR), f"stray {k}") for k in range(1, COUNT + 1)]
    bank.day(date(2026, 1, 5), Instructions(pay_ins=pay_ins))
    receive = run("receive", str(tmp_path / "rail"), "--json")
    with (
        connect(database_url, writes=False) as database,
        subprocess.Popen(receive, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as killed,
    ):
        until = time.monotonic() + WAIT_S
        while not count_of(database) and killed.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        killed.kill()
    with connect(database_url, writes=False) as database:
        before = count_of(database)
        assert before > 0
        again = subprocess.run(receive, check=True, capture_output=True)
        (told,) = json.loads(again.stdout)["files"]
        assert (told["known"], len(told["suspense"])) == (before, COUNT - before)
        assert told["findings"] == [], "nostro is not the statement's closing balance"
        assert count_of(database) == COUNT
