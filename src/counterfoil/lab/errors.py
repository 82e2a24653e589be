"""What the lab refuses, each before the work starts.

LabError
├── PopulationInvalid   a city that cannot be: more contacts than people, a share above 1
├── ForeignPopulation   residents that the lab's own generator did not make
├── RunInvalid          a run that cannot be: no months, a million months, an unknown engine
├── MemoryShort         the run would not fit; says what would
├── CheckpointInvalid   the saved run is another run's, or a later version's
└── ExtraMissing        an optional library is not installed
"""

from counterfoil.kernel.errors import CounterfoilError


class LabError(CounterfoilError):
    """An experiment that the lab cannot run."""

    code = "lab.error"


class PopulationInvalid(LabError):
    """A population that cannot exist."""

    code = "lab.population-invalid"


class ForeignPopulation(LabError):
    """Residents who were not made by the lab's own generator."""

    code = "lab.foreign-population"


class RunInvalid(LabError):
    """A run that cannot be done as asked."""

    code = "lab.run-invalid"


class MemoryShort(LabError):
    """The machine's free memory will not hold the run."""

    code = "lab.memory-short"


class CheckpointInvalid(LabError):
    """A saved run does not belong to the run that is being resumed."""

    code = "lab.checkpoint-invalid"


class ExtraMissing(LabError):
    """A library that only an optional extra installs is needed."""

    code = "lab.extra-missing"
