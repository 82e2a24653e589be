"""Being one synthetic resident under a policy, for a year.

A small town lives by the policy; one of its residents is the reader. Each month they may ask
for something, look at the public list, object to a wrong record, or let the month pass. What
they are told is what the policy would do, with its cause; the town goes on as in any run, by the
same engine. Policies that are no score of conduct have lives of their own (`others`).
"""

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.live.conduct import ConductLife
from counterfoil.lab.live.life import MONTHS, TOWN, Life
from counterfoil.lab.live.others import OtherLife
from counterfoil.lab.population.generate import generate
from counterfoil.lab.population.model import PopulationSpec
from counterfoil.policy.model import Model, Policy

__all__ = ["MONTHS", "TOWN", "Life", "live"]


def live(policy: Policy, *, seed: int = 1, resident: int | None = None) -> Life:
    """Begin a year under a policy.

    Raises:
        RunInvalid: no such resident.
        PopulationInvalid: a seed that cannot be.

    """
    town = generate(PopulationSpec(people=TOWN, seed=seed, districts=8))
    if resident is not None and not 0 <= resident < TOWN:
        raise RunInvalid(
            _("There is no resident {resident}: the town has residents 0 to {last}.",
              resident=resident, last=TOWN - 1),
            resident=resident,
        )  # fmt: skip
    if policy.model is Model.CONDUCT:
        return ConductLife(policy, town, seed, resident)
    return OtherLife(policy, town, seed, resident or 0)
