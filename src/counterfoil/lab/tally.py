"""What is counted in every month, in the same pass that moves the month.

One row of int64 a month; `Count` names its places. Every entry is a plain sum over residents,
so rows of different threads add up to the same row in any order.
"""

from enum import IntEnum
from typing import Final

from counterfoil.lab.population.model import GROUPS_MAX
from counterfoil.lab.rules import STATUS_COUNT

GRADES: Final = 8


class Count(IntEnum):
    """Places in a month's row. Sums of scores are in 1/16 point."""

    STATUS = 0
    """Residents by group and status: GROUPS_MAX × STATUS_COUNT."""
    TWIN_STATUS = GROUPS_MAX * STATUS_COUNT
    """The same in the twin, all groups together: STATUS_COUNT."""
    FLOW = TWIN_STATUS + STATUS_COUNT
    """Residents by last month's and this month's grade: GRADES × GRADES."""
    SCORE_SUM = FLOW + GRADES * GRADES
    """Scores by group: GROUPS_MAX."""
    TWIN_SCORE_SUM = SCORE_SUM + GROUPS_MAX
    OWN_SUM = TWIN_SCORE_SUM + 1
    LISTED_FALSELY = OWN_SUM + 1
    LISTED_FOR_EVENT = LISTED_FALSELY + 1
    LISTED_FOR_OWN_SCORE = LISTED_FOR_EVENT + 1
    LISTED_FOR_CONTACTS = LISTED_FOR_OWN_SCORE + 1
    ENTERED = LISTED_FOR_CONTACTS + 1
    LEFT = ENTERED + 1
    LEFT_MONTHS = LEFT + 1
    """Months on the list, summed over those who left it this month."""
    FALSE_ENTRIES = LEFT_MONTHS + 1
    CORRECTED = FALSE_ENTRIES + 1
    CORRECTED_MONTHS = CORRECTED + 1
    """Months from false entry to correction, summed over this month's corrections."""
    TIES = CORRECTED_MONTHS + 1
    """Contacts alive, from both ends."""
    TWIN_TIES = TIES + 1
    ISOLATED = TWIN_TIES + 1
    """Residents who had contacts and have none left."""
    DENIED = ISOLATED + 1
    """Residents refused at least one thing this month."""
    DENIED_BLAMELESS = DENIED + 1
    FIRST_LISTED = DENIED_BLAMELESS + 1
    TWIN_FIRST_LISTED = FIRST_LISTED + 1
    LOANS_ASKED = TWIN_FIRST_LISTED + 1
    LOANS_GRANTED = LOANS_ASKED + 1
    LOANS_REPAID = LOANS_GRANTED + 1
    REFUSED_RELIABLE = LOANS_REPAID + 1
    """Refused although the loan would have been repaid."""
    REFUSED_FOR_FRIENDS = REFUSED_RELIABLE + 1
    """Refused although the own score passes."""
    SILENT = REFUSED_FOR_FRIENDS + 1
    SPEECH_GIVEN_UP = SILENT + 1
    WRONG_RECORDS = SPEECH_GIVEN_UP + 1
    """Points booked to the wrong person by a merge of records."""
    EXEMPTED = WRONG_RECORDS + 1
    """Punishable acts of exempt residents that counted for nothing."""
    UNSCORED = EXEMPTED + 1
    SIZE = UNSCORED + 1


class Flag(IntEnum):
    """Bits of a resident's standing."""

    WRONG = 1
    """Holds a wrong record: points lost, and listed where the policy lists by error."""
    EVENT_LISTED = 2
    ENROLLED = 4
    EXEMPT = 8
    AT_FAULT = 16
    """Has done something that is both a wrong of their own and counted by the policy."""
    SILENT = 32
    MERGED = 64
    TWIN_SILENT = 128


class Past(IntEnum):
    """Bits of what has ever happened to a resident."""

    LISTED = 1
    TWIN_LISTED = 2
    LISTED_BLAMELESS = 4
    WRONGED = 8
    DENIED_BLAMELESS = 16
    CORRECTED = 32
