"""A whole bank goes into the ledger, ties with what was printed, and goes in once."""

import gzip
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from counterfoil.kernel.database import connect, single
from counterfoil.kernel.errors import StatementRefused, StoreUnavailable
from counterfoil.ledger import Ledger, LedgerReader, Refusal, TransferRefused
from counterfoil.ledger.imports.berka import (
    BerkaFileUnreadable,
    BerkaLineUnreadable,
    BerkaMissing,
    BerkaRowTwice,
    BerkaTooOld,
    Import,
    OwnAccount,
    Stage,
    import_berka,
    ties,
)
from counterfoil.ledger.imports.berka.mapping import new_account
from counterfoil.ledger.layout import ROW_DTYPE, empty
from counterfoil.ledger.model import AccountNumber
from tests.ledger.imports.bank import (
    ALICE,
    ALICES_ROWS,
    BOBS_ROWS,
    CZECH,
    ENGLISH,
    make_bank,
    make_large_bank,
    real_bank,
)
from tests.ledger.imports.test_berka_order import row

START = "from counterfoil.cli import main; main()"


def imported(url: str, folder: Path) -> Import:
    with Ledger.open(url) as ledger:
        return import_berka(ledger, folder)


def number_of(ledger: Ledger | LedgerReader, account: int) -> AccountNumber:
    return ledger.account_by_id(new_account(account).id).number


def test_every_row_becomes_a_transfer_that_ties(database_url: str, tmp_path: Path) -> None:
    """Alice's and Bob's rows are in the log, on their days, with the balances as printed."""
    result = imported(database_url, make_bank(tmp_path / "bank"))
    assert [(f.file, f.row_count, f.new_count, f.tied_count) for f in result.files] == [
        (CZECH, 6, 6, 6),
        (ENGLISH, 3, 3, 3),
    ]
    assert result.misses == ()
    assert result.openings == ()
    with LedgerReader.open(database_url) as reader:
        postings = reader.latest(number_of(reader, ALICE), 10)[::-1]
        assert [posting.balance_after.plain for posting in postings] == [
            *("1000.00", "1500.00", "1513.90", "1499.30", "-200.70", "-203.90")
        ]
        assert [f"{posting.at:%y%m%d}" for posting in postings] == [
            *("930105", "930131", "930131", "930131", "930201", "930228")
        ]
        assert [posting.code for posting in postings] == [110, 126, 101, 233, 330, 232]
        assert reader.verify().is_sound


def test_the_bank_s_own_accounts_take_the_other_side(tmp_path: Path) -> None:
    """Each own account has what the rows of its kind add up to."""
    result = imported(f"sqlite:///{tmp_path}/bank.db", make_bank(tmp_path / "bank"))
    assert {each.own: each.balance.plain for each in result.own_balances} == {
        OwnAccount.CASH: "200.00",
        OwnAccount.CLEARING: "80.00",
        OwnAccount.OTHER_BANKS: "380.00",
        OwnAccount.INTEREST_PAID: "13.90",
        OwnAccount.INTEREST_EARNED: "3.20",
        OwnAccount.FEES: "14.60",
        OwnAccount.OPENING: "0.00",
    }


def test_importing_again_moves_nothing(database_url: str, tmp_path: Path) -> None:
    """The second run knows every row, and says so."""
    folder = make_bank(tmp_path / "bank")
    first = imported(database_url, folder)
    again = imported(database_url, folder)
    assert [(f.new_count, f.known_count) for f in again.files] == [(0, 6), (0, 3)]
    assert again.own_balances == first.own_balances
    with LedgerReader.open(database_url) as reader:
        assert (reader.seq, reader.account_count) == (9, len(OwnAccount) + 2)


def test_rows_that_came_later_join_the_others(database_url: str, tmp_path: Path) -> None:
    """A file that has grown brings only what is new."""
    imported(database_url, make_bank(tmp_path / "bank", english=BOBS_ROWS[:1]))
    result = imported(database_url, make_bank(tmp_path / "bank"))
    assert [(f.new_count, f.known_count) for f in result.files] == [(0, 6), (2, 1)]
    assert result.misses == ()


def test_a_bank_without_rows_is_no_error(tmp_path: Path) -> None:
    """Files that hold nothing but their columns import nothing, and say so."""
    folder = make_bank(tmp_path / "bank", czech=[], english=[])
    result = imported(f"sqlite:///{tmp_path}/bank.db", folder)
    assert [(f.row_count, f.tied_count) for f in result.files] == [(0, 0), (0, 0)]


def test_a_wrong_balance_is_listed(tmp_path: Path) -> None:
    """A row whose printed balance does not follow is named, with its place and by how much."""
    wrong = [*BOBS_ROWS[:2], BOBS_ROWS[2].replace(";700.00;", ";700.11;")]
    result = imported(f"sqlite:///{tmp_path}/bank.db", make_bank(tmp_path / "bank", english=wrong))
    (miss,) = result.misses
    assert (miss.file, miss.line, miss.number, miss.bank_account) == (ENGLISH, 4, 203, 25)
    assert (miss.printed.plain, miss.ledger.plain, miss.gap.plain) == ("700.11", "700.00", "-0.11")
    assert [f.tied_count for f in result.files] == [6, 2]


def test_what_the_bank_rounded_ties(tmp_path: Path) -> None:
    """Ten haléř are the bank's rounding, and are told as drift."""
    rounded = [*BOBS_ROWS[:2], BOBS_ROWS[2].replace(";700.00;", ";700.10;")]
    folder = make_bank(tmp_path / "bank", english=rounded)
    result = imported(f"sqlite:///{tmp_path}/bank.db", folder)
    assert result.misses == ()
    assert result.drift_max.minor == 10


def test_the_comparison_believes_the_log_alone() -> None:
    """Were the ledger wrong, the rows would not tie: here its log has the wrong side."""
    logged = empty(2, ROW_DTYPE)
    logged["credit_account"] = 7
    logged["debit_account"] = 1
    rows = [row(500, 500), row(-200, 300)]
    accounts = np.array([7, 7])
    logged["credit_balance"] = [500, 300]
    assert ties.compare(rows, accounts, logged).is_tied.tolist() == [True, True]
    logged["credit_balance"] = [500, 700]
    assert ties.compare(rows, accounts, logged).is_tied.tolist() == [True, False]


def test_an_older_account_is_opened_with_what_it_had(database_url: str, tmp_path: Path) -> None:
    """Where the data begins in the middle, one transfer brings the balance from before, and says so."""
    folder = make_bank(tmp_path / "bank", czech=ALICES_ROWS[4:], english=[])
    result = imported(database_url, folder)
    assert [(account, opening.plain) for account, opening in result.openings] == [
        (ALICE, "1499.30")
    ]
    assert result.misses == ()
    assert {e.own: e.balance.plain for e in result.own_balances}[OwnAccount.OPENING] == "-1499.30"


@pytest.mark.parametrize("line", ["108;11;930301;PRIJEM;;oops;1.00;UROK;;", "108"])
def test_a_bad_line_leaves_the_ledger_as_it_was(tmp_path: Path, line: str) -> None:
    """Nothing of a folder with an unreadable line is posted, not even an account."""
    url = f"sqlite:///{tmp_path}/bank.db"
    folder = make_bank(tmp_path / "bank", czech=[*ALICES_ROWS, line])
    with pytest.raises(BerkaLineUnreadable, match=rf"{CZECH}, line 8: ") as refused:
        imported(url, folder)
    assert refused.value.facts["line"] == 8
    with LedgerReader.open(url) as reader:
        assert (reader.seq, reader.account_count) == (0, 0)


def test_a_damaged_file_is_named(tmp_path: Path) -> None:
    """A packed file that ends too early, or is none, is refused by its name."""
    url = f"sqlite:///{tmp_path}/bank.db"
    folder = make_bank(tmp_path / "bank")
    whole = (folder / ENGLISH).read_bytes()
    for broken in (whole[:-9], b"not packed at all", gzip.compress("čeština".encode())):
        (folder / ENGLISH).write_bytes(broken)
        with pytest.raises(BerkaFileUnreadable, match=rf"{ENGLISH} cannot be read to its end"):
            imported(url, folder)


def test_a_row_that_stands_twice_is_refused(tmp_path: Path) -> None:
    """Two copies of one transaction are not two transactions."""
    folder = make_bank(tmp_path / "bank", czech=[*ALICES_ROWS, ALICES_ROWS[0]])
    with pytest.raises(BerkaRowTwice, match=r"Transaction 101 stands in .*, line 2, .* line 8"):
        imported(f"sqlite:///{tmp_path}/bank.db", folder)


@pytest.mark.parametrize("name", [".", "nowhere"])
def test_a_folder_without_the_data_says_where_to_find_it(tmp_path: Path, name: str) -> None:
    """Whoever has no data learns which public data it is."""
    with pytest.raises(BerkaMissing, match="PKDD'99 Discovery Challenge"):
        imported(f"sqlite:///{tmp_path}/bank.db", tmp_path / name)


def test_what_is_older_than_the_ledger_is_refused(tmp_path: Path) -> None:
    """The bank's own accounts cannot go back in time, and nothing is posted in trying."""
    url = f"sqlite:///{tmp_path}/bank.db"
    imported(url, make_bank(tmp_path / "late", czech=[]))
    with pytest.raises(BerkaTooOld, match="up to 1995-04-21, and these begin on 1993-01-05"):
        imported(url, make_bank(tmp_path / "early", english=[]))
    with LedgerReader.open(url) as reader:
        assert reader.seq == 3


def test_another_transfer_under_a_row_s_id_is_refused(tmp_path: Path) -> None:
    """A row whose amount has changed since is not taken for the first, nor posted beside it."""
    url = f"sqlite:///{tmp_path}/bank.db"
    imported(url, make_bank(tmp_path / "bank"))
    changed = [BOBS_ROWS[0].replace("900.00", "950.00"), *BOBS_ROWS[1:]]
    with pytest.raises(TransferRefused) as refused:
        imported(url, make_bank(tmp_path / "bank", english=changed))
    assert refused.value.refusal is Refusal.ID_USED_WITH_OTHER_CONTENT
    with LedgerReader.open(url) as reader:
        assert reader.seq == 9


def test_progress_is_told_to_the_end(tmp_path: Path) -> None:
    """Every stage is told, and ends at all of it."""
    told: list[tuple[Stage, int, int]] = []
    with Ledger.open(f"sqlite:///{tmp_path}/bank.db") as ledger:
        import_berka(ledger, make_bank(tmp_path / "bank"), lambda *step: told.append(step))
    last = {stage: (done, total) for stage, done, total in told}
    assert last == {Stage.READ: (2, 2), Stage.POST: (9, 9), Stage.COMPARE: (9, 9)}


@pytest.mark.slow
def test_a_killed_import_goes_on_where_it_stopped(database_url: str, tmp_path: Path) -> None:
    """Killed in the middle and run again, the bank is there once, to the last row."""
    folder = make_large_bank(tmp_path / "bank", row_count=100_000)
    command = [*(sys.executable, "-c", START, "ledger", "import-berka"), str(folder)]
    with subprocess.Popen([*command, "--database", database_url], stderr=subprocess.PIPE) as killed:
        wait_until(lambda: row_count(database_url) > 0, killed)
        killed.kill()
    left = row_count(database_url)
    assert 0 < left < 100_000
    result = imported(database_url, folder)
    (counted, _) = result.files
    assert (counted.known_count, counted.new_count) == (left, 100_000 - left)
    assert counted.tied_count == 100_000
    with LedgerReader.open(database_url) as reader:
        assert reader.seq == 100_000
        assert reader.verify().is_sound
        balance = reader.balances(number_of(reader, 1)).balance
        assert balance.plain == "10000.00"


@pytest.mark.slow
def test_the_real_bank_ties(database_url: str) -> None:
    """30,200 of 30,200 and 49,074 of 49,102 rows of the real bank tie, and the rest is listed.

    The 28 are one an account, all on the day in the middle of which the file was cut.
    """
    result = imported(database_url, real_bank())
    assert {f.file: (f.row_count, f.new_count, f.tied_count) for f in result.files} == {
        "trans_1993-01_to_1994-03_partial.asc.gz": (49_102, 49_102, 49_074),
        "trans_preloan_354loans_1997_98.csv.gz": (30_200, 30_200, 30_200),
    }
    assert len({miss.bank_account for miss in result.misses}) == 28
    assert {f"{miss.day}" for miss in result.misses} == {"1994-03-31"}
    assert result.openings == ()
    with LedgerReader.open(database_url) as reader:
        assert reader.verify().is_sound
        cash = reader.balances_at(AccountNumber(1), datetime(1994, 3, 31, tzinfo=UTC))
        # Added up by awk over the file: VKLAD less VYBER, without SLUZBY and SANKC. UROK.
        assert cash.balance.plain == "14323537.50"
    again = imported(database_url, real_bank())
    assert [(f.new_count, f.known_count) for f in again.files] == [(0, 49_102), (0, 30_200)]


def row_count(url: str) -> int:
    """Count the rows of the log from outside, also while it is being made."""
    try:
        with connect(url, writes=False) as database:
            return int(single(database.query("SELECT coalesce(max(seq), 0) FROM transfers")))
    except (StatementRefused, StoreUnavailable):
        return 0


def wait_until(is_so: Callable[[], bool], process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 120
    while not is_so():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < deadline
        time.sleep(0.005)
