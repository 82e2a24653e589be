"""What is printed or shown so that a phone can pay: links, and EMV merchants' codes; and back again."""

from counterfoil.kernel.i18n import _
from counterfoil.money import Currency
from counterfoil.pay.agreement import Agreement
from counterfoil.pay.agreements import Agreements
from counterfoil.pay.errors import OrderNotFound
from counterfoil.pay.hold import Hold
from counterfoil.pay.holds import Holds
from counterfoil.pay.merchant import Merchant, Store
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.order import Order
from counterfoil.pay.orders import Orders
from counterfoil.qr import (
    AdditionalData,
    Initiation,
    LocalName,
    MerchantCode,
    Origin,
    PayCode,
    PayKind,
    Sheet,
    common_text,
    shown_text,
    write_merchant_code,
)

_NAME_MAX = 25
_CITY_MAX = 15
_REFERENCE_MAX = 25


class Codes:
    """Writes codes, and finds what stands behind one."""

    def __init__(
        self, merchants: Merchants, orders: Orders, holds: Holds, agreements: Agreements
    ) -> None:
        self._merchants = merchants
        self._orders = orders
        self._holds = holds
        self._agreements = agreements

    def order_link(self, order: Order, origin: Origin) -> str:
        """Write the link that pays an order: any phone's camera opens it."""
        return origin.link(PayCode(PayKind.ORDER, order.word))

    def store_link(self, store: Store, origin: Origin) -> str:
        """Write the link of a store's sticker."""
        return origin.link(PayCode(PayKind.STORE, store.word))

    def hold_link(self, hold: Hold, origin: Origin) -> str:
        """Write the link that places a hold."""
        return origin.link(PayCode(PayKind.HOLD, hold.word))

    def agreement_link(self, agreement: Agreement, origin: Origin) -> str:
        """Write the link under which an agreement is signed."""
        return origin.link(PayCode(PayKind.AGREEMENT, agreement.word))

    def order_code(self, order: Order, origin: Origin) -> str:
        """Write the EMV code of an order: dynamic, with its amount.

        Raises:
            CodeUnwritable: the merchant has no city, or its name cannot be written.

        """
        merchant = self._merchants.merchant(order.merchant)
        store = self._merchants.store(order.store) if order.store else None
        return write_merchant_code(
            self._code(merchant, store, PayCode(PayKind.ORDER, order.word), order.amount.currency,
                       origin, order)
        )  # fmt: skip

    def store_code(self, store: Store, origin: Origin, currency: Currency) -> str:
        """Write the EMV code of a store's sticker: static, the payer enters the amount.

        Raises:
            CodeUnwritable: the merchant has no city, or its name cannot be written.

        """
        merchant = self._merchants.merchant(store.merchant)
        code = PayCode(PayKind.STORE, store.word)
        return write_merchant_code(self._code(merchant, store, code, currency, origin, None))

    def found(self, code: PayCode) -> Order | Store | Hold | Agreement:
        """Find what a code stands for.

        Raises:
            OrderNotFound, StoreNotFound, HoldNotFound, AgreementNotFound: nothing does.

        """
        match code.kind:
            case PayKind.ORDER:
                return self._orders.by_word(code.word)
            case PayKind.STORE:
                return self._merchants.store_by_word(code.word)
            case PayKind.HOLD:
                return self._holds.by_word(code.word)
            case PayKind.AGREEMENT:
                return self._agreements.by_word(code.word)
            case _:
                raise OrderNotFound(_("This code is no shop's. Scan the shop's own code."))

    @staticmethod
    def _code(
        merchant: Merchant,
        store: Store | None,
        code: PayCode,
        currency: Currency,
        origin: Origin,
        order: Order | None,
    ) -> MerchantCode:
        place = store.place if store else merchant.place
        name = common_text(merchant.name, _NAME_MAX)
        city = common_text(place.city, _CITY_MAX)
        local = shown_text(merchant.name, _NAME_MAX)
        reference = common_text(order.merchant_order_no, _REFERENCE_MAX) if order else None
        return MerchantCode(
            accounts=(origin.account(code),),
            currency=currency,
            amount=order.amount if order else None,
            initiation=Initiation.DYNAMIC if order else Initiation.STATIC,
            category=place.category,
            country=place.country,
            name=name or "-",
            city=city or "-",
            additional=AdditionalData(reference=reference) if reference else None,
            local_name=None if name == local else LocalName("zh", local),
        )


def store_sheet(merchant: Merchant, store: Store, origin: Origin) -> Sheet:
    """Say what a store's sheet says."""
    return Sheet(
        merchant=merchant.name,
        store=store.name,
        number=f"{merchant.reference or merchant.number}/{store.number}",
        word=store.word,
        link=origin.link(PayCode(PayKind.STORE, store.word)),
    )
