"""Tag, length, value: the form of merchants' codes.

A field is `ID(2 digits) LENGTH(2 digits) VALUE`; fields stand one behind the other, and a template
is a field whose value is fields again. The length counts *characters*, 1 to 99, however many bytes
each of them takes: in the specification's own example `6420 0002ZH0104最佳运输0202北京` has 20
characters and 32 bytes. Some writers count bytes; `read_fields` can be told to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from counterfoil.qr.errors import CodeUnreadable, CodeUnwritable

LENGTH_MAX: Final = 99
_HEAD: Final = 4


@dataclass(frozen=True, slots=True, order=True)
class Field:
    """One field: its ID of two digits, and its value as it stands."""

    id: str
    value: str

    def __str__(self) -> str:
        return f"{self.id}{len(self.value):02}{self.value}"


def write_fields(fields: Iterable[Field]) -> str:
    """Write fields one behind the other.

    Raises:
        CodeUnwritable: an ID is not two digits, or a value is empty, longer than 99 characters or
            holds a control character.

    """
    return "".join(str(_checked(field)) for field in fields)


def read_fields(text: str, *, counts_bytes: bool = False) -> tuple[Field, ...]:
    """Read all fields of a text, in their order; empty values are let pass.

    Raises:
        CodeUnreadable: an ID or a length is not two digits, or a value breaks off. The fact
            `place` is where, in characters, or in bytes if those are counted.

    """
    units: Sequence[str] | bytes = text.encode() if counts_bytes else text
    fields = []
    place = 0
    while place < len(units):
        head = _text(units[place : place + _HEAD], place)
        if len(head) < _HEAD or not (head.isascii() and head.isdecimal()):
            raise CodeUnreadable(
                f"At place {place} of the code stands {head!r} where a field's ID and length, four "
                f"digits, belong; scan it again, or ask for another code",
                place=place,
            )
        end = place + _HEAD + int(head[2:])
        if end > len(units):
            raise CodeUnreadable(
                f"The code breaks off: field {head[:2]} at place {place} says that it has "
                f"{int(head[2:])} characters and {len(units) - place - _HEAD} are left; scan it "
                f"again, or ask for another code",
                place=place,
            )
        fields.append(Field(head[:2], _text(units[place + _HEAD : end], place)))
        place = end
    return tuple(fields)


def _text(units: Sequence[str] | bytes, place: int) -> str:
    if not isinstance(units, bytes):
        return "".join(units)
    try:
        return units.decode()
    except UnicodeDecodeError as error:
        raise CodeUnreadable(
            f"A length at place {place} cuts a character in two; ask for another code",
            place=place,
        ) from error


def _checked(field: Field) -> Field:
    if not (len(field.id) == 2 and field.id.isascii() and field.id.isdecimal()):
        raise CodeUnwritable(f"{field.id!r} is no ID of two digits", field=field.id)
    if not 1 <= len(field.value) <= LENGTH_MAX:
        raise CodeUnwritable(
            f"Field {field.id} would have {len(field.value)} characters; it holds 1 to "
            f"{LENGTH_MAX}",
            field=field.id,
        )
    if not all(has_no_control(letter) for letter in field.value):
        raise CodeUnwritable(
            f"Field {field.id} would hold a control character; leave it out", field=field.id
        )
    return field


def has_no_control(letter: str) -> bool:
    """Tell whether a character is one that can be shown: no control, no lone surrogate."""
    return letter >= " " and not "\x7f" <= letter <= "\x9f" and not "\ud800" <= letter <= "\udfff"
