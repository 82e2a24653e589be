"""A shop asks to know somebody, or their score: agreed to, refused, and exchanged once."""

from collections.abc import Iterator
from urllib.parse import urlencode

import httpx2
import pytest
from playwright.sync_api import expect

from counterfoil.alipay.scoring import SCORE_REASON
from tests.web.browsing import Device, in_every_language
from tests.web.conftest import Street
from tests.web.webshop import WebShop, web_shop

pytestmark = pytest.mark.slow
TOKEN = "alipay.system.oauth.token"


@pytest.fixture(scope="module")
def shop(street: Street) -> Iterator[WebShop]:
    """Open the bakery's web shop."""
    with web_shop(street.keys, street.server.url) as opened:
        yield opened


def page(shop: WebShop, scope: str, changed: dict[str, str] | None = None) -> str:
    asked = {"app_id": shop.keys.app_id, "state": "s&1", "scope": scope,
             "redirect_uri": f"{shop.url}?basket=7", **(changed or {})}  # fmt: skip
    return f"/oauth2/publicAppAuthorize.htm?{urlencode(asked)}"


def back_at(shop: WebShop, phone: Device) -> dict[str, str]:
    phone.page.wait_for_url(f"{shop.url}**", timeout=10_000)
    phone.elsewhere.clear()
    return shop.came.pop()


def exchanged(shop: WebShop, code: str) -> dict[str, str]:
    fields = {"grant_type": "authorization_code", "code": code}
    answer = httpx2.get(shop.asked(TOKEN, {}, **fields)).json()
    return dict(answer.get("alipay_system_oauth_token_response") or answer["error_response"])


def score_of(shop: WebShop, transaction: str, token: str) -> dict[str, str]:
    content = {"transaction_id": transaction, "product_code": "w1010100100000000001"}
    answer = httpx2.get(shop.asked("zhima.credit.score.get", content, auth_token=token)).json()
    return dict(answer["zhima_credit_score_get_response"])


def test_a_score_is_asked_for_agreed_to_and_the_code_is_good_once(
    shop: WebShop, phone: Device
) -> None:
    """Who asks and for what stand in words; agreeing makes the grant and a code for one token, ended there."""
    path = page(shop, "auth_zhima")
    in_every_language(phone, path, "authorize")
    main = phone.page.locator("main").inner_text()
    assert "Noor's bakery" in main
    assert "Your credit score, as a number" in main
    phone.click("Allow it")
    expect(phone.page.locator("h1")).to_have_text("Allowed")
    phone.check()
    brought = back_at(shop, phone)
    assert (brought["state"], brought["scope"], brought["basket"]) == ("s&1", "auth_zhima", "7")
    token = exchanged(shop, brought["auth_code"])["access_token"]
    # Bob was never scored: he may be asked about, and there is nothing to tell.
    assert score_of(shop, "T1", token)["zm_score"] == "N/A"
    assert "access_token" not in exchanged(shop, brought["auth_code"])
    in_every_language(phone, "/record", "record-granted")
    rows = phone.page.locator("li", has_text="Noor's bakery")
    expect(rows.filter(has_text=SCORE_REASON).first).to_be_visible()
    ending = rows.get_by_role("button", name="End it")
    ending.click()
    expect(ending).to_have_count(0)
    assert score_of(shop, "T2", token)["sub_code"] == "ZMCREDIT.authentication_fail"


def test_refused_the_shop_learns_that_and_no_more(shop: WebShop, phone: Device) -> None:
    """Refusing goes back with an error and the state, and leaves no grant behind."""
    phone.open(page(shop, "auth_base"))
    phone.click("Refuse")
    expect(phone.page.locator("h1")).to_have_text("Refused")
    brought = back_at(shop, phone)
    assert brought["error"] == "access_denied"
    assert "auth_code" not in brought


@pytest.mark.parametrize(
    "changed",
    [{"redirect_uri": "https://elsewhere.example/"}, {"app_id": "2021"}, {"scope": "auth_all"},
     {"scope": "auth_zhima_brief"}],
)  # fmt: skip
def test_nobody_is_sent_where_the_shop_is_not(
    shop: WebShop, phone: Device, changed: dict[str, str]
) -> None:
    """Another address, application or scope, or one that the operator does not offer, leads nowhere."""
    phone.open(page(shop, "auth_base", changed))
    expect(phone.page.get_by_role("alert")).to_be_visible()
    assert phone.page.get_by_role("button", name="Allow it").count() == 0
    phone.check()
