"""Features that come from no payment: what a person chooses to show, each under its own consent.

Not having one is neutral: its points are 0, the reference's points are 0, and nobody is told that it
cost them anything. A model's card has them only if its operator put them there (`score.declared`).
"""

from typing import Final

from counterfoil.kernel.i18n import lazy
from counterfoil.score.binning import Trend
from counterfoil.score.features.feature import Dimension, Feature, Lever, Unit

INCOME, JOB, CONTACT, GUARANTOR = "verified_income", "job_tenure", "same_address", "guarantor_score"

GIVEN: Final[tuple[Feature, ...]] = tuple(
    Feature(name=name, version=1, dimension=dimension, meaning=meaning, unit=unit,
            trend=Trend.FALLING, formula="", lever=Lever.EVIDENCE)
    for name, dimension, unit, meaning in (
        (INCOME, Dimension.CHARACTERISTICS, Unit.MONEY_A_MONTH,
         lazy("income that somebody has verified, a month")),
        (JOB, Dimension.CHARACTERISTICS, Unit.DAYS,
         lazy("since when you have had your job, as somebody has verified")),
        (CONTACT, Dimension.CHARACTERISTICS, Unit.DAYS,
         lazy("since when your phone number or e-mail address has stayed the same")),
        (GUARANTOR, Dimension.CONNECTIONS, Unit.COUNT,
         lazy("the score of who vouches for you")),
    )
)  # fmt: skip
GIVEN_NAMES: Final = frozenset(feature.name for feature in GIVEN)
