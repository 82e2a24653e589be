"""A person at the desk: wallets offered and opened, money in and out, all of it on their record."""

from pathlib import Path
from uuid import UUID

import pytest

from counterfoil.cli.pay_site import opened_money
from counterfoil.kernel.database import connect, single
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountKind, NewAccount, Transfer, TransferId
from counterfoil.money import Money, currency_by_code
from counterfoil.wallet import (
    DayLimitExceeded,
    FundsMissing,
    LimitInvalid,
    Movement,
    RecipientNotFound,
    WalletFrozen,
)
from tests.cli.test_people_commands import Desk

EUR = currency_by_code("EUR")
IBAN = "FR14 2004 1010 0505 0001 3M02 606"
EUROS = ("--currency", "EUR")
EDDA = (*EUROS, "--by", "Edda")


@pytest.fixture
def desk(database_url: str, tmp_path: Path) -> Desk:
    """Give a desk of an operator that offers wallets in euro and yen, and has a bank."""
    desk = Desk(tmp_path, database_url)
    desk.open_purpose("run-wallet")
    desk.says("wallet", "offer", "EUR", "--day", "50", "--month", "300", "--day-max", "100")
    desk.says("bank", "open-account", "--iban", "NL33LRCH0000000001", "--holder", "Larch",
              *EUROS)  # fmt: skip
    return desk


def person(desk: Desk, name: str, contact: str) -> str:
    return str(desk.answers("person", "add", name, contact, "--terms", "1")["person"])


def bring_cash(desk: Desk, account: int, cents: int) -> None:
    with opened_money(desk.where[3], Path(desk.where[1])) as rooms:
        ledger = rooms.rooms.ledger
        cash = ledger.open_account(
            NewAccount(id=AccountId(new_id()), currency=EUR, kind=AccountKind.ASSET)
        )
        ledger.post(
            Transfer(id=TransferId(new_id()), debit_account=cash, credit_account=account,  # type: ignore[arg-type]
                     amount=Money(cents, EUR), code=Movement.TOP_UP)
        )  # fmt: skip


def test_money_comes_in_is_sent_asked_for_and_withdrawn(desk: Desk) -> None:
    """Each once for its id; what is left, and left of the limits, adds up; who did it is on record."""
    bob = person(desk, "Bob Bauer", "bob@example.org")
    person(desk, "Alice Arnaud", "alice@example.org")
    account = desk.answers("wallet", "open", bob, *EUROS)["account"]
    told = desk.answers("wallet", "top-up", bob, *EUROS)
    assert told == desk.answers("wallet", "top-up", bob, *EUROS)
    assert (told["iban"], told["currency"]) == ("NL33LRCH0000000001", "EUR")
    assert told["reference"] in desk.says("wallet", "top-up", bob, *EUROS)
    bring_cash(desk, account, 100_00)
    once = ("--id", str(new_id()))
    for was_done in (False, True):
        sent = desk.answers("wallet", "send", bob, "alice@example.org", "12.50", *EDDA, *once)
        assert sent["was_done_before"] is was_done
    asked = desk.answers("wallet", "request", bob, "alice@example.org", "8", "--note", "Pizza",
                         *EDDA)  # fmt: skip
    assert asked["amount"] == {"minor": 800, "currency": "EUR"}
    assert IBAN[-3:] in desk.says("wallet", "bank-account", bob, "--iban", IBAN)
    assert desk.answers("wallet", "withdraw", bob, "20", *EDDA)["state"] == "queued"
    (shown,) = desk.answers("wallet", "show", bob, "--by", "Edda")["wallets"]
    assert (shown["balance"]["minor"], shown["available"]["minor"]) == (67_50, 67_50)
    assert (shown["day"]["spent"]["minor"], shown["day"]["left"]["minor"]) == (32_50, 17_50)
    assert "€67.50" in desk.says("wallet", "show", bob, "--by", "Edda")
    with connect(desk.where[3], writes=False) as database:
        acted = database.query(
            "SELECT count(*) AS n FROM records WHERE subject = $1 AND kind = 'sign-in-link'",
            (UUID(bob).bytes,),
        )
    assert single(acted) == 6  # each time that somebody acted for Bob


def test_a_wallet_spends_no_more_than_its_limits(desk: Desk) -> None:
    """What is lowered holds at once, what is raised waits; a frozen wallet pays nothing."""
    bob = person(desk, "Bob Bauer", "bob@example.org")
    person(desk, "Alice Arnaud", "alice@example.org")
    bring_cash(desk, desk.answers("wallet", "open", bob, *EUROS)["account"], 100_00)
    to_alice = ("wallet", "send", bob, "alice@example.org")
    limits = desk.answers("wallet", "limits", bob, *EUROS, "--day", "10")
    assert (limits["day"]["limit"]["minor"], limits["coming"]) == (10_00, None)
    with pytest.raises(DayLimitExceeded):
        desk.says(*to_alice, "10.01", *EDDA)
    limits = desk.answers("wallet", "limits", bob, *EUROS, "--day", "80")
    assert limits["day"]["limit"]["minor"] == 10_00
    assert limits["coming"]["day"]["minor"] == 80_00
    assert "€80.00" in desk.says("wallet", "limits", bob, *EUROS)
    with pytest.raises(LimitInvalid):
        desk.says("wallet", "limits", bob, *EUROS, "--day", "100.01")
    desk.says("wallet", "freeze", bob, *EUROS, "--reason", "The phone was stolen.")
    with pytest.raises(WalletFrozen):
        desk.says(*to_alice, "1", *EDDA)
    desk.says("wallet", "unfreeze", bob, *EUROS, "--reason", "It was found.")
    desk.says(*to_alice, "1", *EDDA)
    with pytest.raises(RecipientNotFound):
        desk.says("wallet", "send", bob, "nobody@example.org", "1", *EDDA)
    with pytest.raises(FundsMissing):
        desk.says(*to_alice, "99.01", *EDDA)


def test_what_is_offered_is_listed_and_changed(desk: Desk) -> None:
    """A second offer in a currency takes the first one's place."""
    desk.says("wallet", "offer", "JPY", "--day", "5000", "--month", "90000", "--raise-hours", "0")
    desk.says("wallet", "offer", "EUR", "--day", "40", "--month", "200")
    offered = {one["currency"]: one for one in desk.answers("wallet", "terms")["terms"]}
    assert offered["EUR"]["day_max"] == {"minor": 40_00, "currency": "EUR"}
    assert (offered["JPY"]["day"]["minor"], offered["JPY"]["raise_hours"]) == (5000, 0)
    assert "€40.00" in desk.says("wallet", "terms")
    with pytest.raises(LimitInvalid):
        desk.says("wallet", "offer", "EUR", "--day", "40", "--month", "200", "--day-max", "30")
