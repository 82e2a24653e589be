"""Paying abroad: the shop's amount, what leaves the wallet, and a rate that is locked and runs out."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from fractions import Fraction

import pytest
from playwright.sync_api import expect

from counterfoil.bootstrap import Site
from counterfoil.demo.shop import open_shop
from counterfoil.kernel.clock import SystemClock, from_us
from counterfoil.money import ExchangeRate, Money, currency_by_code
from counterfoil.pay import ExchangeTerms, NewOrder, OperatorTerms
from counterfoil.qr import Origin
from counterfoil.server.first import prepare
from tests.server.running import running
from tests.web.browsing import Device, browser, device, in_every_language, picture

pytestmark = pytest.mark.slow

EUR, JPY = currency_by_code("EUR"), currency_by_code("JPY")
LIFETIME = timedelta(seconds=6)


@dataclass(frozen=True, slots=True)
class Abroad:
    """Bob's phone, a shop's order in yen, and where the operator keeps everything."""

    phone: Device
    path: str
    database: str


@pytest.fixture
def abroad(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Abroad]:
    """Have a bakery ask for 1,625 yen of Bob, who has 100 euro."""
    folder = tmp_path_factory.mktemp("abroad")
    url = f"sqlite:///{folder}/pay.db"
    with Site.open(url, folder / "operator", origin="localhost") as site:
        prepare(site, Origin("http://localhost:8000"), "EUR")
        opened = open_shop(site)
        now = from_us(SystemClock().now_us())
        site.pay.set_terms(OperatorTerms(exchange=ExchangeTerms(margin_bp=100, lifetime=LIFETIME)))
        rate = ExchangeRate(Fraction("162.5"), EUR, JPY, "the central bank", now)
        site.pay.exchange.enter_rate(rate, "162.5")
        order = site.pay.orders.create(
            NewOrder(merchant=opened.order.merchant, merchant_order_no="abroad-1",
                     amount=Money(1625, JPY), subject="Melon bread",
                     expires_at=now + timedelta(hours=1))
        )  # fmt: skip
    with running(folder, url) as server, browser() as started, device(started, server.url) as phone:
        phone.open(f"/in/{opened.payer_link}")
        phone.click("Sign in here")
        phone.page.wait_for_url("**/wallet")
        yield Abroad(phone, f"/o/{order.word}", url)


def test_abroad_the_rate_is_shown_and_locked_and_asked_for_again_when_it_ran_out(
    abroad: Abroad,
) -> None:
    """Ten euro and the margin for 1,625 yen; too late nothing is paid; looked at again it is."""
    phone = abroad.phone
    in_every_language(phone, abroad.path, "abroad")
    phone.open(abroad.path)
    said = phone.page.locator("main").inner_text()
    for words in (
        "¥1,625",
        "€10.10",
        "1 EUR = 162.5 JPY",
        "by the central bank",
        "Locked until",
        "€89.90",
    ):
        assert words in said
    locked = phone.page.locator("input[name=quote]").input_value()
    phone.page.wait_for_timeout(LIFETIME / timedelta(milliseconds=1) + 500)
    phone.click("Pay €10.10")
    expect(phone.page.get_by_role("alert")).to_contain_text("Ask for a new quote")
    phone.check()
    picture(phone.page, "abroad-too-late")
    phone.click("Look again")
    assert phone.page.locator("input[name=quote]").input_value() != locked
    phone.click("Pay €10.10")
    expect(phone.page.locator("h1")).to_have_text("Paid")
    phone.check()
    picture(phone.page, "abroad-paid")
    phone.open("/wallet")
    assert "€89.90" in phone.page.locator("main").inner_text()
