"""What can be wrong with a policy file.

PolicyError
├── PolicyUnknown           no policy of that name ships, and no file is there
├── PolicyInvalid           the file says something that cannot be run
├── PolicyTooNew            the file was written for a later version
└── PolicyNotForProduction  only the lab may run it
"""

from counterfoil.kernel.errors import CounterfoilError


class PolicyError(CounterfoilError):
    """A policy file that cannot be used for what was asked."""

    code = "policy.error"


class PolicyUnknown(PolicyError):
    """No policy of that name ships with this version, and no such file exists."""

    code = "policy.unknown"


class PolicyInvalid(PolicyError):
    """A rule, weight, rate or threshold that cannot be run; the message names its place."""

    code = "policy.invalid"


class PolicyTooNew(PolicyError):
    """The file's format is later than the one this version reads."""

    code = "policy.too-new"


class PolicyNotForProduction(PolicyError):
    """The policy is of kind `lab`, or uses an input that production never reads."""

    code = "policy.not-for-production"
