"""The numbers behind the enumerations, for compiled code.

Numba reads an enumeration's member slowly or not at all; plain integers of a module are constants
to it. Each is taken from its enumeration, so the two cannot differ.
"""

from typing import Final

from counterfoil.lab.randomness import Stream
from counterfoil.lab.rules import LISTED_STATUS, At
from counterfoil.lab.tally import Count, Flag, Past
from counterfoil.policy.words import Event

OWN_WEIGHT: Final = int(At.OWN_WEIGHT)
CONTACTS_WEIGHT: Final = int(At.CONTACTS_WEIGHT)
FLOOR: Final = int(At.FLOOR)
CEILING: Final = int(At.CEILING)
CLEAN_MONTH: Final = int(At.CLEAN_MONTH)
FORGET: Final = int(At.FORGET)
LOST_PENALTY: Final = int(At.LOST_PENALTY)
LIST_BELOW: Final = int(At.LIST_BELOW)
LIST_UNTIL: Final = int(At.LIST_UNTIL)
ERROR_LISTS: Final = int(At.ERROR_LISTS)
ERROR_POINTS: Final = int(At.ERROR_POINTS)
CORRECTION: Final = int(At.CORRECTION)
RELEASE: Final = int(At.RELEASE)
DROP: Final = int(At.DROP)
OWN_MINIMUM: Final = int(At.OWN_MINIMUM)
CONTACTS_MINIMUM: Final = int(At.CONTACTS_MINIMUM)
AUTHORIZED: Final = int(At.AUTHORIZED)
REPAID: Final = int(At.REPAID_POINTS)
DEFAULT: Final = int(At.DEFAULT_POINTS)
SILENCE: Final = int(At.SILENCE)
K0: Final = int(At.K0)
K1: Final = int(At.K1)

S_EVENT: Final = int(Stream.EVENT)
S_TIE: Final = int(Stream.TIE)
S_CORRECTION: Final = int(Stream.CORRECTION)
S_RELEASE: Final = int(Stream.RELEASE)
S_REPAYMENT: Final = int(Stream.REPAYMENT)
S_AUTHORIZED: Final = int(Stream.AUTHORIZED)

POST: Final = int(Event.CRITICAL_POST)
LOAN: Final = int(Event.LOAN_REQUEST)
ERROR: Final = int(Event.RECORD_ERROR)

FALSE: Final = int(Flag.WRONG)
EVENT: Final = int(Flag.EVENT_LISTED)
ENROLLED: Final = int(Flag.ENROLLED)
EXEMPT: Final = int(Flag.EXEMPT)
FAULT: Final = int(Flag.AT_FAULT)
SILENT: Final = int(Flag.SILENT)
TWIN_SILENT: Final = int(Flag.TWIN_SILENT)
MERGED: Final = int(Flag.MERGED)

P_LISTED: Final = int(Past.LISTED)
P_TWIN: Final = int(Past.TWIN_LISTED)
P_BLAMELESS: Final = int(Past.LISTED_BLAMELESS)
P_FALSE: Final = int(Past.WRONGED)
P_DENIED: Final = int(Past.DENIED_BLAMELESS)
P_CORRECTED: Final = int(Past.CORRECTED)

C_STATUS: Final = int(Count.STATUS)
C_TWIN_STATUS: Final = int(Count.TWIN_STATUS)
C_FLOW: Final = int(Count.FLOW)
C_SCORE: Final = int(Count.SCORE_SUM)
C_TWIN_SCORE: Final = int(Count.TWIN_SCORE_SUM)
C_OWN: Final = int(Count.OWN_SUM)
C_FALSELY: Final = int(Count.LISTED_FALSELY)
C_FOR_EVENT: Final = int(Count.LISTED_FOR_EVENT)
C_FOR_OWN: Final = int(Count.LISTED_FOR_OWN_SCORE)
C_FOR_CONTACTS: Final = int(Count.LISTED_FOR_CONTACTS)
C_ENTERED: Final = int(Count.ENTERED)
C_LEFT: Final = int(Count.LEFT)
C_LEFT_MONTHS: Final = int(Count.LEFT_MONTHS)
C_FALSE_ENTRIES: Final = int(Count.FALSE_ENTRIES)
C_CORRECTED: Final = int(Count.CORRECTED)
C_CORRECTED_MONTHS: Final = int(Count.CORRECTED_MONTHS)
C_TIES: Final = int(Count.TIES)
C_TWIN_TIES: Final = int(Count.TWIN_TIES)
C_ISOLATED: Final = int(Count.ISOLATED)
C_DENIED: Final = int(Count.DENIED)
C_BLAMELESS: Final = int(Count.DENIED_BLAMELESS)
C_FIRST: Final = int(Count.FIRST_LISTED)
C_TWIN_FIRST: Final = int(Count.TWIN_FIRST_LISTED)
C_ASKED: Final = int(Count.LOANS_ASKED)
C_GRANTED: Final = int(Count.LOANS_GRANTED)
C_REPAID: Final = int(Count.LOANS_REPAID)
C_REFUSED: Final = int(Count.REFUSED_RELIABLE)
C_FRIENDS: Final = int(Count.REFUSED_FOR_FRIENDS)
C_SILENT: Final = int(Count.SILENT)
C_GIVEN_UP: Final = int(Count.SPEECH_GIVEN_UP)
C_WRONG: Final = int(Count.WRONG_RECORDS)
C_EXEMPTED: Final = int(Count.EXEMPTED)
C_UNSCORED: Final = int(Count.UNSCORED)

LISTED: Final = int(LISTED_STATUS)
SCORE_BITS: Final = 0x7FFF
CERTAIN: Final = 1 << 32
CHUNK: Final = 1024
"""Residents whose work fits a core's own cache."""
PART: Final = 32
"""Chunks that one thread moves before it takes up others."""
