"""Phone numbers and e-mail addresses in one form each, so that nobody registers twice.

A phone number is kept as E.164 (`+33639981234`), which phonenumbers, a port of the library that
Android uses, derives from what people type. A number of a length that its country does not use is
refused; whether it has been given out is not asked, because new ranges come before new tables. An
address keeps its spelling except that its domain is lower case; it is compared without regard to
case, because no provider in use tells `Ann@` from `ann@`.
"""

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum

from counterfoil.kernel.i18n import _
from counterfoil.people.errors import ContactInvalid

# RFC 5321 §4.5.3.1: 64 octets before the @, 255 after it, 254 in all (erratum 1690).
_ADDRESS = re.compile(r"[^\s@<>,;:\"()\[\]\\]{1,64}@([^\s@.]{1,63}\.)+[^\s@.]{2,63}")
_ADDRESS_LENGTH_MAX = 254


class ContactKind(StrEnum):
    """How a person is reached."""

    PHONE = "phone"
    EMAIL = "email"


@dataclass(frozen=True, slots=True)
class Contact:
    """A phone number in E.164, or an e-mail address; make it with `parse_contact`."""

    kind: ContactKind
    value: str

    @property
    def key(self) -> str:
        """What is compared: equal for two spellings of one contact."""
        return f"{self.kind}:{self.value.casefold()}"


def parse_contact(text: str, region: str | None = None) -> Contact:
    """Read a phone number or an e-mail address as a person types it.

    `region` is the two-letter country whose national numbers are understood; without it a phone
    number starts with + and its country's code.

    Raises:
        ContactInvalid: it is neither.

    """
    text = unicodedata.normalize("NFKC", text).strip()
    return _email(text) if "@" in text else _phone(text, region)


def _email(text: str) -> Contact:
    if len(text.encode()) > _ADDRESS_LENGTH_MAX or not _ADDRESS.fullmatch(text):
        raise ContactInvalid(
            _("This is no e-mail address. Give one such as ann@example.org."), kind="email"
        )
    local, _at, domain = text.rpartition("@")
    return Contact(ContactKind.EMAIL, f"{local}@{domain.lower()}")


def _phone(text: str, region: str | None) -> Contact:
    # Its metadata takes a tenth of a second to load, and not every command needs it.
    import phonenumbers

    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        # The number is not repeated: messages end up in logs.
        raise ContactInvalid(
            _(
                "This is no phone number. Give it with its country's code, such as +33 6 39 98 12 34."
            ),
            kind="phone",
        )
    return Contact(
        ContactKind.PHONE,
        phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164),
    )
