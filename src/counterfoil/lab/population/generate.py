"""Making a population from its specification."""

from collections.abc import Callable
from typing import Final

import numpy as np

from counterfoil.kernel.clock import Stopwatch
from counterfoil.lab.population.graph import make_graph, make_uniform
from counterfoil.lab.population.model import Population, PopulationSpec, Shape, made_here
from counterfoil.lab.population.people import make_residents

STEPS: Final = 10
"""In tenths of the time it takes: residents three, contacts the rest."""

Progress = Callable[[int, int], None]


def generate(spec: PopulationSpec, *, progress: Progress | None = None) -> Population:
    """Make the residents and contacts of a specification; the same every time.

    `progress` is told how many steps are done, of how many.
    """
    told = progress or _nobody
    watch = Stopwatch()
    told(0, STEPS)
    residents = make_residents(spec)
    told(3, STEPS)
    if spec.shape is Shape.UNIFORM:
        offsets, ties = make_uniform(spec)
    else:
        offsets, ties = make_graph(spec, residents, lambda done: told(3 + done, STEPS))
    for array in (offsets, ties):
        array.setflags(write=False)
    told(STEPS, STEPS)
    assert int(np.diff(offsets).sum()) == len(ties)
    return Population(
        spec=spec,
        residents=residents,
        offsets=offsets,
        ties=ties,
        build_seconds=watch.elapsed_s,
        maker=made_here(),
    )


def _nobody(done: int, total: int) -> None:
    """Tell nobody."""
