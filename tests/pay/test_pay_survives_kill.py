"""A process that pays is killed at any instant: no order is without its money, no money without its order."""

import random
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import pytest

from counterfoil.kernel.database import connect
from counterfoil.ledger import LedgerReader
from counterfoil.pay import Movement
from tests.consent.world import town
from tests.pay.world import Street, street
from tests.wallet.world import bank, euros

ROUNDS = 3


def prepared(url: str, folder: Path) -> list[str]:
    """Open a bakery where Alice and Bob may spend a lot; name who is there."""
    with (
        town(url, folder, datetime.now(UTC) - timedelta(hours=1)) as place,
        bank(place) as opened,
        street(opened) as market,
    ):
        for person in (market.alice, market.bob):
            for _ in range(9):
                opened.fund(person, euros("1000"))
        return list(map(str, (market.bakery.id, market.store.id, market.alice, market.bob)))


def shopping(url: str, folder: Path, names: list[str], seconds: float) -> list[list[str]]:
    """Shop for a while, kill, and tell what was acknowledged."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.pay.shopper", url, str(folder), *names],
        stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    assert process.stdout
    first = process.stdout.readline()  # however slow the machine, there is work
    time.sleep(seconds)
    process.send_signal(signal.SIGKILL)
    rest = process.stdout.read()
    process.wait()
    process.stdout.close()
    whole = [line for line in (first + rest).splitlines(keepends=True) if line.endswith("\n")]
    return [line.split() for line in whole]


@pytest.mark.slow
def test_a_kill_leaves_no_order_without_its_money(database_url: str, tmp_path: Path) -> None:
    """After every kill each order says what its transfers do, and what was acknowledged is there."""
    names = prepared(database_url, tmp_path)
    chance = random.Random(4)
    acknowledged: list[list[str]] = []
    for _ in range(ROUNDS):
        acknowledged += shopping(database_url, tmp_path, names, chance.uniform(0.3, 1.5))
        check(database_url)
    check_acknowledged(database_url, acknowledged)
    assert len(acknowledged) > ROUNDS


def check(url: str) -> None:
    """Hold every order and hold against the log."""
    with LedgerReader.open(url) as ledger, connect(url, writes=False) as database:
        orders = database.query(
            "SELECT id, state, amount, fee, fee_returned, refunded, paid_at FROM orders"
        ).to_pylist()
        moved: dict[tuple[bytes, int], int] = {}
        for row in database.query(
            "SELECT reference, code, amount FROM transfers WHERE reference IS NOT NULL"
        ).to_pylist():
            reference = row["reference"]
            key = (
                reference if isinstance(reference, bytes) else UUID(str(reference)).bytes,
                row["code"],
            )
            moved[key] = moved.get(key, 0) + row["amount"]
        for order in orders:
            came = sum(
                moved.pop((order["id"], code), 0) for code in (Movement.PAYMENT, Movement.CAPTURE)
            )
            assert came == (order["amount"] if order["paid_at"] else 0)
            assert moved.pop((order["id"], Movement.REFUND), 0) == order["refunded"]
            assert moved.pop((order["id"], Movement.FEE), 0) == order["fee"]
            assert moved.pop((order["id"], Movement.FEE_RETURN), 0) == order["fee_returned"]
        holds = {Movement.HOLD, Movement.RELEASE}
        assert [key for key in moved if key[1] not in holds] == [], "money without its order"
        refunds = database.query(
            "SELECT order_id, sum(amount) AS amount FROM refunds GROUP BY order_id"
        ).to_pylist()
        assert {row["order_id"]: int(row["amount"]) for row in refunds} == {
            order["id"]: order["refunded"] for order in orders if order["refunded"]
        }
        events = database.query(
            "SELECT about, kind, count(*) AS count FROM pay_events GROUP BY about, kind"
        ).to_pylist()
        paid = {row["about"] for row in events if row["kind"] == "order-paid" and row["count"] == 1}
        assert paid == {order["id"] for order in orders if order["paid_at"]}
        ledger.verify()


def check_acknowledged(url: str, acknowledged: list[list[str]]) -> None:
    """What was answered is in the database."""
    with connect(url, writes=False) as database:
        rows = database.query("SELECT id, paid_at, refunded FROM orders").to_pylist()
    orders = {row["id"]: row for row in rows}
    for word, name in acknowledged:
        row = orders[UUID(name).bytes]
        assert row["paid_at"]
        assert word == "paid" or row["refunded"]


def test_the_check_finds_an_order_without_its_money(market: Street) -> None:
    """An order that says that it is paid, and nothing moved, is found."""
    market.sold("5")
    order = market.bread("3")
    ledger = market.bank.town.ledger
    check(ledger._url)
    from counterfoil.kernel.database import AttachedRow

    ledger.write(
        AttachedRow(
            "UPDATE orders SET state = 'paid', paid_at = 1 WHERE id = $1", (order.id.bytes,)
        )
    )
    with pytest.raises(AssertionError):
        check(ledger._url)
