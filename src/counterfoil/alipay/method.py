"""A method: the fields it declares, and the one small function that does it."""

from collections.abc import Callable, Mapping
from concurrent.futures import Future
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any, Final, Generic, TypeVar

from counterfoil.alipay.frame import Value
from counterfoil.alipay.reading import BUSINESS
from counterfoil.alipay.refusal import Code, failed
from counterfoil.alipay.rooms import Rooms
from counterfoil.money import Currency, Money, UnknownCurrency, currency_by_code
from counterfoil.pay import Application

F = TypeVar("F")
T = TypeVar("T")

PLAIN: Final = ""
"""The codes of some families of methods have no prefix."""


@dataclass(frozen=True, slots=True)
class Call:
    """One verified request, ready to be acted on."""

    application: Application
    parameters: Mapping[str, str]
    at: datetime
    rooms: Rooms

    def get(self, name: str) -> str:
        """Read a parameter beside the content, such as notify_url; empty when it was not sent."""
        return self.parameters.get(name, "")

    def money(self, amount: Decimal, currency: str | None = None) -> Money:
        """Make money of an amount, in the currency that is named or in the usual one.

        Raises:
            Refused: there is no such currency, or it has fewer decimals.

        """
        unit = self.currency(currency)
        minor = amount.scaleb(unit.exponent)
        if minor != minor.to_integral_value():
            raise failed("ACQ.INVALID_PARAMETER", f"An amount in {unit.code} has fewer decimals.")
        return Money(int(minor), unit)

    def currency(self, code: str | None) -> Currency:
        """Read a currency's code; the usual one when none is given.

        Raises:
            Refused: there is no such currency.

        """
        if not code:
            return self.rooms.currency
        try:
            return currency_by_code(code)
        except UnknownCurrency:
            raise failed("ACQ.CURRENCY_NOT_SUPPORT", "There is no such currency.") from None


@dataclass(frozen=True, slots=True)
class Answer:
    """What a method answers: fields of its node. What is None is left out."""

    fields: Mapping[str, Value | None]
    code: Code = Code.SUCCESS


@dataclass(frozen=True, slots=True)
class Page:
    """The answer to a browser: where it goes on."""

    location: str


@dataclass(frozen=True, slots=True)
class Later(Generic[T]):
    """An answer that is made of what a commit gives, once it is durable."""

    change: Future[T]
    answer: Callable[[T], Answer | Page]


@dataclass(frozen=True, slots=True)
class Method(Generic[F]):
    """One method of the merchant API."""

    fields: type[F]
    run: Callable[[Call, F], Answer | Page | Later[Any]]
    prefix: str = BUSINESS
    """What stands before the codes of its family."""
    is_page: bool = False
    """A browser asks, and is answered with a page also when it is refused."""
    has_content: bool = True
    """Whether its fields stand in biz_content; else they are parameters of their own."""


def shown(money: Money) -> str:
    """Write an amount with two decimals at least.

    >>> shown(Money.of("12.5", "EUR")), shown(Money.of("12", "JPY"))
    ('12.50', '12.00')
    """
    text = money.plain
    return text if money.currency.exponent >= 2 else f"{Decimal(text):.2f}"
