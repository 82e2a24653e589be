"""Read the codes that card schemes let payers show: EMVCo Consumer-Presented Mode.

Such a code is Base64 of BER-TLV (ISO/IEC 8825-1, as EMV Book 3 annex B uses it): `85` says
`CPV01`, each `61` is one card with its application id, `62` holds what is common to all. Our own
wallet shows payer codes instead; these are read so that a till can tell what it was shown and to
which acquirer it belongs.

Reading is strict: what is in such a code goes to an acquirer as it stands, or not at all.
"""

import base64
import binascii
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.qr.errors import CodeUnreadable
from counterfoil.qr.form import TEXT_MAX

FORMAT: Final = b"CPV01"
BYTES_MAX: Final = 512
DEPTH_MAX: Final = 4
"""Templates stand in templates at most twice; the rest is somebody's attempt."""

_FORMAT, _APPLICATION, _COMMON, _APPLICATION_ID = 0x85, 0x61, 0x62, 0x4F
_CONSTRUCTED: Final = 0x20
_TEXTS: Final = {0x50, 0x5F20, 0x5F2D, 0x5F50}
"""Label, name, languages, issuer's address: ASCII."""


@dataclass(frozen=True, slots=True)
class Object:
    """One data object: its tag, and either its bytes or, for a template, what is in it."""

    tag: int
    value: bytes
    inside: tuple["Object", ...] = ()

    @property
    def text(self) -> str:
        """The value as people read it: text where the tag holds text, else hexadecimal digits."""
        return self.value.decode("ascii") if self.tag in _TEXTS else self.value.hex().upper()

    def find(self, tag: int) -> "Object | None":
        """Find the first object of a tag in it, in the templates of this one too."""
        return next((one for one in _walk(self.inside) if one.tag == tag), None)


@dataclass(frozen=True, slots=True)
class CardCode:
    """What a payer's card code says. It holds card numbers: it is passed on and never kept."""

    applications: tuple[Object, ...]
    common: tuple[Object, ...]

    @property
    def application_ids(self) -> tuple[str, ...]:
        """Which schemes could be paid with, the payer's preferred first."""
        found = (one.find(_APPLICATION_ID) for one in self.applications)
        return tuple(one.text for one in found if one)


def is_card_code(text: str) -> bool:
    """Tell whether a text begins as every card code does: Base64 of 85 05."""
    return text.startswith("hQV")


def read_card_code(text: str) -> CardCode:
    """Read a card code.

    Raises:
        CodeUnreadable: it is not Base64 of BER-TLV, does not begin with `CPV01`, breaks off, or an
            application is without its id.

    """
    if len(text) > TEXT_MAX:
        raise _unreadable(f"it has {len(text)} characters")
    try:
        data = base64.b64decode(text.strip("\r\n\t "), validate=True)
    except (binascii.Error, ValueError) as error:
        raise _unreadable("it is not Base64") from error
    if len(data) > BYTES_MAX:
        raise _unreadable(f"it has {len(data)} bytes")
    objects = tuple(_read(data, 0))
    if not objects or (objects[0].tag, objects[0].value) != (_FORMAT, FORMAT):
        raise _unreadable("it does not begin with CPV01")
    applications = tuple(one for one in objects if one.tag == _APPLICATION)
    for application in applications:
        if application.find(_APPLICATION_ID) is None:
            raise _unreadable("an application has no id")
    common = (one.inside for one in objects if one.tag == _COMMON)
    return CardCode(applications, next(common, ()))


def describe(tag: int) -> str:
    """Name a data object as EMV does, or by its tag in hexadecimal digits."""
    return TAG_NAMES.get(tag, f"{tag:X}")


TAG_NAMES: Final[Mapping[int, str]] = {
    0x4F: "application id",
    0x50: "application label",
    0x57: "track 2 equivalent data",
    0x5A: "card number",
    0x5F20: "cardholder name",
    0x5F2D: "language preference",
    0x5F50: "issuer URL",
    0x63: "application specific template",
    0x64: "transparent template",
    0x9F08: "application version",
    0x9F10: "issuer application data",
    0x9F19: "token requestor id",
    0x9F24: "payment account reference",
    0x9F25: "last four digits",
    0x9F26: "cryptogram",
    0x9F27: "cryptogram information",
    0x9F36: "transaction counter",
    0x9F37: "unpredictable number",
}
SECRET_TAGS: Final = frozenset({0x57, 0x5A, 0x5F20})
"""Card numbers and the cardholder's name: shown to nobody."""


def _walk(objects: tuple[Object, ...]) -> Iterator[Object]:
    for one in objects:
        yield one
        yield from _walk(one.inside)


def _read(data: bytes, depth: int) -> Iterator[Object]:
    if depth > DEPTH_MAX:
        raise _unreadable("templates stand in templates too deep")
    place = 0
    while place < len(data):
        tag, is_template, place = _read_tag(data, place)
        length, place = _read_length(data, place)
        value = data[place : place + length]
        if len(value) < length:
            raise _unreadable(f"object {tag:X} breaks off")
        if tag in _TEXTS and not value.isascii():
            raise _unreadable(f"object {tag:X} is not ASCII")
        inside = tuple(_read(value, depth + 1)) if is_template else ()
        yield Object(tag, value, inside)
        place += length


def _read_tag(data: bytes, place: int) -> tuple[int, bool, int]:
    """Read a tag of one or two bytes: EMV has none longer."""
    first = data[place]
    is_template = bool(first & _CONSTRUCTED)
    if first & 0x1F != 0x1F:
        return first, is_template, place + 1
    if place + 1 >= len(data) or data[place + 1] & 0x80:
        raise _unreadable("a tag breaks off, or has more than two bytes")
    return first << 8 | data[place + 1], is_template, place + 2


def _read_length(data: bytes, place: int) -> tuple[int, int]:
    """Read a length: up to 127 in one byte, else the count of the bytes that follow."""
    if place >= len(data):
        raise _unreadable("a length is missing")
    first = data[place]
    if first < 0x80:
        return first, place + 1
    count = first & 0x7F
    if not 1 <= count <= 2 or place + 1 + count > len(data):
        raise _unreadable("a length breaks off, or is of an indefinite form")
    return int.from_bytes(data[place + 1 : place + 1 + count]), place + 1 + count


def _unreadable(why: str) -> CodeUnreadable:
    return CodeUnreadable(f"This is no payer's card code: {why}; show it again", why=why)
