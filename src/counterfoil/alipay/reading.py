"""From `biz_content` to declared fields: what a method takes, what each field may be.

A method declares a frozen class of fields and gets an instance of it, or the request is refused:

    @dataclass(frozen=True, slots=True, kw_only=True)
    class Query:
        trade_no: str | None = optional(text(64))

Keys that nobody declared are ignored, and null is absent. A JSON number is kept as the text that
was sent: an amount never passes through a float, and no number is too long to be looked at.
"""

import dataclasses
import json
import re
from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, Final, NoReturn, TypeVar, cast

from counterfoil.alipay.refusal import failed, invalid

Json = str | bool | None | list["Json"] | dict[str, "Json"]
T = TypeVar("T")
Reader = Callable[[Json], T]
"""Makes of a JSON value what a field holds. It raises ValueError, whose text says what it may be."""

CONTAINERS_MAX: Final = 4096
_UNSTORABLE: Final = re.compile("[\x00\ud800-\udfff]")
BUSINESS: Final = "ACQ."


F = TypeVar("F")
"""A class of declared fields."""


def read_json(text: str) -> dict[str, Json]:
    """Read `biz_content`.

    Raises:
        Refused: it is no JSON object, or too deep or too wide to be an honest one.

    """
    if text.count("{") + text.count("[") > CONTAINERS_MAX:
        raise invalid("illegal-json", f"biz_content has more than {CONTAINERS_MAX} containers.")
    try:
        # Numbers stay the text they were, and there is no NaN.
        found = json.loads(text, parse_int=str, parse_float=str, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid("illegal-json", "biz_content is no JSON object.") from None
    if not isinstance(found, dict):
        raise invalid("illegal-json", "biz_content is no JSON object.")
    return found


def _no_constant(text: str) -> NoReturn:
    raise ValueError(f"{text} is no JSON")


def required(reader: Reader[T]) -> T:
    """Declare a field that a request must have."""
    return cast("T", dataclasses.field(metadata={"reader": reader, "required": True}))


def optional(reader: Reader[T]) -> T | None:
    """Declare a field that a request may have."""
    return cast("T | None", dataclasses.field(default=None, metadata={"reader": reader}))


def read_fields(kind: type[F], content: Mapping[str, Json], *, prefix: str = BUSINESS) -> F:
    """Read the fields that a method declares out of its content.

    `prefix` comes before INVALID_PARAMETER: some families of methods have none.

    Raises:
        Refused: a field is missing or is not what it may be.

    """
    found: dict[str, object] = {}
    for name, reader, is_required in _declared(cast("Any", kind)):
        value = content.get(name)
        if value is None:
            if is_required:
                raise failed(f"{prefix}INVALID_PARAMETER", f"The field {name} is missing.")
            continue
        try:
            found[name] = reader(value)
        except ValueError as error:
            why = f"The field {name} is not {error}."
            raise failed(f"{prefix}INVALID_PARAMETER", why) from None
    return kind(**found)


@cache
def _declared(kind: type[object]) -> tuple[tuple[str, Reader[object], bool], ...]:
    return tuple(
        (field.name, field.metadata["reader"], "required" in field.metadata)
        for field in dataclasses.fields(cast("Any", kind))
        if "reader" in field.metadata
    )


def text(length_max: int, pattern: str = r"(?s).*", what: str = "") -> Reader[str]:
    """Read text of at most so many characters; a number is its own text."""
    compiled = re.compile(pattern)
    says = what or f"text of 1 to {length_max} characters"

    def read(value: Json) -> str:
        if not isinstance(value, str) or not 0 < len(value) <= length_max:
            raise ValueError(says)
        if _UNSTORABLE.search(value) or not compiled.fullmatch(value):
            raise ValueError(says)
        return value

    return read


def one_of(*values: str) -> Reader[str]:
    """Read one of a closed list."""

    def read(value: Json) -> str:
        if value not in values:
            raise ValueError(f"one of {', '.join(values)}")
        return value

    return read


def texts(value: Json) -> tuple[str, ...]:
    """Read a list of texts; a list sent as one text is read with commas."""
    if isinstance(value, str):
        value = [part.strip() for part in value.split(",")]
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise ValueError("a list of texts")
    return tuple(cast("list[str]", value))


def count_of(value: Json) -> int:
    """Read how many there are in a list that is not looked into."""
    if isinstance(value, list):
        return len(value)
    raise ValueError("a list")


def object_of(kind: type[F]) -> Reader[F]:
    """Read an object with declared fields of its own."""

    def read(value: Json) -> F:
        if isinstance(value, dict):
            return read_fields(kind, value)
        raise ValueError("an object")

    return read


def objects_of(kind: type[F], count_max: int) -> Reader[tuple[F, ...]]:
    """Read a list of such objects."""
    one = object_of(kind)

    def read(value: Json) -> tuple[F, ...]:
        if not isinstance(value, list) or len(value) > count_max:
            raise ValueError(f"a list of at most {count_max}")
        return tuple(one(item) for item in value)

    return read
