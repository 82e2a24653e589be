"""The log has a closed list of fields, so that nobody's data can slip in."""

import json
import logging
from collections.abc import Iterator
from io import StringIO

import pytest

from counterfoil.server import logs


@pytest.fixture
def written() -> Iterator[StringIO]:
    """Log into a text, and leave logging as it was."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    stream = StringIO()
    logs.set_up(stream)
    yield stream
    root.handlers[:] = handlers
    root.setLevel(level)
    logging.getLogger("uvicorn.access").disabled = False


def test_a_field_that_is_not_declared_is_dropped_and_named(written: StringIO) -> None:
    """A developer's slip costs a field, not somebody's name."""
    logs.logger("counterfoil.test").info("paid", job="orders", payer="Alice Amsel", amount="12.50")
    line = json.loads(written.getvalue())
    assert (line["event"], line["job"]) == ("paid", "orders")
    assert line["dropped"] == ["amount", "payer"]
    assert "Alice" not in written.getvalue()
    assert "12.50" not in written.getvalue()


def test_an_error_is_told_by_kind_and_place(written: StringIO) -> None:
    """A traceback's words can quote a form; its kind and its place cannot."""
    try:
        int("Alice Amsel")
    except ValueError:
        logging.getLogger("library").exception("it failed")
    line = json.loads(written.getvalue())
    assert line["error"] == "ValueError"
    assert "test_logs.py" in line["where"]
    assert "Alice" not in written.getvalue()
