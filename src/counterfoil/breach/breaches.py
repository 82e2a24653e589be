"""A case from its opening to its end; each step in one commit with its record.

Asking again for a step changes nothing: a leak that was added, a letter that was written, an authority
that was told, a claim that was paid. Who is affected by a further leak afterwards gets a further letter.
"""

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from counterfoil.breach import store
from counterfoil.breach.errors import (
    BreachClosed,
    BreachNotFound,
    BreachUnfinished,
    DelayUnexplained,
)
from counterfoil.breach.letter import letter_of, notice_of
from counterfoil.breach.model import (
    CLOCKS,
    Affected,
    Breach,
    BreachId,
    Case,
    Leak,
    Report,
    Standing,
)
from counterfoil.breach.rule import Rule
from counterfoil.consent import Recipient, RecipientKind, Regime, SubjectId
from counterfoil.consent.category import codes
from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.ledger import AccountKind, AccountNumber, Ledger, Transfer, TransferId
from counterfoil.money import Money
from counterfoil.people.records import ATTEMPT_COUNT_MAX, Json, Recorder, moment, record_row
from counterfoil.people.records import record_rows as many_records
from counterfoil.receipts.folder import write_durably
from counterfoil.rights import NoticeId, NoticeKind
from counterfoil.rights.notice_store import notice_row

PEOPLE_AT_ONCE: Final = 200
COMPENSATION_CODE: Final = 90
"""How a compensation is classified in the ledger."""
_PERSON: Final = "person"


class Breaches:
    """The cases of one operator."""

    def __init__(self, ledger: Ledger, database: Database, clock: Clock) -> None:
        self._ledger, self._database = ledger, database
        self._recorder = Recorder(ledger, database, clock)

    def open(self, breach: BreachId, case: Case, *, by: str) -> Breach:
        """Open a case; from now on its clocks are shown.

        Raises:
            StoreConflict: one with that id has been opened.

        """
        content: dict[str, Json] = {
            "breach": str(breach),
            "discovered_at": moment(to_us(case.discovered_at)),
            "severity": case.severity.value,
            "laws": list(case.laws),
        }
        self._recorder.commit(
            lambda at_us: (
                *store.opening_rows(breach, case, by, at_us),
                record_row("breach-opened", None, at_us, content),
            )
        )
        return self.breach(breach)

    def add(self, breach: BreachId, leak: Leak) -> Standing:
        """Add what leaked, and whom that is about; adding it again changes nothing.

        Raises:
            BreachNotFound, BreachClosed: there is no such case, or no longer.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            self._open(breach)
            if store.has_leak(self._database, breach, leak.digest):
                return ()
            content: dict[str, Json] = {
                "breach": str(breach),
                "leak": leak.kind,
                "sha256": leak.digest.hex(),
                "persons": len(leak.affected),
            }
            return (
                *store.leak_rows(self._database, breach, leak, at_us),
                record_row("breach-affected", None, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.standing(breach)

    def write_letters(self, breach: BreachId, folder: Path) -> Standing:
        """Write a letter to each person affected, and queue a notice to each in the outbox.

        A letter is the file `person-ID/NOTICE.txt`. A run that was killed is gone on with.

        Raises:
            BreachNotFound, BreachClosed: there is no such case, or no longer.
            OSError: the folder cannot be written; what is missing is written next time.

        """
        case = self._open(breach)
        while self._write_some(case):
            pass
        for one, locale in store.written(self._database, breach):
            path = folder / f"{_PERSON}-{one.person}" / f"{_notice_id(case, one)}.txt"
            if not path.exists():
                write_durably(path, letter_of(case, one, locale).encode())
        return self.standing(breach)

    def _write_some(self, case: Breach) -> int:
        found: list[tuple[Affected, str]] = []

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            found[:] = store.unwritten(self._database, case.id, PEOPLE_AT_ONCE)
            if not found:
                return ()
            records = [(one.person, _told(case, one), 0) for one, _locale in found]
            return (
                *(store.letter_row(case.id, one, at_us) for one, _locale in found),
                *(_notice_row(case, one, at_us) for one, _locale in found),
                many_records(self._database, "breach-letter", at_us, records),
            )

        self._recorder.commit(attempt)
        return len(found)

    def report(
        self, breach: BreachId, law: Regime, authority: str, *, delay_reasons: str = ""
    ) -> str:
        """Write the notice to an authority, and put on record that it was told; give the text.

        Raises:
            BreachNotFound, BreachClosed: there is no such case, or no longer.
            DelayUnexplained: it is late, the law wants reasons, and there are none.
            StoreConflict: the authority has been told under this law.

        """
        text = ""

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            nonlocal text
            case, at = self._open(breach), from_us(at_us)
            is_late = at > case.due_at(law)
            if is_late and CLOCKS[law].needs_reasons and not delay_reasons.strip():
                raise DelayUnexplained(
                    _("{article} wanted this by {due} UTC; give the reasons for the delay.",
                      article=CLOCKS[law].article, due=case.due_at(law)),
                    law=law.value,
                )  # fmt: skip
            known = store.standing(self._database, case)
            text = notice_of(known, law, authority, at, delay_reasons)
            sent = Report(law=law, authority=authority, sent_at=at, delay_reasons=delay_reasons)
            digest = _digest(text)
            content: dict[str, Json] = {
                "breach": str(breach), "law": law.value, "article": CLOCKS[law].article,
                "due_at": moment(to_us(case.due_at(law))), "is_late": is_late,
                "persons": known.person_count, "sha256": digest.hex(),
            }  # fmt: skip
            return (
                store.report_row(breach, sent, digest),
                record_row("breach-reported", None, at_us, content),
            )

        self._recorder.commit(attempt)
        return text

    def claim(self, breach: BreachId, rule: Rule) -> Standing:
        """Compute what each person gets by a rule; who has a claim already keeps it.

        Raises:
            BreachNotFound, BreachClosed: there is no such case, or no longer.

        """
        case = self._open(breach)
        while self._claim_some(case, rule):
            pass
        return self.standing(breach)

    def _claim_some(self, case: Breach, rule: Rule) -> int:
        found: list[Affected] = []

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            found[:] = store.unclaimed(self._database, case.id, PEOPLE_AT_ONCE)
            if not found:
                return ()
            severity = case.case.severity
            amounts = [rule.amount(one.categories, severity) for one in found]
            records = [
                (one.person, _claimed(case, rule, amount, rule.lines(one.categories, severity)), 0)
                for one, amount in zip(found, amounts, strict=True)
            ]
            return (
                *(
                    store.claim_row(case.id, one.person, rule.version, amount, at_us)
                    for one, amount in zip(found, amounts, strict=True)
                ),
                many_records(self._database, "breach-claim", at_us, records),
            )

        self._recorder.commit(attempt)
        return len(found)

    def pay(self, breach: BreachId, debit_account: AccountNumber) -> tuple[int, list[SubjectId]]:
        """Pay every claim from an account of the operator's, each at most once.

        Give how many were paid, and who has no account to be paid on; theirs stay open.

        Raises:
            BreachNotFound: there is no such case.
            LedgerRefusal: the ledger refuses a payment; those before it are paid.

        """
        case, paid, without = self.breach(breach), 0, list[SubjectId]()
        for person, amount, made_us in store.unpaid(self._database, breach):
            account = store.account_of(
                self._database, person, amount.currency.numeric, AccountKind.LIABILITY
            )
            if account is None:
                without.append(person)
                continue
            transfer = Transfer(
                id=TransferId(derive_id("compensation", case.id, person, at_us=made_us)),
                debit_account=debit_account,
                credit_account=AccountNumber(account),
                amount=amount,
                code=COMPENSATION_CODE,
            )
            self._pay(case, person, amount, transfer)
            paid += 1
        return paid, without

    def _pay(self, case: Breach, person: SubjectId, amount: Money, transfer: Transfer) -> None:
        content: dict[str, Json] = {
            "breach": str(case.id), "transfer": str(transfer.id), **_amount(amount),
        }  # fmt: skip
        for left in reversed(range(ATTEMPT_COUNT_MAX)):
            at_us = self._recorder.now_us()
            rows = (
                store.paying_row(case.id, person, at_us),
                record_row("breach-paid", person, at_us, content),
            )
            try:
                self._ledger.post(transfer, rows=rows)
            except StoreConflict:
                if not left:
                    raise
            else:
                return

    def close(self, breach: BreachId, *, by: str, conclusion: str) -> Breach:
        """Close a case in which everybody who can be told has been.

        Raises:
            BreachNotFound, BreachClosed: there is no such case, or no longer.
            BreachUnfinished: an authority or a person is still to be told, or nothing is concluded.

        """

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            known = store.standing(self._database, self._open(breach))
            if known.unreported or known.unwritten_count or not conclusion.strip():
                raise BreachUnfinished(
                    _("Still to be told: {persons} persons; authorities under {laws}. Say what the "
                      "conclusion is.", persons=known.unwritten_count,
                      laws=", ".join(known.unreported) or "—"),
                    breach=breach,
                )  # fmt: skip
            content: dict[str, Json] = {
                "breach": str(breach), "persons": known.person_count,
                "letters": known.letter_count, "reports": len(known.reports),
                "claims": known.claim_count, "paid": known.paid_count,
            }  # fmt: skip
            return (
                store.closing_row(breach, by, conclusion, at_us),
                record_row("breach-closed", None, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.breach(breach)

    def breach(self, breach: BreachId) -> Breach:
        """Tell a case as it stands.

        Raises:
            BreachNotFound: there is none with that id.

        """
        found = store.breaches(self._database, breach)
        if not found:
            raise BreachNotFound(_("There is no case {breach}.", breach=breach), breach=breach)
        return found[0]

    def standing(self, breach: BreachId) -> Standing:
        """Count how far a case has come.

        Raises:
            BreachNotFound: there is none with that id.

        """
        return store.standing(self._database, self.breach(breach))

    def affected(self, breach: BreachId) -> list[Affected]:
        """List everybody affected, by their ids."""
        return store.affected(self._database, self.breach(breach).id)

    def listing(self) -> list[Standing]:
        """List every case, the oldest first."""
        return [store.standing(self._database, one) for one in store.breaches(self._database)]

    def _open(self, breach: BreachId) -> Breach:
        known = self.breach(breach)
        if known.closed_at is not None:
            raise BreachClosed(
                _("Case {breach} was closed on {at}; open another.", breach=breach,
                  at=known.closed_at),
                breach=breach,
            )  # fmt: skip
        return known


def _notice_id(case: Breach, one: Affected) -> NoticeId:
    names = ("breach", case.id, one.person, int(one.categories))
    return NoticeId(derive_id(*names, at_us=to_us(case.opened_at)))


def _notice_row(case: Breach, one: Affected, at_us: int) -> AttachedRow:
    recipient = Recipient(RecipientKind.PERSON, one.person, _PERSON)
    return notice_row(
        _notice_id(case, one), NoticeKind.BREACH, one.person, case.id,
        " ".join(codes(one.categories)), recipient, at_us, at_us,
    )  # fmt: skip


def _told(case: Breach, one: Affected) -> dict[str, Json]:
    return {
        "breach": str(case.id),
        "notice": str(_notice_id(case, one)),
        "discovered_at": moment(to_us(case.case.discovered_at)),
        "categories": codes(one.categories),
        "rows": one.row_count,
        "contact": case.case.contact,
    }


def _claimed(case: Breach, rule: Rule, amount: Money, lines: list[str]) -> dict[str, Json]:
    return {
        "breach": str(case.id), "rule": rule.version, "sha256": rule.digest.hex(),
        "lines": lines, **_amount(amount),
    }  # fmt: skip


def _amount(amount: Money) -> dict[str, Json]:
    return {"amount": amount.plain, "currency": amount.currency.code}


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
