"""What a feature is: a name, what it means, and a formula of aggregates."""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.score.binning import Trend
from counterfoil.score.features.errors import FeatureForbidden


class Dimension(StrEnum):
    """The five dimensions of the score."""

    HISTORY = "credit-history"
    BEHAVIOR = "behavior"
    CAPACITY = "fulfilment-capacity"
    CHARACTERISTICS = "characteristics"
    CONNECTIONS = "connections"


DIMENSION_WORDS: Final[dict[Dimension, Message]] = {
    Dimension.HISTORY: lazy("credit history"),
    Dimension.BEHAVIOR: lazy("behavior: how regularly you meet what you agreed"),
    Dimension.CAPACITY: lazy("capacity to fulfill"),
    Dimension.CHARACTERISTICS: lazy("characteristics"),
    Dimension.CONNECTIONS: lazy("connections"),
}


class Unit(StrEnum):
    """What a feature is counted in."""

    MONEY = "minor units"
    MONEY_A_MONTH = "minor units a month"
    SHARE = "share"
    RATIO = "ratio"
    DAYS = "days"
    MONTHS = "months"
    COUNT = "count"
    COUNT_A_MONTH = "count a month"


class Lever(StrEnum):
    """What can change a feature; a reason that nobody can act on is still a reason."""

    CONDUCT = "conduct"
    """What the person does from now on, until what was done before has left the window."""
    TIME = "time"
    """Nothing but time."""
    EVIDENCE = "evidence"
    """What the person shows, under a grant of its own."""


FORBIDDEN: Final = {
    **dict.fromkeys(("friend", "contact", "social", "network"), "what others do is not one's own"),
    **dict.fromkeys(
        ("location", "place", "city", "travel"), "where somebody is does not pay bills"
    ),
    **dict.fromkeys(("health", "pharmacy", "doctor"), "health"),
    **dict.fromkeys(("belief", "religion", "donation", "politics", "party"), "belief and politics"),
    **dict.fromkeys(("school", "employer", "car", "family", "marriage"), "refused by name"),
    **dict.fromkeys(("merchant", "shop", "purchase", "category"), "what was bought"),
    **dict.fromkeys(("age", "sex", "gender", "nationality", "ethnic"), "birth"),
    **dict.fromkeys(("face", "voice", "fingerprint", "speech"), "body and speech"),
}
"""Words that no feature's name or formula may hold, with the reason (design: the line)."""


def require_allowed(name: str, formula: str = "") -> None:
    """Refuse what no score may use.

    Raises:
        FeatureForbidden: a forbidden word is in the name or formula.

    """
    words = set(re.findall(r"[a-z]+", f"{name} {formula}".lower()))
    for word, why in FORBIDDEN.items():
        if word in words or f"{word}s" in words:
            raise FeatureForbidden(
                _("Feature {name} uses {word!r}: {why}. No score here may.",
                  name=name, word=word, why=why),
                name=name,
            )  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Feature:
    """One number about a person at an instant; null where there is nothing to say."""

    name: str
    version: int
    dimension: Dimension
    meaning: Message
    unit: Unit
    trend: Trend
    """How the bad rate must go as it grows, where reason says so before any data."""
    formula: str
    """SQL over aggregates (`aggregate`): + − × ÷, sqrt, least, greatest, nullif, CASE."""
    days: int = 0
    """How far back it looks; 0: to the beginning."""
    lever: Lever = Lever.CONDUCT

    @property
    def family(self) -> str:
        """What it measures, whatever the window: reasons are given once a family."""
        return self.name.removesuffix(f"_{self.days}")

    def __post_init__(self) -> None:
        """Refuse what no score may use.

        Raises:
            FeatureForbidden: a forbidden word is in its name or formula.

        """
        require_allowed(self.name, self.formula)
