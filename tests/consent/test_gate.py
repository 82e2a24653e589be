"""The gate: no basis, no rows; and every look is on record before it is handed out."""

import copy
import json
import pickle
from datetime import timedelta

import pytest

from counterfoil.consent import (
    Basis,
    BasisEnded,
    BasisExceeded,
    BasisForged,
    Category,
    CertificateEnded,
    CollectorKind,
    GrantMissing,
    Purpose,
    ReasonMissing,
    ScopeExceeded,
    WhyEnded,
)
from counterfoil.kernel.i18n import use_locale
from counterfoil.kernel.ids import new_id
from counterfoil.people import ClockWentBack, FactKind
from tests.consent.world import DAY, REASON, Town


def test_a_look_is_on_record_in_plain_words(larch: Town) -> None:
    """Who looked, when, for what, on which basis, how many rows and why: the person can read it."""
    basis = larch.contract(larch.alice)
    with larch.consent.gate.read(
        basis, who=larch.clerk, categories=Category.NAME, reason=REASON
    ) as access:
        assert access.rows(larch.readers.name) == ("Alice Arnaud",)
    (record,) = larch.consent.who_looked(larch.alice)
    assert record.sentence == (
        "Clara, clerk read your name (1 entry) for running the wallet, on your contract: "
        f"“{REASON}”"
    )
    body = json.loads(larch.consent.records_of(larch.alice)[-1].body)
    assert (body["kind"], body["rows"], body["reason"]) == ("access", 1, REASON)
    assert larch.consent.who_looked(larch.bob) == []
