"""Messages as bytes: written from dataclasses of ISO 20022, read with every limit that there is.

A file from outside is read in two passes. The first, an event at a time, refuses what could harm:
a document type (and with it every entity, internal or external), more bytes, elements or levels than
a message of ours has. The second makes the dataclasses, and holds each value against its schema's
facets: lengths, patterns, digits, what is required.
"""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import UTC, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, Final, NoReturn, TypeVar
from xml.parsers import expat

from xsdata.exceptions import ConverterError, ParserError
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer
from xsdata.formats.dataclass.serializers.config import SerializerConfig
from xsdata.models.datatype import XmlDate, XmlDateTime

from counterfoil.bank.errors import MessageTooLarge, MessageUnreadable
from counterfoil.kernel.i18n import _
from counterfoil.money import Currency, Money, MoneyError, currency_by_code

BYTES_MAX: Final = 64 * 1024 * 1024
ELEMENTS_MAX: Final = 4_000_000
DEPTH_MAX: Final = 32
FAULTS_SHOWN: Final = 5

T = TypeVar("T")


def root_namespace(data: bytes) -> str:
    """Read a file once, refuse what could harm, and tell the namespace of its root.

    Raises:
        MessageTooLarge: it has more bytes, elements or levels than are read.
        MessageUnreadable: it is not well-formed, or has a document type.

    """
    if len(data) > BYTES_MAX:
        raise MessageTooLarge(
            _("The file has {count} bytes; at most {most} are read. Ask the bank for smaller ones.",
              count=len(data), most=BYTES_MAX)
        )  # fmt: skip
    first = ""
    count = depth = 0

    def start(name: str, _attributes: dict[str, str]) -> None:
        nonlocal first, count, depth
        first = first or name
        count, depth = count + 1, depth + 1
        if count > ELEMENTS_MAX or depth > DEPTH_MAX:
            raise MessageTooLarge(_("The file has more elements or levels than are read."))

    def end(_name: str) -> None:
        nonlocal depth
        depth -= 1

    parser = expat.ParserCreate(namespace_separator=" ")
    parser.StartElementHandler, parser.EndElementHandler = start, end
    parser.StartDoctypeDeclHandler = _refuse_doctype
    try:
        parser.Parse(data, True)
    except expat.ExpatError as error:
        raise MessageUnreadable(
            _("The file is no well-formed XML: {what}.", what=str(error))
        ) from error
    return first.rpartition(" ")[0]


def _refuse_doctype(*_: object) -> NoReturn:
    raise MessageUnreadable(_doctype())


def _doctype() -> str:
    return _("The file has a document type, which no message of ISO 20022 has. Nothing was read.")


def read_message(data: bytes, kind: type[T]) -> T:
    """Make a message's dataclasses of a file that `root_namespace` has looked through.

    Raises:
        MessageUnreadable: it breaks its schema; the first faults are named by their place.

    """
    parser = XmlParser(
        config=ParserConfig(fail_on_unknown_properties=True, fail_on_converter_warnings=True)
    )
    try:
        message = parser.from_bytes(data, kind)
    except (ParserError, ConverterError, TypeError, ValueError) as error:
        raise MessageUnreadable(
            _("The file breaks the schema of its message: {what}.", what=str(error)[:200])
        ) from error
    _require(message)
    return message


def write_message(message: object, namespace: str) -> bytes:
    """Write a message; the same message gives the same bytes.

    Raises:
        MessageUnreadable: a value does not fit its schema.

    """
    _require(message)
    serializer = XmlSerializer(config=SerializerConfig(indent=" "))
    return serializer.render(message, ns_map={None: namespace}).encode()


def _require(message: object) -> None:
    faults = list(faults_of(message))
    if faults:
        raise MessageUnreadable(
            _("The message breaks its schema: {faults}.", faults="; ".join(faults[:FAULTS_SHOWN])),
            fault_count=len(faults),
        )


def faults_of(value: Any, path: str = "", facets: dict[str, Any] | None = None) -> Iterator[str]:
    """Yield where a message breaks the facets of its schema, by element; values are not repeated."""
    facets = facets or {}
    if isinstance(value, list):
        low, high = facets.get("min_occurs", 0), facets.get("max_occurs", len(value))
        if not low <= len(value) <= high:
            yield f"{path}: {len(value)} of them"
        for place, one in enumerate(value, 1):
            yield from faults_of(one, f"{path}[{place}]" if len(value) > 1 else path, facets)
    elif is_dataclass(value):
        chosen = 0
        for one in fields(value):
            inner = getattr(value, one.name)
            chosen += inner is not None
            name = str(one.metadata.get("name", one.name))
            if inner is not None:
                inner_path = path if name == "value" else f"{path}/{name}"
                yield from faults_of(inner, inner_path, dict(one.metadata))
        is_choice = type(value).__name__.endswith("Choice")
        if is_choice and chosen != 1:
            yield f"{path}: {chosen} of the choices"
    elif isinstance(value, Decimal):
        yield from _number_faults(value, path, facets)
    elif isinstance(value, str) and not isinstance(value, Enum):
        yield from _text_faults(value, path, facets)


def _text_faults(value: str, path: str, facets: dict[str, Any]) -> Iterator[str]:
    low, high = facets.get("min_length", 0), facets.get("max_length", len(value))
    if not low <= len(value) <= high:
        yield f"{path}: {len(value)} characters, not {low} to {high}"
    if "pattern" in facets and not re.fullmatch(facets["pattern"], value):
        yield f"{path}: not of its pattern"


def _number_faults(value: Decimal, path: str, facets: dict[str, Any]) -> Iterator[str]:
    if not value.is_finite():
        yield f"{path}: no number"
        return
    _sign, digits, exponent = value.as_tuple()
    assert isinstance(exponent, int)
    if len(digits) + max(exponent, 0) > facets.get("total_digits", 1 << 30):
        yield f"{path}: too many digits"
    if -exponent > facets.get("fraction_digits", 1 << 30):
        yield f"{path}: too many digits after the point"
    if "min_inclusive" in facets and value < facets["min_inclusive"]:
        yield f"{path}: below {facets['min_inclusive']}"


def money_of(value: Decimal, code: str) -> Money:
    """Take an amount of a message exactly: not a digit more than the currency has.

    Raises:
        MessageUnreadable: there is no such currency, or a digit too many.

    """
    try:
        currency = currency_by_code(code)
        # 10.120 euros is 10.12 euros; 10.123 is a fault.
        shifted = value.scaleb(currency.exponent)
        whole = int(shifted)
        if shifted != whole:
            raise MessageUnreadable(
                _("{amount} {currency} has more digits than the currency.",
                  amount=str(value), currency=code)
            )  # fmt: skip
        return Money(whole, currency)
    except MoneyError as error:
        raise MessageUnreadable(error.message) from error


def decimal_of(amount: Money) -> Decimal:
    """Give an amount as messages carry it, with all digits of its currency."""
    return Decimal(amount.plain)


def sum_of(amounts: Iterator[Money], currency: Currency) -> Decimal:
    """Add up amounts of one currency, as a control sum."""
    return Decimal(Money(sum(one.minor for one in amounts), currency).plain)


def xml_moment(at: datetime) -> XmlDateTime:
    """Give an instant as messages carry it: UTC, to the second."""
    return XmlDateTime.from_datetime(at.astimezone(UTC).replace(microsecond=0))


def moment_of(at: XmlDateTime) -> datetime:
    """Take an instant of a message; one without a time zone is taken as UTC."""
    told = at.to_datetime()
    return told.astimezone(UTC) if told.tzinfo else told.replace(tzinfo=UTC)


def xml_date(text: str) -> XmlDate:
    """Give a day, `2026-01-05`, as messages carry it."""
    return XmlDate.from_string(text)
