"""SIGKILL in the middle of payments, refunds and notices: nothing acknowledged is lost or doubled."""

import json
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl
from urllib.request import Request, urlopen

import pytest

from counterfoil.alipay.client import sign_request
from counterfoil.bench.market import CNY
from counterfoil.bootstrap import Site
from counterfoil.kernel.database import connect
from counterfoil.money import Money
from counterfoil.pay import ApplicationId, OrderState, Purse
from tests.conformance.sdks import ROOT
from tests.courier.world import Shop, says, shop, wait_until

BURST = 40


class Client:
    """The shop's program: it asks over HTTP and remembers what it was answered."""

    def __init__(self, made: dict[str, Any], port: int, told: Shop) -> None:
        self.made, self.port, self.told = made, port, told
        self.paid: dict[str, str] = {}
        self.refunded: dict[str, str] = {}

    def ask(self, method: str, content: dict[str, Any], **fields: str) -> dict[str, Any] | None:
        """Ask; None when the server was gone before it answered."""
        form = sign_request(
            self.made["app_id"], self.made["private_key"], method, content,
            {"notify_url": self.told.url, **fields},
        )  # fmt: skip
        url = f"http://127.0.0.1:{self.port}/gateway.do"
        try:
            with urlopen(Request(url, form.encode(), method="POST"), timeout=20) as reply:
                whole = json.load(reply)
        except (OSError, ValueError):
            return None
        return dict(next(iter(whole.values())))

    def buy(self, number: str, code: str) -> None:
        """Pay an order by a code, then give a part of it back."""
        node = self.ask("alipay.trade.pay", payment(number, code))
        if node and node["code"] == "10000":
            self.paid[number] = node["trade_no"]
            back = {"out_trade_no": number, "out_request_no": "r", "refund_amount": "1.00"}
            refund = self.ask("alipay.trade.refund", back)
            if refund and refund["code"] == "10000":
                self.refunded[number] = refund["refund_fee"]

    def exchange(self, code: str) -> bool:
        """Exchange a code of somebody's consent for a token."""
        node = self.ask("alipay.system.oauth.token", {}, grant_type="authorization_code", code=code)
        return bool(node and "access_token" in node)


def payment(number: str, code: str) -> dict[str, Any]:
    return {
        "out_trade_no": number, "total_amount": "3.00", "subject": "Bread", "scene": "bar_code",
        "auth_code": code,
    }  # fmt: skip


@contextmanager
def served(url: str, folder: Path, act: str) -> Iterator[tuple[subprocess.Popen[str], Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.alipay.kill_server", url, str(folder), act],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield process, json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


@pytest.mark.slow
def test_a_killed_server_has_lost_and_doubled_nothing(database_url: str, tmp_path: Path) -> None:
    """Every answered payment and refund is there once, and every notice comes after the restart.

    A code of somebody's consent that was exchanged stays exchanged, and another is good as it was.
    """
    folder = tmp_path / "site"
    with served(database_url, folder, "make") as (_, made):
        pass
    with shop(says(b"success")) as alice:
        with served(database_url, folder, "serve") as (process, started):
            client = Client(made, started["port"], alice)
            consents = started["consents"]
            with ThreadPoolExecutor(8) as threads:
                check_parallel_duplicates(client, threads, started["codes"][-3:])
                assert sum(threads.map(client.exchange, consents[:1] * 8)) == 1
                for place, code in enumerate(started["codes"][:BURST]):
                    threads.submit(client.buy, f"order_{place}", code)
                wait_until(lambda: len(client.paid) >= BURST // 4)
                process.send_signal(signal.SIGKILL)
                process.wait()
        with served(database_url, folder, "serve") as (_, started):
            again = Client(made, started["port"], alice)
            assert [again.exchange(code) for code in consents] == [False, True]
            for number, trade_no in client.paid.items():
                node = again.ask("alipay.trade.query", {"out_trade_no": number})
                assert node is not None
                assert node["trade_no"] == trade_no
                # Asked again, as a shop does that heard nothing: no second movement.
                back = {"out_trade_no": number, "out_request_no": "r", "refund_amount": "1.00"}
                refund = again.ask("alipay.trade.refund", back)
                assert refund is not None
                assert refund["refund_fee"] == "1.00"
            wait_until(lambda: no_notice_waits(database_url), 60_000)
        check_books(database_url, folder, made, client)
        told = [dict(parse_qsl(body.decode())) for body in alice.told]
        for number in client.paid:
            # A kill in the middle of a notice leaves a part of one.
            about = [one for one in told if one.get("out_trade_no") == number]
            assert {one.get("out_biz_no", "") for one in about} == {"", "r"}


def check_parallel_duplicates(
    client: Client, threads: ThreadPoolExecutor, codes: list[str]
) -> None:
    """Pay one number eight times at once: one payment, and everybody is told of that one.

    Other codes pay nothing more; for another amount the number is refused by the documented name.
    """

    def pay(code: str, **changed: str) -> dict[str, Any]:
        node = client.ask("alipay.trade.pay", payment("twice", code) | changed)
        assert node is not None
        return node

    nodes = list(threads.map(pay, [codes[0]] * 8))
    nodes += threads.map(pay, codes[1:] * 4)
    assert {(node["code"], node["trade_no"]) for node in nodes} == {("10000", nodes[0]["trade_no"])}
    assert pay(codes[1], total_amount="4.00")["sub_code"] == "ACQ.CONTEXT_INCONSISTENT"


def no_notice_waits(url: str) -> bool:
    """Every event has been made deliveries of, and every delivery is done."""
    from counterfoil.courier import store
    from counterfoil.kernel.database import single

    with connect(url, writes=False) as database:
        last = single(database.query("SELECT coalesce(max(number), 0) FROM pay_events"))
        return store.position(database, "alipay") == last and not store.backlog(database)


def check_books(url: str, folder: Path, made: dict[str, Any], client: Client) -> None:
    """Orders, events, purse and ledger say the same."""
    with Site.open(url, folder) as site:
        merchant = site.pay.applications.application(ApplicationId(made["app_id"])).merchant
        orders = site.pay.orders.page(merchant, limit=1000)
        assert {order.merchant_order_no for order in orders} >= set(client.paid)
        assert all(order.state is not OrderState.CREATED for order in orders)
        moved = sum(
            (event.moved for event in site.pay.events.of_merchant(merchant, 0, 10_000)),
            start=Money.zero(CNY),
        )
        account = site.pay.purses.account(merchant, CNY, Purse.AVAILABLE)
        assert site.ledger.balances(account).balance == moved
        net = sum((order.net for order in orders), start=Money.zero(CNY))
        assert net == moved
        assert site.ledger.verify().is_sound
