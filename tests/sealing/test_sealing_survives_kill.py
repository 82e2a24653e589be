"""A process that pays and seals is killed at any instant: no leaf is lost, and none doubled."""

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from counterfoil.receipts import LogReader
from tests.sealing.given import PATIENCE_MS, Place

ROUNDS = 5

WORKER = """
import sys
from pathlib import Path
from counterfoil.ledger import AccountNumber, Ledger, Transfer, TransferId
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money, currency_by_code
from counterfoil.receipts import parse_signing_key
from tests.sealing.given import Place

url, folder, transfers, records = sys.argv[1:]
place = Place(url, Path(folder), parse_signing_key(transfers), parse_signing_key(records))
euro = Money(1, currency_by_code("EUR"))
with Ledger.open(url) as ledger, place.sealing(ledger) as sealing, place.people(ledger):
    while True:
        ledger.post_each([
            Transfer(id=TransferId(new_id()), debit_account=AccountNumber(1),
                     credit_account=AccountNumber(2 + k % 2), amount=euro)
            for k in range(97)
        ])
        print("posted", flush=True)
"""


@pytest.mark.slow
def test_a_kill_loses_and_doubles_no_leaf(database_url: str, tmp_path: Path) -> None:
    """After each kill sealing goes on where it ended, and what was published stays published."""
    place = Place(database_url, tmp_path)
    place.village().ledger.close()
    chance = random.Random(7)
    arguments = [database_url, str(tmp_path), place.transfers.secret(), place.records.secret()]
    before = None
    for _ in range(ROUNDS):
        process = subprocess.Popen(
            [sys.executable, "-c", WORKER, *arguments], stdout=subprocess.PIPE, text=True
        )
        assert process.stdout
        assert process.stdout.readline() == "posted\n"  # however slow the machine, there is work
        time.sleep(chance.uniform(0.05, 1.2))
        process.send_signal(signal.SIGKILL)
        process.wait()
        process.stdout.close()
        if before:
            LogReader(place.logs / "transfers").prove_consistency(before)
        published = LogReader(place.logs / "transfers").published()
        before = published.checkpoint.size if published else None
    with place.village_again() as ledger, place.sealing(ledger) as sealing:
        assert sealing.wait_for(transfers=ledger.seq, timeout_ms=PATIENCE_MS)
        assert sealing.state.transfers == ledger.seq > 0
    assert place.differences() == []
