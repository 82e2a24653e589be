"""What kinds of data there are about a person: a closed list, each one bit.

Sensitive are the kinds whose leak harms most. PIPL 28 names financial accounts; the identity
document and the score are our own addition.
"""

from collections.abc import Iterator
from enum import IntFlag
from typing import Final

from counterfoil.kernel.i18n import Message, lazy


class Category(IntFlag):
    """A kind of personal data. The bits are stored; they never change their meaning."""

    CONTACT = 1 << 0
    NAME = 1 << 1
    BIRTH_DATE = 1 << 2
    IDENTITY_DOCUMENT = 1 << 3
    BANK_CARD = 1 << 4
    PAYMENTS = 1 << 5
    SCORE = 1 << 6
    EVIDENCE = 1 << 7
    """What others have confirmed of them for their score: income, job, who vouches for them."""

    @property
    def code(self) -> str:
        """The stable name of a single category, such as `bank-card`."""
        return (self.name or "").lower().replace("_", "-")


NOTHING: Final = Category(0)
SENSITIVE: Final = (
    Category.IDENTITY_DOCUMENT | Category.BANK_CARD | Category.PAYMENTS | Category.SCORE
    | Category.EVIDENCE
)  # fmt: skip

WORDS: Final[dict[Category, Message]] = {
    Category.CONTACT: lazy("phone number or e-mail address"),
    Category.NAME: lazy("name"),
    Category.BIRTH_DATE: lazy("birth date"),
    Category.IDENTITY_DOCUMENT: lazy("identity document"),
    Category.BANK_CARD: lazy("bank card"),
    Category.PAYMENTS: lazy("payments and balances"),
    Category.SCORE: lazy("score"),
    Category.EVIDENCE: lazy("what others confirm of you for your score"),
}


def each(categories: Category) -> Iterator[Category]:
    """Yield the single categories of a set, in the order of their bits."""
    return (one for one in Category if one & categories)


def codes(categories: Category) -> list[str]:
    """Name the categories of a set as records and programs do."""
    return [one.code for one in each(categories)]


def category_by_code(code: str) -> Category:
    """Find the category with a stable name.

    Raises:
        KeyError: there is none.

    """
    return {one.code: one for one in Category}[code]


def in_words(categories: Category) -> str:
    """Name the categories of a set as a person does, in the current language."""
    return ", ".join(str(WORDS[one]) for one in each(categories)) or "—"
