"""A merchant's statement of a day: what moved on its account, as a bank would write it (camt.053).

Opening and closing balance are the ledger's, and the entries are its postings, so that it adds up by
what it is. The account has no IBAN: it is named by the merchant's number and the currency.
"""

from datetime import date, timedelta
from typing import Final

from counterfoil.bank import Entry, Statement
from counterfoil.kernel.i18n import Message, lazy
from counterfoil.ledger import Ledger, Side
from counterfoil.money import Currency
from counterfoil.pay.merchant import Merchant, Purse
from counterfoil.pay.movement import Movement
from counterfoil.pay.purses import Purses
from counterfoil.wallet import Calendar

WORDS: Final[dict[int, Message]] = {
    Movement.PAYMENT: lazy("payment"),
    Movement.RENT: lazy("rent"),
    Movement.UTILITIES: lazy("utilities"),
    Movement.INSURANCE: lazy("insurance"),
    Movement.REPAYMENT: lazy("repayment"),
    Movement.CAPTURE: lazy("payment from a deposit"),
    Movement.FEE: lazy("fee"),
    Movement.REFUND: lazy("refund"),
    Movement.FEE_RETURN: lazy("fee given back"),
    Movement.SHARE: lazy("share of an order"),
    Movement.MERCHANT_TRANSFER: lazy("transfer"),
    Movement.EXCHANGE_IN: lazy("payment in another currency"),
    Movement.EXCHANGE_OUT: lazy("refund in another currency"),
    Movement.PAYOUT: lazy("payout to the bank"),
    Movement.PAYOUT_RETURN: lazy("payout that came back"),
}


def merchant_statement(
    ledger: Ledger,
    purses: Purses,
    calendar: Calendar,
    merchant: Merchant,
    currency: Currency,
    day: date,
) -> Statement:
    """Draw up a merchant's statement of a day, by the operator's time zone."""
    account = purses.account(merchant.id, currency, Purse.AVAILABLE)
    since, until = calendar.start_of(day), calendar.start_of(day + timedelta(days=1))
    told = ledger.statement(account, since, until)
    entries = tuple(
        Entry(
            key=f"{one.seq:012}",
            amount=one.amount,
            is_credit=one.side is Side.CREDIT,
            booked_on=day,
            end_to_end_id=one.reference.hex if one.reference else "",
            remittance=str(WORDS.get(one.code, "")),
        )
        for one in told.postings
        if one.moves_money
    )
    return Statement(
        id=f"{merchant.number}-{currency.code}-{day:%Y%m%d}",
        number=day.toordinal(),
        made_at=until,
        account=f"{merchant.number}{currency.code}",
        holder=merchant.name,
        opened_on=day,
        closed_on=day,
        opening=told.opening,
        closing=told.closing,
        entries=entries,
    )
