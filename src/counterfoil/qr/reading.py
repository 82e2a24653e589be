"""Read merchants' codes of any network; every deviation from the standard is told by its name.

`inspect_merchant_code` tells all there is to tell, for people who look into codes.
`read_merchant_code` is for paying: it gives a code only where no deviation puts money at risk.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from counterfoil.money import Currency, Money, MoneyError, currency_by_numeric
from counterfoil.qr.crc import checksum
from counterfoil.qr.deviation import Deviation, Found, grave
from counterfoil.qr.errors import CodeUnreadable, CodeUnsafe
from counterfoil.qr.form import ACCOUNT, ADDITIONAL, COMMON, LOCAL, ROOT, TEXT_MAX, UNIQUE_ID, Form
from counterfoil.qr.merchant import (
    TEMPLATE_ACCOUNTS,
    Account,
    AdditionalData,
    Initiation,
    LocalName,
    MerchantCode,
    Tip,
    TipKind,
)
from counterfoil.qr.tlv import Field, has_no_control, read_fields

_BEGINNING: Final = "0002"
"""Every merchant's code begins with its format, two digits long."""
_CHECKSUM: Final = "63"
ACCOUNTS: Final = range(2, 52)
OTHERS: Final = range(65, 100)
_UNRESERVED: Final = range(80, 100)


@dataclass(frozen=True, slots=True)
class Inspection:
    """All that a merchant's code says, and what is wrong with it."""

    fields: tuple[Field, ...]
    """As they stand, in their order."""
    deviations: tuple[Found, ...]
    code: MerchantCode | None
    """What it means; None where a grave deviation leaves no currency to count in."""

    @property
    def is_safe(self) -> bool:
        """Whether it may be paid."""
        return not grave(self.deviations)


def is_merchant_code(text: str) -> bool:
    """Tell whether a text begins as every merchant's code does."""
    return text.startswith(_BEGINNING)


def read_merchant_code(text: str) -> MerchantCode:
    """Read a code that is to be paid.

    Raises:
        CodeUnreadable: the text is no merchant's code, or it breaks off.
        CodeUnsafe: a deviation puts money at risk.

    """
    inspected = inspect_merchant_code(text)
    if inspected.code is None or not inspected.is_safe:
        names = ", ".join(map(str, grave(inspected.deviations)))
        raise CodeUnsafe(
            f"The code is not safe to pay: {names}; ask the merchant for another one",
            deviations=tuple(str(found) for found in inspected.deviations),
        )
    return inspected.code


def inspect_merchant_code(text: str) -> Inspection:
    """Read a code and list every deviation.

    Raises:
        CodeUnreadable: the text is no merchant's code, or it breaks off.

    """
    text = text.strip("\r\n\t ")
    if not is_merchant_code(text) or len(text) > TEXT_MAX:
        raise CodeUnreadable(
            f"A merchant's code begins with {_BEGINNING} and has at most {TEXT_MAX} characters; "
            f"this text begins with {text[:12]!r} and has {len(text)}",
            length=len(text),
        )
    fields, found = _read_counted(text)
    return _Reading(text, fields, found).inspect()


def _read_counted(text: str) -> tuple[tuple[Field, ...], list[Found]]:
    """Read the outer fields, by characters or, where only that gives a whole code, by bytes."""
    try:
        return read_fields(text), []
    except CodeUnreadable:
        try:
            fields = read_fields(text, counts_bytes=True)
        except (CodeUnreadable, UnicodeEncodeError):
            fields = ()
        # The checksum is what tells a code that counts bytes from one that is damaged.
        if not fields or fields[-1].id != _CHECKSUM or _checksum_of(text) != fields[-1].value:
            raise
        return fields, [Found(Deviation.COUNTS_BYTES)]


def _checksum_of(text: str) -> str:
    try:
        return checksum(text[:-4])
    except UnicodeEncodeError:  # a lone surrogate, which no bytes stand for
        return ""


class _Reading:
    """One code being read: what was found so far."""

    def __init__(self, text: str, fields: tuple[Field, ...], found: list[Found]) -> None:
        self._text = text
        self._fields = fields
        self._found = found
        self._counts_bytes = bool(found)
        self._values = {field.id: field.value for field in reversed(fields)}

    def inspect(self) -> Inspection:
        self._check_whole()
        self._check_forms(self._fields, ROOT, "")
        currency = self._currency()
        code = None if currency is None else self._code(currency)
        return Inspection(self._fields, tuple(dict.fromkeys(self._found)), code)

    def _tell(self, deviation: Deviation, where: str = "") -> None:
        self._found.append(Found(deviation, where))

    def _check_whole(self) -> None:
        if self._values["00"] != "01":
            self._tell(Deviation.FORMAT, "00")
        if not all(map(has_no_control, self._text)):
            self._tell(Deviation.CONTROL_CHARACTER)
        self._check_twice(self._fields, "")
        given = self._values.get(_CHECKSUM)
        if given is None:
            self._tell(Deviation.CHECKSUM_MISSING, _CHECKSUM)
        elif self._fields[-1].id != _CHECKSUM:
            self._tell(Deviation.CHECKSUM_NOT_LAST, _CHECKSUM)
        elif given.upper() != _checksum_of(self._text):
            self._tell(Deviation.CHECKSUM_WRONG, _CHECKSUM)
        elif given != given.upper():
            self._tell(Deviation.CHECKSUM_SMALL_LETTERS, _CHECKSUM)

    def _check_twice(self, fields: Iterable[Field], where: str) -> None:
        for id, count in Counter(field.id for field in fields).items():  # noqa: A001
            if count > 1:
                self._tell(Deviation.TWICE, f"{where}{id}")

    def _check_forms(
        self, fields: tuple[Field, ...], forms: Mapping[str, Form], where: str
    ) -> None:
        there = {field.id for field in fields}
        for id, form in forms.items():  # noqa: A001
            if form.is_demanded and id not in there:
                self._tell(Deviation.MISSING, f"{where}{id}")
        for field in fields:
            if not field.value:
                self._tell(Deviation.EMPTY, f"{where}{field.id}")
            elif field.id in forms:
                self._check_form(field.value, forms[field.id], f"{where}{field.id}")

    def _check_form(self, value: str, form: Form, where: str) -> None:
        if len(value) > form.length_max:
            self._tell(Deviation.TOO_LONG, where)
        if not form.has_characters(value):
            is_name = form.pattern is COMMON and all(map(has_no_control, value))
            self._tell(Deviation.SCRIPT if is_name else Deviation.MALFORMED, where)
        elif len(value) < form.length_min:
            self._tell(Deviation.MALFORMED, where)

    def _currency(self) -> Currency | None:
        given = self._values.get("53")
        if not given:
            self._tell(Deviation.CURRENCY_MISSING, "53")
        elif ROOT["53"].has_length(given) and ROOT["53"].has_characters(given):
            try:
                return currency_by_numeric(int(given))
            except MoneyError:
                self._tell(Deviation.CURRENCY_UNKNOWN, "53")
        else:
            self._tell(Deviation.CURRENCY_UNKNOWN, "53")
        return None

    def _code(self, currency: Currency) -> MerchantCode:
        initiation = self._values.get("01")
        return MerchantCode(
            accounts=self._accounts(),
            currency=currency,
            amount=self._amount("54", currency),
            initiation=Initiation(initiation) if initiation in set(Initiation) else None,
            tip=self._tip(currency),
            category=self._values.get("52") or None,
            country=self._values.get("58") or None,
            name=self._values.get("59") or None,
            city=self._values.get("60") or None,
            postal_code=self._values.get("61") or None,
            additional=self._additional(),
            local_name=self._local_name(),
            others=self._others(),
        )

    def _accounts(self) -> tuple[Account, ...]:
        accounts = tuple(
            Account(field.id, field.value)
            for field in self._fields
            if int(field.id) in ACCOUNTS and field.value
        )
        if not accounts:
            self._tell(Deviation.NO_ACCOUNT)
        for account in accounts:
            self._check_form(account.value, ACCOUNT, account.id)
            if int(account.id) in TEMPLATE_ACCOUNTS:
                inside = self._inside(account.id, Deviation.ACCOUNT_BROKEN)
                if inside:
                    self._check_forms(inside, {"00": UNIQUE_ID}, f"{account.id}.")
                    if inside[0].id != "00":
                        self._tell(Deviation.MISSING, f"{account.id}.00")
        return accounts

    def _amount(self, id: str, currency: Currency) -> Money | None:  # noqa: A002
        text = self._values.get(id)
        if not text:
            return None
        if not (ROOT[id].has_length(text) and ROOT[id].has_characters(text)):
            self._tell(Deviation.AMOUNT_UNREADABLE, id)
            return None
        whole, _point, decimals = text.partition(".")
        if rest := decimals[currency.exponent :]:
            if rest.strip("0"):
                self._tell(Deviation.AMOUNT_TOO_PRECISE, id)
                return None
            self._tell(Deviation.AMOUNT_EXTRA_ZEROS, id)
        kept = decimals[: currency.exponent]
        amount = Money.of(f"{whole}.{kept}" if kept else whole, currency)
        if not amount.minor:
            self._tell(Deviation.AMOUNT_ZERO, id)
            return None
        return amount

    def _tip(self, currency: Currency) -> Tip | None:
        kind, there = self._values.get("55"), self._values.keys() & {"56", "57"}
        if kind is None and not there:
            return None
        if kind == TipKind.ASK and not there:
            return Tip(TipKind.ASK)
        if kind == TipKind.FIXED and there == {"56"} and (fixed := self._amount("56", currency)):
            return Tip(TipKind.FIXED, fixed=fixed)
        if kind == TipKind.PERCENTAGE and there == {"57"} and (share := self._hundredths()):
            return Tip(TipKind.PERCENTAGE, hundredths=share)
        self._tell(Deviation.TIP_UNREADABLE, "55")
        return None

    def _hundredths(self) -> int | None:
        text = self._values["57"]
        if not (ROOT["57"].has_length(text) and ROOT["57"].has_characters(text)):
            return None
        whole, _point, decimals = text.partition(".")
        return int(whole) * 100 + int(decimals.ljust(2, "0"))

    def _additional(self) -> AdditionalData | None:
        if "62" not in self._values:
            return None
        inside = self._inside("62", Deviation.TEMPLATE_BROKEN)
        self._check_forms(inside, ADDITIONAL, "62.")
        return AdditionalData.of_fields(inside)

    def _local_name(self) -> LocalName | None:
        if "64" not in self._values:
            return None
        inside = self._inside("64", Deviation.TEMPLATE_BROKEN)
        self._check_forms(inside, LOCAL, "64.")
        values = {field.id: field.value for field in reversed(inside)}
        if not (values.get("00") and values.get("01")):
            return None
        others = tuple(field for field in inside if field.id not in LOCAL)
        return LocalName(values["00"], values["01"], values.get("02") or None, others)

    def _others(self) -> tuple[Field, ...]:
        others = tuple(field for field in self._fields if int(field.id) in OTHERS)
        for field in others:
            if int(field.id) in _UNRESERVED:
                self._inside(field.id, Deviation.TEMPLATE_BROKEN)
            else:
                self._tell(Deviation.RESERVED, field.id)
        return others

    def _inside(self, id: str, broken: Deviation) -> tuple[Field, ...]:  # noqa: A002
        """Read the fields of a template; where it breaks off, tell it and give none."""
        try:
            inside = read_fields(self._values[id], counts_bytes=self._counts_bytes)
        except CodeUnreadable:
            self._tell(broken, id)
            return ()
        self._check_twice(inside, f"{id}.")
        return inside
