"""The Berka loans, through the ledger, with nothing from the loan's day or later."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.ledger import Ledger
from counterfoil.ledger.imports.berka import import_berka
from counterfoil.score.berka import Loan, events_of, features_at, read_loans, table_of
from counterfoil.score.comparison import compare
from counterfoil.score.errors import TableRefused
from counterfoil.score.features import FEATURES, EventKind
from counterfoil.score.fold import folds
from counterfoil.score.learner import STRENGTHS, ScorecardLearner
from counterfoil.score.scorecard import Settings
from tests.ledger.imports.bank import ROOT

BERKA = Path(os.environ.get("COUNTERFOIL_BERKA", ROOT.parent / "shared" / "data" / "berka"))
HEADER = "trans_id;account_id;date;type;operation;amount;balance;k_symbol;bank;account\n"
ROWS = """\
1;7;970105;PRIJEM;VKLAD;1000.00;1000.00;;;
2;7;970131;PRIJEM;;2.50;1002.50;UROK;;
3;7;970205;VYDAJ;PREVOD NA UCET;1100.00;-97.50;SIPO;AB;1
4;7;970210;VYDAJ;;5.00;-102.50;SANKC. UROK;;
5;7;970301;PRIJEM;VKLAD;900.00;797.50;;;
"""
LOANS = """\
"loan_id";"account_id";"date";"amount";"duration";"payments";"status"
9;7;970301;96396;12;8033.00;"B"
"""


@pytest.fixture
def bank(tmp_path: Path) -> Path:
    """Write a small bank with one loan, which stands on the day of the last row."""
    (tmp_path / "trans.asc").write_text(HEADER + ROWS, "ascii")
    (tmp_path / "loan.asc").write_text(LOANS, "ascii")
    return tmp_path


def test_payments_keep_their_sign_balance_and_kind(bank: Path, database_url: str) -> None:
    """What the ledger gives back is what the bank wrote down, each row after its predecessor."""
    with Ledger.open(database_url) as ledger:
        import_berka(ledger, bank)
        events = events_of(ledger, read_loans(bank)).to_pydict()
    assert events["change"] == [100_000, 250, -110_000, -500, 90_000]
    assert events["balance"] == [100_000, 100_250, -9_750, -10_250, 79_750]
    assert [EventKind(kind) for kind in events["kind"]] == [
        EventKind.CASH, EventKind.INTEREST, EventKind.RENT, EventKind.PENALTY, EventKind.CASH,
    ]  # fmt: skip
    assert events["previous_at"] == [None, *events["occurred_at"][:-1]]


def test_the_day_of_the_loan_does_not_count(bank: Path, database_url: str) -> None:
    """A payment on the loan's own day is not known yet when it is granted."""
    (loan,) = read_loans(bank)
    with Ledger.open(database_url) as ledger:
        import_berka(ledger, bank)
        good = Loan(7, loan.granted_on + timedelta(days=1), "A")
        with pytest.raises(TableRefused):
            table_of(ledger, [Loan(8, loan.granted_on, "A")])
        on_the_day, a_day_later = (features_at(ledger, [one])["activity_90"][0]
                                   for one in (loan, good))  # fmt: skip
    assert on_the_day < a_day_later


@pytest.mark.slow
@pytest.mark.skipif(not (BERKA / "loan.asc").exists(), reason="the bank's data is not committed")
def test_the_real_bank_reaches_what_is_published(tmp_path: Path) -> None:
    """On 354 loans, from payments alone: 30 bad, and a mean AUC above 0.9 over five folds."""
    with Ledger.open(f"sqlite:///{tmp_path}/berka.db") as ledger:
        import_berka(ledger, BERKA)
        table = table_of(ledger, read_loans(BERKA))
    assert (len(table), int(table.is_bad.sum())) == (354, 30)
    assert len(table.columns) == len(FEATURES)
    trends = {one.name: one.trend for one in FEATURES}
    learner = ScorecardLearner(Settings(share_min=0.05, bin_count_max=4, trends=trends), STRENGTHS)
    cut = folds(table.is_bad, fold_count=5, repeat_count=1, seed=1)
    assert compare(table, [learner], cut).validated[0].interval.value > 0.88
