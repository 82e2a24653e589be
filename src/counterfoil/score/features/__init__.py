"""Features: numbers from a person's own payments up to an instant, each defined once.

A feature is SQL over *events*: what happened on a person's accounts, one row a posting. The same text
runs over one person's history, over Parquet segments on DuckDB, and, translated, on Spark. Only
events strictly before the instant are seen, so that what comes later never changes what was.

Words: an *event* is a posting with its kind; a *kind* comes from the agreement behind the payment
(rent is rent because a lease says so), never from what was bought; a *cutoff* is a person and an
instant; an *aggregate* is an exact whole number over events; a *feature* is a formula of aggregates.

Aggregates are integers and a formula uses +, −, ×, ÷ and square roots alone, which every engine
rounds alike (IEEE 754): three engines give the same bits.
"""

from counterfoil.score.features.catalogue import FEATURE_BY_NAME, FEATURES, catalogue_hash
from counterfoil.score.features.errors import EventsRefused, FeatureForbidden
from counterfoil.score.features.event import CUTOFFS, EVENTS, EventKind
from counterfoil.score.features.feature import Dimension, Feature, Lever, Unit, require_allowed
from counterfoil.score.features.run import compute

__all__ = [
    "CUTOFFS",
    "EVENTS",
    "FEATURES",
    "FEATURE_BY_NAME",
    "Dimension",
    "EventKind",
    "EventsRefused",
    "Feature",
    "FeatureForbidden",
    "Lever",
    "Unit",
    "catalogue_hash",
    "compute",
    "require_allowed",
]
