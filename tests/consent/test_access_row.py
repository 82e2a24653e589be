"""The statement that records a look decides by itself: whatever was checked before, it asks again.

The gate asks in Python to name what it refuses. Here the gate is left out, and the statement alone is
run against each thing that may have changed in between.
"""

from collections.abc import Callable
from dataclasses import replace

import pytest

from counterfoil.consent import (
    DEFINITIONS,
    BasisForged,
    BasisId,
    BasisKind,
    Category,
    CertificateId,
    CollectorKind,
    Purpose,
)
from counterfoil.consent.model import BasisRow, SubjectId
from counterfoil.consent.store import access_row, basis_by_id, basis_row
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.errors import StoreConflict
from counterfoil.kernel.ids import new_id
from tests.consent.world import DAY, REASON, Town


class Look:
    """A look as the gate would record it."""

    def __init__(self, town: Town) -> None:
        self.town = town
        self.basis: BasisId = town.contract(town.alice).id
        self.subject: SubjectId = town.alice
        self.certificate: CertificateId = town.clerk
        self.categories = Category.NAME

    def record(self) -> None:
        """Write the access record, with the time of now."""
        row = basis_by_id(self.town.database, self.basis)
        assert row is not None
        self.town.ledger.write(self.statement_for(row))

    def statement_for(self, row: BasisRow) -> AttachedRow:
        """Make the statement."""
        return access_row(
            row, self.subject, self.certificate, self.categories,
            row_count=1, reason=REASON, at_us=self.town.clock.now_us(),
        )  # fmt: skip


def end_basis(look: Look) -> None:
    look.town.consent.bases.end(look.basis)


def stop_purpose(look: Look) -> None:
    look.town.consent.purposes.stop(Purpose.RUN_WALLET)


def suspend(look: Look) -> None:
    look.town.consent.collectors.suspend(look.certificate, "An examination.")


def expire(look: Look) -> None:
    look.town.clock.advance(365 * DAY)


def another_person(look: Look) -> None:
    look.subject = look.town.bob


def more_than_the_basis(look: Look) -> None:
    look.categories = Category.NAME | Category.BIRTH_DATE


def more_than_the_certificate(look: Look) -> None:
    _, look.certificate = look.town.certified(
        CollectorKind.OPERATOR, "Narrow", Purpose.RUN_WALLET, Category.CONTACT
    )


def another_purpose(look: Look) -> None:
    look.certificate = look.town.marketer


def no_such_certificate(look: Look) -> None:
    look.certificate = CertificateId(new_id())


def to_somebody_else(look: Look) -> None:
    _, certificate = look.town.certified(CollectorKind.PARTNER, "The university", Purpose.RESEARCH)
    look.town.agree(look.town.alice, Purpose.RESEARCH)
    look.basis = look.town.consent.bases.on_consent(
        look.town.alice, Purpose.RESEARCH, Category.PAYMENTS
    ).id
    look.certificate, look.categories = certificate, Category.PAYMENTS


CHANGES: list[Callable[[Look], None]] = [
    end_basis,
    stop_purpose,
    suspend,
    expire,
    another_person,
    more_than_the_basis,
    more_than_the_certificate,
    another_purpose,
    no_such_certificate,
    to_somebody_else,
]


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_no_look_is_recorded_after(larch: Town, change: Callable[[Look], None]) -> None:
    """The statement changes no row, so the whole commit is refused."""
    look = Look(larch)
    change(look)
    with pytest.raises(StoreConflict, match="changed 0 rows and 1 were expected"):
        look.record()
    assert larch.consent.who_looked(larch.alice) == []


def test_a_look_is_recorded_when_nothing_has_changed(larch: Town) -> None:
    """The statement above can succeed."""
    Look(larch).record()
    assert larch.database.query("SELECT number FROM access_records").num_rows == 1


def test_a_basis_is_not_made_for_a_purpose_that_changed(larch: Town) -> None:
    """A grant under the words of yesterday is not stored today."""
    larch.agree(larch.alice, Purpose.MARKETING)
    row = basis_by_id(larch.database, larch.consent.grants.grants_of(larch.alice)[0].id)
    assert row is not None
    for changed in (replace(row, id=BasisId(new_id()), version=2),
                    replace(row, id=BasisId(new_id()), purpose=Purpose.SCORE, version=9)):  # fmt: skip
        with pytest.raises(StoreConflict, match="changed 0 rows"):
            larch.ledger.write(basis_row(changed))


@pytest.mark.parametrize(
    "purpose", [Purpose.SCORE, Purpose.SHARE_ANSWER, Purpose.MARKETING, Purpose.RESEARCH]
)
@pytest.mark.parametrize(
    "kind", [BasisKind.CONTRACT, BasisKind.LEGAL_DUTY, BasisKind.AUTHORITY_ORDER]
)
def test_the_database_takes_no_other_basis_where_consent_is_needed(
    larch: Town, purpose: Purpose, kind: BasisKind
) -> None:
    """A contract, duty or order for scoring cannot even be stored; nor consent to run the wallet."""
    row = basis_by_id(larch.database, larch.contract(larch.alice).id)
    assert row is not None
    with pytest.raises(StoreConflict):
        larch.ledger.write(
            basis_row(replace(row, id=BasisId(new_id()), kind=kind, purpose=purpose))
        )
    with pytest.raises(StoreConflict):
        larch.ledger.write(basis_row(replace(row, id=BasisId(new_id()), kind=BasisKind.CONSENT)))


def test_the_gate_reads_on_no_other_basis_where_consent_is_needed(
    larch: Town, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if one were stored, the gate would not read on it."""
    basis = larch.contract(larch.alice)
    consent_only = replace(DEFINITIONS[Purpose.RUN_WALLET], bases=frozenset({BasisKind.CONSENT}))
    monkeypatch.setitem(DEFINITIONS, Purpose.RUN_WALLET, consent_only)
    with (
        pytest.raises(BasisForged),
        larch.consent.gate.read(basis, who=larch.clerk, categories=Category.NAME, reason=REASON),
    ):
        pytest.fail("the access opened")
