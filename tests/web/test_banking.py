"""Topping up and withdrawing by pages, with the bank's own files in between."""

from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import expect

from counterfoil.bank import FolderRail, Instructions, Party, PayIn, SimulatedBank, parse_iban
from counterfoil.bootstrap import Site
from counterfoil.demo.shop import open_shop
from counterfoil.money import Money, currency_by_code
from counterfoil.qr import Origin
from counterfoil.server.first import prepare
from tests.server.running import running
from tests.web.browsing import SMALL, Device, browser, device, in_every_language, picture

pytestmark = pytest.mark.slow

EUR = currency_by_code("EUR")
OPERATOR = Party("Larch Wallets", parse_iban("DE89370400440532013000"))
OWN = "FR14 2004 1010 0505 0001 3M02 606"


def test_money_comes_by_its_reference_and_goes_to_ones_own_account(tmp_path: Path) -> None:
    """The reference off the page brings 50 in; 30 go out; both are told once the statement came."""
    url, folder = f"sqlite:///{tmp_path}/pay.db", tmp_path / "operator"
    with Site.open(url, folder, origin="localhost") as site:
        prepare(site, Origin("http://localhost:8000"), "EUR")
        link = open_shop(site).payer_link
        site.bank.open_account(OPERATOR, EUR)
    with browser() as started:
        with (
            running(tmp_path, url) as server,
            device(started, server.url, size=SMALL) as phone,
        ):
            phone.open(f"/in/{link}")
            phone.click("Sign in here")
            phone.page.wait_for_url("**/wallet")
            reference = _withdraw_and_look_up_the_reference(phone)
            cookies = phone.context.cookies()
            server.stop()
        with Site.open(url, folder) as site:
            rail, bank = (
                FolderRail(tmp_path / "rail"),
                SimulatedBank(tmp_path / "rail", OPERATOR, EUR),
            )
            site.bank.send(rail)
            pay_in = PayIn(Money.of("50.00", EUR), reference)
            bank.day(date(2026, 11, 26), Instructions(pay_ins=[pay_in]))
            site.bank.receive(rail)
        with (
            running(tmp_path, url) as server,
            device(started, server.url, size=SMALL) as phone,
        ):
            phone.context.add_cookies(cookies)  # type: ignore[arg-type]
            phone.open("/wallet/top-up")
            expect(phone.page.locator("main")).to_contain_text("+€50.00")
            phone.open("/wallet/withdraw")
            expect(phone.page.locator("main")).to_contain_text("paid out by the bank")
            phone.open("/wallet")
            expect(phone.page.locator(".balance").first).to_contain_text("€120.00")
            server.stop()


def _withdraw_and_look_up_the_reference(phone: Device) -> str:
    in_every_language(phone, "/wallet/top-up", "top-up")
    assert "DE89 3704 0044 0532 0130 00" in phone.page.locator("main").inner_text()
    reference = phone.page.locator(".facts dd").last.inner_text()
    phone.open("/wallet/withdraw")
    phone.page.get_by_label("IBAN of your own account").fill("FR14 2004 1010 0505 0001 3M02 607")
    phone.click("Keep this account")
    expect(phone.page.get_by_role("alert")).to_be_visible()
    phone.check()
    picture(phone.page, "withdraw-refused")
    phone.page.get_by_label("IBAN of your own account").fill(OWN)
    phone.click("Keep this account")
    phone.page.get_by_label("Amount").fill("5000")
    phone.click("Go on")
    expect(phone.page.locator("main")).to_contain_text("There is not enough in your wallet.")
    phone.click("Withdraw €5,000.00")
    expect(phone.page.get_by_role("alert")).to_contain_text(
        "not enough in the wallet for €5,000.00"
    )
    phone.page.get_by_label("Amount").fill("30")
    phone.click("Go on")
    assert OWN.replace(" ", "") not in phone.page.content()
    phone.check()
    picture(phone.page, "withdraw-confirm")
    phone.click("Withdraw €30.00")
    expect(phone.page.locator("main")).to_contain_text("goes to the bank with the next file")
    in_every_language(phone, "/wallet/withdraw", "withdraw")
    return reference
