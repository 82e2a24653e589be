"""`counterfoil verify` of a whole export, or of a file with a receipt a line."""

from pathlib import Path
from typing import TYPE_CHECKING

from rich.console import Console
from rich.padding import Padding
from rich.text import Text

from counterfoil.cli.printing import printable
from counterfoil.kernel.i18n import _

if TYPE_CHECKING:
    from counterfoil.receipts import ReceiptError, Verifier
    from counterfoil.sealing.bundle_check import Checked

    Outcome = Checked | ReceiptError

LINES = ".jsonl"


def is_many(path: Path) -> bool:
    """Whether a path holds many receipts: an export as a ZIP or a folder, or a file of lines."""
    from counterfoil.sealing.bundle import is_bundle

    return path.suffix == LINES or is_bundle(path)


def verify_many(verifier: "Verifier", path: Path) -> "Outcome":
    """Verify all of it."""
    from counterfoil.receipts import ReceiptError
    from counterfoil.sealing.bundle import lines_in, opened
    from counterfoil.sealing.bundle_check import check, check_lines

    try:
        if path.suffix == LINES:
            with path.open("rb") as file:
                return check_lines(lines_in(file, path.name), path.name, verifier)
        with opened(path) as bundle:
            return check(bundle, verifier)
    except ReceiptError as error:
        return error


def many_holds(found: "Outcome", *, asked_earlier: bool) -> bool:
    """Whether everything that was asked for is proven."""
    from counterfoil.receipts import ReceiptError

    if isinstance(found, ReceiptError):
        return False
    return found.holds and (bool(found.consistent) or not asked_earlier)


def show_many(path: Path, found: "Outcome", shown: Console) -> None:
    """Print what is proven, what is not, and what is wrong."""
    from counterfoil.receipts import ReceiptError

    if isinstance(found, ReceiptError):
        said = _("{path} does not hold: {reason}", path=path, reason=found.message)
        shown.print(Text.assemble(("✗ ", "bold red"), printable(said)))
        return
    count = f"{found.receipts:,}"
    if found.holds:
        said = _("{path} holds: {count} receipts.", path=path, count=count)
        shown.print(Text.assemble(("✓ ", "bold green"), printable(said)))
    else:
        said = _("{path} does not hold: {faults} faults, {count} receipts that do.", path=path,
                 faults=f"{found.fault_count:,}", count=count)  # fmt: skip
        shown.print(Text.assemble(("✗ ", "bold red"), printable(said)))
    wrong = list(found.faults)
    if (more := found.fault_count - len(wrong)) > 0:
        wrong.append(_("and {count} more", count=f"{more:,}"))
    for heading, lines in (
        (_("Wrong"), wrong),
        (_("Proven"), list(found.proven()) if found.holds else []),
        (_("Not proven"), list(found.not_proven())),
    ):
        if lines:
            shown.print(Padding(Text(heading, style="dim"), (0, 0, 0, 2)))
        for line in lines:
            shown.print(Padding(Text(f"• {printable(line)}"), (0, 0, 0, 4)))


def many_as_json(path: Path, found: "Outcome") -> dict[str, object]:
    """Give it to programs."""
    from counterfoil.receipts import ReceiptError

    if isinstance(found, ReceiptError):
        return {"file": str(path), "holds": False, "code": found.code, "reason": found.message}
    return {
        "file": str(path),
        "holds": found.holds,
        "files": found.files,
        "receipts": found.receipts,
        "receipts_missing": found.missing,
        "compared": found.compared,
        "logs": found.logs,
        "accounts": {str(account): balance for account, balance in found.accounts.items()},
        "faults": found.faults,
        "fault_count": found.fault_count,
        "proven": list(found.proven()) if found.holds else [],
        "not_proven": list(found.not_proven()),
    }
