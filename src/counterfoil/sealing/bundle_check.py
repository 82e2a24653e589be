"""Verifying a whole export offline: every file, every receipt, and what the two say of each other.

Receipts prove, one by one, that something was written. Together they show more. On an account each
balance must follow from the one before, so that a payment which was left out leaves a gap; and the
data files, which people read, must say what the receipts prove.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from counterfoil.kernel.i18n import _
from counterfoil.money import Money, MoneyError
from counterfoil.receipts import (
    Claim,
    Receipt,
    ReceiptError,
    TextMalformed,
    Verifier,
    parse_receipt,
)
from counterfoil.sealing.bundle import (
    MANIFEST,
    MISSING,
    PAYMENTS_DATA,
    RECEIPTS,
    RECORDS_DATA,
    Bundle,
    damage_named,
    fault_of,
    lines_of,
    listed_in,
)
from counterfoil.sealing.view import FORMAT as PAYMENT

FAULTS_MAX: Final = 20
"""So many faults are told; the others are counted."""
_DATA_BYTES_MAX: Final = 1 << 30
_NO_MONEY_MOVES: Final = frozenset({"PENDING", "VOID", "EXPIRY"})
_SAME: Final = {"id": "id", "at": "at", "side": "side", "amount": "amount", "currency": "currency",
                "code": "code", "reference": "reference", "subject": "resolves"}  # fmt: skip


@dataclass(slots=True, kw_only=True)
class Checked:
    """What was found in an export, or in one file of receipts."""

    files: int = 0
    receipts: int = 0
    missing: int = 0
    """Receipts that the export itself says it lacks."""
    logs: dict[str, int] = field(default_factory=dict)
    """Sizes of the logs at the checkpoints, by origin."""
    consistent: dict[str, str] = field(default_factory=dict)
    """What is shown of an earlier checkpoint that they are held against, by origin."""
    accounts: dict[int, str | None] = field(default_factory=dict)
    """For each account its last balance, when each follows from the one before; else None."""
    compared: int = 0
    """Rows of data that say what their receipts prove."""
    faults: list[str] = field(default_factory=list)
    fault_count: int = 0

    @property
    def holds(self) -> bool:
        """Whether nothing is wrong."""
        return not self.fault_count

    def fault(self, said: str) -> None:
        """Take note of something that is wrong."""
        self.fault_count += 1
        if len(self.faults) < FAULTS_MAX:
            self.faults.append(said)

    def proven(self) -> Iterator[str]:
        """Say what is shown, in the current language."""
        if self.files:
            yield _("All {count} files are as the manifest lists them.", count=self.files)
        for origin, size in self.logs.items():
            yield _("Each of its receipts is in the log {origin}, which had {size} leaves and was "
                    "signed with a key that you gave.", origin=origin, size=size)  # fmt: skip
        yield from self.consistent.values()
        if self.compared:
            yield _("The {count} rows of data about payments and records say what their receipts "
                    "prove.", count=self.compared)  # fmt: skip
        for account, balance in self.accounts.items():
            if balance is not None:
                yield _("On account {account} each balance follows from the one before, from nothing "
                        "to {balance}: no payment is left out, unless others cancel it exactly.",
                        account=account, balance=balance)  # fmt: skip

    def not_proven(self) -> Iterator[str]:
        """Say what is not, in the current language."""
        yield _("That what the records say is true: the logs show what was written, not that it "
                "happened.")  # fmt: skip
        yield _("That nothing else is held about you: only the operator's own tests show that, and "
                "what a court covers with silence is not in it yet.")  # fmt: skip
        if self.files:
            yield _("Data without receipts, such as names and limits: it is as it was when the file "
                    "was made, which the record of this export shows later.")  # fmt: skip
        for account, balance in self.accounts.items():
            if balance is None:
                yield _("That all payments of account {account} are here.", account=account)
        if self.missing:
            yield _("What {count} receipts would prove that could not be given; {path} says why.",
                    count=self.missing, path=MISSING)  # fmt: skip


def check(bundle: Bundle, verifier: Verifier) -> Checked:
    """Verify an export: its files, its receipts, and its data against them.

    Raises:
        TextMalformed: it has no manifest that can be read.

    """
    found = Checked()
    _manifest, files = listed_in(bundle)
    for listed in files:
        fault = fault_of(bundle, listed)
        if fault:
            found.fault(fault)
    found.files = len(files)
    known = {listed.path for listed in files} | {MANIFEST}
    for path in sorted(bundle.names() - known):
        found.fault(_("{path} is not in the manifest.", path=path))
    said = _Said(found, _data(bundle, PAYMENTS_DATA, found), _data(bundle, RECORDS_DATA, found))
    for path in RECEIPTS:
        if path in bundle.names():
            _verify_lines(found, verifier, lines_of(bundle, path), path, said)
    missing = _data(bundle, MISSING, found)
    found.missing = len(missing)
    said.close({(one.get("account"), one.get("number")) for one in missing})
    return found


def check_lines(lines: Iterator[str], name: str, verifier: Verifier) -> Checked:
    """Verify a file of receipts, one a line."""
    found = Checked()
    _verify_lines(found, verifier, lines, name, None)
    return found


def _verify_lines(
    found: Checked, verifier: Verifier, lines: Iterator[str], path: str, said: "_Said | None"
) -> None:
    balances = _Balances(found)
    number = 0
    try:
        for number, line in enumerate(lines, 1):
            try:
                receipt = parse_receipt(line)
                verified = verifier.verify(receipt, of_any_log=True)
            except ReceiptError as error:
                found.fault(_("{path}, line {number}: {reason}", path=path, number=number,
                              reason=error.message))  # fmt: skip
                continue
            found.receipts += 1
            checkpoint = receipt.proof.signed.checkpoint
            found.logs[checkpoint.origin] = checkpoint.size
            for one in verified.proven:
                if one.claim is Claim.CONSISTENT:
                    found.consistent[checkpoint.origin] = str(one)
            if receipt.codec == PAYMENT:
                view = json.loads(receipt.record)
                balances.follow(view)
                if said:
                    said.payment(view, path, number)
            elif said:
                said.record(receipt, path, number)
    except TextMalformed as error:
        found.fault(_("{path}, after line {number}: {reason}", path=path, number=number,
                      reason=error.message))  # fmt: skip


class _Balances:
    """Follows each account's balance from receipt to receipt."""

    def __init__(self, found: Checked) -> None:
        self._found = found
        self._last: dict[int, tuple[int, int]] = {}

    def follow(self, view: Mapping[str, Any]) -> None:
        account, seq = view["account"], view["seq"]
        balance = Money.of(view["balance"], view["currency"])
        amount = Money.of(view["amount"], view["currency"]).minor
        moved = 0 if _NO_MONEY_MOVES & set(view["flags"]) else amount
        last_seq, before = self._last.get(account, (0, 0))
        after = before + (moved if view["side"] == "credit" else -moved)
        is_next = balance.minor == after and seq > last_seq
        is_whole = is_next and self._found.accounts.get(account, "") is not None
        self._found.accounts[account] = str(balance) if is_whole else None
        self._last[account] = seq, balance.minor


class _Said:
    """What the data files say, to be held against the receipts as they come."""

    def __init__(
        self, found: Checked, payments: list[dict[str, Any]], records: list[dict[str, Any]]
    ) -> None:
        self._found = found
        self._payments = {(row.get("account"), row.get("seq")): row for row in payments}
        self._records = {row.get("number"): row for row in records}

    def payment(self, view: Mapping[str, Any], path: str, number: int) -> None:
        row = self._payments.pop((view["account"], view["seq"]), None)
        if row is None or not _is_same(row, view):
            self._differs(path, number, PAYMENTS_DATA)
        else:
            self._found.compared += 1

    def record(self, receipt: Receipt, path: str, number: int) -> None:
        row = self._records.pop(receipt.proof.index + 1, None)
        if row is None or row.get("body") != receipt.record:
            self._differs(path, number, RECORDS_DATA)
        else:
            self._found.compared += 1

    def close(self, missing: set[tuple[Any, Any]]) -> None:
        """Insist that whatever is left has no receipt because none could be given."""
        rest = chain(
            ((PAYMENTS_DATA, key) for key in self._payments),
            ((RECORDS_DATA, (None, number)) for number in self._records),
        )
        for path, key in rest:
            if key not in missing:
                self._found.fault(_("{path}: number {number} has no receipt.", path=path,
                                    number=key[1]))  # fmt: skip

    def _differs(self, path: str, number: int, data: str) -> None:
        self._found.fault(_("{path}, line {number}: {data} does not say what this receipt proves.",
                            path=path, number=number, data=data))  # fmt: skip


def _is_same(row: Mapping[str, Any], view: Mapping[str, Any]) -> bool:
    """Whether a row of data says what a receipt proves; assets show their balance turned round."""
    try:
        balance, proven = (Money.of(one["balance"], view["currency"]) for one in (row, view))
        flags = [name.lower() for name in view["flags"]]
        is_same = all(row[theirs] == view[ours] for ours, theirs in _SAME.items())
        return is_same and row["flags"] == flags and balance.minor in {proven.minor, -proven.minor}
    except (KeyError, TypeError, ValueError, MoneyError):
        return False


def _data(bundle: Bundle, path: str, found: Checked) -> list[dict[str, Any]]:
    """Read a data file that the receipts are held against; what is wrong with it is a fault."""
    if path not in bundle.names():
        return []
    try:
        with damage_named(path), bundle.open(path) as file:
            rows = json.loads(file.read(_DATA_BYTES_MAX))
    except (TextMalformed, ValueError, RecursionError):
        rows = None
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        found.fault(_("{path} is not a list of rows.", path=path))
        return []
    return rows
