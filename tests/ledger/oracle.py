"""The ledger on a page: what it promises, in lists, dicts and plain integers.

It keeps the log and adds every sum up from it each time that it is needed: slow on purpose, and
short enough to be believed by reading it. It shares the ledger's words (`Transfer`, `Flags`,
`Refusal`) and nothing of its engine.

A batch is judged in order. First the holds whose time has come are released. A chain stands or
falls as one: whoever breaks it gets its own refusal and the others `linked-refused`; one that is
all replays is replayed; one that mixes replays with new transfers is refused. A correction sees
only what stood before its batch. A refused id is forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from counterfoil.ledger import AccountNumber, AccountRefusal, Flags, NewAccount, Refusal, Transfer
from tests.ledger.oracle_log import Log, OracleAccount, Row
from tests.ledger.oracle_rules import (
    NAMING,
    RESOLVING,
    Rules,
    account_rules,
    amount_rules,
    correction_rules,
    hold_rules,
    shape_rules,
)


@dataclass(frozen=True)
class Made:
    """The answer to an accepted transfer."""

    row: Row
    replayed: bool = False


Answer = Made | Refusal


class Oracle(Log):
    """What a ledger answers to any sequence of commands."""

    def open(self, new: NewAccount) -> AccountNumber | AccountRefusal:
        """Open an account, or give the number of the one that has its id."""
        for number, account in self.accounts.items():
            if account.new.id == new.id:
                is_same = account.new == new
                return number if is_same else AccountRefusal.ID_USED_WITH_OTHER_CONTENT
        number = AccountNumber(len(self.accounts) + 1)
        self.accounts[number] = OracleAccount(new)
        return number

    def close(self, number: AccountNumber) -> AccountRefusal | None:
        """Close an account that is empty."""
        debits, credits_, debits_held, credits_held = self.sums(number)
        if self.accounts[number].is_closed:
            return AccountRefusal.ALREADY_CLOSED
        if debits_held or credits_held:
            return AccountRefusal.HAS_HOLDS
        if debits != credits_:
            return AccountRefusal.HAS_BALANCE
        self.accounts[number].is_closed = True
        return None

    def reopen(self, number: AccountNumber) -> AccountRefusal | None:
        """Open a closed account again."""
        if not self.accounts[number].is_closed:
            return AccountRefusal.NOT_CLOSED
        self.accounts[number].is_closed = False
        return None

    def release(self, now: datetime) -> None:
        """Write an expiry for each hold whose time has come, the earliest first."""
        due = [
            (hold.asked.expires_at, hold.seq, hold)
            for hold in self.open_holds()
            if hold.asked and hold.asked.expires_at and hold.asked.expires_at <= now
        ]
        for _, _, hold in sorted(due, key=lambda entry: entry[:2]):
            self._append(None, Flags.EXPIRY, (hold.debit, hold.credit, hold.amount), now, hold)

    def post(self, asked: Sequence[Transfer], now: datetime) -> list[Answer]:
        """Judge a batch and write what is accepted of it."""
        before = len(self.rows)
        self.release(now)
        answers: list[Answer] = []
        while len(answers) < len(asked):
            start = end = len(answers)
            while end < len(asked) and asked[end].flags & Flags.LINKED:
                end += 1
            if end == len(asked):
                answers += [Refusal.LINKED_REFUSED] * (end - start - 1) + [Refusal.CHAIN_OPEN]
            else:
                answers += self._post_chain(asked[start : end + 1], now, before)
        return answers

    def _post_chain(self, asked: Sequence[Transfer], now: datetime, before: int) -> list[Answer]:
        length = len(self.rows)
        answers: list[Answer] = []
        for transfer in asked:
            answer = self._post_one(transfer, now, before)
            answers.append(answer)
            if isinstance(answer, Refusal):
                del self.rows[length:]
                linked: list[Answer] = [Refusal.LINKED_REFUSED] * len(asked)
                linked[len(answers) - 1] = answer
                return linked
        replayed = [isinstance(answer, Made) and answer.replayed for answer in answers]
        if all(replayed) or not any(replayed):
            return answers
        del self.rows[length:]
        used, others = Refusal.ID_USED_WITH_OTHER_CONTENT, Refusal.LINKED_REFUSED
        return [used if was_made_before else others for was_made_before in replayed]

    def _post_one(self, asked: Transfer, now: datetime, before: int) -> Answer:
        if asked.id.int == 0:
            return Refusal.ID_MISSING
        first = self.find(asked.id)
        if first is not None:
            is_same = _with_accounts(asked, first) == first.asked
            return Made(first, replayed=True) if is_same else Refusal.ID_USED_WITH_OTHER_CONTENT
        subject = self.find(asked.subject)
        if asked.flags & Flags.CORRECTION and subject and subject.seq > before:
            subject = None
        for rules in (shape_rules(asked, now), self._rules(asked, subject, now)):
            for refusal, is_broken in rules:
                if is_broken:
                    return refusal
        terms = self._terms(asked, subject)
        return Made(self._append(asked, asked.flags, terms, asked.at or now, subject))

    def _rules(self, asked: Transfer, subject: Row | None, now: datetime) -> Rules:
        if asked.flags & RESOLVING:
            yield from hold_rules(self, asked)
            return
        if asked.flags & Flags.CORRECTION:
            yield from correction_rules(self, asked, subject)
        debit, credit = asked.debit_account, asked.credit_account
        if subject is not None:
            debit, credit = subject.credit, subject.debit
        yield from account_rules(self, asked, debit, credit, asked.at or now)
        yield from amount_rules(self, *self._terms(asked, subject))

    def _terms(
        self, asked: Transfer, subject: Row | None
    ) -> tuple[AccountNumber, AccountNumber, int]:
        """Between which accounts, and how much: of what is named, or as asked."""
        if subject is not None and asked.flags & Flags.CORRECTION:
            return subject.credit, subject.debit, subject.amount
        amount = asked.amount.minor if asked.amount else 0
        if subject is not None:
            return subject.debit, subject.credit, amount or subject.amount
        if asked.flags & Flags.BALANCING_DEBIT:
            amount = min(amount, self.available(asked.debit_account))
        if asked.flags & Flags.BALANCING_CREDIT:
            amount = min(amount, self.room(asked.credit_account))
        return asked.debit_account, asked.credit_account, amount

    def _append(self, asked: Transfer | None, flags: Flags,
                terms: tuple[AccountNumber, AccountNumber, int], at: datetime,
                subject: Row | None) -> Row:  # fmt: skip
        debit, credit, amount = terms
        posted = 0 if flags & (Flags.PENDING | Flags.VOID | Flags.EXPIRY) else amount
        pending = amount if flags & Flags.PENDING else 0
        if flags & (RESOLVING | Flags.EXPIRY):
            assert subject is not None
            pending = -subject.amount
        seq, subject_seq = len(self.rows) + 1, subject.seq if subject else None
        row = Row(seq, asked, debit, credit, amount, flags, at, posted, pending, subject_seq)
        self.rows.append(replace(row, asked=asked and _with_accounts(asked, row)))
        return self.rows[-1]


def _with_accounts(asked: Transfer, row: Row) -> Transfer:
    """Say the accounts, which whoever names another transfer may leave out."""
    if not asked.flags & NAMING:
        return asked
    debit, credit = asked.debit_account or row.debit, asked.credit_account or row.credit
    return replace(asked, debit_account=debit, credit_account=credit)
