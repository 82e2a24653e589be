"""What friends' scores tell a lender, and what it costs the people: a study of connections.

A lender who averages in the scores of contacts says that friends are alike, so that friends
inform. How much they inform depends on how alike they are (homophily), which the lender assumes
and nobody publishes. Here it is varied: the same residents are given contacts at random, then
contacts more and more like themselves, and one policy is run with several weights of contacts.

*AUC* is the share of pairs of residents, one who repays the next loan and one who does not, whom
a score ranks rightly (ties count half). *Contagion* is the price: residents whose own record
passes the lender's minimum and whose score does not, for each resident who falls short alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.population.generate import generate
from counterfoil.lab.population.model import Population, PopulationSpec, Shape
from counterfoil.lab.randomness import Stream
from counterfoil.lab.reference.chance import draw
from counterfoil.lab.rules import UNIT, rules_of
from counterfoil.lab.run import Result, run
from counterfoil.policy.loader import with_parameter
from counterfoil.policy.model import Policy

HOMOPHILIES: Final = (0.0, 0.2, 0.4, 0.6, 0.8, 1.0)
WEIGHTS: Final = (0.0, 5.0, 15.0, 30.0, 50.0)
"""Percent of the score that contacts make: none, the figure reported for Zhima, and more."""
WEIGHT: Final = "score.weights.connections"
PAST_THE_RUN: Final = 1 << 20
"""The month in which the next loan is drawn: in no run, so that no score has seen it."""

Done = Callable[[int, int], None]


def connections(
    policy: Policy,
    spec: PopulationSpec,
    *,
    homophilies: Sequence[float] = HOMOPHILIES,
    weights: Sequence[float] = WEIGHTS,
    months: int = 36,
    seed: int = 1,
    done: Done | None = None,
) -> pa.Table:
    """Give a row for each homophily and weight of contacts, on the same residents and luck.

    `homophily` is the share of friendships made inside one's own district and inside one's own
    half of the incomes; 0 stands for contacts drawn at random from the whole city. `alike` is what
    came out of it: the correlation of contacts' ranks by income. The rest are the AUC of the score
    against the next loan, the shares of residents who fall short alone, only for their contacts,
    and who pass only for them, and how many fall for each who falls alone.

    Raises:
        RunInvalid: nothing to vary, or the policy has no minimum for loans.
        PolicyInvalid: a weight that cannot be.
        PopulationInvalid: a homophily that is no share.

    """
    if not homophilies or not weights:
        raise RunInvalid(_("A study of connections needs at least one homophily and one weight."))
    if policy.loan.own_minimum is None:
        raise RunInvalid(
            _("{policy} has no minimum for loans: nobody can fall short.", policy=policy.name)
        )
    rows: list[dict[str, float]] = []
    for homophily in homophilies:
        city = generate(_spec_with(spec, homophily))
        alike = alikeness(city)
        for weight in weights:
            rule = with_parameter(policy, WEIGHT, weight)
            result = run(rule, city, months=months, seed=seed, traced=0)
            found = _measure(result, seed)
            rows.append({"homophily": homophily, "alike": alike, "weight": weight} | found)
            if done:
                done(len(rows), len(homophilies) * len(weights))
    return pa.Table.from_pylist(rows)


def _spec_with(spec: PopulationSpec, homophily: float) -> PopulationSpec:
    """Describe the same residents with contacts that are so much alike."""
    if homophily == 0:
        return replace(spec, shape=Shape.UNIFORM)
    return replace(spec, shape=Shape.CITY, exposure=homophily, friending_bias=homophily)


def alikeness(city: Population) -> float:
    """Give the correlation of contacts' ranks by income: 0 for strangers, 1 for equals."""
    rank = np.empty(city.people)
    rank[np.argsort(city.residents.income, kind="stable")] = np.arange(city.people)
    one = np.repeat(rank, np.diff(city.offsets))
    other = rank[city.ties >> np.uint32(4)]
    return float(np.corrcoef(one, other)[0, 1]) if len(one) else 0.0


def _measure(result: Result, seed: int) -> dict[str, float]:
    """Measure one run's end: how well its scores rank, and who falls for whom."""
    state, policy = result.state, result.policy
    assert state is not None
    assert policy.loan.own_minimum is not None
    own = state.own.astype(np.int64)
    score = state.seen.astype(np.int64) >> 1 & 0x7FFF
    least = round(policy.loan.own_minimum * UNIT)
    alone, short = own < least, score < least
    people = len(own)
    fallen, dragged = int(alone.sum()), int((short & ~alone).sum())
    return {
        "auc": auc(score, repays(result, seed)),
        "auc_alone": auc(own, repays(result, seed)),
        "short_alone": fallen / people,
        "short_for_contacts": dragged / people,
        "pass_for_contacts": int((alone & ~short).sum()) / people,
        "contagion": dragged / fallen if fallen else 0.0,
    }


def repays(result: Result, seed: int) -> NDArray[np.bool_]:
    """Draw who repays the next loan, by the rates of their class; the same for every policy."""
    city = result.population
    rules = rules_of(result.policy, calendar=city.spec.calendar, seed=seed)
    who = np.arange(city.people)
    word = draw(rules.scalars, who, 0, PAST_THE_RUN, Stream.REPAYMENT)
    return np.asarray(word < rules.repay[city.residents.class_of])


def auc(score: NDArray[np.int64], good: NDArray[np.bool_]) -> float:
    """Give the share of (good, bad) pairs that a score ranks rightly; ties count half.

    By ranks (Mann and Whitney 1947). Half where there is nobody to compare.
    """
    goods = int(good.sum())
    bads = len(good) - goods
    if not goods or not bads:
        return 0.5
    _values, place, count = np.unique(score, return_inverse=True, return_counts=True)
    rank = np.cumsum(count) - (count - 1) / 2
    return float((rank[place][good].sum() - goods * (goods + 1) / 2) / (goods * bads))
