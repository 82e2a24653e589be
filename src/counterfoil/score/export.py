"""What a person takes along to compute their score again: payments, model, what was said, and a program.

`recompute.py` is the program: it needs Python's standard library and nothing else.
"""

import json
from collections.abc import Mapping, Sequence
from importlib.resources import files
from typing import Final

import pyarrow as pa

from counterfoil.score.explanation import Value
from counterfoil.score.model import Model, as_json

FORMAT: Final = "counterfoil/score-export@v1"
PROGRAM_NAME: Final = "recompute.py"
_COLUMNS: Final = ("occurred_at", "change", "balance", "kind", "other")


def payments_of(events: pa.Table) -> list[list[int]]:
    """Lay one person's events out in their order, as the program reads them."""
    ordered = events.sort_by("number").select(list(_COLUMNS)).to_pydict()
    return [list(row) for row in zip(*ordered.values(), strict=True)]


def score_file(
    model: Model, payments: Sequence[Sequence[int]], given: Mapping[str, Value], *,
    as_of_us: int, score: int,
) -> str:  # fmt: skip
    """Write the file that the program reads; `given` has the columns that come from no payment."""
    told = {
        "format": FORMAT,
        "score": score,
        "as_of": as_of_us,
        "payments": [list(row) for row in payments],
        "given": dict(given),
        "model_hash": model.hash.hex(),
        "model": as_json(model),
    }
    return json.dumps(told, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def program() -> str:
    """Give the text of the program."""
    return files("counterfoil.score").joinpath(PROGRAM_NAME).read_text("utf-8")
