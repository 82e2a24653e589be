"""Businesses and officials in one file with residents.

A business is a workplace of the city; its file is joined to its owner's, so it is on the list while
its owner is. Nothing flows back: who works for a listed business is counted, and loses nothing more.
Officials are the exempt.
"""

from dataclasses import dataclass

import numpy as np

from counterfoil.kernel.i18n import lazy
from counterfoil.lab.compiled import Ints
from counterfoil.lab.models.summary import Row, share
from counterfoil.lab.population.model import Population
from counterfoil.lab.population.workplaces import NOBODY, owners_of
from counterfoil.lab.state import State
from counterfoil.lab.tally import Flag, Past


@dataclass(frozen=True, slots=True, eq=False)
class Businesses:
    """Who owns a business, and whose business everybody works in (`NOBODY` for none)."""

    owners: Ints
    owner_of: Ints

    @classmethod
    def of(cls, population: Population) -> "Businesses":
        """Find the businesses of a city."""
        owner_of = owners_of(population.spec, population.residents)
        owners = np.flatnonzero(owner_of == np.arange(population.people)).astype(np.int32)
        return cls(owners, owner_of)

    def staff_of(self, owner: int) -> int:
        """Count who works in a business, its owner included."""
        return int((self.owner_of == owner).sum())


def business_rows(population: Population, state: State) -> list[Row]:
    """Measure what the list does to businesses, to who works in them, and to officials."""
    found = Businesses.of(population)
    owners, count = found.owners, len(found.owners)
    listed, ever = (state.seen & np.uint32(1)) != 0, (state.past & Past.LISTED) != 0
    blameless = (state.past & Past.LISTED_BLAMELESS) != 0
    staff = np.flatnonzero((found.owner_of != NOBODY) & (found.owner_of != np.arange(len(ever))))
    employer = found.owner_of[staff]
    official = (state.flags & Flag.EXEMPT) != 0
    return [
        ("businesses", float(count), "businesses", lazy("workplaces, each in its owner's file")),
        ("businesses_listed_share", share(listed[owners].sum(), count), "share",
         lazy("of businesses: their owner is on the list in the last month")),
        ("businesses_ever_listed_share", share(ever[owners].sum(), count), "share",
         lazy("of businesses: on the list at any time")),
        ("businesses_listed_blameless_share",
         share(blameless[owners].sum(), ever[owners].sum()), "share",
         lazy("of them: listed when the owner had done nothing")),
        ("staff_of_listed_share", share(ever[employer].sum(), len(staff)), "share",
         lazy("of who works for another: the business was on the list at any time")),
        ("staff_hit_unlisted_share", share((ever[employer] & ~ever[staff]).sum(), len(staff)),
         "share", lazy("the same, and never on the list themselves")),
        ("officials_ever_listed_share", share(ever[official].sum(), official.sum()), "share",
         lazy("of the exempt: on the list at any time")),
        ("others_ever_listed_share", share(ever[~official].sum(), (~official).sum()), "share",
         lazy("of everybody else: on the list at any time")),
    ]  # fmt: skip
