"""`counterfoil bench …`: speed, measured beside a named peer in the same run."""

import json
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from counterfoil.bench import ledger as bench
from counterfoil.bench.load import MIXES, Mix
from counterfoil.bench.peer import Peer, run_pgbench, run_tigerbeetle
from counterfoil.kernel.database import DatabaseURL
from counterfoil.kernel.i18n import _
from counterfoil.ledger import AccountNumber

if TYPE_CHECKING:
    from counterfoil.bench.lab import LabSpeed

app = typer.Typer(no_args_is_help=True, help=_("Measure speed, beside a named peer."))

_DatabaseOption = Annotated[
    str,
    typer.Option("--database", help=_("An empty database to fill: sqlite:///… or postgresql://…")),
]
_JSONOption = Annotated[bool, typer.Option("--json", help=_("Print one JSON object."))]


@app.command("ledger")
def bench_ledger(
    database: _DatabaseOption,
    transfers: Annotated[int, typer.Option(min=1, help=_("How many transfers."))] = 1_500_000,
    batch: Annotated[int, typer.Option(min=1, max=8192, help=_("Transfers a commit."))] = 8192,
    accounts: Annotated[int, typer.Option(min=2, help=_("How many accounts."))] = 200_000,
    mix: Annotated[str, typer.Option(help=_("uniform, hot, holds or mixed."))] = "uniform",
    callers: Annotated[
        int, typer.Option(min=0, help=_("So many callers, each awaiting its own transfers."))
    ] = 0,
    references: Annotated[
        bool, typer.Option("--references", help=_("Give each transfer a reference to be found by."))
    ] = False,
    pgbench_url: Annotated[
        str | None,
        typer.Option("--pgbench", help=_("A PostgreSQL for pgbench, if the database is none.")),
    ] = None,
    pgbench_seconds: Annotated[int, typer.Option(min=0, help=_("0 leaves pgbench out."))] = 10,
    tigerbeetle: Annotated[
        Path | None, typer.Option(exists=True, help=_("TigerBeetle's binary, to run beside."))
    ] = None,
    as_json: _JSONOption = False,
) -> None:
    """Measure durable transfers a second, with every rule, idempotency and history on.

    Example: counterfoil bench ledger --database sqlite:///bench.db --mix hot
    """
    if mix not in MIXES:
        raise typer.BadParameter(_("{mix} is none of {mixes}.", mix=mix, mixes=", ".join(MIXES)))
    with _progress(as_json=as_json) as progress:
        task = progress.add_task(_("transfers"), total=transfers)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        if callers:
            rate = bench.post_singly(database, transfers=transfers, callers=callers, progress=show)
        else:
            rate = bench.post_batches(
                database,
                transfers=transfers,
                batch=batch,
                accounts=accounts,
                mix=cast("Mix", mix),
                references=references,
                progress=show,
            )
        place = pgbench_url or database
        peer_url = place if DatabaseURL(place).dialect == "postgresql" and pgbench_seconds else None
        peers = [
            run_pgbench(peer_url, pgbench_seconds, progress.console.print),
            run_tigerbeetle(tigerbeetle, transfers, accounts, progress.console.print),
        ]
    found = asdict(rate) | {"mix": mix, "batch": batch, "callers": callers}
    found["compared_with"] = [_compared(peer, rate.transfers_per_second) for peer in peers]
    _print(found, as_json=as_json)


@app.command("history")
def bench_history(
    database: Annotated[
        str, typer.Option("--database", help=_("A database that 'bench ledger' has filled."))
    ],
    account: Annotated[
        int, typer.Option(min=1, help=_("Whose past balances to read; 2 is the hot one."))
    ] = 2,
    as_json: _JSONOption = False,
) -> None:
    """Measure opening, an account's latest 50 postings, and balances in the past.

    Example: counterfoil bench history --database sqlite:///bench.db
    """
    found = asdict(bench.read_history(database, AccountNumber(account)))
    _print(found, as_json=as_json)


@app.command("lab")
def bench_lab(
    people: Annotated[int, typer.Option(min=2, help=_("How many residents."))] = 1_100_000,
    months: Annotated[int, typer.Option(min=1, help=_("How many months."))] = 120,
    regime: Annotated[
        Literal["mild", "collapse"],
        typer.Option(help=_("A list that takes one in a hundred, or nearly everybody.")),
    ] = "mild",
    engine: Annotated[
        Literal["numba", "numpy", "cuda"],
        typer.Option(help=_("What computes; every engine gives the same bits.")),
    ] = "numba",
    threads: Annotated[
        int | None, typer.Option(min=1, help=_("How many threads; all if left out."))
    ] = None,
    seed: Annotated[
        int, typer.Option(help=_("The seed: the same one gives the same city and luck."))
    ] = 1,
    replicas: Annotated[
        int, typer.Option(min=0, max=256, help=_("Also so many seeds side by side."))
    ] = 0,
    mesa: Annotated[
        bool,
        typer.Option(
            "--mesa",
            help=_(
                "Also the same model in Mesa, at 10,000 people at most; the first time, Mesa is "
                "installed into an environment of its own."
            ),
        ),
    ] = False,
    as_json: _JSONOption = False,
) -> None:
    """Measure the spiral on a random graph, as a share of what the memory's random access allows.

    Example: counterfoil bench lab --people 20000 --months 12 --json
    """
    from counterfoil.bench import lab

    with _progress(as_json=as_json) as progress:
        task = progress.add_task(_("months"), total=months)
        speed = lab.measure(
            people=people, months=months, regime=lab.Regime(regime), engine=engine,
            threads=threads, seed=seed, replicas=replicas,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )  # fmt: skip
    found = asdict(speed)
    if mesa:
        found["compared_with"] = [_mesa(speed)]
    _print(found, as_json=as_json)


def _mesa(speed: "LabSpeed") -> dict[str, Any]:
    """Run Mesa and say how many times as long it takes, and at which size that was measured."""
    from counterfoil.bench.mesa import measure_mesa

    with Console(stderr=True).status(_("Mesa, one object a resident")):
        other = measure_mesa(people=speed.people, months=speed.months)
    found = asdict(other)
    note = _("measured with {people:,} residents over {months} months in {seconds:.1f} s",
             people=other.people, months=other.months, seconds=other.seconds)  # fmt: skip
    if other.extrapolated:
        note += _("; for {people:,} extrapolated in proportion: {seconds:.0f} s",
                  people=other.to_people, seconds=other.seconds_at_to_people)  # fmt: skip
    ratio = round(other.seconds_at_to_people / speed.seconds, 1)
    return {"name": f"Mesa {found.pop('version')}", "ratio": ratio, "note": note} | found


@app.command("sealing")
def bench_sealing(
    database: _DatabaseOption,
    site: Annotated[
        Path, typer.Option(file_okay=False, help=_("A new folder for the keys and logs."))
    ],
    transfers: Annotated[int, typer.Option(min=14, help=_("How many transfers."))] = 4_500_000,
    batch: Annotated[int, typer.Option(min=1, max=8192, help=_("Transfers a commit."))] = 8192,
    accounts: Annotated[int, typer.Option(min=2, help=_("How many accounts."))] = 200_000,
    as_json: _JSONOption = False,
) -> None:
    """Measure what sealing every transfer costs the ledger.

    Example: counterfoil bench sealing --database sqlite:///bench.db --site site
    """
    from counterfoil.bench import sealing

    with _progress(as_json=as_json) as progress:
        task = progress.add_task(_("transfers"), total=transfers)
        cost = sealing.measure(
            database, site, transfers=transfers, batch=batch, accounts=accounts,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )  # fmt: skip
    _print(asdict(cost), as_json=as_json)


@app.command("gate")
def bench_gate(
    database: _DatabaseOption,
    people: Annotated[int, typer.Option(min=1, help=_("How many people."))] = 20_000,
    batch: Annotated[
        int, typer.Option(min=1, max=8192, help=_("People between two checks of their bases."))
    ] = 1000,
    as_json: _JSONOption = False,
) -> None:
    """Measure how many people a second a job reads through the gate, each look on record.

    Example: counterfoil bench gate --database sqlite:///bench.db
    """
    from counterfoil.bench import gate

    with (
        _progress(as_json=as_json) as progress,
        TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as keys,
    ):
        task = progress.add_task(_("people"), total=2 * people)
        speed = gate.measure(
            database, Path(keys) / "keys", people=people, batch_people=batch,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )  # fmt: skip
    _print(asdict(speed), as_json=as_json)


@app.command("export")
def bench_export(
    database: _DatabaseOption,
    site: Annotated[
        Path, typer.Option(file_okay=False, help=_("A new folder for the keys and logs."))
    ],
    payments: Annotated[int, typer.Option(min=1, help=_("The person's payments."))] = 10_000,
    others: Annotated[int, typer.Option(min=0, help=_("Everybody else's."))] = 1_000_000,
    as_json: _JSONOption = False,
) -> None:
    """Measure how long everything held about one person takes, with a receipt for each payment.

    Example: counterfoil bench export --database sqlite:///bench.db --site site
    """
    from counterfoil.bench import export

    with _progress(as_json=as_json) as progress:
        task = progress.add_task(_("transfers"), total=payments + others)
        cost = export.measure(
            database, site, payments=payments, others=others,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )  # fmt: skip
    _print(asdict(cost), as_json=as_json)


@app.command("pay")
def bench_pay(
    database: _DatabaseOption,
    payments: Annotated[
        int, typer.Option(min=64, help=_("How many at full speed; half as many at half of it."))
    ] = 10_000,
    as_json: _JSONOption = False,
) -> None:
    """Measure payments a second over real HTTP: signed, verified, durable, answered signed.

    Example: counterfoil bench pay --database sqlite:///bench.db --json
    """
    from counterfoil.bench import pay

    with (
        _progress(as_json=as_json) as progress,
        TemporaryDirectory(prefix=".bench-", dir=Path.cwd()) as folder,
    ):
        task = progress.add_task(_("runs"), total=6)
        speed = pay.measure(
            database, Path(folder), payments=payments,
            progress=lambda done, total: progress.update(task, completed=done, total=total),
        )  # fmt: skip
    _print(asdict(speed), as_json=as_json)


@app.command("receipts")
def bench_receipts(
    folder: Annotated[
        Path | None,
        typer.Option(help=_("A new folder for two logs, to be left there; else they are removed.")),
    ] = None,
    leaves: Annotated[int, typer.Option(min=1, help=_("How many leaves to seal."))] = 2_000_000,
    log_leaves: Annotated[
        int, typer.Option(min=2000, help=_("How large the log to prove in is; 32 bytes a leaf."))
    ] = 100_000_000,
    samples: Annotated[int, typer.Option(min=1, help=_("How many proofs."))] = 2000,
    as_json: _JSONOption = False,
) -> None:
    """Measure leaves sealed a second, a proof in a large log, and receipts verified a second.

    Example: counterfoil bench receipts --json
    """
    from counterfoil.bench import receipts

    if folder and folder.exists():
        raise typer.BadParameter(_("{folder} is there already; give a new one.", folder=folder))
    with _progress(as_json=as_json) as progress, ExitStack() as until_done:
        # Beside the caller: a system's folder for temporary files may be memory.
        where = folder or Path(
            until_done.enter_context(TemporaryDirectory(prefix=".bench-", dir=Path.cwd()))
        )
        task = progress.add_task(_("leaves"), total=leaves)

        def show(done: int, total: int) -> None:
            progress.update(task, completed=done, total=total)

        sealing = receipts.seal(where / "sealed", leaves=leaves, progress=show)
        proving = receipts.prove(
            where / "large", log_leaves=log_leaves, samples=samples, progress=show
        )
    found = asdict(sealing) | asdict(proving)
    rate = found.pop("hashlib_leaves_per_second")
    found["compared_with"] = [
        {
            "name": "hashlib",
            "leaves_per_second": rate,
            "ratio": round(sealing.leaves_per_second / rate, 1),
            "note": "the same salts, halves, leaves and nodes in plain Python",
        }
    ]
    _print(found, as_json=as_json)


def _compared(peer: Peer, rate: int) -> dict[str, Any]:
    other = peer.transfers_per_second
    return asdict(peer) | {"ratio": round(rate / other, 1) if other else None}


def _print(found: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(found))
        return
    table = Table(title=_("Measured on this machine, now"), show_header=False)
    for name, value in found.items():
        if name == "compared_with":
            continue
        shown = f"{value:,}" if isinstance(value, int) else str(value)
        table.add_row(name.replace("_", " "), shown)
    for peer in found.get("compared_with", []):
        rate = next((peer[name] for name in peer if name.endswith("_per_second")), None)
        shown = f"{rate:,.0f}/s, × {peer['ratio']}; " if rate else ""
        table.add_row(_("beside {name}", name=peer["name"]), shown + peer["note"])
    Console().print(table)


@contextmanager
def _progress(*, as_json: bool) -> Iterator[Progress]:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), disable=as_json) as progress:
        yield progress
