"""Asking for something under a score of conduct: what the policy answers, and why.

The answers follow the engine's own rules from last month's words, so that a life is told what a
run would count.
"""

from dataclasses import dataclass

import numpy as np

from counterfoil.kernel.i18n import _, translated
from counterfoil.lab.engine import Engine
from counterfoil.lab.randomness import Stream
from counterfoil.lab.reference.chance import draw
from counterfoil.lab.rules import UNIT, At, Rules
from counterfoil.lab.tally import Flag
from counterfoil.policy.model import Policy
from counterfoil.policy.words import Entitlement


@dataclass(frozen=True, slots=True)
class Answer:
    """What was asked for, and what was said."""

    item: str
    said: str

    def __str__(self) -> str:
        """Say both."""
        return _("You ask for: {item}. {answer}", item=self.item, answer=self.said)


def ask(policy: Policy, rules: Rules, engine: Engine, who: int, item: Entitlement) -> Answer:
    """Ask for what grades and lists open and close."""
    now = engine.now
    number = grade_of(rules, now.seen[who])
    grade = policy.grades[number]
    if not now.flags[who] & Flag.ENROLLED:
        return Answer(item, _("Granted: you are not scored, and are treated as anyone."))
    if now.seen[who] & 1 and item in policy.listing.denies:
        cause = cause_of(rules, engine, who)
        return Answer(item, _("REFUSED: you are on the list, for {cause}.", cause=cause))
    if item in grade.denies:
        cause = cause_of(rules, engine, who)
        return Answer(
            item,
            _("REFUSED: grade {grade}, for {cause}.", grade=translated(grade.name), cause=cause),
        )
    opening = [other for other in policy.grades if item in other.grants]
    if opening and grade not in opening:
        return Answer(
            item,
            _("REFUSED: it opens at {first} ({points:g} points); you are {grade}.",
              first=translated(opening[0].name), points=opening[0].starts_at, grade=translated(grade.name)),
        )  # fmt: skip
    if item not in policy.entitlements():
        return Answer(item, _("Granted: this policy has no say in it."))
    return Answer(item, _("Granted."))


def ask_for_loan(policy: Policy, rules: Rules, engine: Engine, who: int) -> Answer:
    """Ask a lender who uses the score as the policy's `loan` says."""
    now, item = engine.now, _("a loan")
    status = grade_of(rules, now.seen[who]) + 8 * int(now.seen[who] & 1)
    if rules.loan_denied[status]:
        cause = cause_of(rules, engine, who)
        return Answer(item, _("REFUSED: your standing closes loans, for {cause}.", cause=cause))
    score = (int(now.seen[who]) >> 1 & 0x7FFF) / UNIT
    least = policy.loan.own_minimum
    if least is not None and score < least:
        return Answer(
            item,
            _("REFUSED: your score {score:.0f} is under the minimum {least:g}.",
              score=score, least=least),
        )  # fmt: skip
    if policy.loan.contacts_minimum is not None:
        mean = _mean_of_contacts(rules, engine, who)
        if mean is not None and mean < policy.loan.contacts_minimum:
            return Answer(
                item,
                _("REFUSED: your contacts' mean score {mean:.0f} is under the minimum {least:g}; "
                  "your own, {score:.0f}, would pass.", mean=mean,
                  least=policy.loan.contacts_minimum, score=score),
            )  # fmt: skip
    return Answer(item, _("Granted."))


def _mean_of_contacts(rules: Rules, engine: Engine, who: int) -> float | None:
    """Give the mean score, in points, of the live contacts whom the lender may see."""
    state = engine.state()
    first = int(state.degree[:who].astype(np.int64).sum())
    row = state.ties[first : first + int(state.kept[who])]
    other = (row >> np.uint32(4)).astype(np.int64)[(row & np.uint32(1)) == 0]
    low, high = np.minimum(other, who), np.maximum(other, who)
    seen = draw(rules.scalars, low, high, 0, Stream.AUTHORIZED) < rules.scalars[At.AUTHORIZED]
    scores = state.seen[other[seen]].astype(np.int64) >> 1 & 0x7FFF
    return int(scores.sum()) // len(scores) / UNIT if len(scores) else None


def grade_of(rules: Rules, word: np.uint32) -> int:
    """Give the number of the grade that a word's score stands in."""
    return int(np.searchsorted(rules.grade_starts[1:], int(word) >> 1 & 0x7FFF, side="right"))


def cause_of(rules: Rules, engine: Engine, who: int) -> str:
    """Say what a resident's standing comes from."""
    now = engine.now
    if now.flags[who] & Flag.WRONG:
        return _("a record that is not yours, or not true")
    if now.flags[who] & Flag.EVENT_LISTED:
        return _("an event on your record")
    own = np.uint32(int(now.own[who]) << 1)
    is_higher = grade_of(rules, own) > grade_of(rules, now.seen[who])
    if is_higher or (now.seen[who] & 1 and now.own[who] >= rules.scalars[At.LIST_BELOW]):
        return _("whom you know: your own points would pass")
    return _("your own record's points")
