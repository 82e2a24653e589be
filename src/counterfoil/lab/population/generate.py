"""Making a population from its specification."""

import time

import numpy as np

from counterfoil.lab.population.graph import make_graph, make_uniform
from counterfoil.lab.population.model import Population, PopulationSpec, Shape, made_here
from counterfoil.lab.population.people import make_residents


def generate(spec: PopulationSpec) -> Population:
    """Make the residents and contacts of a specification; the same every time."""
    started = time.perf_counter()
    residents = make_residents(spec)
    if spec.shape is Shape.UNIFORM:
        offsets, ties = make_uniform(spec)
    else:
        offsets, ties = make_graph(spec, residents)
    for array in (offsets, ties):
        array.setflags(write=False)
    assert int(np.diff(offsets).sum()) == len(ties)
    return Population(
        spec=spec,
        residents=residents,
        offsets=offsets,
        ties=ties,
        build_seconds=time.perf_counter() - started,
        maker=made_here(),
    )
