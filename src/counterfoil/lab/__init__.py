"""The lab: run a scoring policy on a synthetic city and measure what it does to people.

Nobody here is real. Policies come as files (`counterfoil.policy`), residents from the lab's own
generator, and nothing in this package can move money or write a record about a person.

    from counterfoil import lab
    city = lab.generate(lab.PopulationSpec(people=20_000))
    lab.run(lab.load("suining-2010"), city).tables["summary"].to_pandas()
"""

from counterfoil.lab.population import Calendar, Population, PopulationSpec, Shape, generate
from counterfoil.lab.run import Interrupted, Result, run
from counterfoil.policy import builtin_names, load

__all__ = [
    "Calendar",
    "Interrupted",
    "Population",
    "PopulationSpec",
    "Result",
    "Shape",
    "builtin_names",
    "generate",
    "load",
    "run",
]
