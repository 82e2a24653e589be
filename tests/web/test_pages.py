"""Signing up on a phone, opening a shop, one's record; three languages; nothing on by default."""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Device, device, picture, read
from tests.web.conftest import Street

pytestmark = pytest.mark.slow


@pytest.fixture
def new_phone(street: Street) -> Iterator[Device]:
    """Give a phone with an authenticator of its own, unlocked by its person."""
    with device(street.browser, street.server.url, size={"width": 360, "height": 740}) as opened:
        client = opened.context.new_cdp_session(opened.page)
        client.send("WebAuthn.enable")
        client.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2", "transport": "internal", "hasResidentKey": True,
                    "hasUserVerification": True, "isUserVerified": True,
                    "automaticPresenceSimulation": True,
                }
            },
        )  # fmt: skip
        yield opened


def join(phone: Device, name: str, contact: str) -> None:
    phone.open("/join")
    phone.page.get_by_label("Name").fill(name)
    phone.page.get_by_label("Phone number or e-mail address").fill(contact)
    phone.page.get_by_label("I have read this").check()
    phone.check()
    phone.click("Open my wallet")
    expect(phone.page.locator("h1")).to_have_text("Add a passkey")


def test_a_person_signs_up_adds_a_passkey_and_signs_in_with_it(new_phone: Device) -> None:
    """A name and a contact, a passkey on the device; the session ends, and the passkey opens it."""
    phone = new_phone
    phone.open("/join")
    picture(phone.page, "join")
    join(phone, "Carol Chen", "carol@example.org")
    phone.check()
    picture(phone.page, "passkey")
    phone.click("Add a passkey")
    phone.page.wait_for_url("**/wallet")
    phone.open("/me")
    expect(phone.page.get_by_text("This browser")).to_be_visible()
    phone.check()
    picture(phone.page, "me")
    phone.open("/wallet")
    phone.click("Sign out")
    phone.page.wait_for_url(re.compile(r"/$"))
    phone.open("/wallet")
    expect(phone.page.locator("h1")).to_have_text("Sign in")
    phone.check()
    picture(phone.page, "in")
    phone.click("Sign in with a passkey")
    phone.page.wait_for_url("**/wallet")


def test_a_payment_is_confirmed_by_the_passkey_over_that_payment(
    new_phone: Device, till: Device, phone: Device
) -> None:
    """With a passkey the pay button asks the device; a form without its signature pays nothing."""
    join(new_phone, "Dora Diaz", "dora@example.org")
    new_phone.click("Add a passkey")
    new_phone.page.wait_for_url("**/wallet")
    phone.open("/wallet/send")
    phone.page.get_by_label("To: phone number or e-mail address").fill("dora@example.org")
    phone.page.get_by_label("Amount").fill("5")
    phone.click("Go on")
    phone.check()
    picture(phone.page, "send")
    phone.click("Send €5.00")
    expect(phone.page.locator("h1")).to_have_text("Sent")
    till.open("/till")
    till.page.get_by_label("Amount").fill("2.20")
    till.click("Show the code")
    expect(till.page.locator("h1")).to_have_text("Waiting to be paid")
    new_phone.page.goto(read(till.page.locator("[data-code]")))
    form = new_phone.page.locator("form[data-passkey]")
    assert form.count() == 1
    form.evaluate("form => { delete form.dataset.passkey }")
    new_phone.click("Pay €2.20")
    expect(new_phone.page.locator(".stage.failed")).to_contain_text("passkey was not accepted")
    new_phone.click("Look again")
    new_phone.click("Pay €2.20")
    expect(new_phone.page.locator("h1")).to_have_text("Paid")
    expect(till.page.locator("[data-state=paid]")).to_be_visible(timeout=3_000)


def test_a_shop_opens_in_a_minute_and_prints_its_code(new_phone: Device, phone: Device) -> None:
    """A name and a city make a till of this phone; the sheet's code leads to the shop's name."""
    join(new_phone, "Emma Engel", "emma@example.org")
    new_phone.click("Not now")
    new_phone.open("/shop")
    new_phone.check()
    picture(new_phone.page, "shop")
    new_phone.page.get_by_label("Name of the shop").fill("Emma's market stall")
    new_phone.page.get_by_label("City").fill("Lyon")
    new_phone.click("Open the shop")
    new_phone.page.wait_for_url("**/till")
    new_phone.check()
    picture(new_phone.page, "till-phone")
    new_phone.click("Sheet to print")
    expect(new_phone.page.locator("h1")).to_have_text("Emma's market stall")
    new_phone.check()
    picture(new_phone.page, "sheet")
    phone.page.goto(read(new_phone.page.locator(".sheet .code")))
    assert phone.heading() == "Emma's market stall"
    phone.check()
    phone.page.get_by_label("Amount").fill("0.80")
    phone.click("Go on")
    expect(phone.page.locator("main")).to_contain_text("€0.80")
    phone.click("Pay €0.80")
    expect(phone.page.locator("h1")).to_have_text("Paid")


def test_a_person_freezes_from_any_browser(new_phone: Device, street: Street) -> None:
    """With the code that was written down, a stranger's browser stops the wallet and signs it out."""
    join(new_phone, "Finn Falk", "finn@example.org")
    new_phone.open("/me")
    new_phone.click("Make a code for when the phone is lost")
    code = new_phone.page.locator(".digits").inner_text()
    with device(street.browser, street.server.url) as other:
        other.open("/lost")
        other.check()
        other.page.get_by_label("Phone number or e-mail address").fill("finn@example.org")
        other.page.get_by_label("Freeze code").fill("WRONG00000")
        other.click("Freeze now")
        expect(other.page.get_by_role("alert")).to_be_visible()
        other.page.get_by_label("Phone number or e-mail address").fill("finn@example.org")
        other.page.get_by_label("Freeze code").fill(code)
        other.click("Freeze now")
        expect(other.page.get_by_role("status")).to_contain_text("frozen")
    new_phone.open("/wallet")
    expect(new_phone.page.locator("h1")).to_have_text("Sign in")


def test_nothing_is_switched_on_and_the_record_tells(phone: Device) -> None:
    """No consent is on before its person turns it on; what was done is told in words."""
    phone.open("/record")
    phone.check()
    picture(phone.page, "record")
    assert phone.page.locator("[role=switch][aria-checked=true]").count() == 0
    assert "You registered." in phone.page.locator("main").inner_text()
    with phone.page.expect_download() as downloading:
        phone.click("Download all that is known about me")
    assert downloading.value.suggested_filename == "my-record.zip"


PAGES = ("/", "/join", "/in", "/wallet", "/wallet/scan", "/wallet/code", "/wallet/send", "/me",
         "/record", "/shop", "/verify", "/lost", "/side-by-side")  # fmt: skip


@pytest.mark.parametrize(("locale", "tag"), [("fr-FR", "fr"), ("zh-CN", "zh-CN")])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_page_is_translated_accessible_and_fits_a_small_phone(
    street: Street, phone: Device, locale: str, tag: str, scheme: str
) -> None:
    """French and Chinese fit 360 pixels, in light and in dark, without a fault of accessibility."""
    small = {"width": 360, "height": 740}
    with device(street.browser, street.server.url, size=small, locale=locale,
                color_scheme=scheme) as reader:  # fmt: skip
        reader.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
        for path in PAGES:
            reader.open(path)
            assert reader.page.locator("html").get_attribute("lang") == tag
            reader.check()
            name = path.strip("/").replace("/", "-") or "home"
            picture(reader.page, f"{tag}-{scheme}-{name}")


def test_the_log_tells_nothing_about_anybody(street: Street, phone: Device, till: Device) -> None:
    """After all that, no name, contact, token, link or code stands in the server's log."""
    phone.open("/wallet/code")
    digits = phone.page.locator(".digits").inner_text().replace(" ", "")
    log = street.server.log_file.read_text()
    assert log
    cookies = [one["value"] for one in (*phone.context.cookies(), *till.context.cookies())]
    secrets = [
        digits, street.opened.payer_link, street.opened.till_link, street.opened.order.word,
        *cookies, "Bob", "Bauer", "Noor", "Carol", "example.org", "12.50", "bakery",
    ]  # fmt: skip
    assert [one for one in secrets if one in log] == []
