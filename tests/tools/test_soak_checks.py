"""The soak's checks can fail: each kind of damage is planted and has to be named."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import (
    AttachedRow,
    Ledger,
    Posted,
    Request,
    Transfer,
    TransferId,
    pending_transfer,
    post_pending_transfer,
)
from counterfoil.money import Money, currency_by_code
from tools.soak import words
from tools.soak.books import Books, Findings, Row
from tools.soak.checks import Evidence, check, check_log_unchanged
from tools.soak.load import ORDERS_TABLE, PAYMENT_CODE, open_economy

CZK = currency_by_code("CZK")


@dataclass(slots=True)
class Story:
    """What was asked of a ledger and answered, before anything is damaged."""

    url: str
    evidence: Evidence
    payment: TransferId

    def findings(self) -> Findings:
        """Hold the ledger against what was said."""
        findings = Findings()
        check(self.url, Books(), self.evidence, findings)
        return findings

    def damage(self, sql: str) -> None:
        """Change the closed ledger's database behind its back."""
        with connect(self.url, writes=True) as database:
            database.execute(sql)
            database.commit()


@pytest.fixture
def story(tmp_path: Path) -> Story:
    """Bob tops up, pays Alice for an order with a fee, and posts a hold; all is acknowledged."""
    url = f"sqlite:///{tmp_path}/ledger.db"
    said: list[words.Word] = []
    with Ledger.open(url) as ledger:
        ledger.submit(Request(rows=(AttachedRow(ORDERS_TABLE, row_count=0),))).result()
        economy = open_economy(ledger)
        bob, alice = economy.wallets[:2]
        payment = Transfer(id=_new_id(), debit_account=bob, credit_account=alice,
                           amount=Money(300, CZK), code=PAYMENT_CODE)  # fmt: skip
        fee = Transfer(
            id=_new_id(), debit_account=alice, credit_account=economy.fees, amount=Money(3, CZK)
        )
        hold = pending_transfer(
            _new_id(), debit_account=bob, credit_account=alice, amount=Money(50, CZK)
        )
        top_up = Transfer(
            id=_new_id(), debit_account=economy.cash, credit_account=bob, amount=Money(900, CZK)
        )
        row = AttachedRow(
            "INSERT INTO soak_orders (payment, fee) VALUES ($1, $2)", (payment.id.hex, fee.id.hex)
        )
        asked = [
            ("top up", Request((top_up,))),
            ("pay", Request((payment, fee), (row,))),
            ("hold", Request((hold,))),
            ("post", Request((post_pending_transfer(_new_id(), subject=hold.id),))),
        ]
        for number, (kind, request) in enumerate(asked):
            said.append(words.Sent(words.Task(number, kind, request)))
            said.append(words.Acknowledged(number, tuple(ledger.submit(request).result())))
    evidence = Evidence()
    evidence.listen(0, said)
    return Story(url, evidence, payment.id)


def test_an_undamaged_ledger_passes(story: Story) -> None:
    """Nothing is found where nothing is wrong, and nothing is asked again."""
    assert story.findings() == Findings()


def test_an_acknowledged_transfer_that_is_gone_is_a_loss(story: Story) -> None:
    """The last row of the log disappears: it had been acknowledged."""
    story.damage("DELETE FROM snapshot")
    story.damage("DELETE FROM transfers WHERE seq = 5")
    story.damage("DELETE FROM resolutions")
    findings = story.findings()
    assert findings.losses == 1
    assert "is not in the log" in findings.messages[0]


def test_an_order_without_its_row_is_a_half(story: Story) -> None:
    """The payment is in the log and the row that committed with it is gone."""
    story.damage("DELETE FROM soak_orders")
    assert story.findings().halves > 0


def test_an_order_without_its_payment_is_a_half(story: Story) -> None:
    """A row is there whose payment never was."""
    story.damage("INSERT INTO soak_orders (payment, fee) VALUES ('00', '01')")
    assert story.findings().halves > 0


def test_a_chain_of_which_one_is_missing_is_a_half(story: Story) -> None:
    """One transfer of a chain bears another id: the chain is there in part."""
    other = new_id().bytes.hex()
    story.damage(f"UPDATE transfers SET id = X'{other}' WHERE id = X'{story.payment.hex}'")
    findings = story.findings()
    assert findings.halves > 0
    assert findings.losses > 0


def test_changed_content_is_found(story: Story) -> None:
    """A row says something else than what was asked for."""
    story.damage("UPDATE transfers SET code = 1 WHERE seq = 1")
    assert "code, reference or expiry" in story.findings().messages[0]


def test_two_answers_to_one_request_are_a_double(story: Story) -> None:
    """A repeated request was answered with another row than the first time."""
    heard = story.evidence.heard[0, 0]
    (first,) = heard.acknowledged[0]
    heard.acknowledged.append((Posted(first.id, first.seq + 1, first.amount, first.at),))
    assert story.findings().doubles == 1


def test_a_transfer_nobody_asked_for_is_found(story: Story) -> None:
    """A row that no worker had announced contradicts the evidence."""
    del story.evidence.heard[0, 0]
    assert any("nobody asked for" in message for message in story.findings().messages)


def test_a_refused_request_that_was_made_is_found(story: Story) -> None:
    """Bob was told no, and his money moved."""
    heard = story.evidence.heard[0, 1]
    heard.acknowledged.clear()
    heard.refused.append("exceeds-credits")
    assert any("was refused and is in the log" in text for text in story.findings().messages)


def test_an_unexpected_refusal_is_found(story: Story) -> None:
    """A refusal that the kind of request can never meet is no excuse."""
    story.evidence.heard[0, 0].refused.append("id-used-with-other-content")
    assert story.findings().contradictions == 1


def test_a_row_that_changes_later_is_found(story: Story) -> None:
    """History that has been read once must read the same at the end."""
    books, findings = Books(), Findings()
    check(story.url, books, story.evidence, findings)
    story.damage("UPDATE transfers SET code = 7 WHERE seq = 2")
    check_log_unchanged(story.url, books, findings)
    assert findings.messages == ["contradiction: rows that had been read before have changed since"]


def _row(seq: int, **changes: Any) -> Row:
    row = Row(seq, UUID(int=seq).hex, 1, 2, 10, 0, 0, "", 0, 0, 0)
    return row._replace(**changes)


@pytest.mark.parametrize(
    ("rows", "is_named"),
    [
        ([_row(1), _row(2, id=UUID(int=1).hex)], lambda findings: findings.doubles == 1),
        ([_row(1), _row(3)], lambda findings: findings.contradictions == 1),
        ([_row(1, flags=2), _row(2, flags=4, subject=1), _row(3, flags=8, subject=1)],
         lambda findings: findings.doubles == 1),
        ([_row(1), _row(2, flags=32, subject=1), _row(3, flags=32, subject=1)],
         lambda findings: findings.doubles == 1),
    ],
    ids=["an id twice", "a gap", "a hold resolved twice", "a transfer corrected twice"],
)  # fmt: skip
def test_the_books_name_what_cannot_be(
    rows: list[Row], is_named: Callable[[Findings], bool]
) -> None:
    """A log that contradicts itself is named by its kind of fault."""
    findings = Findings()
    Books().absorb(rows, findings)
    assert is_named(findings)


def _new_id() -> TransferId:
    return TransferId(new_id())
