"""The closed lists that policy files and synthetic populations share.

An event is something that a record may hold about a resident in one month. The order is part
of the random-number layout (an event's number is its place here), so new events go at the end,
before `RECORD_ERROR`, and every published checksum changes with them.
"""

from enum import IntEnum, StrEnum


class Event(IntEnum):
    """What happens to a resident in a month, or is written down as if it had."""

    NOTHING = 0
    LATE_BILL = 1
    MISSED_REPAYMENT = 2
    TRAFFIC_FINE = 3
    DRUNK_DRIVING = 4
    BRIBERY = 5
    COURT_JUDGMENT = 6
    EXAM_CHEATING = 7
    CRITICAL_POST = 8
    ELDER_CARE = 9
    HELPING_THE_POOR = 10
    MEDIA_MENTION = 11
    DONATION = 12
    VIDEO_GAMES = 13
    DIAPERS = 14
    ANTIDEPRESSANTS = 15
    RETURNED_GOODS = 16
    NAME_IN_CAPITALS = 17
    LOAN_REQUEST = 18
    RECORD_ERROR = 19

    @property
    def word(self) -> str:
        """Give the name that policy files use."""
        return self.name.lower().replace("_", "-")


EVENT_COUNT = len(Event)
EVENT_WORDS = {event.word: event for event in Event if event is not Event.NOTHING}

OWN_FAULT = frozenset(
    {
        Event.LATE_BILL,
        Event.MISSED_REPAYMENT,
        Event.TRAFFIC_FINE,
        Event.DRUNK_DRIVING,
        Event.BRIBERY,
        Event.COURT_JUDGMENT,
        Event.EXAM_CHEATING,
    }
)
"""Events that a reasonable person would call the resident's own act against others.

Buying diapers or antidepressants, returning goods, playing games, asking for a loan or posting
a critical sentence is none: a policy that punishes those harms people by no wrong of their own.
"""


class Layer(IntEnum):
    """Where a contact comes from; a number below 4, because it is stored in two bits."""

    HOUSEHOLD = 0
    WORK = 1
    FRIENDS = 2


class Entitlement(StrEnum):
    """What a grade or a listing can open or close."""

    FAST_TRAVEL = "fast-travel"
    SLOW_TRAIN = "slow-train"
    LUXURY_HOTEL = "luxury-hotel"
    LUXURY_GOODS = "luxury-goods"
    LARGE_LOAN = "large-loan"
    SMALL_LOAN = "small-loan"
    LICENCE = "licence"
    PERMIT = "permit"
    SOCIAL_SERVICES = "social-services"
    SCHOOL_PLACE = "school-place"
    PUBLIC_JOB = "public-job"
    DEPOSIT_FREE_RENTAL = "deposit-free-rental"
    FAST_SECURITY_LANE = "fast-security-lane"
    EXPRESS_VISA = "express-visa"
    DATING_PROFILE = "dating-profile"


PRODUCTION_EVENTS = frozenset({Event.LATE_BILL, Event.MISSED_REPAYMENT, Event.LOAN_REQUEST})
"""All that a production policy may look at: a person's own payments and repayments."""

PRODUCTION_ENTITLEMENTS = frozenset(
    {Entitlement.SMALL_LOAN, Entitlement.LARGE_LOAN, Entitlement.DEPOSIT_FREE_RENTAL}
)
"""All that a production policy may decide: what a person asked this operator for."""
