"""Of what kind each record of the log is, in order: so many of one, then so many of the next.

The list says nothing but kinds. It commits the operator: whoever holds a receipt of record n can hold
it against the n-th kind, and so can an auditor who asks to have some record opened.
"""

from collections import Counter
from collections.abc import Iterator

from counterfoil.evidence.archive import refused
from counterfoil.kernel.database import Database

PATH = "kinds.csv"
_PAGE = 1 << 16
_HEADING = "count,kind"
_KIND_CHARACTERS = frozenset("abcdefghijklmnopqrstuvwxyz-0123456789")


class Kinds:
    """The kinds of records 1 to n."""

    def __init__(self, runs: list[tuple[int, str]]) -> None:
        self._runs = runs
        self._ends = []
        total = 0
        for count, _kind in runs:
            total += count
            self._ends.append(total)

    @classmethod
    def read(cls, database: Database, size: int) -> "Kinds":
        """Read the kinds of the first records."""
        runs: list[tuple[int, str]] = []
        for kind in _kinds(database, size):
            if runs and runs[-1][1] == kind:
                runs[-1] = (runs[-1][0] + 1, kind)
            else:
                runs.append((1, kind))
        return cls(runs)

    @classmethod
    def parse(cls, data: bytes) -> "Kinds":
        """Read the list from a pack.

        Raises:
            EvidenceRefused: it is none.

        """
        try:
            heading, *lines = data.decode("ascii").splitlines()
            runs = [(int(count), kind) for count, kind in (line.split(",") for line in lines)]
        except ValueError as error:
            raise refused(PATH) from error
        if heading != _HEADING or any(n < 1 or not set(k) <= _KIND_CHARACTERS for n, k in runs):
            raise refused(PATH)
        return cls(runs)

    def __len__(self) -> int:
        """Count the records."""
        return self._ends[-1] if self._ends else 0

    def of(self, number: int) -> str | None:
        """Tell the kind of a record by its number; None where there is none."""
        from bisect import bisect_left

        if not 1 <= number <= len(self):
            return None
        return self._runs[bisect_left(self._ends, number)][1]

    def counts(self) -> dict[str, int]:
        """Count the records of each kind."""
        counted: Counter[str] = Counter()
        for count, kind in self._runs:
            counted[kind] += count
        return dict(sorted(counted.items()))

    def __bytes__(self) -> bytes:
        """Write the list."""
        return "\n".join([_HEADING, *(f"{n},{kind}" for n, kind in self._runs), ""]).encode()


def _kinds(database: Database, size: int) -> Iterator[str]:
    after = 0
    while after < size:
        found = database.query(
            "SELECT kind FROM records WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3",
            (after, size, _PAGE),
        ).column(0).to_pylist()  # fmt: skip
        if not found:
            return
        after += len(found)
        yield from found
