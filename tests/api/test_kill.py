"""SIGKILL between the commit and the answer: who asks again hears what they would have heard."""

import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from counterfoil.bench.market import CNY
from counterfoil.bootstrap import Site
from counterfoil.money import Money
from counterfoil.pay import Purse
from tests.conformance.sdks import ROOT


@contextmanager
def served(url: str, folder: Path, act: str) -> Iterator[dict[str, Any]]:
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.api.kill_server", url, str(folder), act],
        stdout=subprocess.PIPE, text=True, cwd=ROOT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        yield json.loads(process.stdout.readline())
    finally:
        process.terminate()
        process.wait(60)
        process.stdout.close()


def ask(port: int, key: str, once: str, path: str, body: Any) -> httpx2.Response | None:
    """Ask; None when the server was gone before it answered."""
    headers = {"Authorization": f"Bearer {key}", "Idempotency-Key": once}
    try:
        return httpx2.post(f"http://127.0.0.1:{port}{path}", json=body, headers=headers, timeout=20)
    except httpx2.TransportError:
        return None


@pytest.mark.slow
def test_an_answer_that_nobody_heard_is_given_again(database_url: str, tmp_path: Path) -> None:
    """A payment and a refund, each committed and then killed: replayed, with no second movement."""
    folder = tmp_path / "site"
    with served(database_url, folder, "make") as made:
        key = made["key"]
    bread = {"amount": {"amount": "3.00", "currency": "CNY"}, "subject": "Bread"}
    with served(database_url, folder, "die") as told:
        payment = bread | {"payer_code": told["codes"][0]}
        assert ask(told["port"], key, "pay", "/payments", payment) is None
    back = {"amount": {"amount": "1.00", "currency": "CNY"}}
    with served(database_url, folder, "die") as told:
        heard = ask(told["port"], key, "pay", "/payments", payment)
        assert heard is not None
        assert (heard.status_code, heard.headers["idempotency-replayed"]) == (201, "true")
        assert heard.json()["state"] == "paid"
        other = ask(told["port"], key, "pay", "/payments", bread | {"payer_code": told["codes"][1]})
        assert other is not None
        assert other.json()["code"] == "api.idempotency-key-reused"
        path = f"/orders/{heard.json()['id']}/refunds"
        assert ask(told["port"], key, "refund", path, back) is None
    with served(database_url, folder, "serve") as told:
        refund = ask(told["port"], key, "refund", path, back)
        assert refund is not None
        assert (refund.status_code, refund.headers["idempotency-replayed"]) == (201, "true")
        check_parallel_duplicates(told["port"], key, told["codes"][-3:])
    with Site.open(database_url, folder) as site:
        merchant = site.pay.merchants.page()[0]
        orders = site.pay.orders.page(merchant.id)
        assert sorted(one.state.value for one in orders) == ["paid", "paid", "part-refunded"]
        account = site.pay.purses.account(merchant.id, CNY, Purse.AVAILABLE)
        net = sum((one.net for one in orders), start=Money.zero(CNY))
        assert site.ledger.balances(account).balance == net
        assert site.ledger.verify().is_sound


def check_parallel_duplicates(port: int, key: str, codes: list[str]) -> None:
    """Send one request eight times at once, and one reference by eight keys: one payment each."""
    bread = {"amount": {"amount": "3.00", "currency": "CNY"}, "subject": "Bread"}

    def pay(once: str, reference: str, code: str) -> httpx2.Response:
        body = bread | {"payer_code": code, "reference": reference}
        reply = ask(port, key, once, "/payments", body)
        assert reply is not None
        return reply

    with ThreadPoolExecutor(8) as threads:
        for replies in (
            list(threads.map(lambda _: pay("same", "twice", codes[0]), range(8))),
            list(threads.map(lambda n: pay(f"key-{n}", "thrice", codes[1 + n % 2]), range(8))),
        ):
            paid = [one.json() for one in replies if one.status_code == 201]
            assert {(one["id"], one["state"]) for one in paid} == {(paid[0]["id"], "paid")}
            others = {one.json()["code"] for one in replies if one.status_code != 201}
            assert others <= {"api.idempotency-key-busy"}
