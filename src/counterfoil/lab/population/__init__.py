"""Synthetic residents: who they are, whom they know, and what happens to them each month."""

from counterfoil.lab.population.generate import generate
from counterfoil.lab.population.model import Calendar, Population, PopulationSpec, Shape

__all__ = ["Calendar", "Population", "PopulationSpec", "Shape", "generate"]
