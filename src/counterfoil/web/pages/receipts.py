"""A payment's receipt: shown, handed over as a file, and verified by the real verification."""

from dataclasses import dataclass

from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.routing import BaseRoute

import counterfoil.sealing.view  # noqa: F401  # makes the codec of payments known
from counterfoil.history import Payment
from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber
from counterfoil.people import SignedIn
from counterfoil.receipts import Policy, Receipt, ReceiptError, Verified, Verifier, parse_receipt
from counterfoil.web.asked import Asked
from counterfoil.web.desk import Desk, Who
from counterfoil.web.payments import line_of

SEALED_WITHIN_MS = 10_000
"""Sealing takes a second; a busy machine is given more, for a receipt is worth the wait."""
RECEIPT_TYPE = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What a verification found."""

    verified: Verified | None
    said: str


def routes(desk: Desk) -> list[BaseRoute]:
    """List the routes."""
    receipts = Receipts(desk)
    return [
        desk.route("/wallet/payments/{seq:int}", receipts.show, who=Who.PERSON),
        desk.route("/wallet/payments/{seq:int}/receipt.txt", receipts.file, who=Who.PERSON),
        desk.route("/verify", receipts.form),
        desk.posted("/verify", receipts.verify),
    ]


class Receipts:
    """The handlers."""

    def __init__(self, desk: Desk) -> None:
        self._desk, self._site = desk, desk.site

    def _payment(self, me: SignedIn, seq: int) -> Payment:
        found = self._site.wallets.payment(me, seq)
        if found is None:
            raise HTTPException(404)
        return found

    def _receipt(self, asked: Asked) -> tuple[Payment, Receipt]:
        payment = self._payment(asked.me, int(asked.part("seq")))
        seq = payment.posting.seq
        self._site.sealing.wait_for(transfers=seq, timeout_ms=SEALED_WITHIN_MS)
        return payment, self._site.issuer.of_transfer(seq, AccountNumber(payment.account))

    def show(self, asked: Asked) -> Response:
        """Show a payment, with its receipt verified here and now."""
        payment, receipt = self._receipt(asked)
        outcome = self._outcome(str(receipt))
        return self._desk.page(
            asked, "receipt.html", line=line_of(self._site, payment), receipt=receipt,
            outcome=outcome, keys=self._keys(),
        )  # fmt: skip

    def file(self, asked: Asked) -> Response:
        """Hand the receipt over, verbatim."""
        _payment, receipt = self._receipt(asked)
        name = f"receipt-{asked.part('seq')}.txt"
        return Response(
            str(receipt), media_type=RECEIPT_TYPE,
            headers={"content-disposition": f'attachment; filename="{name}"',
                     "cache-control": "no-store"},
        )  # fmt: skip

    def form(self, asked: Asked) -> Response:
        """Ask for a receipt to verify."""
        return self._desk.page(asked, "verify.html", outcome=None, keys=self._keys())

    def verify(self, asked: Asked) -> Response:
        """Verify a receipt that was pasted or chosen."""
        text = asked.files.get("file", b"").decode("utf-8", "replace") or asked.form.get("text", "")
        # A form turns line ends into two characters; a receipt has one.
        outcome = self._outcome(text.replace("\r\n", "\n").strip() + "\n")
        return self._desk.page(asked, "verify.html", outcome=outcome, keys=self._keys())

    def _keys(self) -> list[str]:
        keys = self._site.keys
        return [str(key.verifier) for key in (*keys.transfers, *keys.records)]

    def _outcome(self, text: str) -> _Outcome:
        keys = self._site.keys
        known = Policy(tuple(key.verifier for key in (*keys.transfers, *keys.records)))
        try:
            verified = Verifier(known, now_us=self._desk.clock.now_us()).verify(parse_receipt(text))
        except ReceiptError as error:
            return _Outcome(None, _("It does not hold: {reason}", reason=error.message))
        return _Outcome(verified, "")
