"""The real program, run as people and other programs run it."""

from pathlib import Path
from uuid import UUID

import pytest

from counterfoil import __version__
from tests.ledger.imports.bank import make_bank
from tools.program import answer, counterfoil

ALICES_ACCOUNT = "8"
"""The first after the bank's own seven."""


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Import the tiny bank once, by the command; give its address."""
    folder = tmp_path_factory.mktemp("cli")
    url = f"sqlite:///{folder}/bank.db"
    done = counterfoil("ledger", "import-berka", make_bank(folder / "bank"), "--database", url)
    assert done.returncode == 0, done.stderr
    assert "Traceback" not in done.stderr
    return url


def test_the_version_is_told() -> None:
    """`counterfoil --version` names the version."""
    assert counterfoil("--version").stdout == f"counterfoil {__version__}\n"


def test_an_import_tells_how_many_rows_tie(database_url: str, tmp_path: Path) -> None:
    """With --json an import gives one object; the second says that all is known."""
    folder = make_bank(tmp_path / "bank")
    first = answer("ledger", "import-berka", folder, "--database", database_url)
    again = answer("ledger", "import-berka", folder, "--database", database_url)
    assert [(f["row_count"], f["new_count"], f["tied_count"]) for f in first["files"]] == [
        (6, 6, 6),
        (3, 3, 3),
    ]
    assert [(f["new_count"], f["known_count"]) for f in again["files"]] == [(0, 6), (0, 3)]
    assert first["misses"] == []


def test_an_import_lists_what_does_not_tie(tmp_path: Path) -> None:
    """A person sees the line, both balances and the gap, within 80 columns."""
    folder = make_bank(tmp_path / "bank")
    text = (folder / "trans_czech.asc").read_text()
    (folder / "trans_czech.asc").write_text(text.replace("-203.90", "-203.00"))
    done = counterfoil(
        *("ledger", "import-berka", folder, "--database", f"sqlite:///{tmp_path}/bank.db")
    )
    assert "1 row of trans_czech.asc does not tie" in done.stdout
    (row,) = [line.split() for line in done.stdout.splitlines() if "1993-02-28" in line]
    assert row == ["7", "1993-02-28", "11", "8", "-203.00", "-203.90", "-0.90"]
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_a_balance_is_told_now_and_at_a_moment(bank: str) -> None:
    """The same account then and now."""
    now = answer("ledger", "balance", ALICES_ACCOUNT, "--database", bank)
    then = answer(*("ledger", "balance", ALICES_ACCOUNT, "--at", "1993-01-31", "--database", bank))
    assert now["balance"] == {"minor": -20390, "currency": "CZK"}
    assert then["balance"] == {"minor": 100000, "currency": "CZK"}


def test_an_account_is_found_by_its_id_too(bank: str) -> None:
    """What opened the account finds it again."""
    known = answer("ledger", "balance", ALICES_ACCOUNT, "--database", bank)
    assert answer("ledger", "balance", known["id"], "--database", bank) == known


def test_a_statement_runs_from_opening_to_closing(bank: str) -> None:
    """Opening plus the postings of the period is the closing."""
    drawn_up = answer(
        *("ledger", "statement", ALICES_ACCOUNT, "--since", "1993-01-31"),
        *("--until", "1993-02-01", "--database", bank),
    )
    assert drawn_up["opening"]["minor"] == 100000
    assert [posting["amount"]["minor"] for posting in drawn_up["postings"]] == [50000, 1390, 1460]
    assert drawn_up["closing"]["minor"] == 149930


def test_the_latest_come_first(bank: str) -> None:
    """`latest` lists backwards, and `transfer` finds what it listed."""
    postings = answer("ledger", "latest", ALICES_ACCOUNT, "-n", "2", "--database", bank)["postings"]
    assert [posting["balance_after"]["minor"] for posting in postings] == [-20390, -20070]
    found = answer("ledger", "transfer", postings[0]["id"], "--database", bank)
    assert found["amount"] == {"minor": 320, "currency": "CZK"}
    assert found["flags"] == ["imported"]
    assert UUID(found["reference"]).int == 107


def test_debits_equal_credits(bank: str) -> None:
    """The trial balance adds up."""
    lines = answer("ledger", "trial-balance", "--database", bank)["lines"]
    assert sum(line["debits_posted"] for line in lines) == 433_170  # every amount, once
    assert sum(line["debits_posted"] - line["credits_posted"] for line in lines) == 0


def test_a_sound_ledger_is_verified(bank: str) -> None:
    """`verify` says what it went through."""
    done = counterfoil("ledger", "verify", "--database", bank)
    assert done.returncode == 0
    assert " ".join(done.stdout.split()) == (
        "✓ Every balance follows from the log. Transfers: 9; accounts: 9; open holds: 0."
    )


def test_a_damaged_ledger_is_told_by_the_exit_status(tmp_path: Path) -> None:
    """`verify` names the first difference and ends with 1."""
    from counterfoil.kernel.database import connect

    url = f"sqlite:///{tmp_path}/bank.db"
    counterfoil("ledger", "import-berka", make_bank(tmp_path / "bank"), "--database", url)
    with connect(url, writes=True) as database:
        database.execute("UPDATE transfers SET amount = amount + 1 WHERE seq = 2")
        database.execute("DELETE FROM snapshot WHERE part <> 'marks'")
        database.commit()
    done = counterfoil("ledger", "verify", "--database", url)
    assert done.returncode in {1, 8}
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("command", ["balance", "statement", "latest"])
def test_tables_fit_a_terminal(bank: str, command: str) -> None:
    """Eighty columns are enough, and the closing balance is there as the locale writes it."""
    done = counterfoil("ledger", command, ALICES_ACCOUNT, "--database", bank)
    assert done.returncode == 0
    assert "203.90" in done.stdout
    assert max(map(len, done.stdout.splitlines())) <= 80


def test_amounts_are_written_as_the_reader_s_locale_does(bank: str) -> None:
    """A French reader sees a French amount in a French table."""
    done = counterfoil("ledger", "balance", "3", "--database", bank, LC_ALL="fr_FR.UTF-8")
    assert "380,00 CZK" in done.stdout.replace("\u00a0", " ").replace("\u202f", " ")
    assert "solde" in done.stdout


def test_a_first_payment_by_hand(database_url: str) -> None:
    """Open, open, post, look: no program is needed to see money move."""
    open_command = ("ledger", "open", "--currency", "EUR", "--database", database_url)
    world = answer(*open_command, "--kind", "asset")["account"]
    shop = answer(*open_command, "--limited")["account"]
    post = ("ledger", "post", str(world), str(shop), "EUR 12.50", "--database", database_url)
    posted = answer(*post)
    assert answer(*post, "--id", posted["id"])["replayed"]
    seen = answer("ledger", "balance", str(shop), "--database", database_url)
    assert seen["balance"] == {"minor": 1250, "currency": "EUR"}


@pytest.mark.parametrize(
    ("arguments", "status", "said"),
    [
        (["ledger", "balance", "99"], 5, "There is no account 99."),
        (["ledger", "balance", "Alice"], 2, "'Alice' is neither an account's number nor an id."),
        (["ledger", "post", "1", "1", "CZK 5.00"], 4, "debits and credits the one account 1"),
        (["ledger", "post", "1", "2", "five"], 6, "is not an amount"),
        (["ledger", "post", "1", "2", "5.00"], 6, "names no currency"),
        (["ledger", "open", "--currency", "EUX"], 6, "did you mean"),
        (["ledger", "open", "--currency", "EUR", "--kind", "gift"], 2, "is none of asset"),
        (["ledger", "import-berka", "nowhere"], 6, "PKDD'99 Discovery Challenge"),
        (["ledger", "no-such-command"], 2, "No such command"),
        (["ledgre", "verify"], 2, "Did you mean 'ledger'?"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    bank: str, arguments: list[str], status: int, said: str
) -> None:
    """Never a traceback: a sentence on stderr, nothing on stdout, and the documented status."""
    done = counterfoil(*arguments, COUNTERFOIL_DATABASE=bank)
    assert (done.returncode, done.stdout) == (status, "")
    assert said in " ".join(done.stderr.replace("│", " ").split())
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize(
    ("url", "status", "said"),
    [
        ("sqlite:///no/such.db", 3, "There is no database no/such.db."),
        ("mysql://server/name", 7, "is not a database URL"),
        ("postgresql://nobody@127.0.0.1:1/none", 3, "The database failed"),
    ],
)
def test_a_database_that_cannot_be_used_is_named(url: str, status: int, said: str) -> None:
    """Whoever mistypes an address learns which, and whether to try again."""
    done = counterfoil("ledger", "verify", "--database", url)
    assert done.returncode == status
    assert said in " ".join(done.stderr.split())
    assert "Traceback" not in done.stderr


def test_a_ledger_in_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    """Writing where nothing can be written is no traceback either."""
    url = f"sqlite:///{tmp_path}/no/shop.db"
    done = counterfoil("ledger", "open", "--currency", "EUR", "--database", url)
    assert done.returncode == 3
    assert "cannot be opened for writing: No such file or directory." in done.stderr.replace(
        "\n", " "
    )


def test_an_upgrade_makes_a_ledger_of_an_empty_database(empty_url: str) -> None:
    """`db upgrade` brings the schema to this version, once."""
    version = answer("db", "upgrade", "--database", empty_url)["version"]
    assert answer("db", "upgrade", "--database", empty_url)["version"] == version
    assert answer("ledger", "trial-balance", "--database", empty_url) == {"lines": []}
