"""Every way a ledger says no: each rule broken, in the order in which the rules are asked."""

from collections.abc import Iterator

import pytest

from counterfoil.ledger import AccountRefusal, Ledger, Refusal, Transfer, TransferRefused
from counterfoil.ledger.refusal import ACCOUNT_RULES, RULES
from tests.ledger.refusal_cases import CANNOT_BOTH, CASES, TRANSIENT, Case, open_town
from tests.ledger.world import fingerprint, wipe

BY_REFUSAL = {case.refusal: case for case in CASES}


@pytest.fixture(scope="module")
def town(one_database: str) -> Iterator[Ledger]:
    wipe(one_database)
    with open_town(one_database) as ledger:
        yield ledger


def refused(ledger: Ledger, case: Case, transfers: tuple[Transfer, ...]) -> TransferRefused:
    """Ask, and give the refusal of the first transfer."""
    if case.rows:
        with pytest.raises(TransferRefused) as caught:
            ledger.post(*transfers, rows=case.rows)
        return caught.value
    outcome = ledger.post_each(transfers)[0]
    assert isinstance(outcome, TransferRefused), outcome
    return outcome


@pytest.mark.parametrize("refusal", Refusal, ids=lambda refusal: refusal.code)
def test_a_broken_rule_is_named_with_its_values_and_nothing_is_written(
    town: Ledger, refusal: Refusal
) -> None:
    """A refusal says what was refused, the values, what to do and whether to retry."""
    case = BY_REFUSAL[refusal]
    seq, before = town.seq, fingerprint(town)
    said = refused(town, case, case.broken)
    assert said.refusal is refusal
    assert said.message == str(said) == case.message
    assert said.code == f"ledger.{refusal.name.lower().replace('_', '-')}"
    assert said.is_transient is (refusal in TRANSIENT)
    assert town.seq == seq
    assert fingerprint(town) == before


@pytest.mark.parametrize(
    "case", [case for case in CASES if case.later], ids=lambda case: case.refusal.code
)
def test_of_two_broken_rules_the_earlier_is_the_answer(town: Ledger, case: Case) -> None:
    """A transfer that breaks two rules is refused by the first; mended, by the second."""
    assert refused(town, case, case.broken).refusal is case.refusal
    assert refused(town, case, case.mended).refusal is case.later


def test_every_refusal_is_walked_in_its_order() -> None:
    """The list of refusals is closed: each has a case, a rule, and its place."""
    assert [case.refusal for case in CASES] == list(Refusal) == list(RULES)
    assert [int(refusal) for refusal in Refusal] == list(range(1, len(Refusal) + 1))


def test_every_pair_of_neighbors_is_broken_together_or_cannot_be() -> None:
    """For each rule and the next there is a transfer that breaks both, or a reason why none can."""
    pairs = [(first, Refusal(first + 1)) for first in Refusal if first + 1 in list(Refusal)]
    together = {(case.refusal, case.later) for case in CASES}
    assert [pair for pair in pairs if (pair in together) == (pair in CANNOT_BOTH)] == []
    assert set(CANNOT_BOTH) <= set(pairs)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.refusal.code)
def test_a_later_rule_is_later(case: Case) -> None:
    """A case that claims to break a second rule names one that is asked later."""
    assert case.later is None or case.later > case.refusal


@pytest.mark.parametrize(("refusals", "rules"), [(Refusal, RULES), (AccountRefusal, ACCOUNT_RULES)])
def test_codes_are_stable_names(
    refusals: type[Refusal | AccountRefusal], rules: dict[Refusal | AccountRefusal, object]
) -> None:
    """Every refusal has a rule, and a code in kebab case that no other has."""
    codes = [refusal.code for refusal in refusals]
    assert list(rules) == list(refusals)
    assert len(set(codes)) == len(codes)
    for code in codes:
        assert code == code.lower()
        assert code.replace("-", "").isalpha()
        assert all(code.split("-"))
