"""Every way this room says no.

BreachError
├── CaseUnreadable      the file that describes the case is not one
├── LeakUnreadable      the list of what leaked is not one, or names what is not there
├── RuleUnreadable      the rule of compensation is not one
├── BreachNotFound      there is no case with that id
├── BreachClosed        the case is closed
├── DelayUnexplained    the authority's notice is late, and no reasons are given
└── BreachUnfinished    somebody is still to be told
"""

from counterfoil.kernel.errors import CounterfoilError


class BreachError(CounterfoilError):
    """A step of a breach's case cannot be done."""

    code = "breach.error"


class CaseUnreadable(BreachError):
    """The file that describes the case is not one."""

    code = "breach.case-unreadable"


class LeakUnreadable(BreachError):
    """The list of what leaked is not one, or names what is not there."""

    code = "breach.leak-unreadable"


class RuleUnreadable(BreachError):
    """The rule of compensation is not one."""

    code = "breach.rule-unreadable"


class BreachNotFound(BreachError):
    """There is no case with that id."""

    code = "breach.not-found"


class BreachClosed(BreachError):
    """The case is closed; open another."""

    code = "breach.closed"


class DelayUnexplained(BreachError):
    """The authority's notice is late, and no reasons for the delay are given (GDPR 33(1))."""

    code = "breach.delay-unexplained"


class BreachUnfinished(BreachError):
    """Somebody is still to be told, so the case stays open."""

    code = "breach.unfinished"
