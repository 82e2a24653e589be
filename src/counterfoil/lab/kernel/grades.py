"""The grade of a score."""

from typing import Any

from counterfoil.lab.compiled import compiled


@compiled
def grade_of(score: Any, starts: Any) -> Any:
    """Give the number of the grade that a score stands in; `starts` rise."""
    grade = 0
    for number in range(1, starts.shape[0]):
        grade += 1 if score >= starts[number] else 0
    return grade
