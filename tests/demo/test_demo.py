"""The demonstration says nothing that the ledger would not."""

from io import StringIO

import pytest
from rich.console import Console

from counterfoil.demo import screen, town
from counterfoil.ledger import AccountNumber, Ledger, LedgerReader
from counterfoil.money import format_money


def _play(database_url: str, *, damage: bool = False) -> tuple[bool, str]:
    written = StringIO()
    with Ledger.open(database_url) as ledger:
        if damage:
            ledger.open_account(town.residents()[0].new)
            ledger._writer.state.accounts[1]["credits_posted"] += 1
        is_sound = screen.show(ledger, "a file", Console(file=written, width=100))
    return is_sound, written.getvalue()


@pytest.fixture(autouse=True)
def _small_burst(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(screen, "BURST_TRANSFERS", 5000)
    monkeypatch.setattr(screen, "_BURST_ACCOUNTS", 100)


def test_every_figure_on_the_screen_is_the_ledgers(database_url: str) -> None:
    """Alice's closing balance, the transfers counted and the trial balance are read back."""
    is_sound, shown = _play(database_url)
    assert is_sound
    with LedgerReader.open(database_url) as ledger:
        alice = ledger.balances(AccountNumber(5))
        assert f"closing {format_money(alice.balance, 'en')}" in shown
        assert f"{ledger.seq:,} transfers and {ledger.account_count:,} accounts verified" in shown
        refused = ledger.balances(AccountNumber(6))
        assert refused.balance.minor == 4000  # Bob's overdraft took nothing
    assert "ledger.exceeds-credits" in shown
    assert "5,000 payments durable" in shown


def test_a_ledger_that_does_not_verify_is_shown_as_such(database_url: str) -> None:
    """A balance that the log does not make is named, and the demonstration fails."""
    is_sound, shown = _play(database_url, damage=True)
    assert not is_sound
    assert "Account 1: credits posted is kept as" in shown
