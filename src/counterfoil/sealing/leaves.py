"""From rows of the database to leaves of the logs: what is sealed, and nothing about when.

There are two logs, and in each the place of a leaf follows from the row alone: the transfer with
sequence number n is leaf n - 1 of the one, record number n is leaf n - 1 of the other. So the logs
can be made again from the database, and compared with it, without any bookkeeping between
them (docs/adr/0022).
"""

import secrets
from collections.abc import Sequence
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.database import Database
from counterfoil.ledger.layout import Records
from counterfoil.people import KeyService as PersonKeyService
from counterfoil.people import Record
from counterfoil.people.salts import salt_key_of
from counterfoil.receipts import Leaves, derive_salt, leaves_of, leaves_of_array, seal_split
from counterfoil.receipts import whole_entry as entry_of_record
from counterfoil.sealing.salts import OPERATOR, AccountSalts
from counterfoil.sealing.view import views_of

_READ_ROWS = 1 << 16


class Currencies:
    """The currency of each account, by its number: it never changes."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._by_account = np.zeros(1, np.int16)

    def of(self, accounts: NDArray[np.int32]) -> NDArray[np.int16]:
        """Give the ISO 4217 numbers of n accounts' currencies, (n,)."""
        while int(accounts.max(initial=0)) >= len(self._by_account):
            self._read_more()
        currencies: NDArray[np.int16] = self._by_account[accounts]
        return currencies

    def _read_more(self) -> None:
        # Accounts are numbered without gaps, from 1.
        found = self._database.query(
            f"SELECT currency FROM accounts WHERE number >= {len(self._by_account)} "  # noqa: S608
            f"ORDER BY number LIMIT {_READ_ROWS}"
        )
        assert found.num_rows, "a transfer names an account that is not stored"
        more = found.column(0).to_numpy().astype(np.int16)
        self._by_account = np.concatenate([self._by_account, more])


class TransferLeaves:
    """Makes leaves of transfers."""

    def __init__(self, salts: AccountSalts, currencies: Currencies) -> None:
        self._salts, self._currencies = salts, currencies

    def of(self, rows: Records) -> Leaves:
        """Make the leaves of n rows of the ledger's log.

        Raises:
            StoreUnavailable: an account's first key could not be stored.

        """
        views = views_of(rows, self._currencies.of(rows["debit_account"]))
        keys = self._salts.of(rows["debit_account"]), self._salts.of(rows["credit_account"])
        return leaves_of_array(*seal_split(keys, rows["seq"].astype(np.uint64), views))


class RecordLeaves:
    """Makes leaves of records; a person's are salted with a key made from theirs."""

    def __init__(self, database: Database, keys: PersonKeyService, salts: AccountSalts) -> None:
        self._database, self._keys, self._salts = database, keys, salts

    def of(self, records: Sequence[Record]) -> Leaves:
        """Make the leaves of n records.

        Raises:
            KeysUnusable: a person's key does not open.

        """
        known: dict[tuple[UUID | None, UUID | None], bytes] = {}
        return leaves_of([self._entry(record, known) for record in records])

    def _entry(self, record: Record, known: dict[tuple[UUID | None, UUID | None], bytes]) -> bytes:
        holder = record.subject, record.key_id
        if holder not in known:
            known[holder] = self._key(record)
        salt = derive_salt(known[holder], record.number)
        return entry_of_record(salt, record.body.encode())

    def _key(self, record: Record) -> bytes:
        if record.is_about_nobody:
            return bytes(self._salts.of(np.array([OPERATOR], np.int32)))
        # Whoever has been erased in between is salted with a key that nobody keeps.
        key = record.key_id and salt_key_of(self._database, self._keys, record.key_id)
        return key or secrets.token_bytes(32)
