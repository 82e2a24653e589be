"""Where money goes that a merchant passes on: the receiver's account, and why it cannot."""

from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber, Refusal, TransferRefused
from counterfoil.money import Currency
from counterfoil.pay.commit import as_refused
from counterfoil.pay.errors import (
    MerchantFundsMissing,
    MerchantNotFound,
    MerchantSuspended,
    ReceiverNotFound,
    ReceiverUnable,
)
from counterfoil.pay.merchant import MerchantId, Purse
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.passing import Receiver
from counterfoil.pay.purses import Purses
from counterfoil.people import PersonNotFound
from counterfoil.wallet import CurrencyNotOffered, Wallets


class Receiving:
    """Finds the accounts of those who receive."""

    def __init__(self, merchants: Merchants, purses: Purses, wallets: Wallets) -> None:
        self._merchants = merchants
        self._purses = purses
        self._wallets = wallets

    def account(
        self, receiver: Receiver, currency: Currency, *, giver: MerchantId
    ) -> AccountNumber:
        """Find or open the account of a receiver.

        Raises:
            ReceiverNotFound: there is no such person or merchant.
            ReceiverUnable: they take no money in this currency, or are the giver.

        """
        if receiver.merchant_id is not None:
            if receiver.merchant_id == giver:
                raise ReceiverUnable(_("Money cannot be passed on to oneself. Name another."))
            try:
                merchant = self._merchants.selling(receiver.merchant_id)
            except MerchantNotFound as missing:
                raise _nobody() from missing
            except MerchantSuspended as suspended:
                raise _unable() from suspended
            return self._purses.account(merchant.id, currency, Purse.AVAILABLE)
        if receiver.person_id is None:
            raise _nobody()
        try:
            return self._wallets.open_wallet(receiver.person_id, currency).account
        except PersonNotFound as missing:
            raise _nobody() from missing
        except CurrencyNotOffered as missing:
            raise _unable() from missing


def explained(refused: TransferRefused) -> Exception | None:
    """Say why money could not go from a merchant to a receiver."""
    if refused.refusal in {Refusal.EXCEEDS_CREDITS, Refusal.DEBITS_FROZEN}:
        return MerchantFundsMissing(
            _("There is not enough on the merchant's account to pass this on now.")
        )
    if refused.refusal in {Refusal.CREDITS_FROZEN, Refusal.CREDIT_ACCOUNT_CLOSED}:
        return _unable()
    return as_refused(refused)


def _nobody() -> ReceiverNotFound:
    return ReceiverNotFound(_("There is nobody here to receive this. Check who is meant."))


def _unable() -> ReceiverUnable:
    return ReceiverUnable(_("The receiver cannot take money in this currency now."))
