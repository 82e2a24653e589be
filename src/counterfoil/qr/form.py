"""The form of each field of a merchant's code: how long, of which characters, demanded or not.

Written once, so that writing and reading cannot differ. Lengths are EMVCo MPM's, tables of §4;
where public implementations differ the longer one is taken.
"""

import re
from dataclasses import dataclass
from typing import Final

DIGITS: Final = r"[0-9]+"
COMMON: Final = r"[ -~]+"
"""The common character set: what every reader in the world can show."""
ANY: Final = r"(?s:.)+"


@dataclass(frozen=True, slots=True)
class Form:
    """At least and at most so many characters of one kind."""

    length_min: int
    length_max: int
    pattern: str = COMMON
    is_demanded: bool = False

    def has_length(self, value: str) -> bool:
        """Tell whether a value is as long as it may be."""
        return self.length_min <= len(value) <= self.length_max

    def has_characters(self, value: str) -> bool:
        """Tell whether a value is made of the right characters."""
        return re.fullmatch(self.pattern, value) is not None


ROOT: Final = {
    "00": Form(2, 2, DIGITS, is_demanded=True),
    "01": Form(2, 2, "11|12"),
    "52": Form(4, 4, DIGITS, is_demanded=True),
    "53": Form(3, 3, DIGITS, is_demanded=True),
    "54": Form(1, 13, r"[0-9]+(\.[0-9]+)?"),
    "55": Form(2, 2, "01|02|03"),
    "56": Form(1, 13, r"[0-9]+(\.[0-9]+)?"),
    "57": Form(1, 5, r"[0-9]{1,2}(\.[0-9]{1,2})?"),
    "58": Form(2, 2, "[A-Z]+", is_demanded=True),
    "59": Form(1, 25, is_demanded=True),
    "60": Form(1, 15, is_demanded=True),
    "61": Form(1, 10),
}
ACCOUNT: Final = Form(1, 99)
ADDITIONAL: Final = {
    **{f"{place:02}": Form(1, 25) for place in range(1, 9)},
    "09": Form(1, 3, "A?M?E?|[AME]{1,3}"),
    "10": Form(1, 20),
    "11": Form(3, 3),
}
LOCAL: Final = {
    "00": Form(2, 2, "[A-Za-z]+", is_demanded=True),
    "01": Form(1, 25, ANY, is_demanded=True),
    "02": Form(1, 15, ANY),
}
UNIQUE_ID: Final = Form(1, 32)

TEXT_MAX: Final = 4296
"""No QR symbol holds a longer text that is not digits alone; nothing longer is looked at."""
