"""Salt keys of accounts: what blinds each account's halves, and what erasing it destroys.

Each account has 32 random bytes of its own, made when its first transfer is sealed and stored
wrapped (`receipts.keys`). Account 0, which no ledger has, stands for the operator: it salts the
records that are about nobody. Destroying an account's key empties its row; halves sealed for it
later are salted with a key that nobody keeps.
"""

import secrets
import threading
from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.database import AttachedRow, Database, Writes
from counterfoil.receipts import KeyService, parse_wrapped_key

Bytes = NDArray[np.uint8]

OPERATOR: Final = 0
_KEY_BYTES: Final = 32
_ROWS_IN_ONE: Final = 1000
_READ_ROWS: Final = 1 << 16


class AccountSalts:
    """The salt keys of all accounts, in memory: 33 bytes each."""

    def __init__(self, service: KeyService, writes: Writes) -> None:
        self._service, self._writes = service, writes
        self._lock = threading.Lock()
        self._keys = np.zeros((1024, _KEY_BYTES), np.uint8)
        self._is_known = np.zeros(1024, np.bool)

    def load(self, database: Database) -> None:
        """Read and unwrap every stored key.

        Raises:
            SaltKeyLost: one does not open with the keys at hand.

        """
        last = -1
        while True:
            found = database.query(
                "SELECT account, wrapped FROM account_salts WHERE account > $1 "
                "ORDER BY account LIMIT $2",
                (last, _READ_ROWS),
            ).to_pydict()
            if not found["account"]:
                return
            for account, wrapped in zip(found["account"], found["wrapped"], strict=True):
                self._put(account, self._unwrapped(account, wrapped))
            last = found["account"][-1]

    def of(self, accounts: NDArray[np.int32]) -> Bytes:
        """Give the keys of n accounts, (n, 32); those that have none yet get one, durably.

        Raises:
            StoreUnavailable: new keys could not be stored; nothing may be sealed with them.

        """
        with self._lock:
            self._make_room(int(accounts.max(initial=0)))
            is_known = self._is_known[accounts]
            if not is_known.all():
                missing = np.unique(accounts[~is_known])
                for start in range(0, len(missing), _ROWS_IN_ONE):
                    self._make(missing[start : start + _ROWS_IN_ONE].tolist())
            keys: Bytes = self._keys[accounts]
            return keys

    def forget(self, accounts: Sequence[int]) -> None:
        """Put a key that nobody keeps in the place of each, after its row has been emptied."""
        with self._lock:
            for account in accounts:
                self._put(account, secrets.token_bytes(_KEY_BYTES))

    def _make(self, accounts: list[int]) -> None:
        keys = [secrets.token_bytes(_KEY_BYTES) for _ in accounts]
        values: list[int | bytes] = []
        for account, key in zip(accounts, keys, strict=True):
            wrapped = self._service.wrap(key, holder=_holder(account))
            values += [account, bytes(wrapped)]
        places = ", ".join(f"(${2 * k + 1}, ${2 * k + 2})" for k in range(len(accounts)))
        sql = f"INSERT INTO account_salts (account, wrapped) VALUES {places}"  # noqa: S608
        self._writes.write(AttachedRow(sql, tuple(values), row_count=len(accounts)))
        for account, key in zip(accounts, keys, strict=True):
            self._put(account, key)

    def _unwrapped(self, account: int, wrapped: bytes) -> bytes:
        if not wrapped:
            return secrets.token_bytes(_KEY_BYTES)
        return self._service.unwrap(parse_wrapped_key(wrapped), holder=_holder(account))

    def _put(self, account: int, key: bytes) -> None:
        self._make_room(account)
        self._keys[account] = np.frombuffer(key, np.uint8)
        self._is_known[account] = True

    def _make_room(self, account: int) -> None:
        if account >= len(self._keys):
            size = max(account + 1, 2 * len(self._keys))
            keys, is_known = np.zeros((size, _KEY_BYTES), np.uint8), np.zeros(size, np.bool)
            keys[: len(self._keys)], is_known[: len(self._keys)] = self._keys, self._is_known
            self._keys, self._is_known = keys, is_known


def destroying_rows(accounts: Sequence[int]) -> tuple[AttachedRow, ...]:
    """Make the statements that destroy accounts' stored keys; then `AccountSalts.forget` them.

    A row is made where there is none, so that no key is made for the account afterwards.
    """
    return tuple(
        AttachedRow(
            "INSERT INTO account_salts (account, wrapped) VALUES ($1, $2) "
            "ON CONFLICT (account) DO UPDATE SET wrapped = excluded.wrapped",
            (account, b""),
        )
        for account in accounts
    )


def stored_key(database: Database, service: KeyService, account: int) -> bytes | None:
    """Read and unwrap one account's key; None when it has none, or it is destroyed.

    Raises:
        SaltKeyLost: it does not open with the keys at hand.

    """
    found = database.query("SELECT wrapped FROM account_salts WHERE account = $1", (account,))
    (wrapped,) = found.column(0).to_pylist() or (b"",)
    if not wrapped:
        return None
    return service.unwrap(parse_wrapped_key(wrapped), holder=_holder(account))


def _holder(account: int) -> bytes:
    return b"counterfoil/account\0" + account.to_bytes(4, "big")
