"""After a round: what the workers had said against what the ledger has.

First the log is read as it was left and every request is judged: acknowledged (all of it must be
there, as acknowledged), refused (none of it may be), or neither (it must be whole or absent). Then
whatever was not acknowledged is asked again, twice, and has to give one result. Last, balances,
orders, accounts and the ledger's own `verify` are compared with the books.
"""

import logging
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Final

from counterfoil.kernel.clock import ManualClock, SystemClock, from_us, to_us
from counterfoil.kernel.database import Database, connect
from counterfoil.kernel.errors import StatementRefused
from counterfoil.ledger import (
    AccountNumber,
    Flags,
    Ledger,
    LedgerInUse,
    Limit,
    NotFound,
    Posted,
    Transfer,
    TransferRefused,
)
from tools.soak import words
from tools.soak.books import Books, Findings, Row, Sums, read_orders, rows_after
from tools.soak.load import MAY_REFUSE, MUST_REFUSE
from tools.soak.worker import post_in_bulk

_REOPEN_S: Final = 30.0
"""How long a dead writer's lock may outlive it: PostgreSQL first finishes what it is doing."""

_BALANCING: Final = Flags.BALANCING_DEBIT | Flags.BALANCING_CREDIT


@dataclass(slots=True)
class Heard:
    """All that was said about one request."""

    task: words.Task
    sent: int = 1
    unknown: int = 0
    acknowledged: list[tuple[Posted, ...]] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    @property
    def is_open(self) -> bool:
        """Whether nobody was told that it was made, and it may have been."""
        answered = len(self.refused) + len(self.acknowledged)
        return not self.acknowledged and self.sent > answered

    @property
    def ids(self) -> list[str]:
        """The transfers' ids, as the books spell them."""
        return [transfer.id.hex for transfer in self.task.request.transfers]


@dataclass(slots=True)
class Evidence:
    """All that was said in one round, by all of its workers."""

    heard: dict[tuple[int, int], Heard] = field(default_factory=dict)
    accounts: list[words.AccountOpened] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)

    def listen(self, worker: int, said: Iterable[words.Word]) -> None:
        """Take in the words of one worker."""
        for word in said:
            match word:
                case words.Sent(task):
                    self.heard[worker, task.number] = Heard(task)
                case words.SentAgain(number):
                    self.heard[worker, number].sent += 1
                case words.Acknowledged(number, posted):
                    self.heard[worker, number].acknowledged.append(posted)
                case words.Refused(number, code):
                    self.heard[worker, number].refused.append(code)
                case words.Unknown(number, _):
                    self.heard[worker, number].unknown += 1
                case words.AccountOpened():
                    self.accounts.append(word)
                case words.Broken(text):
                    self.broken.append(text)
                case _:
                    pass


@dataclass(slots=True)
class Tally:
    """What was counted."""

    transfers_acknowledged: int = 0
    accounts_acknowledged: int = 0
    refused: int = 0
    repeated: int = 0
    """Requests that were asked more than once while the worker lived."""
    found_whole: int = 0
    found_absent: int = 0
    retried: int = 0
    rows: int = 0

    def add(self, other: "Tally") -> None:
        """Take in another round's counts."""
        for name in self.__slots__:
            setattr(self, name, getattr(self, name) + getattr(other, name))


def check(url: str, books: Books, evidence: Evidence, findings: Findings) -> Tally:
    """Open the ledger that a round has left, judge all that was said, ask again, compare."""
    tally = Tally()
    for text in evidence.broken:
        findings.contradicted(f"a worker met what must never be:\n{text}")
    with (
        _warnings_found(findings),
        reopen(url) as ledger,
        connect(url, writes=False) as database,
    ):
        books.begin_round()
        first = books.seq
        books.absorb(rows_after(database, books.seq), findings)
        _compare_askers(books, evidence, findings)
        for heard in evidence.heard.values():
            _judge(heard, books, findings, tally)
        _compare_orders(database, books, findings)
        for heard in [heard for heard in evidence.heard.values() if heard.is_open]:
            _ask_again(ledger, heard, books, findings, tally)
        ledger.release_due()
        books.absorb(rows_after(database, books.seq), findings)
        _compare_askers(books, evidence, findings)
        for heard in evidence.heard.values():
            _judge_presence(heard, books, findings)
        _compare_orders(database, books, findings)
        _compare_accounts(ledger, evidence, findings, tally)
        _compare_balances(ledger, books, findings)
        verified = ledger.verify()
        if not verified.is_sound:
            findings.contradicted(f"verify: {verified.difference}")
        if verified.transfer_count != books.seq:
            findings.contradicted(f"verify saw {verified.transfer_count} rows of {books.seq}")
        if verified.open_hold_count != len(books.open_hold_seqs):
            findings.contradicted(
                f"{verified.open_hold_count} holds are open; the log makes "
                f"{len(books.open_hold_seqs)}"
            )
        tally.rows = books.seq - first
    return tally


def check_log_unchanged(url: str, books: Books, findings: Findings) -> None:
    """Read the whole log once more: no row of it may have changed since it was first read."""
    again = Books()
    with connect(url, writes=False) as database:
        again.absorb(rows_after(database, 0), findings)
    if (again.seq, again.digest) != (books.seq, books.digest):
        findings.contradicted("rows that had been read before have changed since")


class _Warnings(logging.Handler):
    def __init__(self, findings: Findings) -> None:
        super().__init__(logging.WARNING)
        self._findings = findings

    def emit(self, record: logging.LogRecord) -> None:
        """Take a warning for a finding."""
        self._findings.contradicted(f"the ledger warned: {record.getMessage()}")


@contextmanager
def _warnings_found(findings: Findings) -> Iterator[None]:
    """After a death a ledger has nothing to complain about, such as a snapshot cut in two."""
    logger, handler = logging.getLogger("counterfoil"), _Warnings(findings)
    logger.addHandler(handler)
    try:
        yield
    finally:
        logger.removeHandler(handler)


def reopen(url: str) -> Ledger:
    """Open a ledger for writing, waiting for the lock of a process that has just been killed.

    Its clock stands still, so that no hold comes due between two comparisons.
    """
    deadline = time.monotonic() + _REOPEN_S
    while True:
        try:
            now = from_us(SystemClock().now_us())
            return Ledger.open(url, clock=ManualClock(now))
        except LedgerInUse:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.01)


def _judge(heard: Heard, books: Books, findings: Findings, tally: Tally) -> None:
    task = heard.task
    tally.repeated += heard.sent > 1
    _judge_presence(heard, books, findings)
    for code in heard.refused:
        if code not in {refusal.code for refusal in MAY_REFUSE[task.kind]}:
            findings.contradicted(f"{task.kind} {heard.ids} was refused: {code}")
    present = [i for i in heard.ids if i in books.seq_by_id]
    if heard.acknowledged:
        tally.transfers_acknowledged += len(heard.ids)
        if task.kind in MUST_REFUSE:
            findings.contradicted(f"{task.kind} {heard.ids} was accepted")
        if len(set(heard.acknowledged)) > 1:
            findings.doubled(f"{task.kind} {heard.ids} had two answers: {heard.acknowledged}")
        _compare_answer(heard.task.request.transfers, heard.acknowledged[0], books, findings)
    elif heard.is_open:
        tally.found_whole += bool(present)
        tally.found_absent += not present
    else:
        tally.refused += 1
        if present:
            findings.contradicted(f"{task.kind} {present} was refused and is in the log")


def _judge_presence(heard: Heard, books: Books, findings: Findings) -> None:
    """Whatever was said: a request is there whole or not at all, with the content asked for."""
    transfers = heard.task.request.transfers
    present = [transfer for transfer in transfers if transfer.id.hex in books.seq_by_id]
    if 0 < len(present) < len(transfers):
        findings.halved(
            f"{len(present)} of the {len(transfers)} transfers of {heard.task.kind} "
            f"{heard.ids[0]} are in the log"
        )
    for transfer in present:
        row = books.rows.get(transfer.id.hex)
        if row is None:
            findings.doubled(f"{transfer.id} is in a row of an earlier round")
        elif wrong := _difference(row, transfer, books):
            findings.contradicted(f"{heard.task.kind} {transfer.id}: {wrong}")


def _compare_answer(
    transfers: tuple[Transfer, ...], posted: tuple[Posted, ...], books: Books, findings: Findings
) -> None:
    for transfer, answer in zip(transfers, posted, strict=True):
        row = books.rows.get(transfer.id.hex)
        if row is None:
            findings.lost(f"{transfer.id}, acknowledged as row {answer.seq}, is not in the log")
            continue
        said = (answer.id.hex, answer.seq, answer.amount.minor, to_us(answer.at))
        if said != (row.id, row.seq, row.amount, row.at):
            findings.lost(f"{transfer.id} was acknowledged as {said} and the log has {row}")


def _difference(row: Row, asked: Transfer, books: Books) -> str | None:
    """Name the first difference between a row and the transfer that was asked for."""
    flags = asked.flags
    if row.flags & ~Flags.LINKED != flags:
        return f"flags {row.flags}"
    reference = asked.reference.hex if asked.reference else ""
    expires_at = to_us(asked.expires_at) if asked.expires_at else 0
    if (row.code, row.reference, row.expires_at) != (asked.code, reference, expires_at):
        return f"code, reference or expiry in {row}"
    accounts = (asked.debit_account, asked.credit_account)
    amount = asked.amount.minor if asked.amount else None
    if asked.subject is not None:
        subject = books.subject_of(row)
        if subject is None or subject[0] != asked.subject.hex:
            return f"it names row {row.subject}, not {asked.subject}"
        _, debit, credit, whole = subject
        accounts = AccountNumber(debit), AccountNumber(credit)
        if flags & Flags.CORRECTION:
            accounts = accounts[1], accounts[0]
        amount = whole if amount is None else amount
    if (row.debit_account, row.credit_account) != accounts:
        return f"accounts in {row}"
    if amount is None or not (0 < row.amount <= amount if flags & _BALANCING else
                              row.amount == amount):  # fmt: skip
        return f"amount in {row}, asked for {amount}"
    return None


def _compare_askers(books: Books, evidence: Evidence, findings: Findings) -> None:
    """Every row was asked for by somebody, or is an expiry of the ledger's own."""
    asked = {i for heard in evidence.heard.values() for i in heard.ids}
    for row in books.rows.values():
        if row.id not in asked and not row.flags & Flags.EXPIRY:
            findings.contradicted(f"nobody asked for {row}")


def _compare_orders(database: Database, books: Books, findings: Findings) -> None:
    """An order's row is there if and only if its payment is; its refund likewise."""
    try:
        stored = read_orders(database)
    except StatementRefused:  # killed before the table was made
        stored = {}
    for payment in stored.keys() - books.orders.keys():
        findings.halved(f"order of payment {payment} has its row and no transfer")
    for payment, refund in books.orders.items():
        if payment not in stored:
            findings.halved(f"payment {payment} is in the log and its order has no row")
        elif stored[payment] != refund:
            findings.halved(f"order of {payment}: refund {stored[payment]!r}, the log {refund!r}")


def _ask_again(
    ledger: Ledger, heard: Heard, books: Books, findings: Findings, tally: Tally
) -> None:
    """Ask twice for what was never acknowledged: it must give one result, then the same again."""
    tally.retried += 1
    was_there = all(i in books.seq_by_id for i in heard.ids)
    first, second = _ask(ledger, heard.task), _ask(ledger, heard.task)
    name = f"{heard.task.kind} {heard.ids}"
    if isinstance(first, TransferRefused):
        if was_there:
            findings.contradicted(f"{name} is in the log, and asking again was refused: {first}")
        elif first.refusal not in MAY_REFUSE[heard.task.kind]:
            findings.contradicted(f"{name}, asked again, was refused: {first}")
        return
    if heard.task.kind in MUST_REFUSE:
        findings.contradicted(f"{name}, asked again, was accepted")
    if isinstance(second, TransferRefused) or second != first:
        findings.doubled(f"{name}, asked twice more, gave {first} and {second}")
    elif not all(posted.replayed for posted in second):
        findings.doubled(f"{name}, asked twice more, was made twice")
    if was_there and not all(posted.replayed for posted in first):
        findings.doubled(f"{name} was in the log and was made again")
    heard.acknowledged.append(first)


def _ask(ledger: Ledger, task: words.Task) -> tuple[Posted, ...] | TransferRefused:
    try:
        if task.kind == "bulk":
            return tuple(post_in_bulk(ledger, task.request))
        return tuple(ledger.submit(task.request).result())
    except TransferRefused as refused:
        return refused


def _compare_accounts(ledger: Ledger, evidence: Evidence, findings: Findings, tally: Tally) -> None:
    for opened in evidence.accounts:
        tally.accounts_acknowledged += 1
        try:
            account = ledger.account_by_id(opened.id)
        except NotFound:
            findings.lost(f"account {opened.number}, acknowledged, is not there")
            continue
        if (account.number, account.debits_frozen) != (opened.number, opened.is_frozen):
            findings.lost(f"{opened} was acknowledged, and there is {account}")


def _compare_balances(ledger: Ledger, books: Books, findings: Findings) -> None:
    """The ledger's balances are the books', money is conserved, and no limit is broken."""
    for k in range(1, ledger.account_count + 1):
        number = AccountNumber(k)
        kept, made = ledger.balances(number), books.sums.get(number, Sums())
        sums = Sums(kept.debits_posted, kept.credits_posted, kept.debits_pending,
                    kept.credits_pending)  # fmt: skip
        if sums != made:
            findings.contradicted(f"account {number} is kept as {sums}, and the log makes {made}")
        if made.credits_posted - made.debits_posted - made.debits_pending < 0 and (
            ledger.account(number).limit is Limit.DEBITS_NOT_OVER_CREDITS
        ):
            findings.contradicted(f"account {number} is overdrawn: {made}")
    for currency in {line.currency for line in ledger.trial_balance()}:
        lines = [line for line in ledger.trial_balance() if line.currency == currency]
        debits = sum(line.debits_posted for line in lines)
        credits_ = sum(line.credits_posted for line in lines)
        if debits != credits_:
            findings.contradicted(f"{currency.code}: debits {debits}, credits {credits_}")
