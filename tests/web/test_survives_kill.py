"""A kill in the middle of everything loses nothing that a page has said."""

import re
import signal
from pathlib import Path

import httpx2
import pytest

from counterfoil.bootstrap import Site
from counterfoil.demo.shop import open_shop, pay_by_pages
from counterfoil.pay import OrderState
from counterfoil.qr import Origin
from counterfoil.server.first import prepare
from tests.server.running import running

pytestmark = pytest.mark.slow


def test_what_a_phone_was_told_is_there_after_a_kill(tmp_path: Path) -> None:
    """Paid is paid: the order, the wallet and the session are there when the server comes back."""
    url, folder = f"sqlite:///{tmp_path}/pay.db", tmp_path / "operator"
    with Site.open(url, folder, origin="localhost") as site:
        prepare(site, Origin("http://localhost:8000"), "EUR")
        opened = open_shop(site)
    with running(tmp_path, url) as server:
        match = pay_by_pages(server.url, opened)
        with httpx2.Client(base_url=server.url) as visitor:
            form = re.findall(r'name="form" value="(\w+)"', visitor.get("/join").text)[-1]
            answer = visitor.post(
                "/join",
                data={"form": form, "name": "Gil Gross", "contact": "gil@example.org",
                      "agreed": "yes"},
            )  # fmt: skip
            cookies = dict(visitor.cookies)
        assert answer.status_code == 303
        assert server.stop(signal.SIGKILL) == -signal.SIGKILL
    with running(tmp_path, url) as server:
        page = httpx2.get(f"{server.url}/wallet", cookies=cookies)
        assert page.status_code == 200
        assert server.get(f"/o/{opened.order.word}").status_code == 200
        server.stop()
    with Site.open(url, folder) as site:
        order = site.pay.orders.order(opened.order.id)
        assert order.state is OrderState.PAID
        assert site.ledger.verify().is_sound
        assert match
