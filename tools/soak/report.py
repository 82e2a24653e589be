"""The outcome of a soak, as a table for people or one object for programs."""

import json
from collections.abc import Sequence
from dataclasses import asdict

from rich.console import Console
from rich.table import Table

from tools.soak.rounds import Outcome


def as_json(outcomes: Sequence[Outcome], seed: int) -> str:
    """Write one object: the seed, and what became of each store."""
    stores = []
    for outcome in outcomes:
        found = asdict(outcome)
        found["evidence"] = str(outcome.evidence) if outcome.evidence else None
        stores.append(found)
    return json.dumps({"seed": seed, "stores": stores}, indent=2)


def as_table(outcomes: Sequence[Outcome]) -> Table:
    """Draw one column a store."""
    table = Table(title="Soak", title_justify="left")
    table.add_column("")
    for outcome in outcomes:
        table.add_column(outcome.store, justify="right")

    def row(name: str, *values: int) -> None:
        style = "red" if name in EXPECTED_ZERO and any(values) else None
        table.add_row(name, *(f"{value:,}" for value in values), style=style)

    row("rounds", *(outcome.rounds for outcome in outcomes))
    row("transfers acknowledged", *(o.tally.transfers_acknowledged for o in outcomes))
    row("accounts acknowledged", *(o.tally.accounts_acknowledged for o in outcomes))
    row("requests refused by a rule", *(o.tally.refused for o in outcomes))
    row("requests asked more than once", *(o.tally.repeated for o in outcomes))
    row("unacknowledged, found whole", *(o.tally.found_whole for o in outcomes))
    row("unacknowledged, found absent", *(o.tally.found_absent for o in outcomes))
    row("unacknowledged, asked again", *(o.tally.retried for o in outcomes))
    table.add_section()
    row("losses", *(o.findings.losses for o in outcomes))
    row("doubles", *(o.findings.doubles for o in outcomes))
    row("halves", *(o.findings.halves for o in outcomes))
    row("other contradictions", *(o.findings.contradictions for o in outcomes))
    return table


EXPECTED_ZERO = frozenset({"losses", "doubles", "halves", "other contradictions"})


def show(console: Console, outcomes: Sequence[Outcome]) -> None:
    """Print the table, which faults struck how often, and what was found or left out."""
    console.print(as_table(outcomes))
    for outcome in outcomes:
        faults = ", ".join(f"{name} {count}" for name, count in sorted(outcome.by_fault.items()))
        console.print(f"{outcome.store}: {faults}.")
        for name, reason in outcome.skipped.items():
            console.print(f"{outcome.store}: no {name}, because {reason}.")
        if outcome.stopped_early:
            console.print(f"{outcome.store}: the time was up before the last round.")
        for message in outcome.findings.messages:
            console.print(message, style="red", markup=False)
        if outcome.evidence:
            console.print(f"The evidence is kept in {outcome.evidence}.", markup=False)
