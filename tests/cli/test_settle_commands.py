"""`counterfoil settle` and `settle reconcile`, as an operator runs them after midnight."""

import json
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from counterfoil.bank import Party, parse_iban
from counterfoil.bench.market import Market, market
from counterfoil.kernel.clock import ManualClock
from counterfoil.kernel.database import connect, single
from counterfoil.kernel.ids import new_id
from counterfoil.money import Money
from counterfoil.pay import FeeTerms, MerchantId, NewMerchant, NewOrder, Way
from tools.program import counterfoil

OWN_IBAN = "NL33LRCH0000000001"
OWN = ("--iban", OWN_IBAN, "--holder", "Larch Savings", "--currency", "CNY")
DAY = (datetime.now(UTC) - timedelta(days=3)).replace(hour=12, minute=0, second=0, microsecond=0)
WAIT_S = 60
COUNT = 24


@dataclass(frozen=True, slots=True)
class Operator:
    """Where an operator keeps everything, and its commands."""

    folder: Path
    url: str

    def command(self, *words: str) -> list[str]:
        """Spell a command of counterfoil's that uses the database."""
        name = str(Path(sys.executable).with_name("counterfoil"))
        return [name, *words, "--keys", str(self.folder / "keys"), "--database", self.url]

    def run(self, *words: str, status: int = 0) -> Any:
        """Run a command; what it says as JSON."""
        done = counterfoil(*self.command(*words)[1:], "--json")
        assert done.returncode == status, done.stderr + done.stdout
        return json.loads(done.stdout) if done.stdout else None

    def bank(self, day: datetime, *words: str) -> Path:
        """Let the bank of paper live through a day; its statement."""
        rail = self.folder / "rail"
        done = counterfoil("bank", "simulate", rail, *OWN, "--date", f"{day:%Y-%m-%d}", *words)
        assert done.returncode == 0, done.stderr
        (statement,) = (self.folder / "rail/from-bank").glob(f"camt053-{day:%Y-%m-%d}*")
        return statement

    def count(self, table: str) -> int:
        """Count the rows of a table, from outside."""
        with connect(self.url, writes=False) as database:
            return int(single(database.query(f"SELECT count(*) FROM {table}")))


def iban(number: int) -> str:
    """Make the French IBAN of a merchant (ISO 13616: the check digits make it 1 modulo 97)."""
    account = f"2004101005{number:011}06"
    return f"FR{98 - int(f'{account}152700') % 97:02}{account}"


def sold(stalls: Market, merchant: MerchantId, amount: str) -> None:
    new = NewOrder(merchant=merchant, merchant_order_no=new_id().hex,
                   amount=Money.of(amount, stalls.currency), subject="Bread", way=Way.TILL_CODE)  # fmt: skip
    order = stalls.site.pay.orders.create(new)
    stalls.site.pay.paying.pay(order.id, stalls.people[0])


def opened(folder: Path, url: str, amounts: list[str]) -> Operator:
    """Open an operator with a merchant for each amount, who has sold for it on the day."""
    with market(url, folder, people=1, clock=ManualClock(DAY)) as stalls:
        site = stalls.site
        site.bank.open_account(Party("Larch Savings", parse_iban(OWN_IBAN)), stalls.currency)
        for number, amount in enumerate(amounts):
            new = NewMerchant(id=MerchantId(new_id()), name=f"Stall {number}", terms=FeeTerms(0))
            merchant = site.pay.merchants.open(new).id
            payee = Party(f"Stall {number}", parse_iban(iban(number)))
            site.settling.set_account(merchant, stalls.currency, payee)
            sold(stalls, merchant, amount)
    return Operator(folder, url)


def test_reconciling_names_what_does_not_match(database_url: str, tmp_path: Path) -> None:
    """Paid as asked, another amount, twice, sent back, nobody's, not booked: each by its name."""
    operator = opened(tmp_path, database_url, ["10.00", "20.00", "30.00", "40.00", "50.00"])
    rail = str(tmp_path / "rail")
    told = operator.run("settle", "--date", f"{DAY:%Y-%m-%d}", "--rail", rail)
    assert sorted(one["amount"]["minor"] for one in told["payouts"]) == [
        1000,
        2000,
        3000,
        4000,
        5000,
    ]
    statement = operator.bank(datetime.now(UTC), "--reject", f"{iban(3)}:AC04",
                              "--pay-in", "10000.00:for the wallet")  # fmt: skip
    text = statement.read_text()
    entries = {amount: entry for entry in re.findall(r"<Ntry>.*?</Ntry>", text, re.DOTALL)
               for amount in re.findall(r">(\d+\.\d\d)</Amt>", entry)[:1]}  # fmt: skip
    text = text.replace(entries["20.00"], entries["20.00"].replace(">20.00<", ">21.00<"))
    again = re.sub("<(NtryRef|AcctSvcrRef)>.", r"<\1>E", entries["30.00"])
    text = text.replace(entries["30.00"], entries["30.00"] + again).replace(entries["50.00"], "")
    statement.write_text(text.replace(">9890.00<", ">9909.00<"))  # or it would not add up
    said = operator.run("settle", "reconcile", str(statement), status=1)
    assert {(one["amount"]["minor"], one["why"]) for one in said["file"]["suspense"]} == {
        (1000000, "It names no reference of ours."),
        (-2100, "The order is over another amount or account."),
        (-3000, "The order was rejected, or booked before."),
    }
    assert (said["file"]["paid"], said["suspense_count"]) == (2, 3)
    assert sorted(one["amount"]["minor"] for one in said["waiting"]) == [2000, 4000, 5000]
    (report,) = (tmp_path / "rail/from-bank").glob("pain002-*")
    said = operator.run("settle", "reconcile", str(report), status=1)
    assert (said["file"]["accepted"], said["file"]["rejected"]) == (2, 1)  # two are booked
    assert sorted(one["amount"]["minor"] for one in said["waiting"]) == [2000, 5000]
    again = operator.run("settle", "reconcile", str(statement), status=1)
    assert (again["file"]["was_known"], again["suspense_count"]) == (True, 3)


def killed_when(operator: Operator, words: tuple[str, ...], table: str) -> None:
    """Kill a command as soon as a table has rows."""
    command = operator.command(*words)
    with (
        connect(operator.url, writes=False) as database,
        subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as run,
    ):
        until = time.monotonic() + WAIT_S
        there = f"SELECT count(*) FROM {table}"
        while not single(database.query(there)) and run.poll() is None and time.monotonic() < until:
            time.sleep(0.002)
        run.kill()


@pytest.mark.slow
def test_a_settlement_that_is_killed_goes_on_and_pays_everybody_once(
    database_url: str, tmp_path: Path
) -> None:
    """Killed while it adds up, while it queues payouts and while it writes; then run to its end."""
    amounts = [f"{10 + k}.00" for k in range(COUNT)]
    operator = opened(tmp_path, database_url, amounts)
    rail = tmp_path / "rail"
    words = ("settle", "--date", f"{DAY:%Y-%m-%d}", "--rail", str(rail))
    for table in ("settlements", "payouts", "bank_files"):
        killed_when(operator, words, table)
    told = operator.run(*words)
    assert len(told["settled"]) == len(told["payouts"]) == operator.count("payouts") == COUNT
    statement = operator.bank(datetime.now(UTC), "--pay-in", "10000.00:capital")
    said = operator.run("settle", "reconcile", str(statement), status=1)
    assert (said["file"]["paid"], said["waiting"]) == (COUNT, [])
    assert said["suspense_count"] == 1  # the capital, of which nobody said whose it is
