"""`counterfoil bench score` and `score-fit`: features and scorecards, beside what others use."""

from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.console import Console

from counterfoil.cli.lab_options import bar
from counterfoil.cli.options import JSONOption
from counterfoil.cli.printing import console, print_json, table
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.bench.score import FeatureSpeed
    from counterfoil.bench.score_peers import PeerSpeeds

PeersOption = Annotated[
    Path | None,
    typer.Option(file_okay=False, help=_("The folder of the peers' own environment; it is made if "
                                         "there is none. Without it they are not asked.")),
]  # fmt: skip


def register(app: typer.Typer) -> None:
    """Offer the commands among the benchmarks."""
    app.command("score")(bench_score)
    app.command("score-fit")(bench_score_fit)


def bench_score(
    people: Annotated[int, typer.Option(min=1, help=_("How many people."))] = 1_100_000,
    threads: Annotated[int, typer.Option(min=1, help=_("Threads."))] = 2,
    memory_max: Annotated[str, typer.Option(help=_("What DuckDB may take of memory."))] = "8GB",
    folder: Annotated[
        Path | None,
        typer.Option(file_okay=False, help=_("Where to write the events; 25 bytes each.")),
    ] = None,
    loans: Annotated[
        Path | None,
        typer.Option(file_okay=False, help=_("The folder of a real bank: features before each of its "
                                             "loans, beside the peers. Else a small city's.")),
    ] = None,
    peers: PeersOption = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Measure everybody's features beside a bare scan, and features before instants beside peers.

    Example: counterfoil bench score --people 100000 --loans berka --peers .cache/score-peers
    """
    from counterfoil.bench import score, score_peers

    say = Console(stderr=True).print
    with TemporaryDirectory(prefix=".bench-", dir=folder or Path.cwd()) as place:
        with bar(_("people")) as told:
            speed = score.measure(
                Path(place), people=people, threads=threads, memory_max=memory_max, progress=told
            )
        events, cutoffs = score_peers.of_bank(loans) if loans else score_peers.of_city()
        beside = score_peers.measure(events, cutoffs, peers=peers, say=say)
    if as_json:
        print_json(asdict(speed) | {"before_instants": asdict(beside)})
        return
    _show(speed, beside)


def _show(speed: "FeatureSpeed", beside: "PeerSpeeds") -> None:
    shown = table(_("{people:,} people, {events:,} payments", people=speed.people,
                    events=speed.events))  # fmt: skip
    for name in (
        _("seconds"),
        _("of a bare scan"),
        _("scans"),
        _("most memory"),
        _("then scored"),
        _("one live, 5,000 payments"),
    ):
        shown.add_column(name, justify="right")
    shown.add_row(f"{speed.features_seconds:.1f}", f"{speed.scan_seconds:.1f}", f"{speed.scans:g}",
                  f"{speed.peak_bytes / 1e9:.2f} GB", f"{speed.scoring_seconds:.2f} s", f"{speed.live_ms:.0f} ms")  # fmt: skip
    console().print(shown)
    rows = table(_("{instants:,} people, each before an instant of their own; {events:,} payments",
                   instants=beside.instants, events=beside.events))  # fmt: skip
    for name in (_("what"), _("features"), _("seconds"), _("times as long"), _("agrees")):
        rows.add_column(name)
    for one in beside.speeds:
        cells: list[Any] = [f"{one.name} {one.version}", str(one.features), f"{one.seconds:.3f}",
                            f"{one.times:g}", _("yes") if one.agrees else _("no")]  # fmt: skip
        rows.add_row(*cells)
    console().print(rows)


def bench_score_fit(
    rows: Annotated[int, typer.Option(min=1000, help=_("Rows of the table."))] = 30_000,
    columns: Annotated[int, typer.Option(min=4, max=200, help=_("Columns of the table."))] = 23,
    peers: PeersOption = None,
    as_json: JSONOption = False,
) -> None:
    """Measure binning and fitting a scorecard, beside optbinning and scorecardpy on the same rows.

    Example: counterfoil bench score-fit --peers .cache/score-peers
    """
    from counterfoil.bench import score_fit

    speeds = score_fit.measure(
        *score_fit.drawn(rows, columns), peers=peers, say=Console(stderr=True).print
    )
    if as_json:
        print_json(asdict(speeds))
        return
    shown = table(_("{rows:,} rows, {columns} columns", rows=speeds.rows, columns=speeds.columns))
    for name in (_("fit"), _("seconds"), "AUC", _("times as long")):
        shown.add_column(name)
    for one in speeds.fits:
        shown.add_row(f"{one.name} {one.version}", f"{one.seconds:.2f}", f"{one.auc:.4f}",
                      f"{one.times:g}")  # fmt: skip
    console().print(shown)
