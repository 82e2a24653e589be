"""Merchants and orders: what is sold, how it is paid, given back, held and debited.

A payment, the order that it pays, the limits that it counts against and the event that tells of it
are one commit of the ledger; none of them is ever there alone. An order is one of its merchant's by
the merchant's own number: asking twice is harmless, and asking otherwise with one number is refused
by name. Amounts are `Money`, times are aware UTC, ids are 128 bits; `number` of an order, refund, hold
or agreement is the same id as people write it, 28 digits that begin with the date.

`Pay(PayRooms(ledger, gate, wallets, keys, clock), url)` is the room; a site has it as `site.pay`.
What is promised to those who stand on it, and stays:

Merchants (`pay.merchants`)
    `open(NewMerchant) -> Merchant`, `open_store(NewStore) -> Store`, `open_till(NewTill) -> Till`,
    `open_all(merchants, stores, tills)` (thousands in one commit, again and again);
    `merchant(id)`, `by_number(digits)`, `by_reference(text)`, `of_owner(person)`, `page(after)`;
    `store(id, of=merchant)`, `store_by_number(merchant, text)`, `store_by_word(word)`,
    `stores(merchant)`; `till(id, of=merchant)`, `till_by_number(store, text)`, `tills(store)`;
    `suspend(id, reason)`, `reinstate(id)`, `set_terms(id, FeeTerms)`, `rename(id, name)`,
    `close_store(id)`, `reopen_store(id)`.
    A merchant's money: `pay.purses.account(merchant, currency, Purse.AVAILABLE)` is an account of
    the ledger, `pay.purses.balances(merchant)` tells what is there. `Purse.PAYOUT` is for money on
    its way to a merchant's bank.

Applications (`pay.applications`)
    `open(merchant, name, public_key=None) -> Application` (16 digits; our key pair is made),
    `set_key(id, pasted_text) -> Application`, `application(id)`, `of_merchant(merchant)`,
    `suspend(id)`, `reinstate(id)`; `sign(id, message) -> bytes` and `verify(id, message, signature)
    -> bool` are RSASSA-PKCS1-v1_5 with SHA-256; `new_key_pair() -> KeyPair` makes a pair for a
    merchant (PKCS#1 PEM, handed out once and never kept).

Orders (`pay.orders`)
    `create(NewOrder) -> Order` creates, or gives the order that has this number and content, as it
    stands by now. `order(id, of=merchant)`, `by_number(28 digits, of=merchant)`,
    `by_merchant_number(merchant, text)`, `by_word(word)`, `page(merchant, before=, since=)`,
    `close(id)`. An `Order` tells its `state`, `paid` (payer, wallet, amount, fee, when), `refunded`,
    `kept`, `fee`, `net`, who is `awaiting`ed, and hands back the merchant's own texts.

Paying (`pay.paying`)
    `pay(order, person, quote=None)`: a code on a screen, a page, an app; it also confirms an order
    that awaits this person. `decline(order, person)`: says no to one. `pay_new(NewOrder, person,
    payment=uuid)`: a store's sticker, created and paid at once. `pay_by_code(NewOrder, digits,
    till=uuid)`: a payer's code read by a till; the answer is paid, or `awaiting` its payer.
    Each has a form that gives a `Future` and waits for no commit: `submit_pay`, `submit_pay_new`,
    `submit_by_code`, as have `Orders.submit` and `submit_close` (await them with
    `asyncio.wrap_future`). They read, and a payer's code that is refused is put on record, before
    they return.

Refunds (`pay.refunds`)
    `refund(NewRefund) -> Refunding` (refund, order, is_new), `submit(NewRefund)`;
    `cancel(order) -> Cancelled` closes what is unpaid and gives back what is paid;
    `of_order(order)`, `by_request(order, request_no) -> Refund`.

Passing on (`pay.sharing`, `pay.transfers`)
    `sharing.share(order, request_no, parts: Sequence[Share]) -> Sharing` splits what an order
    brought among persons and merchants; `by_request(order, request_no)`, `sharing(id)`.
    `transfers.transfer(NewMerchantTransfer) -> MerchantTransfer` pays a person or merchant;
    `by_request(merchant, request_no)`, `by_number(digits, of=merchant)`. `Receiver.person(id)` and
    `Receiver.merchant(id)` name who gets it.

Holds (`pay.holds`)
    `create(NewHold) -> Hold` (to be placed by a code shown), `place(hold, person)`,
    `place_by_code(NewHold, digits, till=)`, `decline(hold, person)`;
    `capture(hold, NewOrder, keeps_rest=False) -> Order` makes a paid order of a part;
    `release(hold, request_no, amount=None) -> Operation` gives a part or all of it back;
    `cancel(hold)` undoes it, placed or not; `hold(id, of=merchant)`,
    `by_number(digits)`, `by_merchant_number(merchant, text)`, `operation(hold, kind, request_no)`,
    `operations(hold)`.

Agreements (`pay.agreements`)
    `offer(NewAgreement) -> Agreement`, `sign(agreement, person)`, `end(agreement, by=EndedBy,
    person=None)`, `next_debit_after(agreement)`,
    `debit(agreement, NewOrder) -> Order` (an order paid within the rules that were signed),
    `agreement(id, of=merchant)`, `by_number(digits)`, `by_merchant_number(merchant, text, scene)`,
    `by_word(word)`.

Exchange (`pay.exchange`)
    `enter_rate(ExchangeRate, text)`, `rates()`, `rate(base, quote, at)`;
    `quote(order, person, currency) -> Quote` is shown before `paying.pay(order, person,
    quote=quote.id)`.

Codes (`pay.codes`)
    `order_link(order, origin)`, `store_link(store, origin)`, `order_code(order, origin)` and
    `store_code(store, origin, currency)` (EMV texts), `hold_link`, `agreement_link`;
    `found(PayCode) -> Order | Store | Hold | Agreement`.

Events (`pay.events`)
    Every change of an order, refund, hold, agreement or transfer appends one in its own commit:
    `after(number)`, `of_merchant(merchant, after)`, `numbers(since, until)`, `latest()`. They are
    the outbox for notices (with the `application` that signs and the `notify_url`) and a merchant's
    journal: `Event.moved` summed over all of a merchant's events is what is in its purse, payouts
    aside. Whoever delivers remembers how far it has come.

Time (`pay.closing`)
    `run_due()` closes what has timed out, ends holds and agreements, finishes what can no longer be
    refunded, and tells how many; a server calls it every few seconds, a command once.

A person's own (`pay.own`), through the gate, for whoever has signed in
    `orders(signed_in)`, `awaiting(signed_in)` (what they are asked to confirm), `holds(signed_in)`,
    `agreements(signed_in)`.

Every refusal is one of `pay.errors`, a closed tree, or of `wallet.errors` where the wallet refuses.
"""

from counterfoil.pay.agreement import (
    Agreement,
    AgreementKind,
    AgreementState,
    Cycle,
    EndedBy,
    NewAgreement,
    Rules,
)
from counterfoil.pay.closing import Done
from counterfoil.pay.errors import (
    AgreementConflict,
    AgreementEnded,
    AgreementNotFound,
    AgreementRefused,
    AgreementRuleBroken,
    AgreementUnsigned,
    AmountInvalid,
    ApplicationNotFound,
    ExchangeRefused,
    HoldConflict,
    HoldEnded,
    HoldExceeded,
    HoldNotFound,
    HoldRefused,
    KeyIsPrivate,
    KeyRefused,
    KeyTooWeak,
    KeyUnreadable,
    MerchantFundsMissing,
    MerchantNotFound,
    MerchantSuspended,
    MerchantTransferConflict,
    MerchantTransferNotFound,
    MerchantUnable,
    NumberTaken,
    OrderClosed,
    OrderConflict,
    OrderFinished,
    OrderNotAwaiting,
    OrderNotFound,
    OrderPaid,
    OrderRefunded,
    OrderRefused,
    OrderUnpaid,
    PayBusy,
    PayConflict,
    PayerCannotReceive,
    PayerIsMerchant,
    PayerMismatch,
    PayError,
    PayerUnable,
    PayNotFound,
    QuoteExpired,
    QuoteNeeded,
    QuoteNotFound,
    RateMissing,
    ReceiverNotFound,
    ReceiverUnable,
    RefundConflict,
    RefundExceeds,
    RefundNotFound,
    RequestInvalid,
    ShareConflict,
    ShareExceeds,
    StoreClosed,
    StoreNotFound,
    TillNotFound,
)
from counterfoil.pay.event import MOVES, Event, EventKind, Events
from counterfoil.pay.hold import (
    Hold,
    HoldState,
    NewHold,
    Operation,
    OperationId,
    OperationKind,
)
from counterfoil.pay.merchant import (
    Application,
    ApplicationId,
    FeeTerms,
    Merchant,
    MerchantId,
    NewMerchant,
    NewStore,
    NewTill,
    Place,
    Purse,
    Standing,
    Store,
    StoreId,
    Till,
    TillId,
)
from counterfoil.pay.movement import Movement
from counterfoil.pay.number import id_of, number_of, word_of
from counterfoil.pay.order import (
    AgreementId,
    Cancelled,
    ClosedBy,
    HoldId,
    NewOrder,
    NewRefund,
    Order,
    OrderId,
    OrderState,
    Paid,
    QuoteId,
    Refund,
    RefundId,
    Refunding,
    Way,
)
from counterfoil.pay.own import Awaiting
from counterfoil.pay.passing import (
    MerchantTransfer,
    MerchantTransferId,
    NewMerchantTransfer,
    Receiver,
    Share,
    Sharing,
    SharingId,
)
from counterfoil.pay.pay import Pay, PayRooms
from counterfoil.pay.quote import ExchangeTerms, Quote
from counterfoil.pay.rsakey import KeyPair
from counterfoil.pay.settings import OperatorTerms
from counterfoil.pay.settlement import DayNotOver, Payout, Settled
from counterfoil.pay.settling import Settling

__all__ = [
    "MOVES",
    "Agreement",
    "AgreementConflict",
    "AgreementEnded",
    "AgreementId",
    "AgreementKind",
    "AgreementNotFound",
    "AgreementRefused",
    "AgreementRuleBroken",
    "AgreementState",
    "AgreementUnsigned",
    "AmountInvalid",
    "Application",
    "ApplicationId",
    "ApplicationNotFound",
    "Awaiting",
    "Cancelled",
    "ClosedBy",
    "Cycle",
    "DayNotOver",
    "Done",
    "EndedBy",
    "Event",
    "EventKind",
    "Events",
    "ExchangeRefused",
    "ExchangeTerms",
    "FeeTerms",
    "Hold",
    "HoldConflict",
    "HoldEnded",
    "HoldExceeded",
    "HoldId",
    "HoldNotFound",
    "HoldRefused",
    "HoldState",
    "KeyIsPrivate",
    "KeyPair",
    "KeyRefused",
    "KeyTooWeak",
    "KeyUnreadable",
    "Merchant",
    "MerchantFundsMissing",
    "MerchantId",
    "MerchantNotFound",
    "MerchantSuspended",
    "MerchantTransfer",
    "MerchantTransferConflict",
    "MerchantTransferId",
    "MerchantTransferNotFound",
    "MerchantUnable",
    "Movement",
    "NewAgreement",
    "NewHold",
    "NewMerchant",
    "NewMerchantTransfer",
    "NewOrder",
    "NewRefund",
    "NewStore",
    "NewTill",
    "NumberTaken",
    "Operation",
    "OperationId",
    "OperationKind",
    "OperatorTerms",
    "Order",
    "OrderClosed",
    "OrderConflict",
    "OrderFinished",
    "OrderId",
    "OrderNotAwaiting",
    "OrderNotFound",
    "OrderPaid",
    "OrderRefunded",
    "OrderRefused",
    "OrderState",
    "OrderUnpaid",
    "Paid",
    "Pay",
    "PayBusy",
    "PayConflict",
    "PayError",
    "PayNotFound",
    "PayRooms",
    "PayerCannotReceive",
    "PayerIsMerchant",
    "PayerMismatch",
    "PayerUnable",
    "Payout",
    "Place",
    "Purse",
    "Quote",
    "QuoteExpired",
    "QuoteId",
    "QuoteNeeded",
    "QuoteNotFound",
    "RateMissing",
    "Receiver",
    "ReceiverNotFound",
    "ReceiverUnable",
    "Refund",
    "RefundConflict",
    "RefundExceeds",
    "RefundId",
    "RefundNotFound",
    "Refunding",
    "RequestInvalid",
    "Rules",
    "Settled",
    "Settling",
    "Share",
    "ShareConflict",
    "ShareExceeds",
    "Sharing",
    "SharingId",
    "Standing",
    "Store",
    "StoreClosed",
    "StoreId",
    "StoreNotFound",
    "Till",
    "TillId",
    "TillNotFound",
    "Way",
    "id_of",
    "number_of",
    "word_of",
]
