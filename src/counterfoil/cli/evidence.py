"""`counterfoil evidence`: one file for a regulator or certifier, verified offline."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from counterfoil.cli.log_site import SiteOption
from counterfoil.cli.options import DatabaseOption, JSONOption, SinceOption, UntilOption, example
from counterfoil.cli.printing import console, print_json, printable
from counterfoil.kernel.clock import EPOCH, SystemClock, from_us
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.receipts.checkpoint import SignedCheckpoint

app = typer.Typer(
    help=_("Evidence for a regulator or certifier: pack it, verify it offline."),
    no_args_is_help=True,
)

EarlierOption = Annotated[
    Path | None,
    typer.Option(
        "--since-pack",
        exists=True,
        dir_okay=False,
        show_default=False,
        help=_("A pack from before: prove that nothing was changed since."),
    ),
]


@app.command(
    help=_(
        "Pack purposes, counts, clocks, breaches, retention runs, model cards and the logs' checkpoints,"
        " signed and about nobody."
    ),
    epilog=example(
        "counterfoil evidence pack --out evidence.zip --site site --database sqlite:///bank.db"
    ),
)
def pack(
    *,
    out: Annotated[Path, typer.Option(dir_okay=False, metavar="FILE", show_default=False,
                                      help=_("Where the pack goes."))],
    since_pack: EarlierOption = None,
    since: SinceOption = None,
    until: UntilOption = None,
    site: SiteOption,
    database: DatabaseOption,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Make a pack, and print its key and its size."""
    from counterfoil.bootstrap import Site

    earlier = _checkpoint(since_pack)
    begin = _utc(since) or EPOCH
    end = _utc(until) or from_us(SystemClock().now_us() + 1)
    with Site.open(database, site) as opened:
        data = opened.evidence().pack(
            begin, end, earlier=earlier.checkpoint.size if earlier else None
        )
        keys = [opened.keys.records[0].verifier, opened.keys.transfers[0].verifier]
    out.write_bytes(data)
    if as_json:
        print_json({"file": str(out), "bytes": len(data), "keys": [str(key) for key in keys]})
        return
    console().print(_("{path}: {count} bytes. Verify it with:", path=out, count=f"{len(data):,}"))
    typer.echo(f"  counterfoil evidence verify {out} --key {keys[0]} --key {keys[1]}")


@app.command(
    help=_(
        "Verify a pack offline with the operator's public key; exit status 1 where it does not hold."
    ),
    epilog=example("counterfoil evidence verify evidence.zip --key VKEY"),
)
def verify(
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, show_default=False,
                                         help=_("The pack."))],
    *,
    keys: Annotated[list[str] | None, typer.Option(
        "--key", metavar="VKEY", show_default=False,
        help=_("A public key of the operator's logs; give it again for more."))] = None,
    policy: Annotated[Path | None, typer.Option(
        exists=True, dir_okay=False, show_default=False,
        help=_("A policy: logs, witnesses and how many must have cosigned."))] = None,
    since_pack: EarlierOption = None,
    receipt: Annotated[list[Path] | None, typer.Option(
        exists=True, dir_okay=False, show_default=False,
        help=_("A receipt to hold against the pack; give it again for more."))] = None,
    as_json: JSONOption = False,
) -> None:  # fmt: skip
    """Say what the pack proves, and what not."""
    from counterfoil.cli.verify import policy_of
    from counterfoil.evidence import hold_against, verify_pack
    from counterfoil.receipts import parse_receipt

    if not keys and not policy:
        raise typer.BadParameter(_("Say whom to believe: give --key or --policy."))
    believed, now_us = policy_of(keys or [], policy), SystemClock().now_us()
    found = verify_pack(file.read_bytes(), believed, now_us=now_us, earlier=_checkpoint(since_pack))
    held = [
        hold_against(found, parse_receipt(path.read_text("utf-8")), believed, now_us=now_us)
        for path in receipt or []
    ]
    if as_json:
        print_json(
            {
                "holds": True,
                "records": found.size,
                "proven": list(found.proven),
                "not_proven": list(found.not_proven),
                "receipts": held,
            }
        )
        return
    console().print(_("{path} holds.", path=file))
    for heading, said in (
        (_("Proven"), found.proven), (_("Not proven"), found.not_proven), (_("Receipts"), held),
    ):  # fmt: skip
        if said:
            console().print(f"\n{heading}")
        for one in said:
            console().print(f"  • {printable(one)}", markup=False)


def _checkpoint(path: Path | None) -> "SignedCheckpoint | None":
    """Read the checkpoint of records from a pack, which is verified by whoever relies on it."""
    if path is None:
        return None
    from counterfoil.evidence import read_archive
    from counterfoil.evidence.archive import refused
    from counterfoil.receipts.checkpoint import parse_signed_checkpoint

    data = read_archive(path.read_bytes()).get("checkpoints/records.note")
    if data is None:
        raise refused("checkpoints/records.note")
    return parse_signed_checkpoint(data.decode())


def _utc(at: datetime | None) -> datetime | None:
    return at.replace(tzinfo=UTC) if at else None
