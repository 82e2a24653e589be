"""The two ways in which trade.pay is no payer's code: out of a hold, or by an agreement."""

from counterfoil.alipay.method import Call
from counterfoil.pay import NewOrder, Order


def capture(call: Call, auth_no: str, new: NewOrder, *, keeps_rest: bool) -> Order:
    """Make a paid order of a part of what was pre-authorised."""
    holds = call.rooms.pay.holds
    hold = holds.by_number(auth_no, of=call.application.merchant)
    return holds.capture(hold.id, new, keeps_rest=keeps_rest)


def debit(call: Call, agreement_no: str, new: NewOrder) -> Order:
    """Take a payment that the payer has agreed to beforehand."""
    agreements = call.rooms.pay.agreements
    agreement = agreements.by_number(agreement_no, of=call.application.merchant)
    return agreements.debit(agreement.id, new)
