"""`python -m tools.soak`: work the rounds, show them passing, and fail if anything was lost."""

import argparse
import random
import sys
import time
from dataclasses import replace

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from tools.local_postgres import PostgresUnavailable
from tools.soak import report
from tools.soak.faults import FAULTS
from tools.soak.rounds import Outcome, Soak, plan


def main() -> int:
    """Run the soak that the command line asks for."""
    options = _options()
    console = Console(stderr=options.json)
    stores = list(FAULTS) if options.store == "both" else [options.store]
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 32)
    deadline = None if options.minutes is None else time.monotonic() + 60 * options.minutes
    console.print(
        f"soak: {options.rounds} rounds a store on {' and '.join(stores)}, seed {seed}; real "
        "processes are killed under load and the ledger is held against what they had said"
    )
    soaks = [
        Soak(
            store=store,
            seed=seed,
            faults=options.fault or plan(store, options.rounds, seed),
            deadline=deadline,
        )
        for store in stores
    ]
    try:
        outcomes = _run_all(soaks, console)
    except PostgresUnavailable as error:
        console.print(f"soak: {error}", style="red", markup=False)
        return 1
    except KeyboardInterrupt:
        console.print("soak: stopped")
        return 130
    if options.json:
        print(report.as_json(outcomes, seed))
    else:
        report.show(console, outcomes)
    return 1 if any(outcome.findings.count for outcome in outcomes) else 0


def _run_all(soaks: list[Soak], console: Console) -> list[Outcome]:
    with Progress(
        TextColumn("{task.description:<12}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("rounds"),
        TimeElapsedColumn(),
        TextColumn("{task.fields[said]}"),
        console=console,
    ) as progress:
        outcomes = []
        for soak in soaks:
            bar = progress.add_task(soak.store, total=len(soak.faults), said="")

            def after_round(outcome: Outcome, fault: str, bar: object = bar) -> None:
                said = (
                    f"{outcome.tally.transfers_acknowledged:,} acknowledged, "
                    f"{outcome.findings.count} found wrong; last: {fault}"
                )
                progress.update(bar, advance=1, said=said)  # type: ignore[arg-type]
                if not console.is_terminal and outcome.rounds % 10 == 0:
                    console.print(f"{outcome.store}: round {outcome.rounds}: {said}")

            outcomes.append(replace(soak, after_round=after_round).run())
    return outcomes


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m tools.soak", description=__doc__)
    parser.add_argument("--rounds", type=int, default=50, help="rounds a store (50)")
    parser.add_argument("--store", choices=[*FAULTS, "both"], default="both")
    parser.add_argument("--seed", type=int, help="repeat the choices of an earlier soak")
    parser.add_argument("--minutes", type=float, help="begin no round after so many minutes")
    parser.add_argument("--json", action="store_true", help="print one object instead of a table")
    parser.add_argument(
        "--fault",
        action="append",
        choices=sorted({name for faults in FAULTS.values() for name in faults}),
        help="only this fault, once (may be given several times); instead of --rounds",
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
