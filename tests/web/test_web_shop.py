"""Web shops: paid on a page, signed on a page, and back with a proof; and what a shop has frozen."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Device, device, in_every_language, picture
from tests.web.conftest import Street
from tests.web.webshop import WebShop, web_shop

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def shop(street: Street) -> Iterator[WebShop]:
    """Open the bakery's web shop."""
    with web_shop(street.keys, street.server.url) as opened:
        yield opened


def back_at(shop: WebShop, phone: Device) -> dict[str, str]:
    """Wait until the browser is back at the shop; check what it brought."""
    phone.page.wait_for_url(f"{shop.url}**", timeout=10_000)
    assert {one.partition("?")[0] for one in phone.elsewhere} <= {
        shop.url, shop.url.replace("/back", "/favicon.ico"),
    }  # fmt: skip
    phone.elsewhere.clear()
    brought = shop.came.pop()
    assert brought.pop("referer") == ""
    return shop.verified(brought)


def pay_page(shop: WebShop, number: str, amount: str) -> str:
    sale = {"out_trade_no": number, "total_amount": amount, "subject": "Bread by post",
            "product_code": "FAST_INSTANT_TRADE_PAY"}  # fmt: skip
    return shop.asked("alipay.trade.page.pay", sale, return_url=f"{shop.url}?basket=7")


def test_paid_on_a_page_the_browser_goes_back_with_a_signed_proof(
    shop: WebShop, phone: Device
) -> None:
    """From the shop's signed link to paid, and by itself back, with an order the key verifies."""
    phone.page.goto(pay_page(shop, "web-1", "4.20"))
    assert phone.heading() == "Noor's bakery"
    phone.click("Pay €4.20")
    expect(phone.page.locator("h1")).to_have_text("Paid")
    phone.check()
    picture(phone.page, "paid-web")
    told = back_at(shop, phone)
    assert (told["out_trade_no"], told["total_amount"]) == ("web-1", "4.20")
    assert told["method"] == "alipay.trade.page.pay.return"
    assert told["app_id"] == told["auth_app_id"] == shop.keys.app_id


def test_without_scripts_a_form_and_a_link_lead_back(
    street: Street, shop: WebShop, phone: Device
) -> None:
    """The posted form ends on our own page; the way on from there passes the policy of forms."""
    with device(street.browser, street.server.url, java_script_enabled=False) as plain:
        plain.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
        plain.page.goto(pay_page(shop, "web-2", "1.00"))
        plain.click("Pay €1.00")
        assert plain.heading() == "Paid"
        plain.click("Back to the shop")
        assert back_at(shop, plain)["out_trade_no"] == "web-2"


def test_nobody_else_gets_the_proof(street: Street, shop: WebShop, friend: Device) -> None:
    """Another person who has the order's link is told that it has been paid, and no more."""
    word = street.opened.order.word
    friend.page.goto(pay_page(shop, "web-3", "2.00"))
    link = friend.page.url
    with device(street.browser, street.server.url) as payer:
        payer.open(f"/in/{street.more_link}")
        payer.click("Sign in here")
        payer.page.wait_for_url("**/wallet")
        payer.page.goto(link)
        payer.click("Pay €2.00")
        expect(payer.page.locator("h1")).to_have_text("Paid")
        friend.page.goto(f"{link}/back")
        expect(friend.page.locator("h1")).to_have_text("This has been paid")
        back_at(shop, payer)
    assert word not in link


def test_an_agreement_is_read_signed_debited_and_ended(shop: WebShop, phone: Device) -> None:
    """Every rule stands in words before the signature; the shop debits; one tap and a yes end it."""
    rules = {"period_type": "MONTH", "period": "1", "execute_time": "2026-01-01",
             "single_amount": "9.00", "total_amount": "50.00"}  # fmt: skip
    sign = {"personal_product_code": "GENERAL_WITHHOLDING_P", "external_agreement_no": "box-1",
            "access_params": {"channel": "ALIPAYAPP"}, "period_rule_params": rules,
            "sign_scene": "INDUSTRY|UTILITIES"}  # fmt: skip
    phone.page.goto(
        shop.asked("alipay.user.agreement.page.sign", sign, return_url=f"{shop.url}?basket=7")
    )
    page = phone.page.url.removeprefix(phone.url)
    in_every_language(phone, page, "agreement-sign")
    for said in (
        "power, water, heating or telephone",
        "once a month",
        "€9.00",
        "€50.00",
        "Ends by itself\nnever",
    ):
        assert said in phone.page.locator("main").inner_text()
    phone.click("Allow it")
    expect(phone.page.locator("h1")).to_have_text("Signed")
    phone.check()
    told = back_at(shop, phone)
    assert (told["external_agreement_no"], told["status"]) == ("box-1", "NORMAL")
    debit = {"out_trade_no": "box-1-1", "total_amount": "8.00", "subject": "Bread of the month",
             "product_code": "GENERAL_WITHHOLDING",
             "agreement_params": {"agreement_no": told["agreement_no"]}}  # fmt: skip
    shop.ask("alipay.trade.pay", debit)
    in_every_language(phone, "/wallet/agreements", "agreements")
    phone.page.get_by_role("link", name="Noor's bakery").click()
    expect(phone.page.locator("main")).to_contain_text("Debited so far")
    phone.page.get_by_text("End it", exact=True).click()
    phone.check()
    picture(phone.page, "agreement")
    phone.click("End it now")
    expect(phone.page.get_by_role("status")).to_contain_text("You ended it.")
    query = shop.ask("alipay.user.agreement.query", {"agreement_no": told["agreement_no"]})
    assert query["status"] == "STOP"


def test_a_deposit_is_frozen_taken_in_part_and_given_back(shop: WebShop, phone: Device) -> None:
    """The person sees what is frozen, by whom, until when; then what was taken and what came back."""
    asked = {"out_order_no": "oven-1", "out_request_no": "oven-1", "amount": "20.00",
             "order_title": "Deposit for a bread oven", "product_code": "PRE_AUTH"}  # fmt: skip
    made = shop.ask("alipay.fund.auth.order.voucher.create", asked)
    page = made["code_value"].removeprefix(phone.url)
    in_every_language(phone, page, "hold-confirm")
    phone.click("Freeze €20.00")
    expect(phone.page.locator("main")).to_contain_text("frozen now")
    phone.open("/wallet")
    expect(phone.page.locator("main")).to_contain_text("Frozen besides: €20.00")
    expect(phone.page.locator("main")).to_contain_text("Deposit: Deposit for a bread oven")
    phone.check()
    picture(phone.page, "wallet-frozen")
    found = shop.ask("alipay.fund.auth.operation.detail.query",
                     {"out_order_no": "oven-1", "out_request_no": "oven-1"})  # fmt: skip
    capture = {"out_trade_no": "oven-1-rent", "total_amount": "5.00", "subject": "Rent of an oven",
               "product_code": "PRE_AUTH", "auth_no": found["auth_no"],
               "auth_confirm_mode": "COMPLETE"}  # fmt: skip
    shop.ask("alipay.trade.pay", capture)
    in_every_language(phone, "/wallet/holds", "holds")
    phone.page.get_by_role("link", name="Noor's bakery").click()
    facts = phone.page.locator(".facts").inner_text()
    assert "Taken by the shop\n€5.00" in facts
    assert "Given back\n€15.00" in facts
    in_every_language(phone, page, "hold")
