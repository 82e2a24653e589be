"""The policies that are not a score of conduct: enrolment, joining of records, face search."""

from collections.abc import Callable, Mapping
from typing import Final

import pyarrow as pa

from counterfoil.lab.models.enrolment import run_enrolment
from counterfoil.lab.models.face import run_face
from counterfoil.lab.models.relink import run_relink
from counterfoil.lab.models.summary import Told
from counterfoil.lab.population.model import Population
from counterfoil.policy.model import Model, Policy

Runner = Callable[..., dict[str, pa.Table]]

_RUNNERS: Final[Mapping[Model, Runner]] = {
    Model.ENROLMENT: run_enrolment,
    Model.RELINK: run_relink,
    Model.FACE: run_face,
}


def run_model(
    policy: Policy, population: Population, *, months: int, seed: int, told: Told
) -> dict[str, pa.Table]:
    """Run a policy whose model is not `conduct`; its tables always hold `summary`.

    `told` hears how many steps are done, of how many.
    """
    return _RUNNERS[policy.model](policy, population, months=months, seed=seed, told=told)
