"""A basis: the object without which nothing is read, and which only this room can make.

It is made from a row of the database and says nothing that the row does not. Making one needs a
seal that stays in this module; it cannot be copied, pickled or changed. That stops mistakes. What
stops forgery is that the gate believes no object: at each use it reads the row again and compares.
"""

from typing import Final, NoReturn, SupportsIndex, final

from counterfoil.consent.category import Category
from counterfoil.consent.model import BasisId, BasisRow, SubjectId
from counterfoil.consent.purpose import BasisKind, Purpose

_SEAL: Final = object()


@final
class Basis:
    """What makes a read lawful: consent, contract, a legal duty or an authority's order."""

    __slots__ = ("_seal", "categories", "id", "kind", "purpose", "subject")

    id: BasisId
    kind: BasisKind
    subject: SubjectId | None
    purpose: Purpose
    categories: Category

    def __init__(self, row: BasisRow, seal: object) -> None:
        if seal is not _SEAL:
            raise TypeError("only consent makes a basis; ask its Bases for one")
        fill = object.__setattr__
        fill(self, "id", row.id)
        fill(self, "kind", row.kind)
        fill(self, "subject", row.subject)
        fill(self, "purpose", row.purpose)
        fill(self, "categories", row.categories)
        fill(self, "_seal", seal)

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError("a basis does not change; ask for another")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError("a basis does not change; ask for another")

    def __reduce_ex__(self, protocol: SupportsIndex) -> NoReturn:
        raise TypeError("a basis is not copied or stored; ask for it where it is used")

    def __repr__(self) -> str:
        return f"<Basis {self.kind.code} {self.purpose} {self.id}>"


def seal(row: BasisRow) -> Basis:
    """Make a basis of a stored row. For this room alone."""
    return Basis(row, _SEAL)


def is_genuine(basis: object, row: BasisRow) -> bool:
    """Whether an object was made here and says what the database says."""
    return (
        type(basis) is Basis
        and getattr(basis, "_seal", None) is _SEAL
        and (basis.id, basis.kind, basis.subject, basis.purpose, basis.categories)
        == (row.id, row.kind, row.subject, row.purpose, row.categories)
    )
