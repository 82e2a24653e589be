"""Asking for money and splitting a bill, on two phones."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.sync_api import expect

from tests.web.browsing import Device, in_every_language, picture

pytestmark = pytest.mark.slow


def ask(asker: Device, people: str, amount: str, note: str, *, own: bool = False) -> None:
    asker.open("/wallet/ask")
    asker.page.get_by_label("Whom: phone numbers").fill(people)
    asker.page.get_by_label("Amount").fill(amount)
    asker.page.get_by_label("What for").fill(note)
    asker.page.get_by_label("I bear a part myself").set_checked(own)
    asker.click("Go on")


def held(friend: Device) -> Decimal:
    """Read what the phone shows in Gil's wallet; other tests may have put something there."""
    friend.open("/wallet")
    shown = friend.page.locator(".balance > span[aria-hidden]").first.inner_text()
    return Decimal(shown.removeprefix("€"))


def test_a_bill_is_split_and_each_part_is_paid_or_declined(friend: Device, phone: Device) -> None:
    """Gil splits 10.00 in three: the odd cent is named; Bob sees who asks and for what, and pays."""
    before = held(friend)
    ask(friend, "bob@example.org\nnoor@example.org", "10", "Pizza on Friday", own=True)
    expect(friend.page.locator("main")).to_contain_text(
        "It does not divide evenly. €0.01 more: you, yourself."
    )
    assert [one.inner_text().split("\n")[-1] for one in friend.page.locator(".rows li").all()] == [
        "€3.34", "€3.33", "€3.33",
    ]  # fmt: skip
    friend.check()
    picture(friend.page, "ask-confirm")
    friend.click("Ask now")
    friend.page.wait_for_url("**/wallet/requests")
    expect(friend.page.locator("main")).to_contain_text("0 of 2 are done")
    in_every_language(friend, "/wallet/requests", "requests-asker")
    phone.open("/wallet")
    phone.click("1 person asks you for money")
    phone.check()
    phone.page.get_by_role("link", name="Gil Gross").click()
    expect(phone.page.locator("h1")).to_have_text("Gil Gross")
    expect(phone.page.locator("main")).to_contain_text("Pizza on Friday")
    in_every_language(phone, phone.page.url.removeprefix(phone.url), "request")
    phone.click("Pay €3.33")
    expect(phone.page.locator("h1")).to_have_text("Sent")
    expect(phone.page.locator("main")).to_contain_text("to Gil Gross")
    friend.open("/wallet/requests")
    expect(friend.page.locator("main")).to_contain_text("1 of 2 are done")
    expect(friend.page.locator("main")).not_to_contain_text("bob@example.org")
    assert held(friend) == before + Decimal("3.33")


def test_a_bill_is_split_into_the_parts_that_were_named(friend: Device, phone: Device) -> None:
    """Bob bears 4.50 of 10.00, Gil and Noor half of the rest each; parts beyond the bill are refused."""
    ask(friend, "bob@example.org = 10.50\nnoor@example.org", "10", "Pizza")
    expect(friend.page.get_by_role("alert")).to_contain_text("The parts are not €10.00 together.")
    ask(friend, "bob@example.org = 4.5", "10", "Pizza")
    expect(friend.page.get_by_role("alert")).to_contain_text("The parts are not €10.00 together.")
    ask(friend, "bob@example.org = much", "10", "Pizza")
    expect(friend.page.get_by_role("alert")).to_be_visible()
    ask(friend, "bob@example.org = 4.5\nnoor@example.org", "10", "Unequal pizza", own=True)
    expect(friend.page.locator("main")).to_contain_text("You ask for")
    shown = [one.inner_text().split("\n")[-1] for one in friend.page.locator(".rows li").all()]
    assert shown == ["€2.75", "€4.50", "€2.75"]
    expect(friend.page.locator("main")).not_to_contain_text("does not divide")
    picture(friend.page, "ask-confirm-unequal")
    friend.click("Ask now")
    friend.page.wait_for_url("**/wallet/requests")
    phone.open("/wallet/requests")
    phone.page.get_by_role("link", name="Unequal pizza").click()
    phone.click("Pay €4.50")
    expect(phone.page.locator("h1")).to_have_text("Sent")


def test_what_is_declined_or_taken_back_is_not_paid(friend: Device, phone: Device) -> None:
    """Bob declines one; Gil takes another back while Bob looks at it, and Bob is told."""
    for note in ("Cinema", "Taxi"):
        ask(friend, "bob@example.org", "2", note)
        friend.click("Ask now")
        friend.page.wait_for_url("**/wallet/requests")
    phone.open("/wallet/requests")
    phone.page.get_by_role("link", name="Cinema").click()
    phone.click("Decline")
    phone.page.wait_for_url("**/wallet/requests")
    phone.page.get_by_role("link", name="Taxi").click()
    friend.open("/wallet/requests")
    friend.page.locator("a.line", has_text="bob@example.org").click()
    friend.check()
    friend.click("Take it back")
    friend.page.wait_for_url("**/wallet/requests")
    phone.click("Pay €2.00")
    expect(phone.page.get_by_role("alert")).to_contain_text("Ask for a new one")
    expect(phone.page.locator("main")).to_contain_text("This request is closed: taken back.")
    phone.check()


def test_the_registered_name_is_seen_in_part_before_sending(friend: Device, phone: Device) -> None:
    """Bob sees Gil's given name and one letter more before he sends; Gil sees that he looked."""
    phone.open("/wallet/send")
    phone.page.get_by_label("To: phone number or e-mail address").fill("gil@example.org")
    phone.page.get_by_label("Amount").fill("1")
    phone.click("Go on")
    expect(phone.page.locator("h1")).to_have_text("Gil G•••")
    assert "Gross" not in phone.page.content()
    phone.check()
    picture(phone.page, "send-confirm")
    phone.click("Send €1.00")
    expect(phone.page.locator("h1")).to_have_text("Sent")
    friend.open("/record")
    expect(friend.page.locator("main")).to_contain_text("Somebody is about to send you money")


def test_payments_are_found_by_word_direction_and_month(phone: Device) -> None:
    """What was received is among what came in, not among what was paid; another month is empty."""
    in_every_language(phone, "/wallet/past", "past")
    for query, is_there in (
        ("", True),
        ("?kind=in", True),
        ("?kind=out", False),
        ("?q=top", True),
        ("?q=zebra", False),
        ("?month=2020-01", False),
        ("?month=x", True),
    ):
        phone.open(f"/wallet/past{query}")
        assert (phone.page.locator(".sum", has_text="+€100.00").count() == 1) is is_there, query


def test_older_payments_are_a_month_away_under_the_same_question(phone: Device) -> None:
    """From the month to come back to this one, still looking for top-ups; before the wallet, no further."""
    this = datetime.now(UTC).date().replace(day=1)
    coming = this + timedelta(days=31)
    phone.open(f"/wallet/past?q=top&kind=in&month={coming:%Y-%m}")
    expect(phone.page.locator("main")).to_contain_text("Nothing that fits.")
    picture(phone.page, "past-older")
    phone.click("Older")
    expect(phone.page.get_by_label("Month")).to_have_value(f"{this:%Y-%m}")
    expect(phone.page.get_by_label("Word or shop")).to_have_value("top")
    expect(phone.page.get_by_label("Which")).to_have_value("in")
    expect(phone.page.locator(".sum", has_text="+€100.00")).to_be_visible()
    assert phone.page.get_by_role("link", name="Older").count() == 0


def test_what_cannot_be_asked_is_said_in_words_and_nothing_typed_is_lost(friend: Device) -> None:
    """A stranger, oneself, a link in the note: each is said, and the form stays as it was."""
    in_every_language(friend, "/wallet/ask", "ask")
    ask(friend, "nobody@example.org", "5", "Lunch")
    expect(friend.page.get_by_role("alert")).to_contain_text("Nobody has a wallet")
    assert friend.page.get_by_label("What for").input_value() == "Lunch"
    friend.check()
    picture(friend.page, "ask-refused")
    ask(friend, "gil@example.org", "5", "Lunch")
    expect(friend.page.get_by_role("alert")).to_contain_text("Name the others alone.")
    ask(friend, "bob@example.org", "5", "www.win.example")
    expect(friend.page.get_by_role("alert")).to_contain_text("no links")
