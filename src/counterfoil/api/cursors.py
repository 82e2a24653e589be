"""Where a list goes on: opaque, signed, and good for that list of that merchant alone."""

import base64
import binascii
import hmac
from typing import Final

from counterfoil.api.errors import CursorInvalid
from counterfoil.api.secret import derived
from counterfoil.pay import MerchantId

_TAG_BYTES: Final = 12
LENGTH_MAX: Final = 128


class Cursors:
    """Writes and reads cursors."""

    def __init__(self, secret: bytes) -> None:
        self._secret = derived(secret, "cursors")

    def write(self, of: MerchantId, name: str, place: bytes) -> str:
        """Write the cursor of a place in a list."""
        return base64.urlsafe_b64encode(place + self._tag(of, name, place)).decode().rstrip("=")

    def read(self, of: MerchantId, name: str, cursor: str) -> bytes:
        """Read the place that a cursor names.

        Raises:
            CursorInvalid: it was not handed out for this list.

        """
        try:
            found = base64.b64decode(cursor + "=" * (-len(cursor) % 4), b"-_", validate=True)
        except (binascii.Error, ValueError):
            found = b""
        place = found[:-_TAG_BYTES]
        if not place or not hmac.compare_digest(self.write(of, name, place), cursor):
            raise CursorInvalid(
                "This cursor was not handed out for this list. Begin without one, or give the `next` "
                "of the page before, with the same filters."
            )
        return place

    def _tag(self, of: MerchantId, name: str, place: bytes) -> bytes:
        return derived(self._secret, of.hex, name, place.hex())[:_TAG_BYTES]
