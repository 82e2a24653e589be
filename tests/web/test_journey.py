"""The journey: a till shows a code, a phone reads and pays it, the till turns green by itself."""

import re
import signal
from pathlib import Path

import httpx2
import pytest
from playwright.sync_api import expect

from tests.web.browsing import Device, device, picture, read
from tests.web.conftest import Street
from tools.program import counterfoil

pytestmark = pytest.mark.slow


def ask(till: Device, amount: str) -> str:
    """Have the till show the code for an amount; read it off its screen."""
    till.open("/till")
    till.page.get_by_label("Amount").fill(amount)
    till.click("Show the code")
    expect(till.page.locator("h1")).to_have_text("Waiting to be paid")
    return read(till.page.locator("[data-code]"))


def test_a_till_a_phone_and_a_receipt_that_verifies(
    till: Device, phone: Device, tmp_path: Path
) -> None:
    """The code off the screen leads to the registered name; paid comes by push; the half verifies."""
    till.open("/till")
    till.check()
    picture(till.page, "till")
    for key in ("1", "2", ".", "5", "0"):
        till.page.locator(f"[data-key='{key}']").click()
    till.click("Show the code")
    link = read(till.page.locator("[data-code]"))
    till.check()
    picture(till.page, "till-waiting")
    phone.page.goto(link)
    assert phone.heading() == "Noor's bakery"
    assert "€12.50" in phone.page.locator("main").inner_text()
    assert "Left afterwards" in phone.page.locator("main").inner_text()
    phone.check()
    picture(phone.page, "confirm")
    phone.click("Pay €12.50")
    expect(phone.page.locator("h1")).to_have_text("Paid")
    expect(till.page.locator("[data-state=paid] h1")).to_have_text("Paid", timeout=3_000)
    match = till.page.locator(".match").inner_text()
    assert phone.page.locator(".match").inner_text() == match
    assert "Bob" not in till.page.locator("main").inner_text()
    assert "B••• B." in till.page.locator("main").inner_text()
    for one in (till, phone):
        one.check()
    numbers = httpx2.get(f"{till.url}/metrics").text
    assert re.search(r'counterfoil_payments_total\{kind="paid"\} [1-9]', numbers)
    picture(till.page, "till-paid")
    picture(phone.page, "paid")
    phone.open("/wallet")
    phone.check()
    picture(phone.page, "wallet")
    phone.page.locator("a.line").first.click()
    expect(phone.page.get_by_text("It holds.")).to_be_visible()
    phone.check()
    picture(phone.page, "receipt")
    with phone.page.expect_download() as downloading:
        phone.click("Download the receipt")
    file = tmp_path / "receipt.txt"
    downloading.value.save_as(file)
    phone.open("/verify")
    keys = phone.page.locator("details .mono").all_text_contents()
    done = counterfoil("verify", file, "--key", keys[0])
    assert done.returncode == 0, done.stdout + done.stderr
    phone.page.get_by_label("Or its text").fill(file.read_text())
    phone.click("Verify", exact=True)
    expect(phone.page.get_by_text("It holds.")).to_be_visible()
    changed = file.read_text().replace("12.50", "12.51")
    assert changed != file.read_text()
    phone.page.get_by_label("Or its text").fill(changed)
    phone.click("Verify", exact=True)
    expect(phone.page.get_by_role("alert")).to_contain_text("does not hold")


def test_a_payer_s_code_is_read_by_the_till(till: Device, phone: Device) -> None:
    """The bars and the digits on the phone pay once; used again they are refused by name."""
    phone.open("/wallet/code")
    phone.check()
    picture(phone.page, "code")
    digits = read(phone.page.locator(".code.bars"))
    assert re.fullmatch(r"28\d{16}", digits)
    assert read(phone.page.locator(".code").nth(1)) == digits
    till.open("/till/scan")
    till.check()
    till.page.get_by_label("Amount").fill("3.20")
    till.page.get_by_label("The digits on their phone").fill(digits)
    till.click("Take the payment")
    expect(till.page.locator("[data-state=paid] h1")).to_have_text("Paid")
    assert "B••• B." in till.page.locator("main").inner_text()
    till.open("/till/scan")
    till.page.get_by_label("Amount").fill("3.20")
    till.page.get_by_label("The digits on their phone").fill(digits)
    till.click("Take the payment")
    expect(till.page.get_by_role("alert")).to_contain_text("has been used")


def test_above_what_a_code_pays_by_itself_its_payer_is_asked(till: Device, phone: Device) -> None:
    """60 euro are above the code's 50: the till waits, the phone asks, and only then it is paid."""
    phone.open("/wallet/code")
    digits = phone.page.locator(".digits").inner_text()
    till.open("/till/scan")
    till.page.get_by_label("Amount").fill("55.00")
    till.page.get_by_label("The digits on their phone").fill(digits)
    till.click("Take the payment")
    expect(till.page.locator("[data-state=pending] h1")).to_have_text("The payer confirms")
    till.check()
    picture(till.page, "till-pending")
    phone.page.wait_for_url("**/wallet", timeout=5_000)
    phone.click("A till asks you to confirm €55.00")
    phone.check()
    phone.click("Do not pay")
    phone.page.wait_for_url("**/wallet")
    expect(till.page.locator("[data-state=expired] h1")).to_have_text("Not paid", timeout=5_000)


def test_the_till_gives_money_back_from_the_row(till: Device, phone: Device) -> None:
    """A part is given back with its reason; the payer's history says refund; more is refused."""
    phone.page.goto(ask(till, "7.00"))
    phone.click("Pay €7.00")
    expect(till.page.locator("[data-state=paid]")).to_be_visible(timeout=3_000)
    till.page.get_by_text("Give money back").click()
    till.check()
    till.page.get_by_label("Amount, at most").fill("2.50")
    till.page.get_by_label("Why").fill("A slice was missing.")
    till.click("Give it back")
    expect(till.page.get_by_text("Given back: €2.50")).to_be_visible()
    till.page.get_by_text("Give money back").click()
    till.page.get_by_label("Amount, at most").fill("9")
    till.click("Give it back")
    expect(till.page.get_by_role("alert")).to_be_visible()
    phone.open("/wallet")
    expect(phone.page.locator("main")).to_contain_text("Refund: Rue de Rivoli")


def test_a_photo_of_the_code_is_enough(till: Device, phone: Device) -> None:
    """A still picture of the till's code leads to the payment; one without a code says so."""
    link = ask(till, "2.00")
    shot = till.page.screenshot()
    phone.open("/wallet/scan")
    phone.check()
    file = {"name": "photo.png", "mimeType": "image/png", "buffer": shot}
    phone.page.get_by_label("A picture of the code").set_input_files(file)  # type: ignore[arg-type]
    phone.click("Read the picture")
    phone.page.wait_for_url(link.replace("localhost", "*"))
    phone.open("/wallet/scan")
    nothing = {"name": "photo.png", "mimeType": "image/png", "buffer": b"no picture"}
    phone.page.get_by_label("A picture of the code").set_input_files(nothing)  # type: ignore[arg-type]
    phone.click("Read the picture")
    expect(phone.page.get_by_role("alert")).to_contain_text("no code in this picture")


def test_an_order_that_was_called_off_cannot_be_paid(till: Device, phone: Device) -> None:
    """Both sides are told, each in a way that nobody takes for paid."""
    link = ask(till, "4.00")
    phone.page.goto(link)
    till.click("Call it off")
    phone.click("Pay €4.00")
    expect(phone.page.locator("h1")).to_have_text(re.compile("Not paid|No longer"))
    assert phone.page.locator(".stage.paid").count() == 0
    phone.check()
    picture(phone.page, "not-paid")


def test_more_than_there_is_is_not_paid(till: Device, phone: Device) -> None:
    """Who has too little sees it before paying, and is refused by name if they try."""
    phone.page.goto(ask(till, "500.00"))
    expect(phone.page.get_by_text("There is not enough in your wallet.")).to_be_visible()
    phone.click("Pay €500.00")
    expect(phone.page.locator(".stage.failed h1")).to_have_text("Not paid")
    assert till.page.locator("[data-state=waiting]").count() == 1


def test_the_keyboard_is_enough(till: Device, phone: Device) -> None:
    """The till takes an amount and the phone pays it without a pointer."""
    till.open("/till")
    till.page.get_by_label("Amount").focus()
    till.page.keyboard.type("1.10")
    till.page.keyboard.press("Enter")
    expect(till.page.locator("h1")).to_have_text("Waiting to be paid")
    word = till.page.locator(".digits").inner_text()
    phone.open("/wallet/scan")
    phone.page.keyboard.press("Tab")
    assert phone.page.evaluate("document.activeElement.className") == "skip"
    phone.page.get_by_label("Code or link").focus()
    phone.page.keyboard.type(word.lower())
    phone.page.keyboard.press("Enter")
    phone.page.wait_for_url("**/o/**")
    for _step in range(20):
        phone.page.keyboard.press("Tab")
        if "Pay €1.10" in phone.page.evaluate("document.activeElement.innerText"):
            break
    phone.page.keyboard.press("Enter")
    expect(phone.page.locator("h1")).to_have_text("Paid")
    expect(till.page.locator("[data-state=paid]")).to_be_visible(timeout=3_000)


def test_without_javascript_it_can_be_paid(street: Street, till: Device, phone: Device) -> None:
    """Pages are whole without scripts: the wallet pays, and shows what became of it."""
    link = ask(till, "1.50")
    with device(street.browser, street.server.url, java_script_enabled=False) as plain:
        plain.context.add_cookies(phone.context.cookies())  # type: ignore[arg-type]
        plain.page.goto(link)
        plain.click("Pay €1.50")
        assert plain.heading() == "Paid"


def test_a_lost_connection_is_said_at_once(street: Street, till: Device) -> None:
    """While the server cannot be heard, the till says that nothing may be handed over."""
    ask(till, "6.00")
    street.server.process.send_signal(signal.SIGSTOP)
    try:
        expect(till.page.locator(".lost")).to_have_text(
            "Connection lost: do not hand over goods.", timeout=30_000
        )
        picture(till.page, "till-lost")
    finally:
        street.server.process.send_signal(signal.SIGCONT)
    expect(till.page.locator(".lost")).to_have_count(0, timeout=30_000)
