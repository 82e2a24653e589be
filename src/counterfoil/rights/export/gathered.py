"""Reading every holding of one person: what the files of an export will say, in their order."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np

from counterfoil.consent import OwnReader, PeopleReaders, SubjectId
from counterfoil.consent.own import OwnAccess
from counterfoil.history import History
from counterfoil.kernel.clock import from_us
from counterfoil.kernel.database import Database
from counterfoil.ledger import AccountKind, Movements
from counterfoil.ledger.columns import NO_UUID
from counterfoil.ledger.layout import Flags
from counterfoil.ledger.request import join
from counterfoil.money import Money, currency_by_numeric
from counterfoil.people.records import absent
from counterfoil.rights.export.holding import Holding, Source
from counterfoil.rights.export.holdings import HOLDINGS
from counterfoil.rights.export.kind import Json, Kind, instant

_HEX: Final = {"sqlite": "lower(hex(hash))", "postgresql": "encode(hash, 'hex')"}
_GROWS_BY_DEBIT: Final = [kind for kind in AccountKind if kind.grows_by_debit]

Rows = Sequence[Mapping[str, Json]]


@dataclass(frozen=True, slots=True)
class Gathered:
    """What is held about a person at an instant: a file's rows for each holding."""

    subject: SubjectId
    at_us: int
    files: tuple[tuple[Holding, Rows], ...]

    def rows(self, name: str) -> Rows:
        """Give the rows of one file."""
        return next(rows for holding, rows in self.files if holding.name == name)


class Gatherer:
    """Reads what is held about people, each by their own access."""

    def __init__(self, database: Database, readers: PeopleReaders, history: History) -> None:
        self._database, self._readers, self._history = database, readers, history

    def gather(self, own: OwnAccess, at_us: int) -> Gathered:
        """Read all of one person's, as they may be told it at an instant."""
        sealed = own.rows(self._readers.own)
        (moved,) = own.rows(self._history.own(from_us(at_us + 1)))

        def rows_of(holding: Holding) -> Rows:
            match holding.source:
                case Source.PAYMENTS:
                    return payments(moved)
                case Source.SEALED:
                    found = [row for table, row in sealed if table == holding.table]
                    return [_written(holding, row) for row in found]
                case Source.WALLED:
                    return own.rows(_walled(holding, at_us))
                case Source.TABLE:
                    return of_table(self._database, holding, own.person, at_us)

        files = tuple((holding, rows_of(holding)) for holding in HOLDINGS)
        return Gathered(own.person, at_us, files)


def _walled(holding: Holding, at_us: int) -> OwnReader[Mapping[str, Json]]:
    def fetch(database: Database, subject: SubjectId) -> Rows:
        return of_table(database, holding, subject, at_us)

    return OwnReader(holding.name, fetch)


def of_table(database: Database, holding: Holding, subject: SubjectId, at_us: int) -> Rows:
    """Read the rows of a table about a person, as far as they may be told by an instant."""
    condition = holding.condition.replace("{hex}", _HEX[database.dialect])
    given = (subject.bytes, at_us) if "$2" in condition else (subject.bytes,)
    listed = ", ".join(_spelled(database, name, kind) for name, kind in holding.columns.items())
    computed = "".join(f", {sql} AS {name}" for name, (sql, _kind) in holding.extras.items())
    order = f" ORDER BY {holding.order}" if holding.order else ""
    found = database.query(
        f"SELECT {listed}{computed} FROM {holding.table} WHERE {condition}{order}",  # noqa: S608
        given,
    )
    return [_written(holding, row) for row in found.to_pylist()]


def _spelled(database: Database, name: str, kind: Kind) -> str:
    # SQLite tells a column's type by its first rows, so none may begin with NULL.
    if kind in {Kind.ID, Kind.HASH}:
        return f"coalesce({name}, {absent(database)}) AS {name}"
    if kind is Kind.UUID:
        return f"coalesce({name}, {database.uuid(NO_UUID)}) AS {name}"
    return name


def _written(holding: Holding, row: Mapping[str, Any]) -> dict[str, Json]:
    return {name: kind.written(row[name], row) for name, kind in holding.written.items()}


def payments(moved: Movements) -> Rows:
    """Write what happened on a person's accounts, account by account, in the order of the log.

    `other` is who is on the other side: 1 for the first that they met, and so on. A number of the
    ledger would tell two people who compare their exports whom else they both have paid.
    """
    rows, numbers = moved.rows, moved.numbers
    is_debit = rows["debit_account"] == numbers
    others = np.where(is_debit, rows["credit_account"], rows["debit_account"]).tolist()
    balance = np.where(is_debit, rows["debit_balance"], rows["credit_balance"])
    grows_by_debit = np.isin(moved.accounts["kind"], _GROWS_BY_DEBIT)
    balances = np.where(grows_by_debit, -balance, balance).tolist()
    currencies = [currency_by_numeric(number) for number in moved.accounts["currency"].tolist()]
    rank = {other: place for place, other in enumerate(dict.fromkeys(others), 1)}
    flags = {bits: _names(bits) for bits in np.unique(rows["flags"]).tolist()}
    columns = zip(
        numbers.tolist(), rows["seq"].tolist(), _ids(rows, "id"), rows["at"].tolist(),
        is_debit.tolist(), rows["amount"].tolist(), currencies, balances, others,
        rows["code"].tolist(), rows["flags"].tolist(), _ids(rows, "reference"),
        rows["subject"].tolist(), rows["expires_at"].tolist(), strict=True,
    )  # fmt: skip
    return [
        {
            "account": account,
            "seq": seq,
            "id": id_,
            "at": instant(at),
            "side": "debit" if debit else "credit",
            "amount": Money(amount, currency).plain,
            "currency": currency.code,
            "balance": Money(after, currency).plain,
            "other": rank[other],
            "code": code,
            "flags": flags[bits],
            "reference": reference,
            "resolves": subject or None,
            "expires_at": instant(expires_at),
        }
        for (account, seq, id_, at, debit, amount, currency, after, other, code, bits, reference,
             subject, expires_at) in columns
    ]  # fmt: skip


def _names(bits: int) -> list[str]:
    return [one.name.lower() for one in Flags if one & bits and one.name]


def _ids(rows: Any, name: str) -> list[str | None]:
    halves = zip(rows[f"{name}_hi"].tolist(), rows[f"{name}_lo"].tolist(), strict=True)
    return [str(join(hi, lo)) if hi or lo else None for hi, lo in halves]
