"""`counterfoil verify`: check receipts offline, and say what that proves and what it does not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from counterfoil.cli.failure import Exit
from counterfoil.cli.options import JSONOption
from counterfoil.cli.printing import console, print_json, printable
from counterfoil.kernel.clock import SystemClock
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from collections.abc import Sequence

    from counterfoil.receipts import Policy, ReceiptError, Statement, Verified, Verifier

    Outcome = Verified | ReceiptError


FilesArgument = Annotated[
    list[Path],
    typer.Argument(
        metavar="FILE…",
        exists=True,
        help=_("Receipts; or exports, as a ZIP or unpacked into a folder."),
        show_default=False,
    ),
]
KeysOption = Annotated[
    list[str] | None,
    typer.Option(
        "--key",
        "-k",
        metavar="VKEY",
        help=_("The public key of a log to believe: name+id+key. May be given again."),
        show_default=False,
    ),
]
PolicyOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help=_("A tlog-policy: logs, witnesses, and how many must have cosigned."),
        show_default=False,
    ),
]
CheckpointOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help=_("A checkpoint seen earlier, that the log must begin with."),
        show_default=False,
    ),
]
ConsistencyOption = Annotated[
    Path | None,
    typer.Option(
        exists=True,
        dir_okay=False,
        help=_("The proof of that, if the two have different sizes; see 'log consistency'."),
        show_default=False,
    ),
]


def verify(
    files: FilesArgument,
    *,
    keys: KeysOption = None,
    policy: PolicyOption = None,
    checkpoint: CheckpointOption = None,
    consistency: ConsistencyOption = None,
    as_json: JSONOption = False,
) -> None:
    """Verify each file; exit status 1 if one does not hold."""
    from counterfoil.cli.verify_bundle import (
        is_many,
        many_as_json,
        many_holds,
        show_many,
        verify_many,
    )
    from counterfoil.receipts import Verifier, parse_consistency_proof, parse_signed_checkpoint

    if not keys and not policy:
        raise typer.BadParameter(_("Say whom to believe: give --key or --policy."))
    verifier = Verifier(_policy(keys or [], policy), now_us=SystemClock().now_us())
    if checkpoint:
        proof = parse_consistency_proof(_read(consistency)) if consistency else None
        verifier.remember(parse_signed_checkpoint(_read(checkpoint)), proof)
    many = [(path, verify_many(verifier, path)) for path in files if is_many(path)]
    outcomes = [(path, _verify(verifier, path)) for path in files if not is_many(path)]
    if as_json:
        single = [_as_json(path, outcome) for path, outcome in outcomes]
        whole = [many_as_json(path, found) for path, found in many]
        print_json({"receipts": single} | ({"exports": whole} if many else {}))
    else:
        for path, found in many:
            show_many(path, found, console())
        for path, outcome in outcomes:
            _show(path, outcome, console())
    asked_earlier = checkpoint is not None
    single_hold = (_holds(outcome, asked_earlier=asked_earlier) for _path, outcome in outcomes)
    many_hold = (many_holds(found, asked_earlier=asked_earlier) for _path, found in many)
    if not all((*single_hold, *many_hold)):
        raise typer.Exit(Exit.DIFFERENCE)


def _verify(verifier: "Verifier", path: Path) -> "Outcome":
    import counterfoil.sealing.view  # noqa: F401  # makes the codec of payments known
    from counterfoil.receipts import ReceiptError, parse_receipt

    try:
        return verifier.verify(parse_receipt(_read(path)))
    except ReceiptError as error:
        return error


def _policy(keys: "Sequence[str]", path: Path | None) -> "Policy":
    from dataclasses import replace

    from counterfoil.receipts import KeyType, Policy, parse_policy, parse_verifier_key

    given = tuple(parse_verifier_key(key) for key in keys)
    for key in given:
        key.check(KeyType.LOG)
    known = parse_policy(_read(path)) if path else Policy(())
    return replace(known, logs=(*known.logs, *given))


def _read(path: Path) -> str:
    from counterfoil.receipts.text import Form, decode_utf8

    return decode_utf8(path.read_bytes(), Form.FILE)


def _holds(outcome: "Outcome", *, asked_earlier: bool) -> bool:
    """Whether everything that was asked for is proven."""
    from counterfoil.receipts import Claim, Verified

    if not isinstance(outcome, Verified):
        return False
    is_shown = any(said.claim is Claim.CONSISTENT for said in outcome.proven)
    return is_shown or not asked_earlier


def _show(path: Path, outcome: "Outcome", shown: Console) -> None:
    from counterfoil.receipts import Verified

    if not isinstance(outcome, Verified):
        said = _("{path} does not hold: {reason}", path=path, reason=outcome.message)
        shown.print(Text.assemble(("✗ ", "bold red"), printable(said)))
        return
    shown.print(Text.assemble(("✓ ", "bold green"), printable(_("{path} holds.", path=path))))
    shown.print(Padding(Text(printable(outcome.receipt.record), style="bold"), (0, 0, 0, 2)))
    for heading, statements in (
        (_("Proven"), outcome.proven),
        (_("Not proven"), outcome.not_proven),
    ):
        shown.print(Padding(Text(heading, style="dim"), (0, 0, 0, 2)))
        for statement in statements:
            shown.print(Padding(Text(f"• {printable(str(statement))}"), (0, 0, 0, 4)))


def _as_json(path: Path, outcome: "Outcome") -> dict[str, object]:
    from counterfoil.receipts import Verified

    if not isinstance(outcome, Verified):
        return {
            "file": str(path),
            "holds": False,
            "code": outcome.code,
            "reason": outcome.message,
        }
    proof = outcome.receipt.proof
    return {
        "file": str(path),
        "holds": True,
        "record": outcome.receipt.record,
        "origin": proof.signed.checkpoint.origin,
        "index": proof.index,
        "size": proof.signed.checkpoint.size,
        "proven": [_statement_json(statement) for statement in outcome.proven],
        "not_proven": [_statement_json(statement) for statement in outcome.not_proven],
    }


def _statement_json(statement: "Statement") -> dict[str, str]:
    claim = statement.claim.name.lower().replace("_", "-")
    return {"claim": claim, "text": str(statement)}
