"""Our own codes: a short word for a store, till, order, … and the two forms that it is printed in.

A *pay code* is a kind and a word that nobody can guess where guessing would matter; what stands
behind it, the operator's database knows. It is written

- as a link on the operator's origin, `https://pay.example/s/7KM2Q9ZD`, which a phone's own camera
  opens without any app; or
- inside an EMV merchant's code, as an account whose unique id is the origin's name backwards,
  `example.pay`, with field 01 the kind and 02 the word: for printers and tills of other networks.

Both mean the same, and both are read to the same `PayCode`. Words are Crockford's Base32 in
capitals (no I, L, O or U), so that a person can type what a camera cannot read.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final
from urllib.parse import SplitResult, urlsplit

from counterfoil.qr.errors import CodeUnreadable, CodeUnwritable
from counterfoil.qr.merchant import Account, MerchantCode
from counterfoil.qr.tlv import Field

ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
WORD_MIN: Final = 4
WORD_MAX: Final = 40
_WORD: Final = re.compile(f"[{ALPHABET}]{{{WORD_MIN},{WORD_MAX}}}")
_MISREAD: Final = str.maketrans("ILO", "110")
_ACCOUNT_ID: Final = "26"
_KIND, _CODE = "01", "02"
_LINK_MAX: Final = 512


class PayKind(StrEnum):
    """What a pay code stands for; the value is its place in the link."""

    STORE = "s"
    """A store's sticker: the payer enters the amount."""
    ORDER = "o"
    """One order: the amount is the order's, and it is paid once."""
    REQUEST = "r"
    """A person asks for money."""
    WALLET = "w"
    """A person's own code, to be sent money to."""
    HOLD = "h"
    """A deposit that a shop asks for: placed once."""
    AGREEMENT = "a"
    """Debits that a shop asks a person to agree to."""


@dataclass(frozen=True, slots=True)
class PayCode:
    """What is paid: its kind and its word.

    Raises:
        CodeUnwritable: the word is not of the alphabet, or not 4 to 40 characters long.

    """

    kind: PayKind
    word: str

    def __post_init__(self) -> None:
        if not _WORD.fullmatch(self.word):
            raise CodeUnwritable(
                f"{self.word!r} is no word of a pay code; it has {WORD_MIN} to {WORD_MAX} of "
                f"{ALPHABET}",
                field="word",
            )

    @property
    def short(self) -> str:
        """Its last four characters, which people compare: on the sheet and on the phone."""
        return self.word[-4:]


@dataclass(frozen=True, slots=True)
class Origin:
    """Where an operator's links lead: scheme and host, as `https://pay.example`.

    Raises:
        CodeUnwritable: it is not https (or http on this machine alone), or has a path, a name or a
            password.

    """

    url: str

    def __post_init__(self) -> None:
        parts = _split(self.url)
        host = parts.hostname if parts else None
        is_here = host in {"localhost", "127.0.0.1", "::1"}
        if (
            parts is None
            or not host
            or parts.scheme not in ({"https", "http"} if is_here else {"https"})
            or self.url != f"{parts.scheme}://{parts.netloc}".lower()
            or "@" in parts.netloc
        ):
            raise CodeUnwritable(
                f"{self.url!r} is no origin; give one such as https://pay.example, in small "
                f"letters and without a path",
                field="origin",
            )

    @property
    def unique_id(self) -> str:
        """Its name backwards, by which an EMV code names us: `example.pay`."""
        return ".".join(reversed((urlsplit(self.url).hostname or "").split(".")))

    def link(self, code: PayCode) -> str:
        """Write the link."""
        return f"{self.url}/{code.kind}/{code.word}"

    def account(self, code: PayCode) -> Account:
        """Write the account for an EMV code."""
        return Account.template(
            _ACCOUNT_ID, self.unique_id, Field(_KIND, code.kind), Field(_CODE, code.word)
        )

    def code_of_account(self, code: MerchantCode) -> PayCode | None:
        """Find ours among a merchant's code's accounts, or tell that there is none.

        Raises:
            CodeUnreadable: there is one, and its word or kind is none.

        """
        account = code.account_of(self.unique_id)
        if account is None:
            return None
        return _pay_code(account.detail(_KIND) or "", account.detail(_CODE) or "")

    def code_of_link(self, text: str) -> PayCode | None:
        """Read one of our links, or tell that a text is none.

        Host and scheme may be in capitals, and a query or fragment that a camera app added is let
        pass; another host, port or scheme is not ours.

        Raises:
            CodeUnreadable: it leads to us and means nothing.

        """
        parts = _split(text.strip("\r\n\t ")) if len(text) <= _LINK_MAX else None
        if parts is None or f"{parts.scheme}://{parts.netloc}".lower() != self.url:
            return None
        kind, slash, word = parts.path.removeprefix("/").removesuffix("/").partition("/")
        if not slash:
            raise CodeUnreadable("This address shows nothing to pay; scan the code again")
        return _pay_code(kind.lower(), word)


def read_word(text: str) -> str:
    """Read a word as somebody typed it: any case, with spaces or hyphens, I and L for 1, O for 0.

    Raises:
        CodeUnreadable: it is none.

    """
    if len(text) <= 4 * WORD_MAX:
        word = re.sub(r"[\s-]", "", text).upper().translate(_MISREAD)
        if _WORD.fullmatch(word):
            return word
    raise CodeUnreadable(
        f"{text[:WORD_MAX]!r} is no code; it has {WORD_MIN} to {WORD_MAX} of {ALPHABET}"
    )


def _pay_code(kind: str, word: str) -> PayCode:
    if kind not in set(PayKind):
        raise CodeUnreadable(f"{kind[:8]!r} is no kind of code that can be paid; scan it again")
    return PayCode(PayKind(kind), read_word(word))


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        _ = parts.port, parts.hostname
    except ValueError:  # a bracket that nobody closed, a port that is none
        return None
    return parts
