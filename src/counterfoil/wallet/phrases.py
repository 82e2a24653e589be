"""What the records of this room say to the person they are about."""

from counterfoil.kernel.i18n import lazy
from counterfoil.rights import register_phrase

register_phrase("wallet-limits", lazy("The limits of your wallet in {currency} were changed."))
register_phrase("wallet-frozen", lazy("Your wallet in {currency} was frozen: “{reason}”"))
register_phrase("wallet-unfrozen", lazy("Your wallet in {currency} can pay again."))
register_phrase(
    "withdrawal-returned",
    lazy("Money that was on its way to your bank came back into your wallet: “{reason}”"),
)
register_phrase(
    "suspense-assigned",
    lazy("Money that had reached the bank without your reference was put into your wallet in "
         "{currency}: “{reason}”"),
)  # fmt: skip
