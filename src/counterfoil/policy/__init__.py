"""Policies as files: the schema, the loader and the checks, below both decisions and the lab.

A policy of kind `production` may run on real people; one of kind `lab` may only ever be run on
synthetic residents, and `load_for_production` refuses it by name. Nothing here runs a policy.
"""

from counterfoil.policy.errors import (
    PolicyError,
    PolicyInvalid,
    PolicyNotForProduction,
    PolicyTooNew,
    PolicyUnknown,
)
from counterfoil.policy.loader import (
    builtin_names,
    load,
    load_for_production,
    parse,
    with_parameter,
)
from counterfoil.policy.model import Kind, Model, Policy

__all__ = [
    "Kind",
    "Model",
    "Policy",
    "PolicyError",
    "PolicyInvalid",
    "PolicyNotForProduction",
    "PolicyTooNew",
    "PolicyUnknown",
    "builtin_names",
    "load",
    "load_for_production",
    "parse",
    "with_parameter",
]
