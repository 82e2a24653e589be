"""A policy, checked: frozen values in the units that a reader of the file sees.

Points are whole or fractional points of the score, rates are probabilities a month, weights are
percent. The lab turns them into integers (`lab.rules`); production into decisions.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from counterfoil.policy.words import Entitlement, Event, Layer


class Kind(StrEnum):
    """Who may run a policy."""

    PRODUCTION = "production"
    LAB = "lab"


class Model(StrEnum):
    """Which machine runs a policy."""

    CONDUCT = "conduct"
    ENROLMENT = "enrolment"
    RELINK = "relink"
    FACE = "face"


@dataclass(frozen=True, slots=True)
class Source:
    """Where a rule or number comes from."""

    title: str
    publisher: str
    date: str
    url: str
    says: str


@dataclass(frozen=True, slots=True)
class Assumption:
    """A number that no source gives, and why this one was taken."""

    parameter: str
    why: str


@dataclass(frozen=True, slots=True)
class OpenParameter:
    """An unknown of the policy, with the range over which the lab sweeps it."""

    parameter: str
    low: float
    high: float
    steps: int
    why: str

    def values(self) -> tuple[float, ...]:
        """List the swept values, both ends included."""
        step = (self.high - self.low) / (self.steps - 1)
        # Twelve digits keep a rate of 1e-11 and drop the noise of adding tenths.
        return tuple(float(f"{self.low + step * number:.12g}") for number in range(self.steps))


@dataclass(frozen=True, slots=True)
class EventPoints:
    """What one event adds to its category, in points of the whole score's span."""

    points: float
    category: str


@dataclass(frozen=True, slots=True)
class Score:
    """How the score is put together.

    `weights` are percent by category and sum to 100; the category `connections` is the mean
    score of one's contacts, every other one counts the resident's own events.
    """

    start: float
    floor: float
    ceiling: float
    weights: Mapping[str, float]
    clean_month: float = 0.0
    forget_per_1024: int = 0
    lost_contact_penalty: float = 0.0

    @property
    def connections_weight(self) -> float:
        """Give the percent that friends' scores count."""
        return self.weights.get("connections", 0.0)


@dataclass(frozen=True, slots=True)
class Base:
    """Points that a resident starts with for what they are, by level of each trait."""

    income: tuple[float, ...] = (0.0,) * 5
    age: tuple[float, ...] = (0.0,) * 4
    child: float = 0.0
    ill: float = 0.0
    schooled: float = 0.0


@dataclass(frozen=True, slots=True)
class Listing:
    """Who is put on the list, who comes off, and how often it is wrong."""

    below: float | None = None
    until: float | None = None
    by_error: bool = False
    events: tuple[Event, ...] = ()
    error_rate: float = 0.0
    error_points: float = 0.0
    correction_rate: float = 0.0
    release_rate: float = 0.0
    public: bool = False
    denies: tuple[Entitlement, ...] = ()


@dataclass(frozen=True, slots=True)
class Grade:
    """One band of the score, from its lowest score upwards."""

    name: str
    starts_at: float
    denies: tuple[Entitlement, ...]
    grants: tuple[Entitlement, ...]


@dataclass(frozen=True, slots=True)
class Loan:
    """How a lender uses the score, and what a loan does to it afterwards."""

    own_minimum: float | None = None
    contacts_minimum: float | None = None
    authorized_share: float = 1.0
    repaid_points: float = 0.0
    default_points: float = 0.0
    lender_gain: int = 1
    lender_loss: int = 4


@dataclass(frozen=True, slots=True)
class People:
    """Who is under the policy at all."""

    enrolled_share: float = 1.0
    exempt_share: float = 0.0
    merged_share: float = 0.0
    silence: bool = False
    businesses: bool = False
    """Workplaces are in the file as well, joined to their owners' records."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One policy, from one file.

    `settings` holds the tables of the models other than `conduct`; `document` is the file as
    read, from which a sweep makes its neighbors.
    """

    name: str
    kind: Kind
    model: Model
    title: str
    summary: str
    sources: tuple[Source, ...]
    assumptions: tuple[Assumption, ...]
    open_parameters: tuple[OpenParameter, ...]
    score: Score
    base: Base
    points: Mapping[Event, EventPoints]
    listing: Listing
    drop_rates: Mapping[Layer, float]
    grades: tuple[Grade, ...]
    loan: Loan
    people: People
    settings: Mapping[str, float]
    document: Mapping[str, object] = field(repr=False)

    @property
    def own_weight(self) -> float:
        """Give the percent of the score that the resident's own record counts."""
        return 100.0 - self.score.connections_weight

    def entitlements(self) -> tuple[Entitlement, ...]:
        """List every entitlement that a grade or the list closes, or a grade alone opens."""
        named = {item for grade in self.grades for item in (*grade.denies, *grade.grants)}
        named.update(self.listing.denies)
        return tuple(item for item in Entitlement if item in named)
