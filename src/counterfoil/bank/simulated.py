"""A bank of paper: it reads and writes the very files that a real one does, and does as it is told.

It lives in the folder that `FolderRail` uses. Each `day` reads the payment files that are new,
answers each with a status report, books, and writes the day's statement. It pays everything but what
it is told to reject at once or to send back the next day, by payee; and receives what it is told to.
The same folder, days and instructions give the same files, byte for byte.

What it knows is `bank.json` beside the folders: balance, statement number, message ids, what comes
back tomorrow.
"""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any, Final

from counterfoil.bank.camt053 import write_camt053
from counterfoil.bank.errors import BankError
from counterfoil.bank.message import root_namespace
from counterfoil.bank.model import (
    Entry,
    Party,
    PaymentFile,
    PaymentStatus,
    Statement,
    StatusReport,
)
from counterfoil.bank.pain001 import read_pain001
from counterfoil.bank.pain002 import write_pain002
from counterfoil.bank.rail import FROM_BANK, TO_BANK, put
from counterfoil.money import Currency, Money

_STATE: Final = "bank.json"
_ACCEPTED: Final = "ACSP"
_REJECTED: Final = "RJCT"
_NO_FUNDS: Final = "AM04"
_DUPLICATE: Final = "AM05"
_WRONG_FILE: Final = "FF01"


@dataclass(frozen=True, slots=True)
class PayIn:
    """Money that somebody pays into the operator's account, with what they wrote."""

    amount: Money
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Instructions:
    """What the bank does otherwise than pay, by the payee's IBAN, with a reason of ISO 20022."""

    rejects: Mapping[str, str] = field(default_factory=dict)
    returns: Mapping[str, str] = field(default_factory=dict)
    """Paid today, and sent back on the next day."""
    pay_ins: Sequence[PayIn] = ()


class SimulatedBank:
    """A bank with one account, the operator's."""

    def __init__(self, folder: Path, account: Party, currency: Currency) -> None:
        self._folder = folder
        self._account = account
        self._currency = currency
        for name in (TO_BANK, FROM_BANK):
            folder.joinpath(name).mkdir(parents=True, exist_ok=True)

    def day(self, on: date, instructions: Instructions | None = None) -> list[str]:
        """Live through one business day; tell the names of the files written.

        A day that is over is not lived again: it writes what it wrote.
        """
        told = instructions or Instructions()
        state = self._read_state()
        if on.isoformat() in state["days"]:
            return list(state["days"][on.isoformat()])
        names: list[str] = []
        opening = Money(state["balance"], self._currency)
        entries = [_returned(one, on, self._currency) for one in state["returns"]]
        entries += [self._paid_in(one, on, place) for place, one in enumerate(told.pay_ins, 1)]
        balance = opening.minor + sum(one.signed_minor for one in entries)
        state["returns"] = []
        for path in sorted(self._folder.joinpath(TO_BANK).glob("*.xml")):
            if path.name in state["files"]:
                continue
            report, paid, balance = self._answer(path, on, told, state, balance)
            entries += paid
            names.append(f"pain002-{report.message_id}.xml")
            put(self._folder.joinpath(FROM_BANK, names[-1]), write_pain002(report))
            state["files"].append(path.name)
        state["number"] += 1
        statement = Statement(
            id=f"STMT-{self._account.iban[-8:]}-{state['number']:06}",
            number=state["number"],
            made_at=_evening(on),
            account=self._account.iban,
            holder=self._account.name,
            opened_on=on,
            closed_on=on,
            opening=opening,
            closing=Money(balance, self._currency),
            entries=tuple(entries),
        )
        names.append(f"camt053-{on.isoformat()}-{statement.id}.xml")
        put(
            self._folder.joinpath(FROM_BANK, names[-1]),
            write_camt053(statement, bic=self._account.bic),
        )
        state["balance"] = balance
        state["days"][on.isoformat()] = names
        self._write_state(state)
        return names

    @property
    def balance(self) -> Money:
        """What is on the operator's account."""
        return Money(self._read_state()["balance"], self._currency)

    @property
    def last_day(self) -> date | None:
        """The last day that it has lived through."""
        days = self._read_state()["days"]
        return date.fromisoformat(max(days)) if days else None

    def _answer(
        self, path: Path, on: date, told: Instructions, state: dict[str, Any], balance: int
    ) -> tuple[StatusReport, list[Entry], int]:
        """Decide about a payment file: a status for each payment, and entries for those it pays."""
        message_id = f"STS{hashlib.sha256(path.name.encode()).hexdigest()[:28].upper()}"
        try:
            data = path.read_bytes()
            root_namespace(data)
            file = read_pain001(data)
        except BankError:
            return _refused(message_id, on, "NOTPROVIDED", _WRONG_FILE), [], balance
        if file.message_id in state["messages"]:
            return _refused(message_id, on, file.message_id, _DUPLICATE), [], balance
        state["messages"].append(file.message_id)
        statuses, entries = [], []
        for payment in file.payments:
            reason = told.rejects.get(payment.payee.iban, "")
            if not reason and payment.amount.minor > balance:
                reason = _NO_FUNDS
            if reason:
                statuses.append(PaymentStatus(payment.end_to_end_id, _REJECTED, reason))
                continue
            statuses.append(PaymentStatus(payment.end_to_end_id, _ACCEPTED))
            balance -= payment.amount.minor
            entries.append(
                Entry(
                    key=_key("D", payment.end_to_end_id),
                    amount=payment.amount,
                    is_credit=False,
                    booked_on=on,
                    end_to_end_id=payment.end_to_end_id,
                    remittance=payment.remittance,
                )
            )
            if back := told.returns.get(payment.payee.iban):
                state["returns"].append([payment.end_to_end_id, payment.amount.minor, back])
        return _report(message_id, on, file, statuses), entries, balance

    def _paid_in(self, one: PayIn, on: date, place: int) -> Entry:
        return Entry(
            key=_key("C", f"{on.isoformat()}/{place}/{one.text}"),
            amount=one.amount,
            is_credit=True,
            booked_on=on,
            remittance=one.text[:140],
        )

    def _read_state(self) -> dict[str, Any]:
        path = self._folder.joinpath(_STATE)
        if not path.exists():
            return {"balance": 0, "number": 0, "messages": [], "files": [], "returns": [],
                    "days": {}}  # fmt: skip
        state: dict[str, Any] = json.loads(path.read_text())
        return state

    def _write_state(self, state: dict[str, Any]) -> None:
        path = self._folder.joinpath(_STATE)
        aside = path.with_name(f".{_STATE}.part")
        aside.write_text(json.dumps(state, indent=1))
        aside.replace(path)


def _returned(one: Sequence[Any], on: date, currency: Currency) -> Entry:
    end_to_end_id, minor, reason = one
    return Entry(
        key=_key("R", end_to_end_id),
        amount=Money(minor, currency),
        is_credit=True,
        booked_on=on,
        end_to_end_id=end_to_end_id,
        is_return=True,
        return_reason=reason,
    )


def _report(
    message_id: str, on: date, file: PaymentFile, statuses: Sequence[PaymentStatus]
) -> StatusReport:
    rejected = sum(one.status == _REJECTED for one in statuses)
    group = "PART" if rejected else _ACCEPTED
    return StatusReport(
        message_id=message_id,
        made_at=_evening(on),
        original_message_id=file.message_id,
        group_status=_REJECTED if rejected == len(statuses) else group,
        statuses=tuple(statuses),
    )


def _refused(message_id: str, on: date, original: str, reason: str) -> StatusReport:
    return StatusReport(
        message_id=message_id,
        made_at=_evening(on),
        original_message_id=original,
        group_status=_REJECTED,
        reason=reason,
    )


def _key(kind: str, text: str) -> str:
    return f"{kind}{hashlib.sha256(text.encode()).hexdigest()[:30].upper()}"


def _evening(on: date) -> datetime:
    return datetime.combine(on, time(18), UTC)
