"""A bakery, its till and a payer with money, on a real server; and a real browser."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser

from counterfoil.bootstrap import Site
from counterfoil.consent import (
    Category,
    CertificateId,
    CollectorId,
    CollectorKind,
    Operator,
    Purpose,
)
from counterfoil.demo.shop import Opened, open_shop
from counterfoil.kernel.ids import new_id
from counterfoil.pay import MerchantId
from counterfoil.people import parse_contact
from counterfoil.qr import Origin
from counterfoil.server.first import prepare
from tests.server.running import Running, running
from tests.web.browsing import SMALL, TILL, Device, browser, device
from tests.web.webshop import Keys, open_application


@dataclass(frozen=True, slots=True)
class Street:
    """The server, who is there, and the browser."""

    server: Running
    opened: Opened
    browser: Browser
    keys: Keys
    """Of the bakery's web shop."""
    more_link: str
    """Signs Bob in on another device, once."""


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    """Open the bakery, then serve it."""
    folder = tmp_path_factory.mktemp("street")
    url = f"sqlite:///{folder}/pay.db"
    with Site.open(url, folder / "operator", origin="localhost") as site:
        prepare(site, Origin("http://localhost:8000"), "EUR")
        opened = open_shop(site)
        keys = open_application(site, opened.order.merchant)
        purposes = site.consent.purposes
        purposes.assess(new_id(), Purpose.SHARE_SCORE, by="Dana Duval", text="Assessed.")
        purposes.start(Purpose.SHARE_SCORE, Operator("Larch Wallets", "https://larch.example"))
        share_scores(site, opened.order.merchant)
        bob = site.people.find(parse_contact("bob@example.org"))
        assert bob is not None
        more_link = site.people.sessions.make_link(bob, by="the test")
    with running(folder, url) as server, browser() as started:
        yield Street(server, opened, started, keys, more_link)


def share_scores(site: Site, merchant: MerchantId) -> None:
    """Arrange with the bakery that it may ask for the scores of whoever allows it."""
    shop, now = CollectorId(merchant), datetime.now(UTC)
    site.consent.collectors.register(shop, CollectorKind.MERCHANT, "Noor's bakery")
    site.consent.collectors.certify(
        CertificateId(new_id()), shop, Purpose.SHARE_SCORE, Category.SCORE,
        until=now + timedelta(days=30),
    )  # fmt: skip


@pytest.fixture(scope="module")
def friend(street: Street) -> Iterator[Device]:
    """Give the small phone of Gil, who has just opened a wallet and has nothing in it."""
    with device(street.browser, street.server.url, size=SMALL) as opened:
        opened.open("/join")
        opened.page.get_by_label("Name").fill("Gil Gross")
        opened.page.get_by_label("Phone number or e-mail address").fill("gil@example.org")
        opened.page.get_by_label("I have read this").check()
        opened.click("Open my wallet")
        opened.click("Not now")
        opened.page.wait_for_url("**/wallet")
        yield opened


@pytest.fixture(scope="module")
def till(street: Street) -> Iterator[Device]:
    """Give the bakery's till, signed in by the operator's link."""
    with device(street.browser, street.server.url, size=TILL) as opened:
        opened.open(f"/in/{street.opened.till_link}")
        opened.click("Sign in here")
        opened.page.wait_for_url("**/till")
        yield opened


@pytest.fixture(scope="module")
def phone(street: Street) -> Iterator[Device]:
    """Give Bob's phone, signed in by the operator's link."""
    with device(street.browser, street.server.url) as opened:
        opened.open(f"/in/{street.opened.payer_link}")
        opened.click("Sign in here")
        opened.page.wait_for_url("**/wallet")
        yield opened
