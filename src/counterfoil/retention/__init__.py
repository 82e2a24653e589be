"""Retention: what is past its limit goes, by itself, once a day, and the run says what went.

`consent.limits` says how long each row is kept and by which law. Here is the run that keeps to it: in
small batches through the one writer, so that a kill at any instant leaves whole batches behind and
the next run goes on; on record, with a receipt; and never because a clock was wrong.
"""

from counterfoil.retention.errors import ClockJumped, RetentionError
from counterfoil.retention.model import Gone, Kept, Plan, Run
from counterfoil.retention.retention import Retention

__all__ = ["ClockJumped", "Gone", "Kept", "Plan", "Retention", "RetentionError", "Run"]
