"""The rounds: for each store a plan of faults, one ledger that outlives most of them, the checks.

What a round did and what chance decided follow from the seed; the instant at which a process dies
within its work, and how its callers interleave, are the machine's.
"""

import multiprocessing
import random
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import CounterfoilError
from tools.local_postgres import LocalPostgres, PostgresUnavailable
from tools.soak import warm
from tools.soak import worker as ours
from tools.soak.books import Findings
from tools.soak.checks import Evidence, Tally, check, check_log_unchanged
from tools.soak.disk import Skipped
from tools.soak.faults import FAULTS, Round, Site
from tools.soak.watch import Worker

PLAIN: Final = "kill under load"


@dataclass(slots=True)
class Outcome:
    """What became of the rounds on one store."""

    store: str
    rounds: int = 0
    by_fault: dict[str, int] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)
    """Faults that could not be had here, and why."""
    tally: Tally = field(default_factory=Tally)
    findings: Findings = field(default_factory=Findings)
    evidence: Path | None = None
    """Where everything was kept, when something was found."""
    stopped_early: bool = False


def plan(store: str, rounds: int, seed: int) -> list[str]:
    """Choose each round's fault: half of them plain kills, every other fault in its turn."""
    chance = random.Random(f"{seed}/{store}")  # noqa: S311  # it has to be repeatable
    special = [name for name in FAULTS[store] if name != PLAIN]
    chance.shuffle(special)
    chosen = [PLAIN if k % 2 == 0 else special[k // 2 % len(special)] for k in range(rounds)]
    chance.shuffle(chosen)
    return chosen


@dataclass(frozen=True, slots=True, kw_only=True)
class Soak:
    """A soak of one store."""

    store: str
    seed: int
    faults: Sequence[str]
    """The fault of each round."""
    load_s: float = 1.5
    worker: Worker = ours.run
    under: Path | None = None
    """Where the folder is made that is kept if anything is found; the system's own unless told."""
    deadline: float | None = None
    """On the monotonic clock: no round begins after it."""
    after_round: Callable[[Outcome, str], None] = lambda _outcome, _fault: None
    """Told of each round that has ended."""

    def run(self) -> Outcome:
        """Work all rounds; keep the evidence if anything is found, else nothing."""
        outcome = Outcome(self.store)
        folder = Path(tempfile.mkdtemp(prefix=f"counterfoil-soak-{self.store}-", dir=self.under))
        try:
            with ExitStack() as stack:
                postgres = None
                if self.store == "postgresql":
                    postgres = stack.enter_context(LocalPostgres())
                    site = Site(postgres.new_database("soak"))
                else:
                    site = Site(f"sqlite:///{folder}/ledger.db")
                self._run(outcome, folder, site, postgres)
        except Exception as error:
            error.add_note(f"The evidence is kept in {folder}.")
            raise
        except KeyboardInterrupt:
            shutil.rmtree(folder)
            raise
        if outcome.findings.count == 0:
            shutil.rmtree(folder)
        else:
            outcome.evidence = folder
            (folder / "findings.txt").write_text("\n".join(outcome.findings.messages) + "\n")
        return outcome

    def _run(
        self, outcome: Outcome, folder: Path, site: Site, postgres: LocalPostgres | None
    ) -> None:
        warm.load_engine()  # compiled here the first time, so that no worker is waited for
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload(["tools.soak.warm"])
        for place, fault in enumerate(self.faults):
            if self.deadline is not None and time.monotonic() > self.deadline:
                outcome.stopped_early = True
                break
            seed = f"{self.seed}/{self.store}/{place}"
            chance = random.Random(seed)  # noqa: S311  # it has to be repeatable
            round_ = Round(context, self.worker, chance, seed, self.load_s, folder, site, postgres)
            findings = self._work(round_, fault, outcome)
            outcome.findings.add(findings)
            outcome.rounds += 1
            if findings.count:
                _keep(folder, place, fault, round_)
            self.after_round(outcome, fault)
            if findings.count:
                break  # the books and the log may be apart from here on
        else:
            if site.books.seq:
                check_log_unchanged(site.url, site.books, outcome.findings)

    def _work(self, round_: Round, fault: str, outcome: Outcome) -> Findings:
        findings = Findings()
        try:
            with FAULTS[self.store][fault](round_):
                for complaint in round_.complaints:
                    findings.contradicted(f"{fault}: {complaint}")
                self._check(round_, findings, outcome)
        except Skipped as skipped:
            outcome.skipped[fault] = str(skipped)
            return self._work(round_, PLAIN, outcome)
        except (CounterfoilError, PostgresUnavailable) as error:
            findings.contradicted(f"{fault}: {type(error).__name__}: {error}")
        outcome.by_fault[fault] = outcome.by_fault.get(fault, 0) + 1
        return findings

    def _check(self, round_: Round, findings: Findings, outcome: Outcome) -> None:
        evidence = Evidence()
        for number, worker in enumerate(round_.workers):
            evidence.listen(number, worker.said)
        outcome.tally.add(check(round_.site.url, round_.site.books, evidence, findings))


def _keep(folder: Path, place: int, fault: str, round_: Round) -> None:
    """Write down what was said in a round and what the log has."""
    for number, worker in enumerate(round_.workers):
        name = f"round-{place:03d}-{fault.replace(' ', '-')}-worker-{number}.txt"
        (folder / name).write_text("".join(f"{word!r}\n" for word in list(worker.said)))
    rows = sorted(round_.site.books.rows.values())
    log = folder / f"round-{place:03d}-log.txt"
    log.write_text("".join(f"{tuple(row)}\n" for row in rows))
