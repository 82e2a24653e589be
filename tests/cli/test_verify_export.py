"""`counterfoil rights export` and `verify` of what it gave, whole, unpacked and tampered with."""

import json
import random
import shutil
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from counterfoil.receipts import new_signing_key
from tests.rights.exporting import live, office
from tools.program import answer, counterfoil


@dataclass(frozen=True)
class Given:
    """What Alice was given, and the keys that she has from elsewhere."""

    archive: Path
    unpacked: Path
    keys: tuple[str, ...]
    url: str
    site: Path
    alice: str


@pytest.fixture(scope="module")
def given(tmp_path_factory: pytest.TempPathFactory) -> Given:
    """Give Alice, about whom there is something of everything, her export by the command."""
    folder = tmp_path_factory.mktemp("export")
    url = f"sqlite:///{folder}/larch.db"
    with office(url, folder) as here:
        live(here)
        alice = str(here.town.alice)
    archive, site = folder / "alice.zip", folder / "site"
    said = answer(
        *("rights", "export", alice, "--to", archive, "--law", "gdpr", "--by", "Edda"),
        *("--site", site, "--database", url),
    )
    assert (said["answer"], said["receipts_missing"]) == ("fulfilled", 0)
    with zipfile.ZipFile(archive) as zipped:
        zipped.extractall(folder / "unpacked")
    keys = tuple(word for key in said["keys"] for word in ("--key", key))
    return Given(archive, folder / "unpacked", keys, url, site, alice)


def verified(given: Given, path: Path, status: int = 0) -> Any:
    """Verify something as a program does."""
    done = counterfoil("verify", path, *given.keys, "--json")
    assert done.returncode == status, done.stderr
    return json.loads(done.stdout)["exports"][0]


def test_a_person_reads_in_plain_words_what_their_export_proves(given: Given) -> None:
    """One ZIP, two keys, no network: what is proven, and what is not."""
    done = counterfoil("verify", given.archive, *given.keys)
    assert (done.returncode, done.stderr) == (0, "")
    said = " ".join(done.stdout.split())
    for sentence in (
        "holds: ",
        "files are as the manifest lists them.",
        "Each of its receipts is in the log larch.example/transfers, which had",
        "rows of data about payments and records say what their receipts prove.",
        "each balance follows from the one before, from nothing to 985.49 EUR: no payment is left",
        "That nothing else is held about you",
    ):
        assert sentence in said, said


def test_a_folder_and_each_file_of_receipts_are_verified_as_they_lie(given: Given) -> None:
    """Unpacked, nothing has to be put together again; a line cut out is a receipt by itself."""
    whole = verified(given, given.archive)
    assert verified(given, given.unpacked) == whole | {"file": str(given.unpacked)}
    lines = verified(given, given.unpacked / "receipts" / "payments.jsonl")
    assert lines["receipts"] == len((given.unpacked / "data" / "payments.json").read_text()
                                    .strip("[]\n").split("\n"))  # fmt: skip
    one = given.archive.with_name("one.json")
    text = (given.unpacked / "receipts" / "payments.jsonl").read_text()
    one.write_text(text.splitlines()[0])
    assert counterfoil("verify", one, *given.keys).returncode == 0


def test_a_key_that_is_not_the_operator_s_proves_nothing(given: Given) -> None:
    """Whoever made the file wrote its keys into it, and they are not believed for that."""
    stranger = str(new_signing_key("larch.example/transfers").verifier)
    done = counterfoil("verify", given.archive, "--key", stranger, "--json")
    assert done.returncode == 1
    (found,) = json.loads(done.stdout)["exports"]
    assert (found["receipts"], found["proven"]) == (0, [])


def test_an_earlier_checkpoint_is_held_against_its_own_log(given: Given) -> None:
    """The checkpoint of today's export is in tomorrow's history; a forked one is not."""
    checkpoint = given.archive.with_name("checkpoint")
    manifest = json.loads((given.unpacked / "manifest.json").read_text())
    checkpoint.write_text(manifest["logs"]["transfers"]["checkpoint"])
    done = counterfoil("verify", given.archive, *given.keys, "--checkpoint", checkpoint)
    assert done.returncode == 0
    assert "nothing was changed" in " ".join(done.stdout.split())


def _cut_a_payment(folder: Path) -> None:
    """Leave a payment out everywhere, and list the files anew as who cheats would."""
    lines = (folder / "receipts" / "payments.jsonl").read_text().splitlines(keepends=True)
    (folder / "receipts" / "payments.jsonl").write_text("".join(lines[:1] + lines[2:]))
    rows = json.loads((folder / "data" / "payments.json").read_text())
    (folder / "data" / "payments.json").write_text(json.dumps(rows[:1] + rows[2:]))
    _list_anew(folder)


def _change_an_amount(folder: Path) -> None:
    rows = json.loads((folder / "data" / "payments.json").read_text())
    rows[0]["amount"] = "1.00"
    (folder / "data" / "payments.json").write_text(json.dumps(rows))
    _list_anew(folder)


def _add_a_payment(folder: Path) -> None:
    rows = json.loads((folder / "data" / "payments.json").read_text())
    (folder / "data" / "payments.json").write_text(json.dumps([*rows, rows[0] | {"seq": 999}]))
    _list_anew(folder)


def _list_anew(folder: Path) -> None:
    from hashlib import sha256

    manifest = json.loads((folder / "manifest.json").read_text())
    for one in manifest["files"]:
        data = (folder / one["path"]).read_bytes()
        one["bytes"], one["sha256"] = len(data), sha256(data).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))


def _flip_a_byte(folder: Path) -> None:
    path = folder / "data" / "looks.csv"
    data = bytearray(path.read_bytes())
    data[-3] ^= 1
    path.write_bytes(data)


def _truncate(folder: Path) -> None:
    path = folder / "receipts" / "records.jsonl"
    path.write_bytes(path.read_bytes()[:-40])


def _reorder(folder: Path) -> None:
    path = folder / "receipts" / "payments.jsonl"
    lines = path.read_text().splitlines(keepends=True)
    path.write_text("".join(reversed(lines)))
    _list_anew(folder)


@pytest.mark.parametrize(
    ("tamper", "said"),
    [
        (_change_an_amount, "does not say what this receipt proves"),
        (_add_a_payment, "number 999 has no receipt"),
        (_flip_a_byte, "data/looks.csv is not as the manifest lists it"),
        (_truncate, "breaks off within a line"),
        (lambda folder: (folder / "README.txt").unlink(), "README.txt is missing"),
        (lambda folder: (folder / "more.txt").write_text(""), "more.txt is not in the manifest"),
        (lambda folder: (folder / "data" / "records.json").write_text("{"), "not a list of rows"),
    ],
)
def test_whatever_was_changed_is_named(
    given: Given, tmp_path: Path, tamper: Callable[[Path], Any], said: str
) -> None:
    """An amount, a row, a byte, an end, a file too few or too many."""
    folder = tmp_path / "export"
    shutil.copytree(given.unpacked, folder)
    tamper(folder)
    found = verified(given, folder, status=1)
    assert any(said in fault for fault in found["faults"]), found["faults"]
    assert found["proven"] == []


@pytest.mark.parametrize("tamper", [_cut_a_payment, _reorder])
def test_a_payment_that_was_left_out_leaves_a_gap(
    given: Given, tmp_path: Path, tamper: Callable[[Path], Any]
) -> None:
    """Each receipt still holds; that the payments are all there is no longer said to be proven."""
    folder = tmp_path / "export"
    shutil.copytree(given.unpacked, folder)
    tamper(folder)
    found = verified(given, folder)
    assert list(found["accounts"].values()) == [None]
    assert not any("no payment is left out" in said for said in found["proven"])
    assert any("That all payments of account" in said for said in found["not_proven"])


LEADS_OUT = json.dumps(
    {"format": "counterfoil/export@v1", "files": [{"path": "../x", "bytes": 1, "sha256": ""}]}
)


@pytest.mark.parametrize(
    ("manifest", "said"),
    [
        ("", "is not a list of files"),
        ('{"format": "counterfoil/export@v9", "files": []}', "reads exports of the format"),
        (LEADS_OUT, "is not a list of files"),
        ("[" * 100_000, "is not a list of files"),
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(
    given: Given, tmp_path: Path, manifest: str, said: str
) -> None:
    """Empty, of a later version, with a path that leads out, or nested without end."""
    (tmp_path / "manifest.json").write_text(manifest)
    assert said in verified(given, tmp_path, status=1)["reason"]
    (tmp_path / "manifest.json").unlink()
    assert "this is no export" in verified(given, tmp_path, status=1)["reason"]


def test_a_damaged_zip_never_passes_and_never_crashes(given: Given, tmp_path: Path) -> None:
    """Flip any byte, cut anywhere: it does not hold, or it says the very same as before.

    A ZIP has bytes that carry nothing, such as the dates of its files.
    """
    from counterfoil.cli.verify_bundle import is_many, many_as_json, verify_many
    from counterfoil.kernel.clock import SystemClock
    from counterfoil.receipts import Policy, Verifier, parse_verifier_key

    import counterfoil.sealing.view  # noqa: F401  # isort: skip

    policy = Policy(tuple(parse_verifier_key(key) for key in given.keys[1::2]))

    def seen(path: Path) -> dict[str, object]:
        verifier = Verifier(policy, now_us=SystemClock().now_us())
        return many_as_json(Path("alice.zip"), verify_many(verifier, path))

    whole, data, chance = seen(given.archive), given.archive.read_bytes(), random.Random(4)
    damaged = tmp_path / "alice.zip"
    for round_number in range(40):
        place = chance.randrange(len(data))
        if round_number % 4:
            flipped = bytes([data[place] ^ 1 << chance.randrange(8)])
            damaged.write_bytes(data[:place] + flipped + data[place + 1 :])
        else:
            damaged.write_bytes(data[:place])
        if is_many(damaged):
            found = seen(damaged)
            assert found == whole or not found["holds"], place
