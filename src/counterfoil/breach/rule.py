"""Compensation by a rule that is written down before anybody is named: a small file with a version.

    version = "2026-1"
    currency = "EUR"
    cap = "250.00"
    [factors]        # by severity
    low = 1
    [amounts]        # by category of data
    contact = "5.00"

A person gets the sum of the amounts of what leaked of theirs, times the factor of the case's severity,
and no more than the cap. Whoever has the file and the letter can count it.
"""

import hashlib
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Final

from counterfoil.breach.errors import RuleUnreadable
from counterfoil.breach.model import Severity
from counterfoil.consent import Category
from counterfoil.consent.category import category_by_code, each
from counterfoil.kernel.i18n import _
from counterfoil.money import Currency, Money, MoneyError, currency_by_code

_KEYS: Final = {"version", "currency", "cap", "factors", "amounts"}
_FACTOR_MAX: Final = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """A rule of compensation."""

    version: str
    currency: Currency
    cap: Money
    factors: Mapping[Severity, int]
    amounts: Mapping[Category, Money]
    digest: bytes
    """SHA-256 of the file."""

    def amount(self, categories: Category, severity: Severity) -> Money:
        """Compute what a person gets."""
        total = Money.zero(self.currency)
        for one in each(categories):
            total += self.amounts[one]
        due = total * self.factors[severity]
        return min(due, self.cap)

    def lines(self, categories: Category, severity: Severity) -> list[str]:
        """Write down how the amount comes about, a line a step."""
        steps = [f"{one.code} {self.amounts[one].plain}" for one in each(categories)]
        return [*steps, f"× {self.factors[severity]} ({severity})", f"≤ {self.cap.plain}"]


def default_rule() -> Rule:
    """Read the rule that comes along."""
    return read_rule(files("counterfoil.breach").joinpath("compensation.toml").read_text("utf-8"))


def read_rule(text: str) -> Rule:
    """Read a rule from TOML.

    Raises:
        RuleUnreadable: it is not one; the message says what is wrong.

    """
    try:
        parts = tomllib.loads(text)
        if parts.keys() != _KEYS:
            raise _unreadable(_("it has the keys {keys}", keys=", ".join(sorted(_KEYS))))
        currency = currency_by_code(parts["currency"])
        cap = Money.of(parts["cap"], currency)
        factors = {Severity(name): factor for name, factor in parts["factors"].items()}
        amounts = {
            category_by_code(name): Money.of(amount, currency)
            for name, amount in parts["amounts"].items()
        }
    except (tomllib.TOMLDecodeError, MoneyError, ValueError, TypeError, AttributeError) as error:
        raise _unreadable(str(error)) from error
    except KeyError as error:
        raise _unreadable(_("there is no {name}", name=error)) from error
    if set(factors) != set(Severity) or set(amounts) != set(Category):
        raise _unreadable(_("it names each severity and each category of data"))
    for factor in factors.values():
        if type(factor) is not int or not 0 <= factor <= _FACTOR_MAX:
            raise _unreadable(_("a factor is a whole number up to {most}", most=_FACTOR_MAX))
    if min([cap, *amounts.values()]) < Money.zero(currency):
        raise _unreadable(_("an amount is not below zero"))
    return Rule(
        version=str(parts["version"]), currency=currency, cap=cap, factors=factors,
        amounts=amounts, digest=hashlib.sha256(text.encode()).digest(),
    )  # fmt: skip


def _unreadable(reason: str) -> RuleUnreadable:
    return RuleUnreadable(_("This is no rule of compensation: {reason}.", reason=reason))
