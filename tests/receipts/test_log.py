"""The log: what it has acknowledged it has, what it has signed stands, and damage has a name."""

import json
import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.receipts import (
    KeyMalformed,
    LeafNotFound,
    Log,
    LogDamaged,
    LogInUse,
    LogReader,
    LogUnavailable,
    SignatureRefused,
    SigningKey,
    TileMissing,
    leaves_of,
    leaves_of_array,
)
from counterfoil.receipts import log as log_module
from counterfoil.receipts.checkpoint import Checkpoint, read_checkpoint
from counterfoil.receipts.export import export
from counterfoil.receipts.head import read_head
from counterfoil.receipts.journal import Journal, Record
from counterfoil.receipts.merkle import inclusion_proof, leaf_hash
from counterfoil.receipts.note import Note
from counterfoil.receipts.sha256 import Bytes
from counterfoil.receipts.tiles import Tile
from tests.receipts.given import (
    LOG_KEY,
    NEXT_LOG_KEY,
    OTHER_LOG_KEY,
    WITNESS_KEY,
    Cosigning,
    recursive_root,
)


def entries(start: int, count: int) -> list[bytes]:
    """Make entries of differing lengths, the empty one among them."""
    return [b"%d|" % number * (number % 5) for number in range(start, start + count)]


def opened(folder: Path) -> Log:
    return Log.open(folder, [LOG_KEY])


def filled(folder: Path, count: int) -> Log:
    log = opened(folder)
    log.append(leaves_of(entries(0, count)), b"%d" % count)
    return log


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from([0, 1, 2, 255, 256, 257, 700]), st.sampled_from(["", "p", "po"])),
        min_size=1,
        max_size=8,
    )
)
def test_however_it_grows_it_is_the_same_log(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, str]]
) -> None:
    """In any batches, published and opened again at any time: the tree, the entries, the token."""
    folder, everything = tmp_path_factory.mktemp("log"), [b""] * 0
    log, older = opened(folder), [Checkpoint(LOG_KEY.name, 0, recursive_root([]))]
    for count, then in steps:
        new = entries(len(everything), count)
        assert log.append(leaves_of(new), b"up to %d" % count) == len(everything)
        everything += new
        if "p" in then:
            older.append(log.publish().signed.checkpoint)
        if "o" in then:
            log.close()
            log = opened(folder)
        assert (log.size, log.token) == (len(everything), b"up to %d" % count)
    hashes = [leaf_hash(entry) for entry in everything]
    checkpoint = log.publish().signed.checkpoint
    assert checkpoint == Checkpoint(LOG_KEY.name, len(everything), recursive_root(hashes))
    reader = LogReader(folder)
    for index in {0, 1, 255, 256, 511, len(everything) - 1} & set(range(len(everything))):
        assert reader.entry(index) == everything[index]
        log.prove(index).check(hashes[index])
    for old in older if everything else []:
        log.prove_consistency(old.size).check(old.root)
    log.close()


def test_what_was_acknowledged_is_there_without_a_close(tmp_path: Path) -> None:
    """The journal alone brings everything back: a crash right after the answer loses nothing."""
    log = filled(tmp_path / "log", 700)
    published = log.publish().signed
    log.append(leaves_of(entries(700, 300)), b"1000")
    crash(log)
    again = opened(tmp_path / "log")
    assert (again.size, again.token) == (1000, b"1000")
    assert LogReader(tmp_path / "log").published() == published
    again.prove(699).check(leaf_hash(entries(699, 1)[0]))
    again.publish()
    again.prove_consistency(700).check(published.checkpoint.root)


def test_tiles_that_a_crash_lost_are_written_again(tmp_path: Path) -> None:
    """What was not yet synchronized may be gone after a power cut; the journal has it."""
    log = filled(tmp_path / "log", 700)
    log.publish()
    crash(log)
    for pack in (tmp_path / "log" / "hashes").rglob("000000"):
        pack.write_bytes(b"")
    (tmp_path / "log" / "entries" / "000000").write_bytes(b"")
    with opened(tmp_path / "log") as again:
        again.prove(300).check(leaf_hash(entries(300, 1)[0]))


@pytest.mark.parametrize("cut", [1, 20, 400])
def test_a_record_that_a_crash_broke_was_never_acknowledged(tmp_path: Path, cut: int) -> None:
    """The last record's remains are cut off, and the log goes on where it was."""
    log = filled(tmp_path / "log", 10)
    log.append(leaves_of([b"x" * 500]), b"11")
    crash(log)
    journal = tmp_path / "log" / "journal"
    os.truncate(journal, journal.stat().st_size - cut)
    with opened(tmp_path / "log") as again:
        assert (again.size, again.token) == (10, b"10")
        assert again.append(leaves_of([b"y"])) == 10


@pytest.mark.parametrize("place", [0, 8, 12, 16, 24, 32, 37, 50])
def test_a_broken_record_with_more_after_it_is_damage(tmp_path: Path, place: int) -> None:
    """A disk that lies about what it has is not passed over, whichever part of a record it is."""
    log = filled(tmp_path / "log", 10)
    for number in range(10, 12):
        log.append(leaves_of(entries(number, 1)), b"%d" % number)
    crash(log)
    flip(tmp_path / "log" / "journal", place)
    with pytest.raises(LogDamaged, match="broken at byte 0, with more after it"):
        opened(tmp_path / "log")


@given(st.binary(max_size=300))
def test_whatever_follows_the_last_record_is_cut_off(
    tmp_path_factory: pytest.TempPathFactory, rest: bytes
) -> None:
    """What a broken write may have left, marks of records among it, is no record."""
    path = tmp_path_factory.mktemp("journal") / "journal"
    journal = Journal(path)
    record = Record(1, 0, 1, b"t", b"\x00\x01x")
    journal.append(record)
    with path.open("ab") as file:
        file.write(path.read_bytes()[:30] + rest)
    again = Journal(path)
    assert list(again.records()) == [record]
    assert path.stat().st_size == again.length == journal.length
    journal.close()
    again.close()


def test_a_journal_that_was_settled_is_not_taken_in_twice(tmp_path: Path) -> None:
    """A crash between the new head and the new journal doubles nothing."""
    log = filled(tmp_path / "log", 300)
    journal = (tmp_path / "log" / "journal").read_bytes()
    log.close()
    (tmp_path / "log" / "journal").write_bytes(journal)
    with opened(tmp_path / "log") as again:
        assert again.size == 300


def test_a_token_may_move_without_a_leaf(tmp_path: Path) -> None:
    """An empty batch is a batch: what its token says survives a crash, settled before or not."""
    filled(tmp_path / "log", 10).close()
    log = opened(tmp_path / "log")
    assert log.append(leaves_of([]), b"looked further") == 10
    crash(log)
    with opened(tmp_path / "log") as again:
        assert (again.size, again.token) == (10, b"looked further")


def test_a_log_without_its_head_is_not_begun_anew(tmp_path: Path) -> None:
    """Where there are tiles there was a head; an empty journal does not make a new log."""
    filled(tmp_path / "log", 10).close()
    (tmp_path / "log" / "head").unlink()
    with pytest.raises(LogDamaged, match="its head is missing"):
        opened(tmp_path / "log")


def test_a_journal_of_another_time_is_not_taken_in(tmp_path: Path) -> None:
    """A journal that does not go on where the tiles end was put there by mistake."""
    log = filled(tmp_path / "log", 10)
    log.close()
    log = opened(tmp_path / "log")
    for place in range(2):
        log.append(leaves_of([b"%d" % place]))
    later = (tmp_path / "log" / "journal").read_bytes()
    crash(log)
    (tmp_path / "log" / "journal").write_bytes(later[len(later) // 2 :])
    with pytest.raises(LogDamaged, match="goes on at leaf 11, and its tiles end at 10"):
        opened(tmp_path / "log")


@pytest.mark.parametrize("key", [WITNESS_KEY, OTHER_LOG_KEY])
def test_a_log_is_signed_by_its_own_keys(tmp_path: Path, key: SigningKey) -> None:
    """A witness's key, or one of another name, does not sign beside the log's."""
    with pytest.raises(KeyMalformed, match="not of the type or of the name"):
        Log.open(tmp_path / "log", [LOG_KEY, key])


def test_appending_publishing_and_proving_go_on_at_once(tmp_path: Path) -> None:
    """Threads share a log: what one has published the others prove, while it grows."""
    rounds, log = 60, opened(tmp_path / "log")

    def append() -> None:
        for number in range(rounds):
            log.append(leaves_of(entries(number * 100, 100)), b"%d" % number)

    def publish() -> None:
        for _round in range(rounds):
            log.publish()

    def prove() -> None:
        for _round in range(rounds):
            published = LogReader(tmp_path / "log").published()
            if published and published.checkpoint.size:
                index = published.checkpoint.size - 1
                log.prove(index).check(leaf_hash(entries(index, 1)[0]))
                log.prove_consistency(published.checkpoint.size).check(published.checkpoint.root)

    with ThreadPoolExecutor() as threads:
        for done in [threads.submit(work) for work in (append, publish, prove, prove)]:
            done.result()
    hashes = [leaf_hash(entry) for entry in entries(0, 100 * rounds)]
    assert log.publish().signed.checkpoint.root == recursive_root(hashes)
    log.close()


def test_a_long_journal_is_settled_on_the_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Opening never has to take in more than the journal's limit and one batch."""
    monkeypatch.setattr(log_module, "SETTLE_BYTES", 1000)
    log = filled(tmp_path / "log", 700)
    head = read_head(tmp_path / "log" / "head")
    assert head is not None
    assert (head.size, (tmp_path / "log" / "journal").stat().st_size) == (700, 0)
    crash(log)
    assert opened(tmp_path / "log").size == 700


def test_there_is_one_writer(tmp_path: Path) -> None:
    """A second one is refused, with the first one's process."""
    with (
        filled(tmp_path / "log", 3),
        pytest.raises(LogInUse, match=f"Process {os.getpid()} already"),
    ):
        opened(tmp_path / "log")
    opened(tmp_path / "log").close()


def test_a_closed_log_says_so(tmp_path: Path) -> None:
    """Whoever asks after the end is told, and closing twice is harmless."""
    log = filled(tmp_path / "log", 3)
    log.close()
    log.close()
    with pytest.raises(LogUnavailable, match="closed"):
        log.append(leaves_of([b"x"]))


def test_a_disk_that_fails_ends_the_log_and_not_the_leaves(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a failure nothing is answered; opened again, the log and its token tell what is in."""
    log = filled(tmp_path / "log", 10)
    with monkeypatch.context() as failing:
        failing.setattr(os, "fsync", full_disk)
        with pytest.raises(LogUnavailable, match="No space left on device"):
            log.append(leaves_of([b"x"]), b"11")
    with pytest.raises(LogUnavailable, match="has failed"):
        log.append(leaves_of([b"x"]), b"11")
    log.close()
    with opened(tmp_path / "log") as again:
        assert (again.size, again.token) in {(10, b"10"), (11, b"11")}


def test_only_published_leaves_are_proven(tmp_path: Path) -> None:
    """A leaf that no checkpoint covers has no proof yet."""
    with filled(tmp_path / "log", 10) as log:
        with pytest.raises(LeafNotFound, match="has 0 leaves"):
            log.prove(0)
        log.publish()
        log.append(leaves_of([b"x"]))
        with pytest.raises(LeafNotFound, match="Leaf 10 is not published"):
            log.prove(10)
        with pytest.raises(LeafNotFound, match="has 10 leaves"):
            log.prove_consistency(11)


@pytest.mark.parametrize("level", [0, 1])
def test_a_lost_tile_is_named(tmp_path: Path, level: int) -> None:
    """Who has to restore something learns what."""
    with filled(tmp_path / "log", 3000) as log:
        log.publish()
    (tmp_path / "log" / "hashes" / str(level) / "000000").unlink()
    with pytest.raises(TileMissing, match=f"tile tile/{level}/000") as missing:
        LogReader(tmp_path / "log").prove(1)
    assert str(missing.value.facts["tile"]).startswith(f"tile/{level}/000")


def test_lost_entries_are_named(tmp_path: Path) -> None:
    """Entries that are gone, or cut short, are missing; proofs do not need them."""
    with filled(tmp_path / "log", 3000) as log:
        log.publish()
    pack, reader = tmp_path / "log" / "entries" / "000000", LogReader(tmp_path / "log")
    os.truncate(pack, pack.stat().st_size - 1)
    with pytest.raises(TileMissing, match=r"tile tile/entries/011\.p/184 is missing"):
        reader.entry(2999)
    assert reader.entry(0) == entries(0, 1)[0]
    reader.prove(2999).check(leaf_hash(entries(2999, 1)[0]))


@pytest.mark.parametrize("index", [bytes(8), b"\xff" * 8, b"\x00" * 7 + b"\x01"])
def test_an_index_that_was_changed_leads_nowhere(tmp_path: Path, index: bytes) -> None:
    """Whatever stands where a bundle's end should, entries are there or are named as missing."""
    with filled(tmp_path / "log", 700) as log:
        log.publish()
    with (tmp_path / "log" / "entries" / "000000").open("r+b") as pack:
        pack.write(index)
    reader = LogReader(tmp_path / "log")
    assert reader.entry(600) == entries(600, 1)[0]
    for place in (0, 300):
        with pytest.raises(TileMissing, match=f"tile/entries/00{place // 256}"):
            reader.entry(place)


def test_a_changed_tile_proves_nothing(tmp_path: Path) -> None:
    """A proof that does not lead to the published root is not handed out."""
    with filled(tmp_path / "log", 700) as log:
        log.publish()
    flip(tmp_path / "log" / "hashes" / "0" / "000000", 5 * 32)
    with pytest.raises(LogDamaged, match="do not lead from leaf 5 to the published root"):
        LogReader(tmp_path / "log").prove(5)


def test_a_log_that_no_longer_fits_its_checkpoint_is_not_opened(tmp_path: Path) -> None:
    """Leaves that were published and are gone, or changed, are noticed before anything is signed."""
    with filled(tmp_path / "log", 700) as log:
        log.publish()
    flip(tmp_path / "log" / "hashes" / "0" / "000000", 699 * 32)
    with pytest.raises(LogDamaged, match="published checkpoint of 700 leaves does not fit"):
        opened(tmp_path / "log")
    flip(tmp_path / "log" / "hashes" / "0" / "000000", 699 * 32)
    with opened(tmp_path / "log") as log:
        assert log.size == 700


def test_a_log_never_contradicts_itself(tmp_path: Path) -> None:
    """Changed behind its back while it runs, the log signs nothing more."""
    log = filled(tmp_path / "log", 700)
    before = log.publish().signed
    log.append(leaves_of(entries(700, 100)))
    flip(tmp_path / "log" / "hashes" / "0" / "000000", 600 * 32)
    with pytest.raises(LogDamaged, match="does not begin with what it has published"):
        log.publish()
    assert LogReader(tmp_path / "log").published() == before


def test_a_checkpoint_that_was_taken_away_still_binds(tmp_path: Path) -> None:
    """What was signed in this process is held against what is signed next, whatever the disk says."""
    log = filled(tmp_path / "log", 700)
    log.publish()
    (tmp_path / "log" / "checkpoint").unlink()
    log.append(leaves_of(entries(700, 100)))
    flip(tmp_path / "log" / "hashes" / "0" / "000000", 600 * 32)
    with pytest.raises(LogDamaged, match="does not begin with what it has published"):
        log.publish()


def test_a_rolled_back_log_signs_nothing(tmp_path: Path) -> None:
    """An old backup of a log with a newer checkpoint beside it is not continued."""
    with filled(tmp_path / "log", 5) as log:
        log.publish()
    with filled(tmp_path / "longer", 9) as longer:
        longer.publish()
    (tmp_path / "log" / "checkpoint").write_bytes((tmp_path / "longer" / "checkpoint").read_bytes())
    with pytest.raises(LogDamaged, match="9 leaves does not fit its 5 leaves"):
        opened(tmp_path / "log")


def test_a_damaged_head_is_named(tmp_path: Path) -> None:
    """A head that is not what was written is not believed."""
    filled(tmp_path / "log", 5).close()
    flip(tmp_path / "log" / "head", 20)
    with pytest.raises(LogDamaged, match="head is damaged"):
        opened(tmp_path / "log")


def test_a_log_keeps_its_name(tmp_path: Path) -> None:
    """Another origin's key does not continue a log."""
    filled(tmp_path / "log", 5).close()
    with pytest.raises(LogDamaged, match=r"it is the log of log\.example/counterfoil"):
        Log.open(tmp_path / "log", [OTHER_LOG_KEY])


def test_a_key_is_replaced_by_signing_with_both(tmp_path: Path) -> None:
    """Old and new readers verify during the change; without it, a new key is not believed."""
    with filled(tmp_path / "log", 5) as log:
        log.publish()
        old_proof = log.prove(3)
    with pytest.raises(SignatureRefused, match="No known key"):
        Log.open(tmp_path / "log", [NEXT_LOG_KEY])
    with Log.open(tmp_path / "log", [LOG_KEY, NEXT_LOG_KEY]) as log:
        both = log.publish().signed.note
    assert set(both.verify([LOG_KEY.verifier, NEXT_LOG_KEY.verifier])) == {
        LOG_KEY.verifier,
        NEXT_LOG_KEY.verifier,
    }
    with Log.open(tmp_path / "log", [NEXT_LOG_KEY]) as log:
        log.append(leaves_of([b"later"]))
        after = log.publish().signed.note
    assert set(after.verify([LOG_KEY.verifier, NEXT_LOG_KEY.verifier])) == {NEXT_LOG_KEY.verifier}
    assert old_proof.signed.note.verify([LOG_KEY.verifier])


def test_publishing_again_keeps_what_witnesses_have_signed(tmp_path: Path) -> None:
    """Nothing was appended, so the cosignature still stands under the same text; a newer replaces it."""
    with filled(tmp_path / "log", 5) as log:
        log.publish([Cosigning(WITNESS_KEY, at_s=5)])
        assert log.publish().signed.note.verify([WITNESS_KEY.verifier]) == {WITNESS_KEY.verifier: 5}
        later = log.publish([Cosigning(WITNESS_KEY, at_s=9)]).signed.note
        assert later.verify([WITNESS_KEY.verifier]) == {WITNESS_KEY.verifier: 9}
        assert len(later.signatures) == 2
        log.append(leaves_of([b"more"]))
        assert log.publish().signed.note.verify([WITNESS_KEY.verifier]) == {}


def test_an_export_is_what_tlog_tiles_describes(tmp_path: Path) -> None:
    """Size 70,000 is 273 full tiles and one of 112, one full and one of 17 above, one of 1."""
    hashes: Bytes = np.arange(70_000 * 8, dtype=np.uint32).view(np.uint8).reshape(-1, 32)
    with opened(tmp_path / "log") as log:
        log.append(leaves_of_array(hashes[:70_000]))
        log.publish()
    site, reader = tmp_path / "site", LogReader(tmp_path / "log")
    assert export(reader, site, with_entries=False) == 273 + 1 + 1 + 1 + 1
    sizes = {
        path.relative_to(site).as_posix(): path.stat().st_size // 32
        for path in site.rglob("*")
        if path.is_file() and path.name != "checkpoint"
    }
    assert (sizes["tile/0/000"], sizes["tile/0/272"]) == (256, 256)
    assert (sizes["tile/0/273.p/112"], sizes["tile/1/001.p/17"]) == (112, 17)
    assert (sizes["tile/1/000"], sizes["tile/2/000.p/1"]) == (256, 1)
    assert (site / "checkpoint").read_bytes() == (tmp_path / "log" / "checkpoint").read_bytes()


def test_an_export_writes_only_what_is_new(tmp_path: Path) -> None:
    """Full tiles never change; a second export adds what the log has grown by."""
    site, reader = tmp_path / "site", LogReader(tmp_path / "log")
    assert export(reader, site, with_entries=True) == 0
    with filled(tmp_path / "log", 300) as log:
        log.publish()
        assert export(reader, site, with_entries=True) == 2 + 1 + 2
        assert export(reader, site, with_entries=True) == 0
        log.append(leaves_of(entries(300, 300)))
        log.publish()
    assert export(reader, site, with_entries=True) == 2 + 1 + 2
    assert (site / "tile/0/001").exists()
    assert (site / "tile/0/001.p/44").exists()
    bundle = b"".join(len(e).to_bytes(2, "big") + e for e in entries(0, 256))
    assert (site / "tile/entries/000").read_bytes() == bundle


@pytest.mark.parametrize(
    ("number", "path"),
    [
        (0, "000"), (999, "999"), (1000, "x001/000"), (1_234_067, "x001/x234/067"),
    ],
)  # fmt: skip
def test_tiles_have_the_names_of_tlog_tiles(number: int, path: str) -> None:
    """Groups of three digits, all but the last after an x; partial ones say how many."""
    assert Tile(3, number).path == f"tile/3/{path}"
    assert Tile(None, number, 7).path == f"tile/entries/{path}.p/7"


def test_a_forged_checkpoint_is_not_taken_for_the_log_s_own(tmp_path: Path) -> None:
    """A checkpoint that somebody else has put there stops the log."""
    with filled(tmp_path / "log", 5) as log:
        log.publish()
    path = tmp_path / "log" / "checkpoint"
    signed = read_checkpoint(path)
    assert signed is not None
    forged = replace(signed.checkpoint, size=4)
    path.write_text(str(Note(str(forged), signed.note.signatures)))
    with pytest.raises(SignatureRefused, match="is not over this text"):
        opened(tmp_path / "log")


def test_a_head_of_a_later_version_is_left_alone(tmp_path: Path) -> None:
    """A log that a newer program has written is not read as if it were old."""
    import zlib

    filled(tmp_path / "log", 5).close()
    path = tmp_path / "log" / "head"
    body = json.loads(path.read_bytes().partition(b" ")[2]) | {"version": 2}
    text = json.dumps(body).encode()
    path.write_bytes(b"%08x %s" % (zlib.crc32(text), text))
    with pytest.raises(LogDamaged, match="version 2"):
        opened(tmp_path / "log")


def crash(log: Log) -> None:
    """End a log as a kill does: nothing is settled, the system takes the lock and files back."""
    os.close(log._writer)
    log._writer = -1


def flip(path: Path, place: int) -> None:
    """Flip one bit of a file."""
    data = bytearray(path.read_bytes())
    data[place] ^= 1
    path.write_bytes(data)


def full_disk(_descriptor: int) -> None:
    """Fail as a full disk does."""
    import errno

    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_proofs_of_one_checkpoint_are_those_of_one_leaf_at_a_time(tmp_path: Path) -> None:
    """What is shared between leaves gives the very proofs that the tree's definition gives."""
    for size in (1, 255, 256, 257, 700, 66_000):
        with filled(tmp_path / str(size), size) as log:
            log.publish()
        reader = LogReader(tmp_path / str(size))
        published = reader.at_published()
        nodes = reader._nodes.at(size)  # the second way to the same proof
        for index in {0, 1, 254, 255, 256, 511, 512, size // 2, size - 2, size - 1} & set(
            range(size)
        ):
            proof = published.prove(index)
            assert list(proof.hashes) == inclusion_proof(nodes, index, size)
            assert published.entry(index) == entries(index, 1)[0]
            assert published.leaf(index) == leaf_hash(entries(index, 1)[0])
        with pytest.raises(LeafNotFound):
            published.entry(size)
