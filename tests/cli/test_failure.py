"""Every anticipated error is a sentence and an exit status, whatever it is."""

import pytest

from counterfoil.cli.failure import STATUS_BY_CODE, STATUS_BY_ROOM, Exit, exit_status, report
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.ledger import AccountRefusal, LedgerInUse, Refusal, TransferRefused
from tests.refusals import every_error

ERRORS = sorted({error.code for error in every_error() if error.code})


@pytest.mark.parametrize("code", ERRORS)
def test_every_error_has_an_exit_status(code: str) -> None:
    """No anticipated error ends in a status that nobody chose."""
    if code != CounterfoilError.code:  # a class that takes its code from what it refuses
        assert exit_status(code) not in {Exit.DONE, Exit.USAGE, Exit.INTERRUPTED}


@pytest.mark.parametrize("refusal", [*Refusal, *AccountRefusal], ids=lambda refusal: refusal.code)
def test_every_refusal_has_an_exit_status(refusal: Refusal | AccountRefusal) -> None:
    """Whatever rule refuses, the status says: refused, and nothing was changed."""
    assert exit_status(f"ledger.{refusal.code}") is Exit.REFUSED


def test_no_status_is_left_over() -> None:
    """Each code that the map names is some error's own."""
    assert set(STATUS_BY_CODE) <= set(ERRORS)


def test_an_undecided_room_is_noticed() -> None:
    """A new room's errors fail the test above until somebody has decided."""
    assert "weather" not in STATUS_BY_ROOM
    with pytest.raises(KeyError):
        exit_status("weather.rain")


def test_an_error_is_told_on_stderr(capsys: pytest.CaptureFixture[str]) -> None:
    """The sentence, the stable code and whether a retry can help; nothing on stdout."""
    assert report(LedgerInUse("Process 4 already writes to [shop].db.")) is Exit.NOT_NOW
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.rstrip() for line in said.err.splitlines()] == [
        "✗ Process 4 already writes to [shop].db.",
        "  ledger.in-use, exit status 3; the same request can succeed later",
    ]


def test_a_refusal_that_stands_offers_no_retry(capsys: pytest.CaptureFixture[str]) -> None:
    """What will be refused again is not said to be worth another try."""
    report(TransferRefused(Refusal.SAME_ACCOUNT, id="x", debit_account=1))
    assert "later" not in capsys.readouterr().err
