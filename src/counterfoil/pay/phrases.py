"""What the records of this room say to the person they are about."""

from counterfoil.kernel.i18n import lazy
from counterfoil.rights import register_phrase

register_phrase("merchant-opened", lazy("You opened the shop {name}."))
register_phrase(
    "merchant-suspended", lazy("Your shop {name} was stopped from being paid: “{reason}”")
)
register_phrase("merchant-reinstated", lazy("Your shop {name} can be paid again."))
register_phrase(
    "agreement", lazy("You let {merchant} debit you for “{title}”, by agreement {agreement}.")
)
register_phrase(
    "agreement-ended", lazy("Agreement {agreement} ended; nothing is debited by it any more.")
)
