"""A file of stores: one line a store, as a spreadsheet writes it; every fault named by its line.

    merchant,merchant_name,number,name,category,country,city
    PH-1,National Pharmacy,0001,Rue de Rivoli,5912,FR,Paris

`merchant` is the operator's own number for it and `number` the merchant's for its store; the last
three may be left out. Commas, semicolons or tabs; UTF-8, or GB 18030 as Chinese spreadsheets write.
What is wrong with a line is said, and the others are read.
"""

import csv
import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.kernel.ids import derive_id
from counterfoil.pay import opening
from counterfoil.pay.errors import PayError, RequestInvalid
from counterfoil.pay.merchant import (
    FeeTerms,
    MerchantId,
    NewMerchant,
    NewStore,
    NewTill,
    Place,
    StoreId,
    TillId,
)

REQUIRED: Final = ("merchant", "merchant_name", "number", "name")
OPTIONAL: Final = ("category", "country", "city")
BYTES_MAX: Final = 64 * 1024 * 1024
TILL_NUMBER: Final = "1"
_ENCODINGS: Final = ("utf-8-sig", "gb18030")
_EPOCH_US: Final = 0


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with a line."""

    line: int
    said: str


@dataclass(frozen=True, slots=True)
class StoreLine:
    """One store, as a line of the file has it."""

    line: int
    merchant: NewMerchant
    store: NewStore
    till: NewTill


@dataclass(slots=True)
class StoreFile:
    """A file that was read: its stores, and the lines that are none."""

    lines: list[StoreLine] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


def read_store_file(data: bytes, terms: FeeTerms) -> StoreFile:
    """Read a file; new merchants get `terms`.

    Raises:
        RequestInvalid: it is larger than is read, or its first line does not name the columns.

    """
    if len(data) > BYTES_MAX:
        raise RequestInvalid(
            _("The file has more than {most} bytes. Split it.", most=BYTES_MAX), field="file"
        )
    rows = _rows(_decoded(data))
    header = [one.strip().lower() for one in next(rows, (1, []))[1]]
    missing = [one for one in REQUIRED if one not in header]
    if missing:
        raise RequestInvalid(
            _("The file's first line does not name {missing}. It names the columns: {columns}.",
              missing=", ".join(missing), columns=", ".join((*REQUIRED, *OPTIONAL))),
            field="file",
        )  # fmt: skip
    read = StoreFile()
    seen: dict[tuple[str, str], int] = {}
    names: dict[str, str] = {}
    for number, values in rows:
        if not any(value.strip() for value in values):
            continue
        try:
            read.lines.append(_line(number, header, values, terms, seen, names))
        except PayError as error:
            read.faults.append(Fault(number, error.message))
    return read


def _decoded(data: bytes) -> str:
    for encoding in _ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise RequestInvalid(
        _("The file is neither UTF-8 nor GB 18030. Save it as CSV in UTF-8."), field="file"
    )


def _rows(text: str) -> Iterator[tuple[int, Sequence[str]]]:
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text.replace("\0", "\ufffd")), delimiter=delimiter)
    while True:
        number = reader.line_num + 1
        try:
            values = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise RequestInvalid(
                _("Line {line} is no line of CSV: {what}.", line=number, what=str(error)),
                field="file",
            ) from error
        yield number, values


def _line(
    number: int,
    header: Sequence[str],
    values: Sequence[str],
    terms: FeeTerms,
    seen: dict[tuple[str, str], int],
    names: dict[str, str],
) -> StoreLine:
    if len(values) != len(header):
        raise RequestInvalid(
            _("It has {count} values, and the first line names {expected} columns.",
              count=len(values), expected=len(header))
        )  # fmt: skip
    given = {name: value.strip() for name, value in zip(header, values, strict=True)}
    for name in REQUIRED:
        if not given[name]:
            raise RequestInvalid(_("It has no {column}.", column=name), field=name)
    key = (given["merchant"], given["number"])
    if key in seen:
        raise RequestInvalid(
            _("Store {number} of {merchant} stands in line {line} already.",
              number=key[1], merchant=key[0], line=seen[key])
        )  # fmt: skip
    if names.setdefault(given["merchant"], given["merchant_name"]) != given["merchant_name"]:
        raise RequestInvalid(
            _("Merchant {merchant} has another name in a line before.", merchant=given["merchant"])
        )
    place = Place(
        category=given.get("category") or "0000",
        country=given.get("country") or "XX",
        city=given.get("city", ""),
    )
    line = _opened(number, given, place, terms)
    seen[key] = number
    return line


def _opened(number: int, given: dict[str, str], place: Place, terms: FeeTerms) -> StoreLine:
    merchant = MerchantId(derive_id("merchant", given["merchant"], at_us=_EPOCH_US))
    store = StoreId(derive_id("store", merchant, given["number"], at_us=_EPOCH_US))
    till = TillId(derive_id("till", store, TILL_NUMBER, at_us=_EPOCH_US))
    line = StoreLine(
        number,
        NewMerchant(
            id=merchant, name=given["merchant_name"], place=place, terms=terms,
            reference=given["merchant"],
        ),
        NewStore(
            id=store, merchant=merchant, number=given["number"], name=given["name"], place=place
        ),
        NewTill(id=till, store=store, merchant=merchant, number=TILL_NUMBER),
    )  # fmt: skip
    opening.check_merchant(line.merchant)
    opening.check_store(line.store)
    opening.check_till(line.till)
    return line
