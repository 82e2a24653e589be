"""A population's specification and the arrays it becomes.

A resident is a number from 0 to `people - 1`, in the order of district and household, so that
most contacts stand close in memory. All residents are over 14. A contact is stored at both
ends, in compressed rows: resident i's contacts are `ties[offsets[i] : offsets[i + 1]]`, each
entry `contact << 4 | layer << 2` (the two low bits are the engine's).
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

import numpy as np

from counterfoil.kernel.i18n import _
from counterfoil.lab.compiled import Bytes, Ints, Longs, Words
from counterfoil.lab.errors import ForeignPopulation, PopulationInvalid

PEOPLE_MAX: Final = (1 << 28) - 1
"""An id shares 32 bits with its layer and two marks."""
CONTACTS_MAX: Final = 255
"""A row's length is one byte; the largest circle of acquaintances asked about is near 150."""
INCOME_LEVELS: Final = 5
AGE_LEVELS: Final = 4
AGE_STARTS: Final = (15, 30, 45, 60)
CLASS_COUNT: Final = INCOME_LEVELS * AGE_LEVELS * 8
GROUPS_MAX: Final = 4

SPEC_RANGES: Final = {
    "income_gini": (0.01, 0.89),
    "districts": (1, 65_535),
    "income_median": (1, 10_000_000),
    "friends_sigma": (0, 1.5),
}

_MADE_HERE: Final = object()


class Shape(StrEnum):
    """Which city is made."""

    CITY = "city"
    """Households, workplaces and friends, with districts, groups and homophily."""
    UNIFORM = "uniform"
    """Every pair alike: a random graph, for comparison with theory and other tools."""


class Calendar(StrEnum):
    """Which table of monthly events a population lives by."""

    CITY = "city"
    PLAIN = "plain"


@dataclass(frozen=True, slots=True, kw_only=True)
class PopulationSpec:
    """What city to make; two equal specifications make the same city, bit for bit.

    Shares are between 0 and 1. `exposure` is the share of friendships made inside one's own
    district; `friending_bias` the share made inside one's own half of the incomes whatever the
    district offers (Chetty et al. 2022 tell the two apart). `income_median` is in yuan a year.
    """

    people: int = 1_100_000
    seed: int = 1
    shape: Shape = Shape.CITY
    calendar: Calendar = Calendar.CITY
    mean_contacts: float = 10.0
    income_gini: float = 0.465
    income_median: int = 28_000
    districts: int = 96
    exposure: float = 0.6
    friending_bias: float = 0.38
    friends_sigma: float = 0.75
    rural_share: float = 0.35
    rural_segregation: float = 0.8

    def __post_init__(self) -> None:
        """Refuse a city that cannot be.

        Raises:
            PopulationInvalid: the first rule broken, with the values.

        """
        for problem, is_broken in self._problems().items():
            if is_broken:
                raise PopulationInvalid(problem)

    def _problems(self) -> dict[str, bool]:
        shares = ("exposure", "friending_bias", "rural_share", "rural_segregation")
        contacts, others = self.mean_contacts, self.people - 1
        return {
            _("{people:,} people: a population has at least 2.", people=self.people): (
                self.people < 2
            ),
            _("{people:,} people: at most {most:,} can be numbered.", people=self.people,
              most=PEOPLE_MAX): self.people > PEOPLE_MAX,
            _("Seed {seed}: a seed is between 0 and 2^64 − 1.", seed=self.seed): (
                not 0 <= self.seed < 1 << 64
            ),
            _("{contacts:g} contacts each are more than the other {others:,} people.",
              contacts=contacts, others=others): contacts > others,
            _("{contacts:g} contacts each: between 0 and 100 can be made.", contacts=contacts): (
                not 0 <= contacts <= 100
            ),
            **{
                _("{name} {value:g}: a share lies between 0 and 1.", name=name,
                  value=getattr(self, name)): not 0 <= getattr(self, name) <= 1
                for name in shares
            },
            **{
                _("{name} {value:g}: it lies between {low:g} and {high:g}.", name=name,
                  value=getattr(self, name), low=low, high=high): (
                      not low <= getattr(self, name) <= high)
                for name, (low, high) in SPEC_RANGES.items()
            },
        }  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Residents:
    """Who lives in the city, one array entry each.

    `class_of` joins income fifth, age band, child, illness and schooling into one number: the
    row of every rate table. `group_of` is 0 (urban) or 1 (rural).
    """

    household: Ints
    district: Ints
    age: Bytes
    income: Ints
    class_of: Bytes
    group_of: Bytes


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Population:
    """Synthetic residents and their contacts; only the lab's generator can make one."""

    spec: PopulationSpec
    residents: Residents
    offsets: Longs
    ties: Words
    build_seconds: float
    maker: object = field(repr=False)

    def __post_init__(self) -> None:
        """Refuse arrays from anywhere else.

        Raises:
            ForeignPopulation: the maker is not the lab's generator.

        """
        if self.maker is not _MADE_HERE:
            raise ForeignPopulation(
                _("The lab runs only on populations made by its own generator; records of real "
                  "people cannot be brought in.")
            )  # fmt: skip

    @property
    def people(self) -> int:
        """Count the residents."""
        return self.spec.people

    @property
    def directed_ties(self) -> int:
        """Count the contacts from both ends."""
        return int(self.offsets[-1])

    def income_level(self) -> Bytes:
        """Give each resident's fifth of the incomes, 0 (poorest) to 4."""
        return (self.residents.class_of // (AGE_LEVELS * 8)).astype(np.uint8)

    def age_level(self) -> Bytes:
        """Give each resident's age band, by `AGE_STARTS`."""
        return (self.residents.class_of // 8 % AGE_LEVELS).astype(np.uint8)

    def has_child(self) -> Bytes:
        """Tell who lives with a child under 15."""
        return (self.residents.class_of >> 2 & 1).astype(np.uint8)

    def is_ill(self) -> Bytes:
        """Tell who lives with depression."""
        return (self.residents.class_of >> 1 & 1).astype(np.uint8)

    def is_schooled(self) -> Bytes:
        """Tell who finished secondary school."""
        return (self.residents.class_of & 1).astype(np.uint8)


def made_here() -> object:
    """Give the mark of the lab's own generator; for `generate` alone."""
    return _MADE_HERE
