"""Without a basis that the database confirms, no reader gives a row: not by mistake, not by forgery."""

import copy
import pickle
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from counterfoil.consent import (
    Basis,
    BasisForged,
    BasisKind,
    Category,
    CollectorKind,
    Purpose,
)
from counterfoil.consent import basis as making
from counterfoil.consent.store import basis_by_id
from counterfoil.kernel.ids import new_id
from tests.consent.world import REASON, Town, every_reader, now


def blank(**values: object) -> Basis:
    """Make a basis around its constructor, with whatever it should say."""
    forged = object.__new__(Basis)
    for name, value in values.items():
        object.__setattr__(forged, name, value)
    return forged


FORGERIES: dict[str, Callable[[Town, Basis], Any]] = {
    "nothing": lambda _town, _real: None,
    "an empty basis": lambda _town, _real: blank(),
    "a look-alike": lambda _town, real: SimpleNamespace(
        id=real.id, kind=real.kind, subject=real.subject, purpose=real.purpose,
        categories=real.categories, _seal=making._SEAL,
    ),
    "a made-up id": lambda town, _real: blank(
        id=new_id(), kind=BasisKind.LEGAL_DUTY, subject=town.alice,
        purpose=Purpose.RUN_WALLET, categories=~Category(0), _seal=making._SEAL,
    ),
    "another person's": lambda town, real: blank(
        id=real.id, kind=real.kind, subject=town.bob, purpose=real.purpose,
        categories=real.categories, _seal=making._SEAL,
    ),
    "more categories": lambda _town, real: blank(
        id=real.id, kind=real.kind, subject=real.subject, purpose=real.purpose,
        categories=~Category(0), _seal=making._SEAL,
    ),
    "another purpose": lambda _town, real: blank(
        id=real.id, kind=real.kind, subject=real.subject, purpose=Purpose.MARKETING,
        categories=real.categories, _seal=making._SEAL,
    ),
    "no seal": lambda _town, real: blank(
        id=real.id, kind=real.kind, subject=real.subject, purpose=real.purpose,
        categories=real.categories,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forged_basis_opens_no_reader(rich: Town, name: str) -> None:
    """Whatever is given in a basis's place, no reader gives a row and no look is recorded."""
    real = rich.consent.bases.on_contract(rich.alice)
    forged = FORGERIES[name](rich, real)
    for reader in every_reader(rich):
        with pytest.raises(BasisForged), rich.consent.gate.read(
            forged, who=rich.clerk, categories=reader.categories, reason=REASON,
            subject=rich.alice,
        ) as access:  # fmt: skip
            access.rows(reader)
        with pytest.raises(BasisForged):
            list(rich.consent.gate.read_each([forged], reader, who=rich.clerk, reason=REASON))
    assert rich.consent.who_looked(rich.alice) == []


def test_a_real_basis_opens_what_the_forged_did_not(rich: Town) -> None:
    """The readers above would have given rows: with the real basis each but one does."""
    real = rich.consent.bases.on_contract(rich.alice)
    counts = {}
    for reader in every_reader(rich):
        if reader.categories & real.categories:
            with rich.consent.gate.read(
                real, who=rich.clerk, categories=reader.categories, reason=REASON
            ) as access:
                counts[reader.name] = len(access.rows(reader))
    assert counts == {
        "name": 1, "contact": 1, "identity-document": 1, "bank-card": 1, "payments": 1,
        "former-name": 1, "former-contact": 1, "former-identity-document": 1,
        "former-bank-card": 1, "statements-name": 1, "statements-contact": 0,
        "statements-identity-document": 0, "statements-bank-card": 0, "statements-payments": 1,
    }  # fmt: skip


def test_nobody_else_makes_a_basis(larch: Town) -> None:
    """Its constructor wants a seal; and it is not copied, stored or changed."""
    real = larch.contract(larch.alice)
    row = basis_by_id(larch.database, real.id)
    assert row is not None
    with pytest.raises(TypeError, match="only consent makes a basis"):
        Basis(row, object())
    for copying in (copy.copy, copy.deepcopy, pickle.dumps):
        with pytest.raises(TypeError, match="not copied or stored"):
            copying(real)
    with pytest.raises(AttributeError, match="does not change"):
        real.subject = larch.bob
    with pytest.raises(AttributeError, match="does not change"):
        del real.subject


def test_a_reader_cannot_be_called(rich: Town) -> None:
    """What reads personal data is no function: only the gate can use it."""
    for reader in every_reader(rich):
        assert not callable(reader)


def test_staff_s_certificates_do_not_open_what_the_basis_does_not(rich: Town) -> None:
    """A certificate alone is no basis: an expired contract stops the clerk as well."""
    real = rich.consent.bases.on_contract(rich.alice)
    rich.consent.bases.end(real.id)
    _, eager = rich.certified(CollectorKind.OPERATOR, "Eager clerk", Purpose.RUN_WALLET)
    for reader in rich.readers.all[:2]:
        found = rich.consent.gate.read_each([real], reader, who=eager, reason=REASON)
        assert list(found) == []
    assert rich.consent.who_looked(rich.alice, at=now(rich.clock)) == []
