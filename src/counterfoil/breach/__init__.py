"""Breaches: whom a leak is about, what they are told, by when the authority is, and what they get.

A case is opened with what happened, in words for each language. What leaked is given as rows, as the
reads of a collector, or as a copy that got out; who is affected follows from the database and the
access log. Each of them gets a letter, the authority its notice within the law's time, and, by a rule
that is written down, a compensation that is paid at most once. Every step is on record.
"""

import counterfoil.breach.words  # noqa: F401  # says what its records tell persons
from counterfoil.breach.affected import copy_leaked, reads_leaked, rows_leaked
from counterfoil.breach.breaches import Breaches
from counterfoil.breach.errors import (
    BreachClosed,
    BreachError,
    BreachNotFound,
    BreachUnfinished,
    CaseUnreadable,
    DelayUnexplained,
    LeakUnreadable,
    RuleUnreadable,
)
from counterfoil.breach.model import (
    CLOCKS,
    Affected,
    Breach,
    BreachId,
    Leak,
    Severity,
    Standing,
    Words,
    read_case,
)
from counterfoil.breach.rule import Rule, default_rule, read_rule

__all__ = [
    "CLOCKS",
    "Affected",
    "Breach",
    "BreachClosed",
    "BreachError",
    "BreachId",
    "BreachNotFound",
    "BreachUnfinished",
    "Breaches",
    "CaseUnreadable",
    "DelayUnexplained",
    "Leak",
    "LeakUnreadable",
    "Rule",
    "RuleUnreadable",
    "Severity",
    "Standing",
    "Words",
    "copy_leaked",
    "default_rule",
    "read_case",
    "read_rule",
    "reads_leaked",
    "rows_leaked",
]
