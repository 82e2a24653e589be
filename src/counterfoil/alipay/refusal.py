"""How the gateway says no: a code, a sub-code and a sentence, in the merchant API's own words.

The sentences are for a merchant's developer and say what to do. They are the same whoever asks and
whatever the payer has in the wallet: nothing of a person, and nothing of why a signature failed.
They stay in English, as the codes do, because a request names no language.
"""

from enum import Enum
from typing import Final

from counterfoil.kernel.errors import CounterfoilError


class Code(Enum):
    """The first of the two codes of an answer, with the words that go with it."""

    SUCCESS = ("10000", "Success")
    IN_PROCESS = ("10003", "order success pay inprocess")
    UNAVAILABLE = ("20000", "Service Currently Unavailable")
    TOKEN_INSUFFICIENT = ("20001", "Insufficient Token Permissions")
    MISSING = ("40001", "Missing Required Arguments")
    INVALID = ("40002", "Invalid Arguments")
    CONDITIONS = ("40003", "Insufficient Conditions")
    BUSINESS = ("40004", "Business Failed")
    LIMITED = ("40005", "Call Limited")
    PERMISSIONS = ("40006", "Insufficient Permissions")

    @property
    def number(self) -> str:
        """The code, such as 40004."""
        return self.value[0]

    @property
    def words(self) -> str:
        """What the code is called."""
        return self.value[1]


class Refused(CounterfoilError):
    """A request that the gateway answers with a failure; nothing was changed by it."""

    code = "alipay.refused"

    def __init__(self, kind: Code, sub_code: str, sub_msg: str) -> None:
        super().__init__(sub_msg, sub_code=sub_code)
        self.kind = kind
        self.sub_code = sub_code


MISSING_SUB_CODES: Final = {
    "method": "isv.missing-method",
    "app_id": "isv.missing-app-id",
    "sign": "isv.missing-signature",
    "sign_type": "isv.missing-signature-type",
    "timestamp": "isv.missing-timestamp",
    "version": "isv.missing-version",
}


def missing(name: str) -> Refused:
    """Refuse a request that lacks a common parameter."""
    return Refused(Code.MISSING, MISSING_SUB_CODES[name], f"The parameter {name} is missing.")


def invalid(sub_code: str, why: str) -> Refused:
    """Refuse a request whose form is wrong; `sub_code` is without its prefix."""
    return Refused(Code.INVALID, f"isv.{sub_code}", why)


def failed(sub_code: str, why: str) -> Refused:
    """Refuse a request that is well formed, for a reason of business."""
    return Refused(Code.BUSINESS, sub_code, why)


def bad_signature() -> Refused:
    """Refuse a signature, in the same words whatever is wrong with it."""
    return invalid(
        "invalid-signature",
        "The signature does not match. Check the private key, the charset and what is signed.",
    )
