"""The schema is made whole or not at all, whatever happens to the process that makes it."""

import alembic.op
import pytest

from counterfoil.kernel import schema
from counterfoil.kernel.database import connect
from counterfoil.migrations import HEAD


def test_tables_that_were_half_made_can_be_made_again(
    empty_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A process that dies while it makes the tables leaves a database that can be opened."""

    def die(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(alembic.op, "create_index", die)
        with pytest.raises(KeyboardInterrupt):
            schema.create_if_empty(empty_url)
    schema.create_if_empty(empty_url)
    with connect(empty_url, writes=False) as database:
        assert schema.version(database) == HEAD
