"""`counterfoil verify`, `log` and `witness key`, as people and programs run them."""

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from counterfoil.receipts import Log, leaves_of, parse_verifier_key
from counterfoil.receipts.keyfile import read_signing_key
from tests.receipts.given import (
    LOG_KEY,
    NEXT_LOG_KEY,
    WITNESS_KEY,
    Cosigning,
    half_receipt,
    split_entries,
    whole_receipt,
)
from tools.program import answer, counterfoil

KEY = str(LOG_KEY.verifier)


@dataclass
class Files:
    """What a person and an operator hold."""

    folder: Path
    receipt: Path
    earlier: Path
    later_receipt: Path


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Files:
    """Write two receipts of a log that grew between them, and the checkpoint from before."""
    folder = tmp_path_factory.mktemp("verify")
    found = Files(folder, folder / "alice.json", folder / "earlier", folder / "later.json")
    with Log.open(folder / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(10)))
        found.earlier.write_text(str(log.publish([Cosigning(WITNESS_KEY)]).signed))
        found.receipt.write_text(str(half_receipt(log, 4, 0)))
        log.append(leaves_of([b"more"]))
        log.publish([Cosigning(WITNESS_KEY)])
        found.later_receipt.write_text(str(half_receipt(log, 4, 0)))
    (folder / "policy.txt").write_text(
        f"log {KEY}\nwitness consumers {WITNESS_KEY.verifier}\nquorum consumers\n"
    )
    return found


def test_a_person_reads_what_is_proven_and_what_is_not(files: Files) -> None:
    """The record, then two lists, in 80 columns."""
    done = counterfoil("verify", files.receipt, "--policy", files.folder / "policy.txt")
    assert (done.returncode, done.stderr) == (0, "")
    assert max(map(len, done.stdout.splitlines())) <= 80
    said = " ".join(done.stdout.replace(str(files.folder), "").split())
    assert "Alice pays the bakery 3.04 Proven • The record, exactly as shown, is leaf 4" in said
    assert "The witness consumers saw this log, as one that only grows, at 2023-11-14" in said
    assert "Not proven • That what the record says is true" in said


def test_a_program_gets_the_claims_by_name(files: Files) -> None:
    """With --json each claim has a stable name beside its sentence."""
    (found,) = answer("verify", files.receipt, "--key", KEY)["receipts"]
    assert (found["holds"], found["index"], found["size"]) == (True, 4, 10)
    assert [said["claim"] for said in found["proven"]] == ["included", "half", "signed"]
    assert {said["claim"] for said in found["not_proven"]} == {
        *("content-open", "later-open", "fork-open", "time-open")
    }


def test_one_bad_receipt_among_good_ones_is_told(files: Files, tmp_path: Path) -> None:
    """Each file has its own answer, and the exit status says that one does not hold."""
    changed = tmp_path / "changed.json"
    changed.write_text(files.receipt.read_text().replace("3.04", "9.04"))
    done = counterfoil("verify", files.receipt, changed, "--key", KEY, "--json")
    assert done.returncode == 1
    good, bad = json.loads(done.stdout)["receipts"]
    assert good["holds"]
    assert (bad["holds"], bad["code"]) == (False, "receipts.proof-refused")
    shown = counterfoil("verify", changed, "--key", KEY)
    assert "This record is not leaf 4 of the log" in " ".join(shown.stdout.split())


@pytest.mark.parametrize("data", [b"", b"\xff\xfe", b"{}", b"[" * 50_000, b"\x00" * 5000])
def test_a_file_that_is_no_receipt_is_told(tmp_path: Path, data: bytes) -> None:
    """A sentence and exit status 1, never a traceback."""
    path = tmp_path / "x.json"
    path.write_bytes(data)
    done = counterfoil("verify", path, "--key", KEY)
    assert (done.returncode, done.stderr) == (1, "")
    assert "does not hold: " in " ".join(done.stdout.split())


def test_a_record_cannot_write_to_the_terminal(tmp_path: Path) -> None:
    """Escape sequences and hidden characters in a stranger's record are shown, not obeyed."""
    receipt = whole_receipt(tmp_path / "log", "paid \x1b[2J 5 \u202e [bold]x[/bold]")
    (tmp_path / "x.json").write_text(str(receipt))
    done = counterfoil("verify", tmp_path / "x.json", "--key", KEY)
    assert done.returncode == 0
    assert r"paid \x1b[2J 5 \u202e [bold]x[/bold]" in done.stdout


def test_an_earlier_checkpoint_needs_its_proof(files: Files) -> None:
    """Without one the exit status says that what was asked for is not shown; with it, it is."""
    asked = ("verify", files.later_receipt, "--key", KEY, "--checkpoint", files.earlier)
    bare = counterfoil(*asked)
    assert bare.returncode == 1
    assert "no proof of consistency" in " ".join(bare.stdout.split())
    proof = counterfoil("log", "consistency", files.folder / "log", "--old", "10")
    assert proof.returncode == 0
    (files.folder / "proof").write_text(proof.stdout)
    (found,) = answer(*asked, "--consistency", files.folder / "proof")["receipts"]
    assert "consistent" in [said["claim"] for said in found["proven"]]


def test_whom_to_believe_must_be_said(files: Files) -> None:
    """Nobody is believed by default; a key that is none, or another's, is told."""
    assert counterfoil("verify", files.receipt).returncode == 2
    for key in ("x", str(WITNESS_KEY.verifier)):
        assert counterfoil("verify", files.receipt, "--key", key).returncode == 6
    other = counterfoil("verify", files.receipt, "--key", str(NEXT_LOG_KEY.verifier))
    assert other.returncode == 1
    assert "No known key has signed this" in " ".join(other.stdout.split())


def test_a_reader_may_speak_french(files: Files) -> None:
    """The claims are in the language of the environment."""
    done = counterfoil("verify", files.receipt, "--key", KEY, LC_ALL="fr_FR.UTF-8")
    assert done.returncode == 0
    assert "Not proven" not in done.stdout


@pytest.mark.parametrize("room", ["log", "witness"])
def test_a_key_is_made_and_never_replaced(room: str, tmp_path: Path) -> None:
    """The printed half belongs to the secret file, and a second one does not overwrite it."""
    path = tmp_path / "secret.key"
    printed = answer(room, "key", "example.org/one", path)["verifier_key"]
    assert parse_verifier_key(printed) == read_signing_key(path).verifier
    again = counterfoil(room, "key", "example.org/one", path)
    assert again.returncode == 3
    assert parse_verifier_key(printed) == read_signing_key(path).verifier


def test_a_log_is_exported(files: Files, tmp_path: Path) -> None:
    """Tiles, entries if asked for, and the checkpoint."""
    site = tmp_path / "site"
    assert answer("log", "export", files.folder / "log", site, "--entries") == {"files": 2}
    assert (site / "tile" / "entries" / "000.p" / "11").exists()
    assert (site / "checkpoint").read_text().startswith("log.example/counterfoil\n11\n")


def test_a_proof_that_cannot_be_made_is_told(files: Files) -> None:
    """A size that was never published has no proof."""
    done = counterfoil("log", "consistency", files.folder / "log", "--old", "12")
    assert done.returncode == 5
    assert "the published log has 11 leaves" in " ".join(done.stderr.split())
