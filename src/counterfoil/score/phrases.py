"""What the records of this room say to the person they are about."""

from counterfoil.kernel.i18n import lazy
from counterfoil.rights import register_phrase

register_phrase("score", lazy("A score was computed from your own payments, on your consent."))
register_phrase(
    "score-refused", lazy("No score was computed: too little is known. That counts for nothing.")
)
register_phrase(
    "score-evidence",
    lazy("{by} confirmed something for your score ({purpose}); it holds until {until}."),
)
register_phrase("score-vouching", lazy("You vouch for somebody with your score, until {until}."))
register_phrase(
    "score-evidence-ended", lazy("What was confirmed for your score ended ({purpose}).")
)
register_phrase(
    "score-told",
    lazy("{reader} asked, and was told what you consented to, and no more: {what}."),
)
register_phrase(
    "score-answer", lazy("A merchant was told what you consented to, and no more: {what}.")
)
