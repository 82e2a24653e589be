"""Where the ties of a row stand.

A state's rows stand at the population's offsets, each packed to its start: that is what engines
give to each other and to a file. While the compiled engine runs, the rows of a chunk stand close
together instead, so that a pass over a chunk's ties meets no gaps. Ties gone in both worlds stay
where they are, adding nothing, until an eighth of a chunk is gone; then the chunk is packed.
"""

from typing import Any

import numba
import numpy as np

from counterfoil.lab.compiled import compiled_bare, compiled_parallel
from counterfoil.lab.kernel import codes


@compiled_bare
def pack_if_sparse(lo: Any, hi: Any, base: Any, now: Any) -> None:
    """Pack a chunk where an eighth or more of its ties is surely gone in both worlds."""
    kept, alive, twin_alive = now.kept, now.alive, now.twin_alive
    count, left = np.int64(0), np.int64(0)
    for i in range(lo, hi):
        count += np.int64(kept[i])
        left += max(np.int64(alive[i]), np.int64(twin_alive[i]))
    if 8 * (count - left) > count:
        pack(lo, hi, base, now)


@compiled_bare
def pack(lo: Any, hi: Any, base: Any, now: Any) -> None:
    """Leave out the ties of a chunk that are gone in both worlds."""
    kept, ties = now.kept, now.ties
    source, target = base, base
    for i in range(lo, hi):
        start, end = target, source + np.int64(kept[i])
        for e in range(source, end):
            entry = ties[e]
            ties[target] = entry
            target += 1 if entry & 3 != 3 else 0
        kept[i] = target - start
        source = end


@compiled_bare
def _close_chunk(chunk: Any, offsets: Any, now: Any) -> None:
    """Move a chunk's rows from the population's offsets close together."""
    people, kept, ties = now.kept.shape[0], now.kept, now.ties
    lo = chunk * codes.CHUNK
    target = offsets[lo]
    for i in range(lo, min(people, lo + codes.CHUNK)):
        for e in range(offsets[i], offsets[i] + np.int64(kept[i])):
            ties[target] = ties[e]
            target += 1


@compiled_bare
def _spread_chunk(chunk: Any, offsets: Any, now: Any) -> None:
    """Pack a chunk, and move its rows back to the population's offsets, the last one first."""
    people, kept, ties = now.kept.shape[0], now.kept, now.ties
    lo = chunk * codes.CHUNK
    hi = min(people, lo + codes.CHUNK)
    pack(lo, hi, offsets[lo], now)
    end = offsets[lo]
    for i in range(lo, hi):
        end += np.int64(kept[i])
    for back in range(hi - lo):
        i = hi - 1 - back
        count = np.int64(kept[i])
        for k in range(count):
            ties[offsets[i] + count - 1 - k] = ties[end - 1 - k]
        end -= count


@compiled_bare
def _chunks_of(now: Any) -> Any:
    return (now.kept.shape[0] + codes.CHUNK - 1) // codes.CHUNK


@compiled_parallel
def close_up(offsets: Any, now: Any) -> None:
    """Move all rows close together, chunk by chunk."""
    for chunk in numba.prange(_chunks_of(now)):
        _close_chunk(chunk, offsets, now)


@compiled_bare
def close_up_alone(offsets: Any, now: Any) -> None:
    """Do as `close_up` does, in the thread that asks."""
    for chunk in range(_chunks_of(now)):
        _close_chunk(chunk, offsets, now)


@compiled_parallel
def spread_out(offsets: Any, now: Any) -> None:
    """Pack every chunk and move all rows back to the population's offsets."""
    for chunk in numba.prange(_chunks_of(now)):
        _spread_chunk(chunk, offsets, now)


@compiled_bare
def spread_out_alone(offsets: Any, now: Any) -> None:
    """Do as `spread_out` does, in the thread that asks."""
    for chunk in range(_chunks_of(now)):
        _spread_chunk(chunk, offsets, now)
