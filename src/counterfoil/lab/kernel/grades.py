"""The grade and the bounds of a score.

Written without `min` and `max`, which Numba does not compile for graphics cards.
"""

from typing import Any

from counterfoil.lab.compiled import compiled_bare


@compiled_bare
def grade_of(score: Any, starts: Any) -> Any:
    """Give the number of the grade that a score stands in; `starts` rise."""
    grade = 0
    for number in range(1, starts.shape[0]):
        grade += 1 if score >= starts[number] else 0
    return grade


@compiled_bare
def clip(value: Any, low: Any, high: Any) -> Any:
    """Give the number between two bounds that is nearest to a value."""
    if value < low:
        return low
    return high if value > high else value  # noqa: FURB136
