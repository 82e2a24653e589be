"""Write merchants' codes; strictly, because others must be able to read what we print.

What is written is read back before it is handed out, and must say the same without one deviation.
"""

from typing import Final

from counterfoil.money import Money
from counterfoil.qr.crc import checksum
from counterfoil.qr.errors import CodeUnwritable
from counterfoil.qr.merchant import MerchantCode, Tip
from counterfoil.qr.reading import ACCOUNTS, OTHERS, inspect_merchant_code
from counterfoil.qr.tlv import Field, has_no_control, write_fields

FORMAT: Final = "01"
CHECKSUM_HEAD: Final = "6304"


def write_merchant_code(code: MerchantCode) -> str:
    """Write a code as its text, fields by rising ID and the checksum last.

    Accounts stay in their order, which is the merchant's preference, and so do fields from 65 on.

    Raises:
        CodeUnwritable: a value is missing, too long, of the wrong characters, not above zero, or
            stands there twice; or an account breaks off inside. The facts are `field` or
            `deviations`.

    """
    text = write_fields(sorted(_fields(code), key=_place)) + CHECKSUM_HEAD
    text += checksum(text)
    inspected = inspect_merchant_code(text)
    if inspected.deviations or inspected.code != code:
        names = ", ".join(map(str, inspected.deviations)) or "it would be read differently"
        raise CodeUnwritable(
            f"The code cannot be written so: {names}; see the form of each field in EMVCo MPM",
            deviations=tuple(str(found) for found in inspected.deviations),
        )
    return text


def common_text(text: str, length_max: int) -> str:
    """Write a name in the common character set: accents dropped, other scripts left out.

    It is empty where nothing is left, as for 北京; the name itself goes into the template 64.
    """
    import unicodedata

    plain = unicodedata.normalize("NFKD", text)
    kept = "".join(letter for letter in plain if " " <= letter <= "~")
    return " ".join(kept.split())[:length_max].rstrip()


def shown_text(text: str, length_max: int) -> str:
    """Cut a name to a length, without invisible characters and without half a letter at the end."""
    import unicodedata

    plain = unicodedata.normalize("NFC", "".join(filter(has_no_control, text)))
    return plain[:length_max].rstrip()


def _place(field: Field) -> int:
    number = int(field.id)
    return ACCOUNTS.start if number in ACCOUNTS else min(number, OTHERS.start)


def _fields(code: MerchantCode) -> list[Field]:
    values = {
        "01": code.initiation,
        "52": code.category,
        "53": f"{code.currency.numeric:03}",
        "54": None if code.amount is None else _amount(code.amount, code),
        "58": code.country,
        "59": code.name,
        "60": code.city,
        "61": code.postal_code,
    }
    fields = [Field("00", FORMAT)]
    fields += [Field(place, str(value)) for place, value in values.items() if value is not None]
    fields += [Field(account.id, account.value) for account in code.accounts]
    if code.tip:
        fields += _tip(code.tip, code)
    if code.additional is not None:
        fields.append(Field("62", write_fields(code.additional.as_fields())))
    if local := code.local_name:
        inside = [Field("00", local.language), Field("01", local.name)]
        inside += [Field("02", local.city)] if local.city is not None else []
        fields.append(Field("64", write_fields((*inside, *local.others))))
    return [*fields, *code.others]


def _amount(amount: Money, code: MerchantCode) -> str:
    if amount.currency != code.currency:
        raise CodeUnwritable(
            f"The code is in {code.currency} and the amount is {amount}; give both in one currency",
            field="54",
        )
    return amount.plain


def _tip(tip: Tip, code: MerchantCode) -> list[Field]:
    fields = [Field("55", str(tip.kind))]
    if tip.fixed is not None:
        fields.append(Field("56", _amount(tip.fixed, code)))
    if tip.hundredths is not None:
        fields.append(Field("57", f"{tip.hundredths // 100:02}.{tip.hundredths % 100:02}"))
    return fields
