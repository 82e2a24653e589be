"""What the tests of receipts begin from: keys that never change, records, and small logs."""

from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

from counterfoil.receipts import (
    KeyType,
    Log,
    OtherHalf,
    Policy,
    Receipt,
    SigningKey,
    Verifier,
    commit,
    derive_salt,
    leaves_of,
    split_entry,
    whole_entry,
)
from counterfoil.receipts.checkpoint import SignedCheckpoint
from counterfoil.receipts.merkle import node_hash
from counterfoil.receipts.notekey import Signature, signing_key_from_seed
from counterfoil.receipts.policy import KnownWitness

ORIGIN = "log.example/counterfoil"
LOG_KEY = signing_key_from_seed(ORIGIN, KeyType.LOG, bytes(range(32)))
NEXT_LOG_KEY = signing_key_from_seed(ORIGIN, KeyType.LOG, bytes(range(64, 96)))
OTHER_LOG_KEY = signing_key_from_seed("log.example/other", KeyType.LOG, bytes(32))
WITNESS_KEY = signing_key_from_seed("witness.example/w1", KeyType.WITNESS, bytes(range(32, 64)))
OTHER_WITNESS_KEY = signing_key_from_seed(
    "witness.example/w2", KeyType.WITNESS, bytes(range(96, 128))
)
NOW_US = 1_700_000_000_000_000
SALT_KEYS = (sha256(b"alice").digest(), sha256(b"bakery").digest())


class Cosigning:
    """A witness that signs whatever it is given: for texts, not for trust."""

    def __init__(self, key: SigningKey, at_s: int = NOW_US // 1_000_000) -> None:
        self._key, self._at_s = key, at_s

    def cosign(
        self, signed: SignedCheckpoint, prove: Callable[[int], tuple[bytes, ...]]
    ) -> tuple[Signature, ...]:
        """Sign at the given time."""
        assert prove(0) == ()  # what a log sends to a witness that knows nothing
        return (self._key.sign(signed.note.text, at_s=self._at_s),)


def view(side: int, number: int) -> str:
    """Say what one side of a payment sees."""
    return ("Alice pays the bakery", "The bakery is paid by Alice")[side] + f" 3.{number:02}"


def split_entries(count: int) -> list[bytes]:
    """Make the entries of so many payments."""
    return [
        split_entry(
            *(
                commit(derive_salt(SALT_KEYS[side], number), view(side, number).encode())
                for side in (0, 1)
            )
        )
        for number in range(count)
    ]


def half_receipt(log: Log, number: int, side: int) -> Receipt:
    """Make out one side's receipt of a payment."""
    salt = derive_salt(SALT_KEYS[side], number)
    entry = split_entries(number + 1)[number]
    other = entry[32:] if side == 0 else entry[:32]
    return Receipt(view(side, number), log.prove(number, extra=salt), OtherHalf(side, other))


def whole_receipt(folder: Path, record: str) -> Receipt:
    """Write a record into a log of its own and make out its receipt."""
    salt = derive_salt(SALT_KEYS[0], 0)
    with Log.open(folder, [LOG_KEY]) as log:
        index = log.append(leaves_of([whole_entry(salt, record.encode())]))
        log.publish([Cosigning(WITNESS_KEY)])
        return Receipt(record, log.prove(index, extra=salt))


def policy(quorum: str | None = None) -> Policy:
    """Believe the log, and know one witness."""
    return Policy((LOG_KEY.verifier,), (KnownWitness("w1", WITNESS_KEY.verifier),), (), quorum)


def verifier(quorum: str | None = None) -> Verifier:
    """Verify by that policy, at the time at which everything happens here."""
    return Verifier(policy(quorum), now_us=NOW_US)


def recursive_root(hashes: list[bytes]) -> bytes:
    """Compute a root as RFC 6962 §2.1 writes it down: a second implementation."""
    if not hashes:
        return sha256(b"").digest()
    if len(hashes) == 1:
        return hashes[0]
    middle = largest_power_below(len(hashes))
    return node_hash(recursive_root(hashes[:middle]), recursive_root(hashes[middle:]))


def recursive_path(index: int, hashes: list[bytes]) -> list[bytes]:
    """Make an inclusion proof as RFC 6962 §2.1.1 writes it down."""
    if len(hashes) == 1:
        return []
    middle = largest_power_below(len(hashes))
    left, right = hashes[:middle], hashes[middle:]
    if index < middle:
        return [*recursive_path(index, left), recursive_root(right)]
    return [*recursive_path(index - middle, right), recursive_root(left)]


def recursive_subproof(old: int, hashes: list[bytes], *, is_whole: bool = True) -> list[bytes]:
    """Make a consistency proof as RFC 6962 §2.1.2 writes it down."""
    if old == len(hashes):
        return [] if is_whole else [recursive_root(hashes)]
    middle = largest_power_below(len(hashes))
    left, right = hashes[:middle], hashes[middle:]
    if old <= middle:
        return [*recursive_subproof(old, left, is_whole=is_whole), recursive_root(right)]
    return [*recursive_subproof(old - middle, right, is_whole=False), recursive_root(left)]


def largest_power_below(count: int) -> int:
    """Find the largest power of two smaller than `count`."""
    power = 1
    while power * 2 < count:
        power *= 2
    return power
