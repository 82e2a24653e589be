"""A pack of evidence holds without the operator, or is refused by the name of the part that does not."""

import json
import random
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from counterfoil.bootstrap import Site, SiteReader
from counterfoil.breach import BreachId, read_case, rows_leaked
from counterfoil.consent import Regime
from counterfoil.evidence import (
    EvidenceContradicted,
    EvidenceError,
    EvidenceRefused,
    EvidenceUnreadable,
    Proven,
    hold_against,
    manifest,
    read_archive,
    verify_pack,
    write_archive,
)
from counterfoil.kernel.clock import EPOCH, ManualClock, from_us
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.ids import new_id
from counterfoil.receipts import Policy, new_signing_key
from counterfoil.receipts.checkpoint import parse_signed_checkpoint
from counterfoil.receipts.errors import SignatureRefused
from tests.breach.test_breach import CASE, Desk

START = datetime(2026, 3, 1, 9, tzinfo=UTC)
SECRETS = ("Alice", "Arnaud", "Bauer", "example.org", "Clara", "Edda")


@pytest.fixture
def clock() -> ManualClock:
    """Give a clock that moves when told."""
    return ManualClock(START)


@pytest.fixture
def desk(database_url: str, tmp_path: Path, clock: ManualClock) -> Iterator[Desk]:
    """Open a site in which something of everything has happened."""
    with Site.open(database_url, tmp_path / "site", origin="larch.example", clock=clock) as site:
        desk = Desk(site, clock, tmp_path)
        desk.look(desk.alice)
        desk.open()
        desk.add(desk.bob)
        site.retention.run()
        cards = tmp_path / "site" / "models"
        cards.mkdir(exist_ok=True)
        (cards / "larch-1.card.json").write_text('{"model": "larch", "version": 1}')
        yield desk


def packed(desk: Desk, earlier: int | None = None) -> bytes:
    """Make a pack of all that has happened."""
    now = from_us(desk.clock.now_us() + 1)
    return desk.site.evidence().pack(EPOCH, now, earlier=earlier)


def policy(desk: Desk) -> Policy:
    """Believe the operator's two public keys."""
    keys = desk.site.keys
    return Policy((keys.records[0].verifier, keys.transfers[0].verifier))


def verified(desk: Desk, data: bytes) -> Proven:
    """Verify a pack."""
    return verify_pack(data, policy(desk), now_us=desk.clock.now_us())


def signed_again(desk: Desk, files: dict[str, bytes]) -> bytes:
    """Sign changed files as the operator could, with the real key."""
    rest = {path: data for path, data in files.items() if path != manifest.PATH}
    note = manifest.sign(rest, desk.site.keys.records, "2026-03-01T09:00:00.000000Z")
    return write_archive({**rest, manifest.PATH: note})


def test_a_pack_holds_with_the_public_key_alone_and_says_what_that_proves(desk: Desk) -> None:
    """How many records there are, which are opened, and, just as plainly, what is the operator's word."""
    data = packed(desk)
    found = verified(desk, data)
    count = desk.site.sealing.state.records
    assert found.size == count == sum(found.kinds.counts().values())
    assert any(str(count) in said and "no more and no fewer" in said for said in found.proven)
    assert any("Of what kind each closed record" in said for said in found.not_proven)
    assert any("no known witness" in said for said in found.not_proven)
    only = Policy((desk.site.keys.records[0].verifier,))
    assert verify_pack(data, only, now_us=desk.clock.now_us()).size == count


def test_a_pack_has_all_that_a_regulator_asks_for(desk: Desk) -> None:
    """Purposes, grants, reads by purpose, requests, authorities, breaches, runs, cards, checkpoints."""
    files = read_archive(packed(desk))
    facts = json.loads(files["evidence.json"])
    assert facts["purposes"]["run-wallet"]["runs"]
    assert set(facts["grants"]) >= {"score", "share-answer", "marketing", "research"}
    assert facts["accesses"] == [
        {"purpose": "run-wallet", "basis": "contract", "reads": 1, "rows": 1}
    ]
    assert [one["persons"] for one in facts["breaches"]] == [1]
    assert [one["day"] for one in facts["retention_runs"]] == ["2026-03-01"]
    assert facts["models"] == ["models/larch-1.card.json"]
    assert facts["collectors"]["certificates"]["valid"] == 1
    assert set(facts["authorities"]["requests"]) == {"court", "police", "regulator"}
    assert parse_signed_checkpoint(files["checkpoints/records.note"].decode()).checkpoint.size
    assert "Retention runs" in files["summary.html"].decode()


def test_a_pack_holds_no_personal_data(desk: Desk) -> None:
    """Neither names nor contacts nor the ids of persons, nor who works for the operator."""
    for path, data in read_archive(packed(desk)).items():
        text = data.decode()
        for secret in (*SECRETS, str(desk.alice), str(desk.bob), desk.alice.hex, desk.bob.hex):
            assert secret not in text, f"{secret} in {path}"


def test_a_flipped_bit_anywhere_is_refused(desk: Desk) -> None:
    """Every byte of the pack counts: contents, names, the archive's own frame."""
    data = packed(desk)
    chosen = random.Random(7)
    places = {0, 1, 4, 6, 10, 14, len(data) - 1, len(data) - 22, len(data) - 10}
    places |= set(chosen.sample(range(len(data)), 400))
    for place in sorted(places):
        changed = bytearray(data)
        changed[place] ^= 1 << chosen.randrange(8)
        with pytest.raises(CounterfoilError):
            verified(desk, bytes(changed))


def test_the_part_that_was_changed_is_named(desk: Desk) -> None:
    """A regulator is told which file is not what was signed."""
    files = read_archive(packed(desk))
    for path in files:
        changed = {**files, path: files[path].replace(b"1", b"2", 1) + b" "}
        with pytest.raises((EvidenceRefused, SignatureRefused), match=path.replace(".", r"\.")):
            verified(desk, write_archive(changed))
        without = {name: data for name, data in files.items() if name != path}
        if path != manifest.PATH:
            with pytest.raises(EvidenceRefused, match=path.replace(".", r"\.")):
                verified(desk, write_archive(without))
    with pytest.raises(EvidenceRefused, match=r"more\.txt"):
        verified(desk, write_archive({**files, "more.txt": b"?"}))
    with pytest.raises(EvidenceUnreadable, match="manifest"):
        verified(desk, write_archive({"evidence.json": b"{}"}))
    with pytest.raises(EvidenceUnreadable, match="no archive"):
        verified(desk, b"PK nothing")


def test_another_operators_key_believes_nothing(desk: Desk) -> None:
    """Whoever has a key of the same name that is not the operator's refuses the pack."""
    other = new_signing_key("larch.example/records").verifier
    with pytest.raises(SignatureRefused):
        verify_pack(packed(desk), Policy((other,)), now_us=desk.clock.now_us())


@pytest.mark.parametrize(
    ("path", "old", "new", "why"),
    [
        ("evidence.json", '"breach-opened": 1', '"breach-opened": 2', "counts"),
        ("evidence.json", '"day": "2026-03-01"', '"day": "2026-03-02"', "run 1"),
        ("kinds.csv", ",access", ",accesses", "kinds.csv"),
        ("kinds.csv", "1,access", "2,access", "kinds.csv"),
    ],
)
def test_an_operator_who_signs_other_numbers_is_caught_by_the_log(
    desk: Desk, path: str, old: str, new: str, why: str
) -> None:
    """The counts of records must be the list's, the list as long as the log, each run as recorded."""
    files = read_archive(packed(desk))
    text = files[path].decode()
    assert old in text
    with pytest.raises(EvidenceRefused, match=why):
        verified(desk, signed_again(desk, {**files, path: text.replace(old, new).encode()}))


def test_a_breach_or_a_run_that_is_left_out_is_missed(desk: Desk) -> None:
    """The opened records say that there was one."""
    files = read_archive(packed(desk))
    for key, why in (("breaches", "breaches"), ("retention_runs", "left out")):
        facts = json.loads(files["evidence.json"])
        facts[key] = []
        changed = {**files, "evidence.json": json.dumps(facts).encode()}
        with pytest.raises(EvidenceRefused, match=why):
            verified(desk, signed_again(desk, changed))


def test_a_persons_receipt_catches_an_operator_who_calls_a_look_something_else(
    desk: Desk, database_url: str
) -> None:
    """The list of kinds proves nothing by itself, and whoever was looked at can prove it wrong."""
    data = packed(desk)
    (number,) = [one.number for one in desk.site.consent.records_of(desk.alice)
                 if one.kind == "access"]  # fmt: skip
    with SiteReader(database_url, desk.folder / "site") as reader:
        receipt = reader.issuer.of_record(number)
    now_us = desk.clock.now_us()
    assert "“access”" in hold_against(verified(desk, data), receipt, policy(desk), now_us=now_us)
    files = read_archive(data)
    kinds = files["kinds.csv"].replace(b",access", b",fact")
    facts = json.loads(files["evidence.json"])
    facts["records"]["by_kind"]["fact"] = facts["records"]["by_kind"].pop("access")
    lie = {**files, "kinds.csv": kinds, "evidence.json": json.dumps(facts).encode()}
    believed = verified(desk, signed_again(desk, lie))
    with pytest.raises(EvidenceContradicted, match="signed both"):
        hold_against(believed, receipt, policy(desk), now_us=now_us)


def test_a_later_pack_proves_that_nothing_was_changed_since_the_earlier(desk: Desk) -> None:
    """With --since-pack the logs' history between two packs is proven, and a forked one refused."""
    first = parse_signed_checkpoint(read_archive(packed(desk))["checkpoints/records.note"].decode())
    desk.look(desk.bob)
    second = packed(desk, earlier=first.checkpoint.size)
    found = verify_pack(second, policy(desk), now_us=desk.clock.now_us(), earlier=first)
    assert any("nothing was changed" in said for said in found.proven)
    forked = replace(first, checkpoint=replace(first.checkpoint, root=bytes(32)))
    with pytest.raises(EvidenceError, match="does not begin"):
        verify_pack(second, policy(desk), now_us=desk.clock.now_us(), earlier=forked)


def test_a_closed_breach_that_retention_has_deleted_is_no_contradiction(
    desk: Desk, clock: ManualClock
) -> None:
    """Three years after it was closed its rows are gone; its records still say that there was one."""
    site = desk.site
    desk.write()
    for law in (Regime.GDPR, Regime.PIPL):
        site.breaches.report(desk.case, law, "Authority")
    site.breaches.close(desk.case, by="Edda", conclusion="Mended.")
    clock.advance(timedelta(days=4 * 366))
    site.retention.run(after_gap=True)
    other = BreachId(new_id())
    site.breaches.open(other, read_case(CASE), by="Edda")
    site.breaches.add(other, rows_leaked(site.database, f"table,id\npersons,{desk.bob}\n"))
    found = verified(desk, packed(desk))
    assert [one["case"] for one in found.facts["breaches"]] == [str(other)]
