"""The receipts of an export: each payment's half and each record, as lines; and what is missing.

A receipt that cannot be given does not keep the person from the others: it is listed with the
reason, which the person is told, and the request is then answered in part.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, Final

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.people import Record
from counterfoil.receipts import Receipt, SigningKey
from counterfoil.rights.export.gathered import Rows
from counterfoil.rights.export.kind import Json
from counterfoil.sealing import HalfBlinded, Issuance, Issuer

_LINES_AT_ONCE: Final = 256

InStep = Callable[[int, int], bool]
"""Waits until the published logs reach a number of transfers and one of records; tells if they do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """What receipts are made with: who issues them, and the keys that they are verified with."""

    issuer: Issuer
    transfers: Sequence[SigningKey]
    records: Sequence[SigningKey]
    in_step: InStep

    @property
    def keys(self) -> list[str]:
        """The public keys of both logs."""
        return [str(key.verifier) for key in (*self.transfers, *self.records)]


@dataclass(slots=True)
class Lines:
    """Receipts on their way into a file: counted as they go by, and what is missing of them."""

    count: int = 0
    missing: list[dict[str, Json]] = field(default_factory=list)

    def chunks(
        self, log: str, issued: Iterable[tuple[Mapping[str, Any], Receipt | CounterfoilError]]
    ) -> Iterator[bytes]:
        """Write the receipts, some lines at a time; what an answer is about stands before it."""
        some: list[str] = []
        for about, receipt in issued:
            if isinstance(receipt, Receipt):
                some.append(receipt.line)
                self.count += 1
            else:
                self.missing.append({"log": log, **about, "code": receipt.code,
                                     "reason": receipt.message})  # fmt: skip
            if len(some) == _LINES_AT_ONCE:
                yield "".join(some).encode()
                some.clear()
        yield "".join(some).encode()


def of_payments(
    issuer: Issuer, payments: Rows, issuance: Issuance
) -> Iterator[tuple[Mapping[str, Any], Receipt | CounterfoilError]]:
    """Issue the receipts of payments, account by account."""
    for account, rows in groupby(payments, key=lambda row: row["account"]):
        assert isinstance(account, int)
        seqs = [_int(row["seq"]) for row in rows]
        about = ({"account": account, "number": seq} for seq in seqs)
        try:
            yield from zip(about, issuer.of_transfers(seqs, account, issuance), strict=True)
        except HalfBlinded as blinded:
            yield from (({"account": account, "number": seq}, blinded) for seq in seqs)


def of_records(
    issuer: Issuer, records: Sequence[Record], issuance: Issuance
) -> Iterator[tuple[Mapping[str, Any], Receipt | CounterfoilError]]:
    """Issue the receipts of records."""
    about = ({"number": record.number} for record in records)
    yield from zip(about, issuer.of_records(records, issuance), strict=True)


def last_number(payments: Rows) -> int:
    """Give the number of the latest payment in the log of transfers; 0 where there is none."""
    return max((_int(row["seq"]) for row in payments), default=0)


def _int(value: Json) -> int:
    assert isinstance(value, int)
    return value
