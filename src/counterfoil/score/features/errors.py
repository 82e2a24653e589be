"""What features refuse.

ScoreError
├── FeatureForbidden   a feature of a kind that no score here may use
└── EventsRefused      events or cutoffs that have not the columns they must have
"""

from counterfoil.score.errors import ScoreError


class FeatureForbidden(ScoreError):
    """A feature that would judge somebody by more than their own payments."""

    code = "score.feature-forbidden"


class EventsRefused(ScoreError):
    """Events or cutoffs that features cannot be computed from."""

    code = "score.events-refused"
