"""What only a person themselves may read: no basis carries it, however much it covers."""

from typing import Any

import pytest

from counterfoil.consent import BasisExceeded, Category, OwnReader, PersonalReader
from counterfoil.history import History
from counterfoil.kernel.clock import from_us
from tests.consent.world import REASON, Town
from tests.people.signing import signed_in


def own_readers(town: Town) -> list[OwnReader[Any]]:
    """List everything that only its owner reads."""
    return [town.readers.own, History(town.ledger).own(from_us(town.clock.now_us() + 1))]


def test_nobody_reads_with_a_reader_that_is_one_s_own(rich: Town) -> None:
    """A contract that covers every category does not open it, and nothing goes on record."""
    everything = Category.NAME | Category.CONTACT | Category.PAYMENTS
    with rich.consent.gate.read(
        rich.consent.bases.on_contract(rich.alice), who=rich.clerk, categories=everything,
        reason=REASON,
    ) as access:  # fmt: skip
        for reader in own_readers(rich):
            forced: Any = reader
            with pytest.raises(BasisExceeded, match="and nobody else"):
                access.rows(forced)
    assert rich.consent.who_looked(rich.alice) == []


def test_one_s_own_are_one_s_own_alone(rich: Town) -> None:
    """Alice gets what is sealed of hers, proposals too, and her payments; Bob none of it."""
    with rich.consent.gate.own(signed_in(rich.people, rich.alice)) as own:
        sealed, (moved,) = own.rows(rich.readers.own), own.rows(own_readers(rich)[1])
    assert {table for table, _row in sealed} == {
        "persons", "person_facts", "person_versions", "person_words"
    }  # fmt: skip
    assert sealed[0] == (
        "persons",
        {"name": "Alice Arnaud", "contact": "alice@example.org", "contact_kind": "email"},
    )
    assert len(moved.rows) == 1
    with rich.consent.gate.own(signed_in(rich.people, rich.bob)) as own:
        assert [table for table, _row in own.rows(rich.readers.own)] == ["persons"]
        assert len(own.rows(own_readers(rich)[1])[0].rows) == 0


def test_a_reader_is_of_one_kind_or_the_other(rich: Town) -> None:
    """So that no list of readers for the gate can ever have one's own among them."""
    assert not {type(one) for one in own_readers(rich)} & {PersonalReader}
    assert not any(isinstance(one, OwnReader) for one in rich.readers.all)
