"""Building a gallery: every shipped policy on one city, a page each, and an index.

Killed or stopped, it goes on where it was. A policy that is done is a line in `gallery.kept`, and
is not run again while its page is there; the policy that was being run goes on from its own saved
run. Both are told by digests of everything that decides them, language and version included. The
project's own policy stands beside each other one, so its saved run stays until the index is there.
"""

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Final

from counterfoil import __version__
from counterfoil.kernel.i18n import current_locale
from counterfoil.lab.checkpoint import identity_of
from counterfoil.lab.population.model import Population
from counterfoil.lab.report.gallery import Entry, index_page
from counterfoil.lab.report.page import report_page
from counterfoil.lab.run import Progress, Result, run
from counterfoil.policy import builtin_names, load
from counterfoil.policy.model import Policy

OWN: Final = "counterfoil"

Begun = Callable[[str, int, int], None]
"""Told before each policy: its name, how many are done, of how many."""


def build_gallery(
    population: Population,
    folder: Path,
    *,
    months: int = 120,
    seed: int = 1,
    begun: Begun | None = None,
    progress: Progress | None = None,
) -> list[Entry]:
    """Run what is not done yet, write its pages, and then the index.

    Raises:
        RunInvalid, MemoryShort: as `run`.
        CheckpointInvalid: the folder holds a saved run of another city, length or seed.
        Interrupted: Ctrl-C; what is done is in the folder.

    """
    folder.mkdir(parents=True, exist_ok=True)
    making = _Making(population, folder, months, seed, progress)
    names = builtin_names()
    entries = []
    for number, name in enumerate(names):
        if begun:
            begun(name, number, len(names))
        entries.append(making.entry(load(name)))
    _write(folder / "index.html", index_page(entries))
    making.forget()
    return entries


class _Making:
    """One gallery in the making."""

    def __init__(
        self, population: Population, folder: Path, months: int, seed: int,
        progress: Progress | None,
    ) -> None:  # fmt: skip
        self._population, self._folder = population, folder
        self._months, self._seed, self._progress = months, seed, progress
        self._kept = folder / "gallery.kept"
        self._done = _read(self._kept)
        self._own: Result | None = None

    def entry(self, policy: Policy) -> Entry:
        """Give a policy's place in the index: from what is kept, or else by running it."""
        page = self._folder / f"{policy.name}.html"
        identity = self._identity(policy)
        if identity in self._done and page.exists():
            return Entry(policy, self._population.people, self._done[identity])
        own = self._own_result()
        is_own = policy.name == OWN
        result = own if is_own else self._run(policy)
        beside = own if result.state is not None and not is_own else None
        _write(page, report_page(result, beside))
        entry = Entry.of(result)
        self._keep(identity, entry)
        if not is_own:
            self._saved(policy.name).unlink(missing_ok=True)
        return entry

    def forget(self) -> None:
        """Delete what only going on needs: the gallery is whole."""
        self._kept.unlink(missing_ok=True)
        self._saved(OWN).unlink(missing_ok=True)

    def _own_result(self) -> Result:
        if self._own is None:
            self._own = self._run(load(OWN))
        return self._own

    def _run(self, policy: Policy) -> Result:
        return run(
            policy, self._population, months=self._months, seed=self._seed,
            progress=self._progress, checkpoint=self._saved(policy.name), keep_whole=True,
        )  # fmt: skip

    def _saved(self, name: str) -> Path:
        return self._folder / f"{name}.checkpoint"

    def _identity(self, policy: Policy) -> str:
        parts = [identity_of(one, self._population, months=self._months, seed=self._seed)
                 for one in (policy, load(OWN))]  # fmt: skip
        said = " ".join([*parts, current_locale(), __version__])
        return hashlib.sha256(said.encode()).hexdigest()

    def _keep(self, identity: str, entry: Entry) -> None:
        line = json.dumps({"page": identity, "summary": list(entry.summary)})
        with self._kept.open("a", encoding="utf-8") as file:
            file.write(f"{line}\n")
            file.flush()
            os.fsync(file.fileno())


def _write(path: Path, page: str) -> None:
    """Write a page beside its place and move it there whole."""
    partial = path.with_suffix(".partial")
    partial.write_text(page, encoding="utf-8")
    partial.replace(path)


def _read(path: Path) -> dict[str, list[dict[str, object]]]:
    """Read what is done; a line cut off by a kill is left out."""
    found = {}
    for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
        try:
            done = json.loads(line)
            found[done["page"]] = done["summary"]
        except (ValueError, KeyError, TypeError):
            continue
    return found
