"""The way back to a shop: its `return_url`, with what became of it, signed as a notice is.

A browser carries it, so that it proves nothing until the shop has verified the signature; and it may
never arrive, so that the notice and a query are what counts. What names no application goes back as it
came, unsigned.
"""

from datetime import datetime
from typing import Final
from urllib.parse import urlencode, urlsplit, urlunsplit

from counterfoil.alipay.method import shown
from counterfoil.alipay.notice import payer_of
from counterfoil.alipay.rooms import Rooms
from counterfoil.alipay.signing import sign_form
from counterfoil.alipay.tokens import Grant
from counterfoil.alipay.values import shown_time
from counterfoil.pay import Agreement, AgreementState, Application, ApplicationId, Order
from counterfoil.people import PersonId

PAID: Final = "alipay.trade.page.pay.return"
SIGNED: Final = "alipay.user.agreement.page.sign.return"


class Returning:
    """Writes the addresses by which browsers go back to shops."""

    def __init__(self, rooms: Rooms) -> None:
        self._rooms = rooms

    def of_order(self, order: Order, at: datetime) -> str:
        """Write where the payer of an order goes, and what the shop is told there."""
        if order.application is None or order.paid is None:
            return order.return_url
        told = {
            "method": PAID,
            "out_trade_no": order.merchant_order_no,
            "trade_no": order.number,
            "total_amount": shown(order.amount),
            "seller_id": self._rooms.pay.merchants.merchant(order.merchant).number,
        }
        return self._signed(order.return_url, order.application, told, at)

    def of_agreement(self, agreement: Agreement, at: datetime) -> str:
        """Write where the signer of an agreement goes, and what the shop is told there."""
        application, payer = agreement.application, agreement.payer
        if application is None or payer is None or agreement.signed_at is None:
            return agreement.return_url
        signed_at = shown_time(agreement.signed_at)
        told = {
            "method": SIGNED,
            "agreement_no": agreement.number,
            "external_agreement_no": agreement.merchant_agreement_no,
            "sign_scene": agreement.scene,
            "status": "NORMAL" if agreement.state is AgreementState.SIGNED else "STOP",
            "sign_time": signed_at,
            "valid_time": signed_at,
            **payer_of(self._rooms, application, payer, "alipay"),
        }
        return self._signed(agreement.return_url, application, told, at)

    def of_authorization(
        self,
        url: str,
        application: Application,
        who: PersonId,
        scope: str,
        state: str,
        at: datetime,
    ) -> str:
        """Write where somebody goes who agreed to be known, with a code that is good once."""
        code = self._rooms.tokens.code(Grant(who, application.id, scope), at)
        told = {"app_id": application.id, "source": "alipay_wallet", "scope": scope,
                "auth_code": code, "state": state}  # fmt: skip
        return with_query(url, {name: value for name, value in told.items() if value})

    def of_refusal(self, url: str, application: Application, state: str) -> str:
        """Write where somebody goes who did not agree."""
        told = {"app_id": application.id, "error": "access_denied", "state": state}
        return with_query(url, {name: value for name, value in told.items() if value})

    def _signed(
        self, url: str, application: ApplicationId, told: dict[str, str], at: datetime
    ) -> str:
        fields = {
            "app_id": application,
            "auth_app_id": application,
            "charset": "utf-8",
            "version": "1.0",
            "timestamp": shown_time(at),
            **told,
        }
        applications = self._rooms.pay.applications
        signed = sign_form(fields, lambda text: applications.sign(application, text))
        return with_query(url, signed)


def with_query(url: str, fields: dict[str, str]) -> str:
    """Add fields to an address, behind what its owner has in it.

    >>> with_query("https://shop.example/back?basket=7#top", {"a": "1 2"})
    'https://shop.example/back?basket=7&a=1+2#top'
    """
    parts = urlsplit(url)
    query = "&".join(one for one in (parts.query, urlencode(fields)) if one)
    return urlunsplit(parts._replace(query=query))
