"""What one side of a transfer sees of it: 87 bytes that are committed to, and their text.

A transfer's leaf is split in two. The debited side's view names the debited account and its balance
afterwards, the credited side's its own; amount, time, id and reference are in both, so that the two
parties can tell that they speak of the same payment. With its salt a view fills two blocks of
SHA-256 exactly.

The text is JSON in one spelling, registered with the receipts as the codec
`counterfoil/transfer@v1`.
"""

import json
import struct
from collections.abc import Mapping
from datetime import datetime
from functools import lru_cache
from typing import Any, Final
from uuid import UUID

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.clock import to_us
from counterfoil.ledger.layout import Flags, Records
from counterfoil.money import Money, MoneyError, currency_by_code, currency_by_numeric
from counterfoil.people.records import moment
from counterfoil.receipts import Codec, register_codec

Bytes = NDArray[np.uint8]

FORMAT: Final = "counterfoil/transfer@v1"
SIDES: Final = ("debit", "credit")

VIEW_DTYPE: Final = np.dtype(
    [
        ("side", "u1"),
        ("seq", ">u8"),
        ("id_hi", ">u8"),
        ("id_lo", ">u8"),
        ("account", ">u4"),
        ("amount", ">i8"),
        ("currency", ">u2"),
        ("at", ">i8"),
        ("balance", ">i8"),
        ("code", ">i4"),
        ("flags", ">u4"),
        ("reference_hi", ">u8"),
        ("reference_lo", ">u8"),
        ("subject", ">u8"),
    ]
)
VIEW_BYTES: Final = VIEW_DTYPE.itemsize
_STRUCT: Final = struct.Struct(">BQ16sIqHqqiI16sQ")
_SAME: Final = ("seq", "id_hi", "id_lo", "amount", "at", "code", "flags", "reference_hi",
                "reference_lo", "subject")  # fmt: skip


def views_of(rows: Records, currencies: NDArray[np.int16]) -> tuple[Bytes, Bytes]:
    """Give both sides' views of n rows of the log: two arrays of bytes (n, 87).

    `currencies` are the rows' currencies, ISO 4217 numeric, (n,).
    """
    return _views(rows, currencies, 0), _views(rows, currencies, 1)


def _views(rows: Records, currencies: NDArray[np.int16], side: int) -> Bytes:
    views = np.empty(len(rows), VIEW_DTYPE)
    for name in _SAME:
        views[name] = rows[name]
    views["side"] = side
    views["account"] = rows[f"{SIDES[side]}_account"]
    views["balance"] = rows[f"{SIDES[side]}_balance"]
    views["currency"] = currencies
    return views.view(np.uint8).reshape(len(rows), VIEW_BYTES)


def text_of(view: bytes) -> str:
    """Write a view as its text.

    Raises:
        ValueError: the bytes are no view.

    """
    try:
        (side, seq, id_, account, amount, currency, at, balance, code, flags, reference,
         subject) = _STRUCT.unpack(view)  # fmt: skip
        money = currency_by_numeric(currency)
        named = f'"{_uuid(reference)}"' if any(reference) else "null"
        return (
            f'{{"format":"{FORMAT}","side":"{SIDES[side]}","seq":{seq},"id":"{_uuid(id_)}",'
            f'"account":{account},"amount":"{Money(amount, money).plain}",'
            f'"currency":"{money.code}","balance":"{Money(balance, money).plain}",'
            f'"at":"{moment(at)}","flags":{_flags(flags)},"code":{code},'
            f'"reference":{named},"subject":{subject or "null"}}}'
        )
    except (struct.error, IndexError, OverflowError, MoneyError) as error:
        raise ValueError("these bytes are no view of a transfer") from error


@lru_cache(64)
def _flags(flags: int) -> str:
    return json.dumps([flag.name for flag in Flags(flags)], separators=(",", ":"))


def _uuid(data: bytes) -> str:
    digits = data.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


def view_of(text: str) -> bytes:
    """Read a view's text back into its bytes.

    Raises:
        ValueError: the text is no view's.

    """
    try:
        return _pack(json.loads(text))
    except (KeyError, TypeError, AttributeError, struct.error, RecursionError, MoneyError) as error:
        raise ValueError("this text is no view of a transfer") from error


def _pack(parts: Mapping[str, Any]) -> bytes:
    currency = currency_by_code(parts["currency"])
    flags = 0
    for name in parts["flags"]:
        flags |= Flags[name]
    reference = parts["reference"]
    return _STRUCT.pack(
        SIDES.index(parts["side"]),
        parts["seq"],
        UUID(parts["id"]).bytes,
        parts["account"],
        Money.of(parts["amount"], currency).minor,
        currency.numeric,
        to_us(datetime.fromisoformat(parts["at"])),
        Money.of(parts["balance"], currency).minor,
        parts["code"],
        flags,
        UUID(reference).bytes if reference is not None else bytes(16),
        parts["subject"] or 0,
    )


register_codec(Codec(FORMAT, view_of, text_of))
