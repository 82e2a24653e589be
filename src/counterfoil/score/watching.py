"""The daily look at the model that scores: what it found stands here until the next one.

An alert is a number for whoever watches the server (`counterfoil_score_alerts`) and a sentence for
`counterfoil score watch`. Nothing is repaired by itself.
"""

from typing import Final

from counterfoil.score.errors import ModelNotFound
from counterfoil.score.monitor import Alert
from counterfoil.score.scores import Scores

WATCH_DAYS: Final = 30


class Watching:
    """Looks at the champion's scores of the last thirty days. It may be read from any thread."""

    def __init__(self, scores: Scores) -> None:
        self._scores = scores
        self.alerts: tuple[Alert, ...] = ()
        """What the latest look found."""

    def look(self) -> None:
        """Look once; where nothing scores, there is nothing to see.

        Raises:
            ModelRefused: the champion's file is not what it was.
            StoreUnavailable: the scores could not be read.

        """
        try:
            self.alerts = tuple(self._scores.watch(days=WATCH_DAYS))
        except ModelNotFound:
            self.alerts = ()
