"""Between Arrow columns, as databases take and give them, and the engine's records.

An id is 16 bytes there and two halves here; a number that may be missing is NULL there and 0 here.
"""

from typing import Any, Final
from uuid import UUID

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.ledger.layout import Records, empty

NO_UUID: Final = UUID(int=0)


def as_uuid(value: UUID | bytes) -> UUID | None:
    """Read a stored id in either database's form; the id of zeros is none."""
    found = value if isinstance(value, UUID) else UUID(bytes=value)
    return None if found == NO_UUID else found


def records_from(found: pa.Table, dtype: np.dtype[Any]) -> Records:
    """Read columns of numbers into records with fields of the same names."""
    records = empty(found.num_rows, dtype)
    for name in dtype.names or ():
        records[name] = numbers(found, name)
    return records


def numbers(found: pa.Table, name: str) -> NDArray[np.int64]:
    """Read a column of numbers without NULLs."""
    values: NDArray[np.int64] = found.column(name).to_numpy()
    return values


def halves(found: pa.Table, name: str) -> NDArray[np.uint64]:
    """Split a column of 16-byte values without NULLs into high and low halves."""
    chunks = [
        np.frombuffer(chunk.cast(pa.binary()).buffers()[2], ">u8", 2 * len(chunk),
                      16 * chunk.offset)
        for chunk in (_storage(chunk) for chunk in found.column(name).chunks)
        if len(chunk)
    ]  # fmt: skip
    return np.concatenate(chunks).reshape(-1, 2).T.astype(np.uint64)


def _storage(chunk: pa.Array) -> pa.Array:
    return chunk.storage if isinstance(chunk, pa.ExtensionArray) else chunk


def uuids(hi: NDArray[np.uint64], lo: NDArray[np.uint64], *, is_nullable: bool = False) -> pa.Array:
    """Make a column of ids; with `is_nullable`, an id of zeros is NULL."""
    data = np.empty((len(hi), 2), np.uint64)
    data[:, 0] = hi.byteswap()
    data[:, 1] = lo.byteswap()
    valid = None
    if is_nullable:
        present = (hi | lo) != 0
        if not present.all():
            valid = pa.py_buffer(np.packbits(present, bitorder="little"))
    return pa.Array.from_buffers(pa.binary(16), len(hi), [valid, pa.py_buffer(data)])


def nullable(values: NDArray[np.int64]) -> pa.Array:
    """Make a column of numbers in which 0 is NULL."""
    absent = values == 0
    if absent.all():
        return pa.nulls(len(values), pa.int64())
    return pa.array(np.ascontiguousarray(values), mask=absent)
