"""The speed of receipts: leaves sealed a second, a proof in a large log, receipts verified.

Sealing is measured on one thread, without a disk and with one: salts, halves, leaf hashes and tree
nodes of split leaves; then the same into a log, durable batch by batch. The peer does the same work
with `hashlib`, which is how it is done where nobody compiles.

The large log is made of files as a real one is; all but the first leaves are random hashes, since
a proof reads hashes and never entries.
"""

import gc
import os
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import Final

import numpy as np

from counterfoil.kernel.clock import SystemClock
from counterfoil.receipts import (
    InclusionProof,
    KeyType,
    Leaves,
    Log,
    LogReader,
    OtherHalf,
    Policy,
    Receipt,
    SigningKey,
    Verifier,
    derive_salt,
    leaves_of_array,
    new_signing_key,
    parse_receipt,
    seal_split,
)
from counterfoil.receipts.checkpoint import Checkpoint
from counterfoil.receipts.edge import Edge
from counterfoil.receipts.folder import write_durably
from counterfoil.receipts.note import Note
from counterfoil.receipts.packs import Packs
from counterfoil.receipts.policy import KnownWitness
from counterfoil.receipts.seal import roots, warm_up
from counterfoil.receipts.sha256 import Bytes
from counterfoil.receipts.tiles import TILE_WIDTH, Tile, width_at

Progress = Callable[[int, int], None]
"""Called with the leaves done and the leaves in all."""

VIEW_BYTES: Final = 87
"""With the salt, the most that fits two blocks of SHA-256: a transfer as one side sees it."""
_BATCH: Final = 8192
COLD_SAMPLES: Final = 200
"""Proofs before each of which the system is asked to forget all files."""
_HELD: Final = 2000
"""Receipts that are made out for leaves of the large log."""
_CLOCK: Final = SystemClock()


@dataclass(frozen=True, slots=True)
class _Batch:
    """What `seal_split` takes."""

    keys: tuple[Bytes, Bytes]
    numbers: np.ndarray[tuple[int], np.dtype[np.uint64]]
    views: tuple[Bytes, Bytes]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sealing:
    """Split leaves a second, on one thread."""

    leaves_per_second: int
    leaves_per_second_durable: int
    hashlib_leaves_per_second: int
    view_bytes: int = VIEW_BYTES
    batch: int = _BATCH


@dataclass(frozen=True, slots=True, kw_only=True)
class Proving:
    """Proofs from the tiles of a large log, and receipts with such proofs."""

    log_leaves: int
    proof_ms: float
    """The median of proofs whose files the system has forgotten, each time anew: from disk."""
    proof_ms_p99: float
    proof_ms_max: float
    proof_cpu_ms_max: float
    """The most that one of them computed; the rest of the longest was waiting, for disk or turn."""
    warm_proof_ms: float
    """The median when the system has the files in memory, but this program not yet the tiles."""
    warm_proof_ms_p99: float
    warm_proof_ms_max: float
    opened_ms: float
    """The first proof of all, with everything that is opened and loaded for it."""
    pread_ms_max: float
    """The longest that reading one tile took in the same run: what the disk alone costs."""
    verify_per_second: int


def seal(folder: Path, *, leaves: int, progress: Progress) -> Sealing:
    """Measure sealing; making up keys and views is not counted."""
    batch = _batch(np.random.default_rng(5), _BATCH)
    warm_up()
    computed = durable = 0.0
    done = 0
    with Log.open(folder, [new_signing_key("bench.example/log")]) as log:
        while done < leaves:
            start = time.perf_counter()
            _seal_in_memory(batch)
            computed += time.perf_counter() - start
            start = time.perf_counter()
            log.append(leaves_of_array(*seal_split(batch.keys, batch.numbers, batch.views)), b"t")
            durable += time.perf_counter() - start
            done += _BATCH
            progress(done, leaves)
    start = time.perf_counter()
    _seal_with_hashlib(batch)
    return Sealing(
        leaves_per_second=round(done / computed),
        leaves_per_second_durable=round(done / durable),
        hashlib_leaves_per_second=round(_BATCH / (time.perf_counter() - start)),
    )


def prove(folder: Path, *, log_leaves: int, samples: int, progress: Progress) -> Proving:
    """Measure proofs in a log of so many leaves, which is made in `folder`, and verification."""
    log_key = new_signing_key("bench.example/log")
    witness_key = new_signing_key("bench.example/witness", KeyType.WITNESS)
    batch = _batch(np.random.default_rng(6), _HELD)
    _make_log(folder, log_leaves, batch, [log_key, witness_key], progress)
    reader, chance = LogReader(folder), Random(9)  # noqa: S311  # a sample, not a secret
    some = [chance.randrange(log_leaves) for _sample in range(samples)]
    _forget(folder)
    opened_ms = _timed(reader, some[0])
    gc.collect()  # what the making of the log has left is not to be collected in a proof
    cold, computed = _cold(reader, folder, some[:COLD_SAMPLES])
    reads = _reads(folder, log_leaves, some[:COLD_SAMPLES])
    for index in some:
        reader.prove(index)  # the system has the files now; this program keeps few of the tiles
    warm = [_timed(reader, index) for index in some]
    texts = _receipts(reader, batch)
    policy = Policy(
        (log_key.verifier,), (KnownWitness("w", witness_key.verifier),), (), "w"
    )  # who signed is verified once; every receipt's hashes are
    verifier = Verifier(policy, now_us=_CLOCK.now_us())
    start = time.perf_counter()
    for text in texts:
        verifier.verify(parse_receipt(text))
    elapsed = time.perf_counter() - start
    return Proving(
        log_leaves=log_leaves,
        proof_ms=round(statistics.median(cold), 2),
        proof_ms_p99=round(_p99(cold), 2),
        proof_ms_max=round(max(cold), 2),
        proof_cpu_ms_max=round(max(computed), 2),
        warm_proof_ms=round(statistics.median(warm), 2),
        warm_proof_ms_p99=round(_p99(warm), 2),
        warm_proof_ms_max=round(max(warm), 2),
        opened_ms=round(opened_ms, 2),
        pread_ms_max=round(max(reads), 2),
        verify_per_second=round(len(texts) / elapsed),
    )


def _batch(random: np.random.Generator, count: int) -> _Batch:
    def made(width: int) -> Bytes:
        return random.integers(0, 256, (count, width), np.uint8)

    # Views that are text, so that a receipt can show them.
    views = tuple(made(VIEW_BYTES) % np.uint8(26) + np.uint8(97) for _side in range(2))
    return _Batch((made(32), made(32)), np.arange(count, dtype=np.uint64), (views[0], views[1]))


def _seal_in_memory(batch: _Batch) -> bytes:
    _entries, hashes = seal_split(batch.keys, batch.numbers, batch.views)
    tops = roots(hashes, TILE_WIDTH)
    return tops.tobytes()


def _seal_with_hashlib(batch: _Batch) -> bytes:
    def half(side: int, place: int, number: bytes) -> bytes:
        salt = sha256(batch.keys[side][place].tobytes() + number).digest()
        return sha256(salt + batch.views[side][place].tobytes()).digest()

    level = []
    for place, number in enumerate(batch.numbers.tolist()):
        name = number.to_bytes(8, "big")
        level.append(sha256(b"\x00" + half(0, place, name) + half(1, place, name)).digest())
    while len(level) > 1:
        level = [
            sha256(b"\x01" + left + right).digest() for left, right in list(pairwise(level))[::2]
        ]
    return level[0]


def _make_log(
    folder: Path, size: int, batch: _Batch, keys: list[SigningKey], progress: Progress
) -> None:
    """Write the hash tiles of a large log whose first leaves are the batch's, and publish it."""
    packs, edge, random = Packs(folder, writes=True), Edge(), np.random.default_rng(8)
    edge.append(leaves_of_array(*seal_split(batch.keys, batch.numbers, batch.views)), packs)
    nothing = np.zeros(1 << 16, np.int64)
    while edge.size < size:
        count = min(size - edge.size, 1 << 16)
        hashes = np.frombuffer(random.bytes(count * 32), np.uint8).reshape(count, 32)
        edge.append(Leaves(b"", nothing[:count], hashes), packs)
        progress(edge.size, size)
    packs.sync()
    packs.close()
    text = str(Checkpoint(keys[0].name, size, edge.root()))
    now_s = _CLOCK.now_us() // 1_000_000
    note = Note(text, (keys[0].sign(text), keys[1].sign(text, at_s=now_s)))
    write_durably(folder / "checkpoint", str(note).encode())


def _forget(folder: Path) -> None:
    """Let the system forget what it holds of the files in memory, where it can be asked to."""
    if not hasattr(os, "posix_fadvise"):
        return
    for path in folder.rglob("*"):
        if path.is_file():
            with path.open("rb") as file:
                os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def _timed(reader: LogReader, index: int) -> float:
    """Time one proof, in milliseconds."""
    start = time.perf_counter()
    reader.prove(index)
    return (time.perf_counter() - start) * 1000


def _cold(reader: LogReader, folder: Path, some: list[int]) -> tuple[list[float], list[float]]:
    """Time proofs, each after the system has forgotten every file; and what each computed."""
    taken, computed = [], []
    for index in some:
        _forget(folder)
        start = time.process_time()
        taken.append(_timed(reader, index))
        computed.append((time.process_time() - start) * 1000)
    return taken, computed


def _reads(folder: Path, log_leaves: int, some: list[int]) -> list[float]:
    """Time the reading of one tile's hashes alone, each after the system has forgotten them."""
    taken = []
    for index in some:
        number = index // TILE_WIDTH
        tile = Tile(0, number, width_at(log_leaves, 0, number))
        packs = Packs(folder, writes=False)
        packs.hashes(tile)
        _forget(folder)
        start = time.perf_counter()
        packs.hashes(tile)
        taken.append((time.perf_counter() - start) * 1000)
        packs.close()
    return taken


def _p99(values: list[float]) -> float:
    return statistics.quantiles(values, n=100)[-1] if len(values) > 1 else values[0]


def _receipts(reader: LogReader, batch: _Batch) -> list[str]:
    """Make out the receipts of side 0 for the batch's leaves."""
    entries, _hashes = seal_split(batch.keys, batch.numbers, batch.views)
    made = []
    for place in range(len(entries)):
        salt = derive_salt(batch.keys[0][place].tobytes(), place)
        proof: InclusionProof = reader.prove(place, extra=salt)
        record = batch.views[0][place].tobytes().decode()
        made.append(str(Receipt(record, proof, OtherHalf(0, entries[place, 32:].tobytes()))))
    return made
