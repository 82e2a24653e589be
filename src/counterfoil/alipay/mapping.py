"""Every error of the rooms below, in the merchant API's own codes; the map is total.

An error's code decides, the most specific row first: what a method says otherwise, then the code
itself, then its room. The words are fixed: an error's own message may tell what is in somebody's
wallet, and that is not the shop's to know. What is not business is 20000: the outcome is unknown, and
the shop asks again or queries.
"""

from typing import Final

from counterfoil.alipay.reading import BUSINESS
from counterfoil.alipay.refusal import Code, Refused
from counterfoil.kernel.errors import CounterfoilError

Row = tuple[str, str]
"""A business code without its prefix, and the sentence that goes with it."""

INVALID_PARAMETER: Final[Row] = ("INVALID_PARAMETER", "A field cannot be what it is.")
_ORDER_GONE: Final[Row] = ("TRADE_HAS_CLOSE", "This trade is closed.")
_ORDER_STATE: Final[Row] = ("TRADE_STATUS_ERROR", "This trade is not in a state for this.")
_CODE_INVALID: Final[Row] = (
    "PAYMENT_AUTH_CODE_INVALID", "This payer's code pays nothing. Ask the payer for a new one.",
)  # fmt: skip
_LIMIT: Final = "The payer has reached a limit."

ROWS: Final[dict[str, Row]] = {
    "pay.error": ("SYSTEM_ERROR", "This was refused."),
    "pay.request-invalid": INVALID_PARAMETER,
    "pay.amount-invalid": INVALID_PARAMETER,
    "pay.not-found": ("TRADE_NOT_EXIST", "There is no such thing."),
    "pay.merchant-not-found": ("SELLER_NOT_EXIST", "There is no such merchant."),
    "pay.store-not-found": ("INVALID_STORE_ID", "The merchant has no such store."),
    "pay.till-not-found": ("INVALID_STORE_ID", "The store has no such till."),
    "pay.application-not-found": ("PARTNER_ERROR", "There is no such application."),
    "pay.order-not-found": ("TRADE_NOT_EXIST", "There is no such trade."),
    "pay.refund-not-found": ("TRADE_NOT_EXIST", "There is no such refund."),
    "pay.hold-not-found": ("AUTH_NO_ERROR", "There is no such pre-authorisation."),
    "pay.agreement-not-found": ("AGREEMENT_NOT_EXIST", "There is no such agreement."),
    "pay.merchant-transfer-not-found": ("ORDER_NOT_EXIST", "There is no such transfer."),
    "pay.receiver-not-found": ("PAYEE_NOT_EXIST", "There is nobody to receive this."),
    "pay.quote-not-found": ("PAYMENT_FAIL", "The payer has to be shown another rate."),
    "pay.conflict": ("CONTEXT_INCONSISTENT", "This number has been used for something else."),
    "pay.order-conflict": (
        "CONTEXT_INCONSISTENT",
        "This out_trade_no has been used with another amount or subject.",
    ),
    "pay.refund-conflict": (
        "DISCORDANT_REPEAT_REQUEST",
        "This out_request_no has been used with another amount.",
    ),
    "pay.hold-conflict": (
        "CONTEXT_INCONSISTENT",
        "This number has been used for another pre-authorisation.",
    ),
    "pay.agreement-conflict": (
        "CONTEXT_INCONSISTENT",
        "This external_agreement_no names another agreement.",
    ),
    "pay.share-conflict": (
        "DISCORDANT_REPEAT_REQUEST",
        "This out_request_no has been used to share otherwise.",
    ),
    "pay.merchant-transfer-conflict": (
        "PAYMENT_INFO_INCONSISTENCY",
        "This out_biz_no has been used for another transfer.",
    ),
    "pay.number-taken": ("CONTEXT_INCONSISTENT", "This number is another's."),
    "pay.merchant-unable": ("ACCESS_FORBIDDEN", "The merchant cannot do this now."),
    "pay.merchant-suspended": ("SELLER_BEEN_BLOCKED", "The operator has stopped this merchant."),
    "pay.store-closed": ("INVALID_STORE_ID", "This store sells no more."),
    "pay.merchant-funds-missing": (
        "SELLER_BALANCE_NOT_ENOUGH",
        "There is less on the merchant's account.",
    ),
    "pay.receiver-unable": ("INVALID_RECEIVE_ACCOUNT", "Who is to receive this cannot."),
    "pay.payer-unable": ("BUYER_ENABLE_STATUS_FORBID", "This payer cannot pay this."),
    "pay.payer-mismatch": ("TRADE_BUYER_NOT_MATCH", "This is somebody else's to pay."),
    "pay.payer-is-merchant": ("BUYER_SELLER_EQUAL", "Nobody pays their own shop."),
    "pay.payer-cannot-receive": ("BUYER_ERROR", "The payer's wallet cannot take it back."),
    "pay.order-refused": _ORDER_STATE,
    "pay.order-unpaid": _ORDER_STATE,
    "pay.order-paid": ("TRADE_HAS_SUCCESS", "This trade has been paid."),
    "pay.order-closed": _ORDER_GONE,
    "pay.order-refunded": ("TRADE_HAS_CLOSE", "All of this trade has been given back."),
    "pay.order-finished": (
        "TRADE_HAS_FINISHED",
        "The period in which this trade could be refunded is over.",
    ),
    "pay.order-not-awaiting": _ORDER_STATE,
    "pay.refund-exceeds": (
        "REASON_TRADE_REFUND_FEE_ERR",
        "This is more than is left of what was paid.",
    ),
    "pay.share-exceeds": (
        "ALLOC_AMOUNT_VALIDATE_ERROR",
        "This is more than the merchant has of this trade.",
    ),
    "pay.exchange-refused": ("CURRENCY_NOT_SUPPORT", "These currencies are not exchanged here."),
    "pay.rate-missing": ("CURRENCY_NOT_SUPPORT", "These currencies are not exchanged here."),
    "pay.quote-needed": ("CURRENCY_NOT_SUPPORT", "The payer has no wallet in this currency."),
    "pay.quote-expired": ("PAYMENT_FAIL", "The payer has to be shown another rate."),
    "pay.hold-refused": ("AUTH_ORDER_NOT_PAID", "This pre-authorisation is not placed."),
    "pay.hold-ended": ("AUTH_ORDER_HAS_FINISHED", "This pre-authorisation has ended."),
    "pay.hold-exceeded": (
        "AUTH_AMOUNT_NOT_ENOUGH",
        "This is more than is left of the pre-authorisation.",
    ),
    "pay.agreement-refused": ("AGREEMENT_INVALID", "The agreement does not allow this."),
    "pay.agreement-unsigned": (
        "AGREEMENT_STATUS_NOT_NORMAL",
        "Nobody has signed this agreement yet.",
    ),
    "pay.agreement-ended": ("AGREEMENT_STATUS_NOT_NORMAL", "This agreement has ended."),
    "pay.agreement-rule-broken": ("AGREEMENT_INVALID", "A rule of the agreement says no."),
    "pay.day-not-over": ("SYSTEM_ERROR", "This day is not over yet."),
    "wallet.error": ("PAYMENT_FAIL", "The payer's wallet says no."),
    "wallet.amount-invalid": INVALID_PARAMETER,
    "wallet.currency-not-offered": ("CURRENCY_NOT_SUPPORT", "There are no such wallets."),
    "wallet.not-found": ("BUYER_NOT_EXIST", "The payer has no such wallet."),
    "wallet.frozen": ("BUYER_ENABLE_STATUS_FORBID", "The payer's wallet cannot pay now."),
    "wallet.funds-missing": ("BUYER_BALANCE_NOT_ENOUGH", "There is not enough in the wallet."),
    "wallet.limit-exceeded": ("BEYOND_PAY_RESTRICTION", _LIMIT),
    "wallet.day-limit-exceeded": ("BUYER_PAYMENT_AMOUNT_DAY_LIMIT_ERROR", _LIMIT),
    "wallet.month-limit-exceeded": ("BUYER_PAYMENT_AMOUNT_MONTH_LIMIT_ERROR", _LIMIT),
    "wallet.limit-invalid": ("BEYOND_PAY_RESTRICTION", _LIMIT),
    "wallet.recipient-not-found": ("PAYEE_NOT_EXIST", "There is nobody to receive this."),
    "wallet.recipient-unable": ("INVALID_RECEIVE_ACCOUNT", "Who is to receive this cannot."),
    "wallet.sent-to-self": ("BUYER_SELLER_EQUAL", "Nobody pays themselves."),
    "wallet.payer-code-refused": _CODE_INVALID,
    "wallet.payer-code-unknown": _CODE_INVALID,
    "wallet.payer-code-expired": _CODE_INVALID,
    "wallet.payer-code-used": _CODE_INVALID,
    "wallet.payer-code-over-limit": _CODE_INVALID,
    "wallet.bank-account-missing": ("PAYEE_NOT_EXIST", "There is no bank account to pay to."),
    "wallet.note-invalid": ("INVALID_PARAMETER", "The note of a request for money."),
    "wallet.shares-invalid": ("INVALID_PARAMETER", "The shares are not the bill."),
    "wallet.request-not-found": ("INVALID_PARAMETER", "There is no such request for money."),
    "wallet.request-closed": ("INVALID_PARAMETER", "This request for money is closed."),
    "wallet.setting-invalid": ("SYSTEM_ERROR", "The operator has to set something right."),
    "people.not-found": ("BUYER_NOT_EXIST", "There is no such person."),
}
"""Refusals of business, by the code of the error."""

_RULES: Final[dict[str, Row]] = {
    "single": ("CYCLE_PAY_SINGLE_FEE_EXCEED", "This is more than one debit may take."),
    "total": ("CYCLE_PAY_TOTAL_FEE_EXCEED", "This is more than all debits may take."),
    "count": ("CYCLE_PAY_TOTAL_TIMES_EXCEED", "All debits of this agreement have been made."),
    "period": ("CYCLE_PAY_DATE_NOT_MATCH", "The next debit is not due yet."),
}
"""Which rule of an agreement says no."""

_CLOSING: Final[dict[str, Row]] = {
    "pay.order-paid": _ORDER_STATE, "pay.order-refunded": _ORDER_STATE,
    "pay.order-finished": _ORDER_STATE,
}  # fmt: skip
_TRANSFERRING: Final[dict[str, Row]] = {
    "pay.merchant-funds-missing": (
        "PAYER_BALANCE_NOT_ENOUGH", "There is less on the merchant's account.",
    ),
    "pay.receiver-unable": ("NO_ACCOUNT_RECEIVE_PERMISSION", "Who is to receive this cannot."),
    "pay.payer-is-merchant": ("PAYER_PAYEE_CANNOT_SAME", "Payer and payee are one."),
}  # fmt: skip
_NOT_ALLOWED: Final[Row] = (
    "authentication_fail",
    "The person has not allowed this, or no more. Send them to the authorisation page.",
)
_NOT_ARRANGED: Final[Row] = (
    "no_valid_arrangement", "The operator has not arranged this with the merchant. Ask the operator.",
)  # fmt: skip
_SCORING: Final[dict[str, Row]] = {
    "consent": _NOT_ALLOWED,
    "people": _NOT_ALLOWED,
    "consent.certificate-ended": _NOT_ARRANGED,
    "consent.scope-exceeded": _NOT_ARRANGED,
    "score.threshold-refused": _NOT_ARRANGED,
    "score.answer-taken": (
        "transaction_id_repeat", "This transaction_id stands for another question of today.",
    ),
    "score.answer-over": (
        "transaction_id_expired", "This transaction_id was answered more than a day ago.",
    ),
}  # fmt: skip
METHOD_ROWS: Final[dict[str, dict[str, Row]]] = {
    "zhima.credit.score.get": _SCORING,
    "zhima.credit.score.brief.get": _SCORING,
    "alipay.trade.close": _CLOSING,
    "alipay.fund.trans.uni.transfer": _TRANSFERRING,
    "alipay.trade.order.settle": {
        "pay.receiver-not-found": ("ROYALTY_ACCOUNT_NOT_EXIST", "There is no such receiver."),
    },
    "alipay.trade.cancel": {
        "pay.refund-exceeds": (
            "REASON_TRADE_REFUND_FEE_ERR", "A part of this trade has been given back.",
        ),
        "pay.order-finished": ("TRADE_CANCEL_TIME_OUT", "It is too late to cancel this trade."),
    },
}  # fmt: skip
"""What a method calls otherwise than the others do, by an error's code or by its whole room."""

ROOMS: Final[dict[str, tuple[Code, str, str]]] = {
    "money": (Code.BUSINESS, "ACQ.INVALID_PARAMETER", "An amount cannot be what it is."),
    "consent": (
        Code.PERMISSIONS,
        "isv.insufficient-user-permissions",
        "The person has not agreed to this.",
    ),
    "courier": (Code.INVALID, "isv.invalid-parameter", "An address cannot be sent to."),
}
"""Refusals that are no business of one method."""

SINGLE: Final[dict[str, tuple[Code, str, str]]] = {
    "wallet.till-paused": (
        Code.LIMITED, "isv.method-call-limited", "Too many codes were none. Wait ten minutes.",
    ),
    "pay.key-refused": (
        Code.CONDITIONS, "isv.missing-signature-config", "This application has no usable key.",
    ),
    "pay.key-unreadable": (
        Code.CONDITIONS, "isv.missing-signature-config", "This application has no usable key.",
    ),
    "pay.key-too-weak": (
        Code.CONDITIONS, "isv.missing-signature-config", "This application has no usable key.",
    ),
    "pay.key-is-private": (
        Code.CONDITIONS, "isv.missing-signature-config", "This application has no usable key.",
    ),
}  # fmt: skip
"""Refusals with a first code of their own."""

UNKNOWN: Final = (
    Code.UNAVAILABLE,
    "aop.ACQ.SYSTEM_ERROR",
    "It is not known whether this was done. Ask again with the same numbers, or query.",
)


def in_api_words(error: CounterfoilError, method: str, prefix: str) -> Refused:
    """Say an error of any room in the merchant API's words."""
    if isinstance(error, Refused):
        return error
    row = _row(error, method)
    if row is not None:
        return Refused(Code.BUSINESS, prefix + row[0], row[1])
    room = error.code.partition(".")[0]
    return Refused(*(SINGLE.get(error.code) or ROOMS.get(room) or UNKNOWN))


def _row(error: CounterfoilError, method: str) -> Row | None:
    rows = METHOD_ROWS.get(method, {})
    found = rows.get(error.code) or rows.get(error.code.partition(".")[0])
    if found is None and error.code == "pay.agreement-rule-broken":
        found = _RULES.get(str(error.facts.get("rule")))
    return found or ROWS.get(error.code)


__all__ = ["BUSINESS", "METHOD_ROWS", "ROOMS", "ROWS", "SINGLE", "UNKNOWN", "in_api_words"]
