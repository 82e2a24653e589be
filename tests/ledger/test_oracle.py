"""Any sequence of commands gives the same answers and balances on the oracle and on each store."""

import re
from datetime import datetime, timedelta
from pathlib import Path

import hypothesis.strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from counterfoil.kernel.clock import to_us
from counterfoil.ledger import (
    AccountNumber,
    Balances,
    Flags,
    LedgerReader,
    Posting,
    Refusal,
    Side,
    Transfer,
)
from counterfoil.money import Money
from tests.ledger import oracle_rules
from tests.ledger.oracle import Made
from tests.ledger.oracle_log import Row
from tests.ledger.world import (
    ACCOUNTS,
    ALICE,
    CASH,
    EUR,
    START,
    World,
    account_refusal,
    examples,
    expected,
    told,
    told_by_records,
    transfer_id,
)

_numbers = st.sampled_from([AccountNumber(place + 1) for place in range(len(ACCOUNTS))])
_steps = st.sampled_from([1, 2, 3, 5, 10])


class SameOnBoth(RuleBasedStateMachine):
    """Gives each command to the ledger and to its oracle, and compares all that both say."""

    url: str

    def __init__(self) -> None:
        super().__init__()
        self.world = World(self.url)
        self.instants = [START, START - timedelta(days=1)]
        self.burst_count = 0
        self.step_count = 0

    def teardown(self) -> None:
        """Compare everything a last time."""
        try:
            self.ends_sound()
        finally:
            self.world.ledger.close()

    @rule(data=st.data())
    def post_each(self, data: st.DataObject) -> None:
        """Post a batch."""
        self.compare_outcomes(data.draw(self.world.batches()))

    @rule(data=st.data())
    def post_more(self, data: st.DataObject) -> None:
        """Post a batch: most of what happens should be this."""
        self.compare_outcomes(data.draw(self.world.batches()))

    @rule(data=st.data(), minutes=_steps)
    def post_each_later(self, data: st.DataObject, minutes: int) -> None:
        """Post a batch after a while, so that holds expire before it."""
        batch = data.draw(self.world.batches(6))
        self.world.advance(timedelta(minutes=minutes))
        self.compare_outcomes(batch)
        self.instants.append(self.world.now)

    @rule(data=st.data())
    def post_records(self, data: st.DataObject) -> None:
        """Post a batch laid out as records."""
        batch = data.draw(self.world.batches())
        answers, oracle_s = self.world.post_records(batch)
        for place, answer in enumerate(oracle_s):
            assert told_by_records(answers, place) == self.in_records(answer)

    @rule(minutes=_steps)
    def wait(self, minutes: int) -> None:
        """Let time pass."""
        self.world.advance(timedelta(minutes=minutes))
        self.world.release_due()
        self.instants.append(self.world.now)

    @rule(number=_numbers, debits=st.booleans(), what=st.sampled_from(["freeze", "unfreeze"]))
    def freeze(self, number: AccountNumber, debits: bool, what: str) -> None:  # noqa: FBT001
        """Freeze or unfreeze one side of an account."""
        getattr(self.world.ledger, what)(number, debits=debits, credits=not debits)
        account = self.world.oracle.accounts[number]
        if debits:
            account.debits_frozen = what == "freeze"
        else:
            account.credits_frozen = what == "freeze"

    @rule(number=_numbers, what=st.sampled_from(["close", "reopen", "reopen"]))
    def close_account(self, number: AccountNumber, what: str) -> None:
        """Close an account if it is empty, or open it again if it is closed."""
        command = getattr(self.world.ledger, f"{what}_account")
        refusal = account_refusal(lambda: command(number))
        assert refusal == getattr(self.world.oracle, what)(number)

    @precondition(lambda self: self.burst_count < 1)
    @rule(count=st.sampled_from([90, 270]))
    def burst(self, count: int) -> None:
        """Post enough for marks: sums noted along the log, from which the past is read."""
        self.burst_count += 1
        first = len(self.world.asked) + 1
        amount = Money(1, EUR)
        self.compare_outcomes(
            [
                Transfer(id=transfer_id(n), debit_account=CASH, credit_account=ALICE, amount=amount)
                for n in range(first, first + count)
            ]
        )

    @rule(how=st.sampled_from(["save a snapshot", "close", "kill"]))
    def restart(self, how: str) -> None:
        """Save a snapshot and go on; or close the ledger, or have it killed, and open it again."""
        if how == "save a snapshot":
            self.world.ledger.save_snapshot()
        else:
            self.world.reopen(with_snapshot=how == "close")

    def compare_outcomes(self, batch: list[Transfer]) -> None:
        """Post a batch to both and compare the outcomes."""
        outcomes, answers = self.world.post_each(batch)
        oracle_s = [expected(a, t, self.world.oracle) for a, t in zip(answers, batch, strict=True)]
        assert [told(outcome) for outcome in outcomes] == oracle_s

    def in_records(self, answer: Made | Refusal) -> object:
        """Say the oracle's answer as arrays say it."""
        if isinstance(answer, Refusal):
            return answer
        row = answer.row
        numeric = self.world.oracle.accounts[row.debit].new.currency.numeric
        return (row.seq, row.amount, to_us(row.at), numeric, answer.replayed)

    @invariant()
    def says_the_same_of_every_account(self) -> None:
        """Compare how many rows there are, and every balance."""
        ledger, oracle = self.world.ledger, self.world.oracle
        assert ledger.seq == len(oracle.rows)
        for number in oracle.accounts:
            assert sums_of(ledger.balances(number)) == oracle.sums(number)

    @invariant()
    def says_the_same_of_the_past(self) -> None:
        """Ask about one account, one instant: the next ones each time."""
        self.step_count += 1
        instant = self.instants[self.step_count % len(self.instants)]
        number = AccountNumber(self.step_count % len(ACCOUNTS) + 1)
        self.compare_the_past(number, instant)

    def compare_the_past(self, number: AccountNumber, instant: datetime) -> None:
        """Compare an account's balances at an instant, and its latest postings."""
        ledger, oracle = self.world.ledger, self.world.oracle
        assert sums_of(ledger.balances_at(number, instant)) == oracle.sums(number, instant)
        latest = [posting_told(posting) for posting in ledger.latest(number, 4)]
        assert latest == self.latest_expected(number, 4)

    def latest_expected(self, number: AccountNumber, count: int) -> list[object]:
        """Say an account's latest postings from the oracle's log."""
        rows = self.world.oracle.rows_of(number)
        kind = self.world.oracle.accounts[number].new.kind
        balances, balance = {}, 0
        for row in rows:
            grows = (row.debit == number) == kind.grows_by_debit
            balance += row.posted if grows else -row.posted
            balances[row.seq] = balance
        return [posting_expected(row, number, balances[row.seq]) for row in rows[-count:][::-1]]

    def ends_sound(self) -> None:
        """Compare the past of every account, verify the log, add up the trial balance, read beside."""
        self.says_the_same_of_every_account()
        for number in self.world.oracle.accounts:
            self.compare_the_past(number, self.instants[-1])
        ledger, oracle = self.world.ledger, self.world.oracle
        verification = ledger.verify()
        assert verification.difference is None
        assert verification.transfer_count == len(oracle.rows)
        assert verification.open_hold_count == len(oracle.open_holds())
        for currency in {line.currency for line in ledger.trial_balance()}:
            lines = [line for line in ledger.trial_balance() if line.currency == currency]
            assert sum(line.debits_posted - line.credits_posted for line in lines) == 0
            assert sum(line.debits_pending - line.credits_pending for line in lines) == 0
        with LedgerReader.open(self.url) as reader:
            for number in oracle.accounts:
                assert sums_of(reader.balances(number)) == oracle.sums(number)


def sums_of(balances: Balances) -> tuple[int, int, int, int]:
    return (
        balances.debits_posted,
        balances.credits_posted,
        balances.debits_pending,
        balances.credits_pending,
    )


def posting_told(posting: Posting) -> object:
    is_expiry = bool(posting.flags & Flags.EXPIRY)
    return (
        posting.seq,
        None if is_expiry else posting.id,
        posting.at,
        posting.side,
        posting.other_account,
        posting.amount.minor,
        posting.flags,
        posting.balance_after.minor,
        posting.code,
        posting.reference,
        posting.subject_seq,
    )


def posting_expected(row: Row, number: AccountNumber, balance: int) -> object:
    is_debit = row.debit == number
    return (
        row.seq,
        row.id,
        row.at,
        Side.DEBIT if is_debit else Side.CREDIT,
        row.credit if is_debit else row.debit,
        row.amount,
        row.flags,
        balance,
        row.asked.code if row.asked else 0,
        row.asked.reference if row.asked else None,
        row.subject,
    )


def test_the_ledger_answers_as_its_oracle_does(wiped_database: str) -> None:
    """Any sequence of commands gives the answers and balances that a page of plain Python gives."""
    machine = type("Machine", (SameOnBoth,), {"url": wiped_database})
    count = 30 if wiped_database.startswith("sqlite") else 8
    run_state_machine_as_test(machine, settings=examples(count, stateful_step_count=20))


def test_the_rules_of_the_oracle_stand_in_the_order_of_the_refusals() -> None:
    """The oracle asks its rules in the order in which the refusals are numbered."""
    source = Path(oracle_rules.__file__).read_text()
    names = re.findall(r"Refusal\.(\w+),", source)
    named = [Refusal[name] for name in dict.fromkeys(names)]  # one stands for holds and corrections
    in_oracle = {Refusal.LINKED_REFUSED, Refusal.CHAIN_OPEN, Refusal.ID_MISSING}
    in_oracle |= {Refusal.ID_USED_WITH_OTHER_CONTENT, Refusal.ATTACHED_ROW_REFUSED}
    assert named == [refusal for refusal in Refusal if refusal not in in_oracle]
