"""What a server needs before the first person comes: the wallet's purpose running, a currency offered.

What the operator has decided already stays as it is.
"""

from datetime import timedelta
from typing import Final
from urllib.parse import urlsplit

from counterfoil.bootstrap import Site
from counterfoil.consent import Operator, Purpose, PurposeNotStarted
from counterfoil.kernel.ids import new_id
from counterfoil.money import Currency, Money, currency_by_code
from counterfoil.qr import Origin
from counterfoil.wallet import Limits, Terms

_ASSESSMENT: Final = (
    "Started by `counterfoil serve` with its defaults. Legal and necessary: the wallet's contract. "
    "Data: name, one contact, payments. Risks: loss and misuse; names and contacts are sealed with a "
    "key for each person, every look is on record. The operator replaces this by its own assessment."
)


def prepare(site: Site, origin: Origin, currency: str) -> None:
    """Start the wallet's purpose and offer a currency, where that has not been done."""
    operator = Operator(urlsplit(origin.url).hostname or "Counterfoil", origin.url)
    start(site, operator, Purpose.RUN_WALLET)
    if not site.wallets.offered():
        site.wallets.offer(usual_terms(currency_by_code(currency)))


def start(site: Site, operator: Operator, purpose: Purpose) -> None:
    """Let a purpose run, with the assessment above where there is none."""
    try:
        site.consent.purposes.running_version(purpose)
    except PurposeNotStarted:
        site.consent.purposes.assess(new_id(), purpose, by="counterfoil serve", text=_ASSESSMENT)
        site.consent.purposes.start(purpose, operator)


def usual_terms(currency: Currency) -> Terms:
    """Make the terms of a first currency: 1,000 a day and 5,000 a month, at most ten times that."""

    def limits(times: int) -> Limits:
        unit = 10**currency.exponent * times
        return Limits(Money(1_000 * unit, currency), Money(5_000 * unit, currency))

    return Terms(default=limits(1), ceiling=limits(10), raise_delay=timedelta(hours=24))
