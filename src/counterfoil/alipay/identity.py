"""How a payer is named to a merchant: by an id that only this merchant's application knows.

An open id is the person's id under a cipher whose key is the application's: it is the same in every
answer to one application, and another in the answers to the next, so that two shops cannot put their
lists together. Nothing of it is stored, and it can be read back where money is sent to it. The 16
digits that the merchant API has besides are the same for everybody and are not given out for persons;
merchants have them (docs/adr/0039).
"""

import base64
import binascii
import hashlib
import hmac
from functools import lru_cache
from typing import Final
from uuid import UUID

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES
from cryptography.hazmat.primitives.ciphers.modes import ECB

from counterfoil.pay import ApplicationId
from counterfoil.people import PersonId

_LENGTH: Final = 22
_SHOWN: Final = 3


class Identities:
    """Turns persons into open ids and back."""

    def __init__(self, secret: bytes) -> None:
        self._secret = secret
        self._of = lru_cache(maxsize=4096)(self._cipher)

    def open_id(self, application: ApplicationId, person: PersonId) -> str:
        """Name a person to an application."""
        # One block of one cipher for each application is a permutation: no two persons share an id.
        encryptor = self._of(application).encryptor()
        block = encryptor.update(person.bytes) + encryptor.finalize()
        return base64.urlsafe_b64encode(block).decode("ascii").rstrip("=")

    def person(self, application: ApplicationId, open_id: str) -> PersonId | None:
        """Read an open id; None when it is none. Whether there is such a person is not told."""
        if len(open_id) != _LENGTH:
            return None
        try:
            block = base64.b64decode(f"{open_id}==", altchars=b"-_", validate=True)
        except (binascii.Error, ValueError):
            return None
        decryptor = self._of(application).decryptor()
        return PersonId(UUID(bytes=decryptor.update(block) + decryptor.finalize()))

    def _cipher(self, application: ApplicationId) -> "Cipher[ECB]":
        key = hmac.digest(self._secret, f"open-id {application}".encode(), hashlib.sha256)
        return Cipher(AES(key), ECB())  # noqa: S305  # one block, as a permutation


def masked(open_id: str) -> str:
    """Write an open id as a buyer's name in answers that want one.

    >>> masked("aGVsbG8gd29ybGQhISEhIQ")
    'aGV***IQ'
    """
    return f"{open_id[:_SHOWN]}***{open_id[-2:]}"
