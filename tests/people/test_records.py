"""A record says who, what and when by itself; nothing that is written into it can say otherwise."""

import json
from pathlib import Path

import pytest

from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.people import PersonId
from counterfoil.people.records import record_row, record_rows

PERSON = PersonId(new_id())


@pytest.mark.parametrize("name", ["format", "kind", "subject", "at"])
def test_content_cannot_say_another_kind_subject_or_time(name: str, tmp_path: Path) -> None:
    """What would cover the record's own words is refused, one by one and among many."""
    with pytest.raises(ValueError, match=name):
        record_row("grant", PERSON, 1, {name: "forged"})
    with (
        connect(f"sqlite:///{tmp_path}/a.db", writes=True) as database,
        pytest.raises(ValueError, match=name),
    ):
        record_rows(database, "grant", 1, [(PERSON, {name: "forged"}, 0)])


def test_a_record_says_what_its_row_says() -> None:
    """Kind and subject in the sealed words are those of the row."""
    row = record_row("grant", PERSON, 1, {"purpose": "x"})
    (body,) = (one for one in row.parameters if isinstance(one, str) and one.startswith("{"))
    told = json.loads(body)
    assert (told["kind"], told["subject"], told["purpose"]) == ("grant", str(PERSON), "x")
