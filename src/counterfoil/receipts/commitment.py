"""What stands in the log for a record: an entry that tells nothing until someone opens it.

whole leaf   entry = SHA-256(salt || record), 32 bytes: one holder opens it
split leaf   entry = half 0 || half 1, 64 bytes; half = SHA-256(salt || view of that side)

Each holder of a split leaf has the salt and the view of one side and the *hash* of the other half,
so both can show that the same leaf is in the log, and neither shows the other's view. A salt is 32
bytes, always: that is what keeps a byte from moving between salt and record. It is derived from a
salt key (32 random bytes, one a holder; see `keys`) and the number of the leaf, so that only keys
have to be kept, and destroying one makes all of its holder's entries meaningless.
"""

import secrets
from hashlib import sha256
from typing import Final

SALT_BYTES: Final = 32
HALF_BYTES: Final = 32


def derive_salt(salt_key: bytes, number: int) -> bytes:
    """Derive the salt of leaf `number` under a key: SHA-256(key || number in 8 bytes)."""
    assert len(salt_key) == SALT_BYTES
    return sha256(salt_key + number.to_bytes(8, "big")).digest()


def new_salt() -> bytes:
    """Make a salt by chance, for a leaf whose salt is kept and not derived."""
    return secrets.token_bytes(SALT_BYTES)


def commit(salt: bytes, opened: bytes) -> bytes:
    """Commit to a record, or to one side's view: SHA-256(salt || bytes)."""
    assert len(salt) == SALT_BYTES
    return sha256(salt + opened).digest()


def whole_entry(salt: bytes, record: bytes) -> bytes:
    """Make the entry of a whole leaf."""
    return commit(salt, record)


def split_entry(half: bytes, other: bytes) -> bytes:
    """Make the entry of a split leaf from the half of side 0 and the half of side 1."""
    assert len(half) == len(other) == HALF_BYTES
    return half + other
