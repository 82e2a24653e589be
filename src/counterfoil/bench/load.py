"""The load of a benchmark: accounts, and batches of transfers in one of four mixes.

`uniform`   any account pays any other, each as likely as the next
`hot`       everyone pays the one shop
`holds`     half of the transfers place a hold, half post one from an earlier batch
`mixed`     plain payments, holds placed, posted in part and voided, and linked pairs with a fee

A batch is made before its clock starts: what is measured is the ledger, not the random numbers.
"""

from collections.abc import Sequence
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountId, AccountKind, AccountNumber, Ledger, Limit, NewAccount
from counterfoil.ledger.layout import ASKED_DTYPE, WHOLE, Flags, Records, empty
from counterfoil.money import currency_by_code

Mix = Literal["uniform", "hot", "holds", "mixed"]
MIXES: Final[Sequence[str]] = get_args(Mix)

_FUNDS: Final = 10_000_000
_CLOCK: Final = SystemClock()
_CURRENCY: Final = currency_by_code("EUR")


def open_accounts(ledger: Ledger, count: int, *, funds: int = _FUNDS) -> AccountNumber:
    """Open wallets that cannot be overdrawn, and fund each; return the first one's number.

    `funds` is in minor units.
    """
    bank = ledger.open_account(
        NewAccount(id=AccountId(new_id()), currency=_CURRENCY, kind=AccountKind.ASSET)
    )
    numbers = ledger.open_accounts(
        [
            NewAccount(
                id=AccountId(new_id()), currency=_CURRENCY, limit=Limit.DEBITS_NOT_OVER_CREDITS
            )
            for _ in range(count)
        ]
    )
    ids = TimeOrderedIds()
    for start in range(0, count, 8192):
        some = np.asarray(numbers[start : start + 8192], np.int32)
        asked = _blank(len(some), ids)
        asked["debit_account"], asked["credit_account"] = bank, some
        asked["amount"] = funds
        ledger.post_records(asked)
    return numbers[0]


class TimeOrderedIds:
    """Ids as callers make them: the time in the high bits, and rising within a batch."""

    def __init__(self) -> None:
        self._random = np.random.default_rng(7)
        self._last_ms = 0

    def take(self, count: int) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
        """Make so many ids, in halves."""
        now_ms = max(_CLOCK.now_us() // 1000, self._last_ms + 1)
        # Twelve bits count within a millisecond; beyond them, the next one begins.
        place = np.arange(count, dtype=np.uint64)
        ms = np.uint64(now_ms) + (place >> np.uint64(12))
        self._last_ms = int(ms[-1]) if count else now_ms
        hi = ms << np.uint64(16) | np.uint64(0x7000) | (place & np.uint64(0xFFF))
        lo = self._random.integers(1 << 63, 1 << 63 | 1 << 62, count, dtype=np.uint64)
        return hi, lo


class Load:
    """Makes one batch after another."""

    def __init__(self, mix: Mix, first: AccountNumber, count: int, *, references: bool) -> None:
        self._make = {
            "uniform": self._uniform,
            "hot": self._hot,
            "holds": self._holds,
            "mixed": self._mixed,
        }[mix]
        self._first, self._count = first, count
        self._references = references
        self._random = np.random.default_rng(11)
        self._ids = TimeOrderedIds()
        self._held: Records = empty(0, ASKED_DTYPE)

    def batch(self, size: int) -> Records:
        """Make the next batch."""
        return self._make(size)

    def _uniform(self, size: int) -> Records:
        asked = self._blank(size)
        # The other account is a step of 1 to count − 1 away, so that it is never the same.
        payer = self._random.integers(0, self._count, size, dtype=np.int64)
        step = self._random.integers(1, self._count, size, dtype=np.int64)
        asked["debit_account"] = self._first + payer
        asked["credit_account"] = self._first + (payer + step) % self._count
        asked["amount"] = self._random.integers(1, 10_000, size)
        return asked

    def _hot(self, size: int) -> Records:
        asked = self._uniform(size)
        asked["debit_account"] = self._first + 1 + asked["debit_account"] % (self._count - 1)
        asked["credit_account"] = self._first
        return asked

    def _holds(self, size: int) -> Records:
        asked = self._uniform(size)
        placed = size - min(size // 2, len(self._held))
        asked["flags"][:placed] = Flags.PENDING
        asked["expires_at"][:placed] = _CLOCK.now_us() + 3_600_000_000
        self._resolve(asked[placed:], Flags.POST)
        self._held = np.concatenate([self._held, asked[:placed]])
        return asked

    def _mixed(self, size: int) -> Records:
        """Half plain; a fifth holds, posted in part or voided later; the rest pairs with a fee."""
        asked = self._uniform(size)
        placed, resolved = size // 5, min(size // 5, len(self._held))
        asked["flags"][:placed] = Flags.PENDING
        half = placed + resolved // 2
        self._resolve(asked[placed:half], Flags.POST)
        self._resolve(asked[half : placed + resolved], Flags.VOID)
        pairs = asked[size - size // 10 * 2 :]
        pairs["flags"][::2] = Flags.LINKED
        pairs["debit_account"][1::2] = pairs["debit_account"][::2]
        pairs["credit_account"][1::2] = pairs["credit_account"][::2]
        self._held = np.concatenate([self._held, asked[:placed]])
        return asked

    def _resolve(self, asked: Records, how: Flags) -> None:
        some, self._held = self._held[: len(asked)], self._held[len(asked) :]
        asked["subject_hi"], asked["subject_lo"] = some["id_hi"], some["id_lo"]
        asked["debit_account"] = asked["credit_account"] = 0
        asked["amount"] = np.maximum(some["amount"] // 2, 1) if how is Flags.POST else WHOLE
        asked["flags"] = how

    def _blank(self, size: int) -> Records:
        asked = _blank(size, self._ids)
        if self._references:
            asked["reference_hi"], asked["reference_lo"] = self._ids.take(size)
        return asked


def _blank(size: int, ids: TimeOrderedIds) -> Records:
    asked = empty(size, ASKED_DTYPE)
    asked["id_hi"], asked["id_lo"] = ids.take(size)
    asked["currency"] = _CURRENCY.numeric
    return asked
