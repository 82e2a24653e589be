"""What records of cases say to the person they are about."""

from counterfoil.kernel.i18n import lazy
from counterfoil.rights import register_phrase

register_phrase(
    "breach-letter",
    lazy("Some of your data got out: {categories}. You have a letter about it; ask {contact}."),
)
register_phrase("breach-claim", lazy("You get {amount} {currency} for a leak, by rule {rule}."))
register_phrase("breach-paid", lazy("You were paid {amount} {currency} for a leak."))
