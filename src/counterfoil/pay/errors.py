"""Every way this room says no; closed, so that a gateway can map each to a code of its own.

PayError
├── RequestInvalid             a field is missing, too long, or cannot be
├── AmountInvalid              not more than nothing, too much, or in another currency
├── PayNotFound
│   ├── MerchantNotFound · StoreNotFound · TillNotFound · ApplicationNotFound
│   ├── OrderNotFound · RefundNotFound · HoldNotFound · AgreementNotFound
│   └── MerchantTransferNotFound · ReceiverNotFound · QuoteNotFound
├── PayConflict                the number has been used for something else
│   ├── OrderConflict · RefundConflict · HoldConflict · AgreementConflict
│   └── ShareConflict · MerchantTransferConflict · NumberTaken
├── KeyRefused
│   ├── KeyUnreadable          no public key in any form that is known
│   ├── KeyTooWeak             shorter than 2,048 bits, or not RSA
│   └── KeyIsPrivate           a private key where a public one is wanted; it was not kept
├── MerchantUnable
│   ├── MerchantSuspended      the operator has stopped it, with a reason
│   ├── StoreClosed            this store sells no more
│   ├── MerchantFundsMissing   there is less on its account than is to be given back or paid out
│   └── ReceiverUnable         who is to receive cannot
├── PayerUnable
│   ├── PayerMismatch          the order is somebody else's to pay
│   ├── PayerIsMerchant        nobody pays their own shop
│   └── PayerCannotReceive     the payer's wallet cannot take the money back
├── OrderRefused               the order is not in a state for this
│   ├── OrderUnpaid · OrderPaid · OrderClosed · OrderRefunded · OrderFinished
│   ├── OrderNotAwaiting       nobody is asked to confirm it
│   ├── RefundExceeds          more than is left of what was paid
│   └── ShareExceeds           more than the merchant has received and not yet shared
├── ExchangeRefused
│   ├── RateMissing            the operator has entered no rate for these currencies, or an old one
│   ├── QuoteNeeded            the wallet is in another currency: quote first
│   └── QuoteExpired           the rate was locked, and no longer is
├── HoldRefused
│   ├── HoldEnded              captured, voided or expired
│   └── HoldExceeded           more than is left of it
├── AgreementRefused
│   ├── AgreementUnsigned · AgreementEnded
│   └── AgreementRuleBroken    single amount, total, count, or too early in its period
└── PayBusy                    something changed at the same moment; ask again
"""

from counterfoil.kernel.errors import CounterfoilError


class PayError(CounterfoilError):
    """What was asked of merchants and orders cannot be; nothing was changed."""

    code = "pay.error"


class RequestInvalid(PayError):
    """A field of a request is missing, too long, or cannot be."""

    code = "pay.request-invalid"


class AmountInvalid(PayError):
    """An amount is not more than nothing, too much, or in another currency."""

    code = "pay.amount-invalid"


class PayNotFound(PayError):
    """There is no such thing here."""

    code = "pay.not-found"


class MerchantNotFound(PayNotFound):
    """There is no such merchant."""

    code = "pay.merchant-not-found"


class StoreNotFound(PayNotFound):
    """The merchant has no such store."""

    code = "pay.store-not-found"


class TillNotFound(PayNotFound):
    """The store has no such till."""

    code = "pay.till-not-found"


class ApplicationNotFound(PayNotFound):
    """There is no application with this id."""

    code = "pay.application-not-found"


class OrderNotFound(PayNotFound):
    """The merchant has no such order."""

    code = "pay.order-not-found"


class RefundNotFound(PayNotFound):
    """The order has no refund with this request number."""

    code = "pay.refund-not-found"


class HoldNotFound(PayNotFound):
    """The merchant has no such hold, or the hold no such operation."""

    code = "pay.hold-not-found"


class AgreementNotFound(PayNotFound):
    """There is no such agreement."""

    code = "pay.agreement-not-found"


class MerchantTransferNotFound(PayNotFound):
    """The merchant has made no such transfer."""

    code = "pay.merchant-transfer-not-found"


class ReceiverNotFound(PayNotFound):
    """There is no such person or merchant to receive money."""

    code = "pay.receiver-not-found"


class QuoteNotFound(PayNotFound):
    """There is no such quote for this order and this person."""

    code = "pay.quote-not-found"


class PayConflict(PayError):
    """The number has been used for something else."""

    code = "pay.conflict"


class OrderConflict(PayConflict):
    """The merchant has used this order number with another amount or subject."""

    code = "pay.order-conflict"


class RefundConflict(PayConflict):
    """The request number has been used for a refund of another amount."""

    code = "pay.refund-conflict"


class HoldConflict(PayConflict):
    """The number has been used for another hold, or for another operation on it."""

    code = "pay.hold-conflict"


class AgreementConflict(PayConflict):
    """The merchant's number for this agreement names another."""

    code = "pay.agreement-conflict"


class ShareConflict(PayConflict):
    """The request number has been used to share the order otherwise."""

    code = "pay.share-conflict"


class MerchantTransferConflict(PayConflict):
    """The request number has been used for another transfer."""

    code = "pay.merchant-transfer-conflict"


class NumberTaken(PayConflict):
    """Another store or till of the merchant's has this number."""

    code = "pay.number-taken"


class KeyRefused(PayError):
    """What was given is no key that can be used; it was not kept."""

    code = "pay.key-refused"


class KeyUnreadable(KeyRefused):
    """No public key in any form that is known."""

    code = "pay.key-unreadable"


class KeyTooWeak(KeyRefused):
    """The key is shorter than 2,048 bits, or not RSA."""

    code = "pay.key-too-weak"


class KeyIsPrivate(KeyRefused):
    """A private key was given where a public one is wanted."""

    code = "pay.key-is-private"


class MerchantUnable(PayError):
    """The merchant cannot do this now."""

    code = "pay.merchant-unable"


class MerchantSuspended(MerchantUnable):
    """The operator has stopped the merchant, with a reason."""

    code = "pay.merchant-suspended"
    is_transient = True


class StoreClosed(MerchantUnable):
    """This store sells no more."""

    code = "pay.store-closed"


class MerchantFundsMissing(MerchantUnable):
    """There is less on the merchant's account than is to be given back or paid out."""

    code = "pay.merchant-funds-missing"
    is_transient = True


class ReceiverUnable(MerchantUnable):
    """Who is to receive the money cannot."""

    code = "pay.receiver-unable"


class PayerUnable(PayError):
    """This person cannot pay this order."""

    code = "pay.payer-unable"


class PayerMismatch(PayerUnable):
    """The order, or the agreement, is somebody else's."""

    code = "pay.payer-mismatch"


class PayerIsMerchant(PayerUnable):
    """Nobody pays their own shop."""

    code = "pay.payer-is-merchant"


class PayerCannotReceive(PayerUnable):
    """The payer's wallet cannot take the money back."""

    code = "pay.payer-cannot-receive"


class OrderRefused(PayError):
    """The order is not in a state for this."""

    code = "pay.order-refused"


class OrderUnpaid(OrderRefused):
    """The order has not been paid."""

    code = "pay.order-unpaid"


class OrderPaid(OrderRefused):
    """The order has been paid already."""

    code = "pay.order-paid"


class OrderClosed(OrderRefused):
    """The order was closed without being paid, or has expired."""

    code = "pay.order-closed"


class OrderRefunded(OrderRefused):
    """All of the order has been given back."""

    code = "pay.order-refunded"


class OrderFinished(OrderRefused):
    """The period in which the order could be refunded is over."""

    code = "pay.order-finished"


class OrderNotAwaiting(OrderRefused):
    """Nobody is asked to confirm this order."""

    code = "pay.order-not-awaiting"


class RefundExceeds(OrderRefused):
    """More than is left of what was paid."""

    code = "pay.refund-exceeds"


class ShareExceeds(OrderRefused):
    """More than the merchant has received and not yet shared."""

    code = "pay.share-exceeds"


class ExchangeRefused(PayError):
    """Money cannot be exchanged for this payment."""

    code = "pay.exchange-refused"


class RateMissing(ExchangeRefused):
    """The operator has entered no rate for these currencies."""

    code = "pay.rate-missing"


class QuoteNeeded(ExchangeRefused):
    """The wallet is in another currency: a quote must be shown first."""

    code = "pay.quote-needed"


class QuoteExpired(ExchangeRefused):
    """The rate was locked for a while, and no longer is."""

    code = "pay.quote-expired"


class HoldRefused(PayError):
    """The hold is not in a state for this."""

    code = "pay.hold-refused"


class HoldEnded(HoldRefused):
    """The hold was captured, voided or has expired."""

    code = "pay.hold-ended"


class HoldExceeded(HoldRefused):
    """More than is left of the hold."""

    code = "pay.hold-exceeded"


class AgreementRefused(PayError):
    """The agreement does not allow this."""

    code = "pay.agreement-refused"


class AgreementUnsigned(AgreementRefused):
    """Nobody has signed it yet."""

    code = "pay.agreement-unsigned"


class AgreementEnded(AgreementRefused):
    """It was ended, or its time is over."""

    code = "pay.agreement-ended"


class AgreementRuleBroken(AgreementRefused):
    """One of its rules says no; `rule` names it: single, total, count or period."""

    code = "pay.agreement-rule-broken"


class PayBusy(PayError):
    """Something changed at the same moment."""

    code = "pay.busy"
    is_transient = True
