"""What is held about a person who pays merchants, is paid by one, or is one.

A merchant's own tables (its stores, tills, settlements) are in no export: who runs it reads them as
a merchant. Amounts without a currency beside them are in minor units of the order's.
"""

from typing import Final

from counterfoil.kernel.i18n import lazy
from counterfoil.rights.export.holding import Holding, Source, holding, together
from counterfoil.rights.export.kind import Kind

_WHO: Final = lazy("it is you, as another column or the file's name says, or another person")
_ROLE: Final = {"role": ("CASE WHEN payer = $1 THEN 'payer' ELSE 'asked' END", Kind.TEXT)}
_MINE: Final = "(payer = $1 AND length(payer) > 0) OR (awaiting = $1 AND length(awaiting) > 0)"

PAY: Final[tuple[Holding, ...]] = (
    holding(
        "orders", "orders", lazy("Orders that you paid, or were asked to"),
        "id:id merchant:id merchant_order_no state version:number way currency:currency "
        "amount:amount store:id till:id application created_at:instant expires_at:instant "
        "fee_bp:number fee_rounding details payer_currency:currency payer_amount:payer-amount "
        "paid_at:instant fee:amount quote:id hold:id agreement:id refunded:amount "
        "payer_refunded:payer-amount fee_returned:amount shared:amount refund_count:number "
        "closed_at:instant closed_by finishes_at:instant",
        whose=_MINE, key="", order="id", source=Source.WALLED, extras=_ROLE,
        withheld=together(_WHO, "payer awaiting buyer payer_account"),
    ),
    holding(
        "orders", "orders-for-you", lazy("Orders that a merchant made out to you"),
        "id:id merchant:id merchant_order_no state currency:currency amount:amount "
        "created_at:instant expires_at:instant",
        whose="buyer = $1 AND length(buyer) > 0 AND payer <> $1 AND awaiting <> $1", key="", order="id",
    ),
    holding(
        "refunds", "refunds", lazy("What merchants gave you back"),
        "id:id order_id:id request_no amount:number payer_amount:number fee_returned:number "
        "refunded_before:number at:instant is_cancel:number details",
        whose="order_id IN (SELECT id FROM orders WHERE payer = $1)", key="", order="id",
    ),
    holding(
        "quotes", "quotes", lazy("Exchange offers that you got"),
        "id:id order_id:id currency:currency amount:amount payer_currency:currency "
        "payer_amount:payer-amount margin:payer-amount rate rate_source rate_at:instant "
        "margin_bp:number rounding made_at:instant expires_at:instant",
        whose="person = $1", key="person", order="id",
    ),
    holding(
        "holds", "holds", lazy("Deposits that merchants hold"),
        "id:id merchant:id merchant_hold_no state version:number currency:currency amount:amount "
        "rest:amount captured:amount pending:id store:id till:id application created_at:instant "
        "placed_at:instant expires_at:instant ended_at:instant details",
        whose=_MINE, key="", order="id", source=Source.WALLED, extras=_ROLE,
        withheld=together(_WHO, "payer awaiting payer_account"),
    ),
    holding(
        "hold_operations", "hold-operations", lazy("What merchants did with them"),
        "id:id hold:id kind request_no amount:number rest_after:number order_id:id at:instant "
        "remark",
        whose="hold IN (SELECT id FROM holds WHERE payer = $1)", key="", order="id",
    ),
    holding(
        "agreements", "agreements", lazy("Merchants that you let debit you"),
        "id:id merchant:id merchant_agreement_no scene state version:number currency:currency "
        "period period_length:number first_on:number single_max:amount total_max:amount "
        "count_max:number debited:amount debit_count:number last_period:number "
        "last_debit_at:instant application created_at:instant signed_at:instant "
        "expires_at:instant ended_at:instant ended_by details",
        whose="payer = $1 AND length(payer) > 0", key="payer", order="id", source=Source.WALLED,
    ),
    holding(
        "merchant_transfers", "paid-to-you", lazy("What merchants paid you"),
        "id:id merchant:id request_no currency:currency amount:amount at:instant details",
        whose="receiver_person = $1 AND length(receiver_person) > 0", key="receiver_person receiver_merchant", order="id",
    ),
    holding(
        "merchants", "shops", lazy("Your shops"),
        "id:id number name category country city fee_bp:number fee_rounding reference "
        "standing:number reason opened_at:instant",
        whose="owner = $1 AND length(owner) > 0", key="owner", order="id",
    ),
)  # fmt: skip
