"""What the operator has decided for all merchants: read once, kept, and written as one value each."""

import json
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final

from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.kernel.i18n import _
from counterfoil.money import Rounding
from counterfoil.pay.errors import RequestInvalid
from counterfoil.pay.quote import MARGIN_MAX_BP, ExchangeTerms
from counterfoil.people.records import canonical

REFUND_PERIOD: Final = timedelta(days=365)
_NAME: Final = "terms"
FINISHED_THROUGH: Final = "finished-through"
"""The number of the latest event whose order has been looked at to be finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorTerms:
    """How long orders can be refunded, and how money is exchanged."""

    refund_period: timedelta = REFUND_PERIOD
    exchange: ExchangeTerms = field(default_factory=ExchangeTerms)


def read_terms(database: Database) -> OperatorTerms:
    """Read the operator's terms; what was never decided is as usual."""
    text = setting(database, _NAME)
    if text is None:
        return OperatorTerms()
    value = json.loads(text)
    return OperatorTerms(
        refund_period=timedelta(seconds=value["refund_period_s"]),
        exchange=ExchangeTerms(
            margin_bp=value["margin_bp"],
            rounding=Rounding(value["rounding"]),
            lifetime=timedelta(seconds=value["quote_lifetime_s"]),
            rate_age_max=timedelta(seconds=value["rate_age_max_s"]),
        ),
    )


def terms_row(terms: OperatorTerms) -> AttachedRow:
    """Make the statement that keeps the operator's terms.

    Raises:
        RequestInvalid: a period or the margin cannot be.

    """
    exchange = terms.exchange
    periods = (terms.refund_period, exchange.lifetime, exchange.rate_age_max)
    if not 0 <= exchange.margin_bp <= MARGIN_MAX_BP or min(periods) <= timedelta(0):
        raise RequestInvalid(
            _(
                "These terms were refused: give periods above nothing, and a margin of 0 to {most} "
                "basis points.",
                most=MARGIN_MAX_BP,
            ),
            field="terms",
        )
    refund_s, lifetime_s, age_s = (int(period.total_seconds()) for period in periods)
    value = {
        "refund_period_s": refund_s,
        "margin_bp": exchange.margin_bp,
        "rounding": exchange.rounding.value,
        "quote_lifetime_s": lifetime_s,
        "rate_age_max_s": age_s,
    }
    return setting_row(_NAME, canonical(value))


def setting(database: Database, name: str) -> str | None:
    """Read one value."""
    found = single(database.query("SELECT value FROM pay_settings WHERE name = $1", (name,)))
    return None if found is None else str(found)


def setting_row(name: str, value: str) -> AttachedRow:
    """Make the statement that keeps one value."""
    return AttachedRow(
        "INSERT INTO pay_settings (name, value) VALUES ($1, $2) "
        "ON CONFLICT (name) DO UPDATE SET value = excluded.value",
        (name, value),
    )
