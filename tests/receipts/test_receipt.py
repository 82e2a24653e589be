"""A receipt proves one record, the one that it shows, and says what it does not prove."""

import base64
import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from counterfoil.kernel.i18n import use_locale
from counterfoil.receipts import (
    Claim,
    Codec,
    CodecUnknown,
    Log,
    Policy,
    ProofRefused,
    QuorumMissed,
    Receipt,
    ReceiptError,
    SignatureRefused,
    TextMalformed,
    Verifier,
    commit,
    derive_salt,
    leaves_of,
    parse_policy,
    parse_receipt,
    register_codec,
    whole_entry,
)
from counterfoil.receipts import codec as codec_module
from counterfoil.receipts.note import Note
from counterfoil.receipts.notekey import signing_key_from_seed
from tests.receipts.given import (
    LOG_KEY,
    NEXT_LOG_KEY,
    NOW_US,
    ORIGIN,
    OTHER_LOG_KEY,
    OTHER_WITNESS_KEY,
    SALT_KEYS,
    WITNESS_KEY,
    Cosigning,
    half_receipt,
    policy,
    split_entries,
    verifier,
    whole_receipt,
)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Log]:
    """Hold a log of 300 payments, cosigned by one witness."""
    with Log.open(tmp_path_factory.mktemp("receipts") / "log", [LOG_KEY]) as opened:
        opened.append(leaves_of(split_entries(300)))
        opened.publish([Cosigning(WITNESS_KEY)])
        yield opened


def claims(receipt: Receipt, by: Verifier) -> tuple[set[Claim], set[Claim]]:
    verified = by.verify(receipt)
    return {said.claim for said in verified.proven}, {said.claim for said in verified.not_proven}


def test_both_parties_prove_the_same_payment(log: Log) -> None:
    """Each shows its own half; the leaf is one, and neither file holds the other's words."""
    alices, bakerys = half_receipt(log, 42, 0), half_receipt(log, 42, 1)
    assert alices.entry() == bakerys.entry()
    for receipt, other in ((alices, bakerys), (bakerys, alices)):
        proven, _open = claims(parse_receipt(str(receipt)), verifier())
        assert {Claim.INCLUDED, Claim.HALF, Claim.SIGNED, Claim.COSIGNED} == proven
        assert other.record not in str(receipt)


def test_a_whole_record_is_proven(tmp_path: Path) -> None:
    """A record that has one holder needs no other half."""
    receipt = parse_receipt(str(whole_receipt(tmp_path, "Look at Alice's score: by the bank")))
    proven, _open = claims(receipt, verifier("w1"))
    assert proven == {Claim.INCLUDED, Claim.SIGNED, Claim.COSIGNED, Claim.QUORUM}


def test_it_says_in_words_what_is_proven_and_what_is_not(log: Log) -> None:
    """A reader without any of our words learns both."""
    verified = verifier().verify(half_receipt(log, 7, 0))
    assert [str(said) for said in verified.proven] == [
        f"The record, exactly as shown, is leaf 7 of the log {ORIGIN}, which had 300 leaves.",
        "It is one of the leaf's two halves; the other party's half is not shown, only fixed.",
        "The log itself signed this, with the key of log.example/counterfoil+eec9ac05.",
        "The witness w1 saw this log, as one that only grows, at 2023-11-14 22:13:20 UTC.",
    ]
    assert [said.claim for said in verified.not_proven] == [Claim.CONTENT_OPEN, Claim.LATER_OPEN]


def test_without_a_known_witness_a_fork_is_not_excluded(log: Log) -> None:
    """One log key alone can show different people different logs; the result says so."""
    alone = Verifier(Policy((LOG_KEY.verifier,)), now_us=NOW_US)
    _proven, left_open = claims(half_receipt(log, 7, 0), alone)
    assert {Claim.FORK_OPEN, Claim.TIME_OPEN} <= left_open


@pytest.mark.parametrize("language", ["fr", "zh_CN"])
def test_it_says_so_in_the_reader_s_language(log: Log, language: str) -> None:
    """Every claim is a sentence in every language, with its values in it."""
    verified = verifier().verify(half_receipt(log, 7, 0))
    english = [str(said) for said in (*verified.proven, *verified.not_proven)]
    with use_locale(language):
        told = [str(said) for said in (*verified.proven, *verified.not_proven)]
    assert all(ours != theirs for ours, theirs in zip(english, told, strict=True))
    assert "300" in told[0]


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_a_receipt_with_anything_changed_does_not_hold(log: Log, data: st.DataObject) -> None:
    """Whatever character is exchanged, the receipt is refused, or says the very same thing."""
    text = str(half_receipt(log, 42, 1))
    place = data.draw(st.integers(0, len(text) - 1))
    other = data.draw(st.characters(codec="utf-8").filter(lambda found: found != text[place]))
    changed = text[:place] + other + text[place + 1 :]
    try:
        receipt = parse_receipt(changed)
        verifier("w1").verify(receipt)
    except ReceiptError:
        return
    assert receipt == parse_receipt(text)  # white space between the parts of the JSON


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 1 << 20))
def test_a_truncated_receipt_does_not_hold(log: Log, cut: int) -> None:
    """Every shorter file is refused as no receipt."""
    text = str(half_receipt(log, 42, 1)).rstrip("\n")
    with pytest.raises(TextMalformed):
        parse_receipt(text[: cut % len(text)])


def test_parts_of_two_receipts_do_not_make_a_third(log: Log) -> None:
    """A record, a salt, a side, another half or a place of another receipt: each is refused."""
    mine, other = (json.loads(str(half_receipt(log, number, 0))) for number in (42, 43))
    for part in ("record", "other", "proof"):
        with pytest.raises(ProofRefused):
            verifier().verify(parse_receipt(json.dumps(mine | {part: other[part]})))
    with pytest.raises(ProofRefused, match="This record is not leaf 42"):
        verifier().verify(parse_receipt(json.dumps(mine | {"side": 1})))
    lines = mine["proof"].split("\n")
    lines[2], lines[3] = lines[3], lines[2]
    with pytest.raises(TextMalformed):
        parse_receipt(json.dumps(mine | {"proof": "\n".join(lines)}))
    lines = mine["proof"].split("\n")
    lines[3], lines[4] = lines[4], lines[3]
    with pytest.raises(ProofRefused):
        verifier().verify(parse_receipt(json.dumps(mine | {"proof": "\n".join(lines)})))


def test_a_byte_does_not_move_between_salt_and_record(tmp_path: Path) -> None:
    """A salt has one length, so the same committed bytes cannot be read as another record."""
    receipt = json.loads(str(whole_receipt(tmp_path, "Xpays 5")))
    first, salt, *rest = receipt["proof"].split("\n")
    longer = base64.b64decode(salt.removeprefix("extra ")) + b"X"
    salt = "extra " + base64.b64encode(longer).decode()
    moved = receipt | {"record": "pays 5", "proof": "\n".join([first, salt, *rest])}
    with pytest.raises(TextMalformed, match="salt of 32 bytes"):
        parse_receipt(json.dumps(moved))


def test_a_half_does_not_pass_for_a_whole(log: Log) -> None:
    """Halves and wholes differ in what the log must hold."""
    half = half_receipt(log, 42, 0)
    assert half.other is not None
    with pytest.raises(ProofRefused):
        verifier().verify(Receipt(half.record, half.proof))


def test_a_foreign_receipt_is_refused(tmp_path: Path) -> None:
    """A log that the reader does not believe proves nothing to them, whatever it is called."""
    stranger = signing_key_from_seed(ORIGIN, LOG_KEY.verifier.type, bytes(32))
    salt = bytes(32)
    with Log.open(tmp_path / "log", [stranger]) as log:
        log.append(leaves_of([whole_entry(salt, b"Alice owes 1,000")]))
        log.publish()
        receipt = Receipt("Alice owes 1,000", log.prove(0, extra=salt))
    with pytest.raises(SignatureRefused, match="No known key has signed this"):
        verifier().verify(receipt)


def test_a_log_does_not_speak_for_another(log: Log) -> None:
    """A believed log's signature under another log's checkpoint does not make that believed."""
    receipt = half_receipt(log, 1, 0)
    text = receipt.proof.signed.note.text
    signed = replace(receipt.proof.signed, note=Note(text, (OTHER_LOG_KEY.sign(text),)))
    foreign = replace(receipt, proof=replace(receipt.proof, signed=signed))
    with pytest.raises(SignatureRefused, match="No known key has signed this"):
        Verifier(Policy((OTHER_LOG_KEY.verifier,)), now_us=NOW_US).verify(foreign)


def test_a_receipt_from_the_future_is_refused(log: Log) -> None:
    """A place beyond the log's end is none; a cosignature from tomorrow does not count today."""
    receipt = json.loads(str(half_receipt(log, 299, 0)))
    beyond = receipt["proof"].replace("index 299", "index 300")
    with pytest.raises(ProofRefused, match="Leaf 300 is not in a log of 300 leaves"):
        verifier().verify(parse_receipt(json.dumps(receipt | {"proof": beyond})))
    yesterday = Verifier(policy("w1"), now_us=NOW_US - 86_400_000_000)
    with pytest.raises(QuorumMissed):
        yesterday.verify(half_receipt(log, 1, 0))
    almost = Verifier(policy("w1"), now_us=NOW_US - 299_000_000)
    assert Claim.QUORUM in claims(half_receipt(log, 1, 0), almost)[0]


def test_a_quorum_is_counted(tmp_path: Path) -> None:
    """Two of three must have cosigned; one has, then two have."""
    third = signing_key_from_seed("witness.example/w3", WITNESS_KEY.verifier.type, bytes(32))
    two_of_three = parse_policy(
        f"log {LOG_KEY.verifier}\nwitness a {WITNESS_KEY.verifier}\n"
        f"witness b {OTHER_WITNESS_KEY.verifier}\nwitness c {third.verifier}\n"
        "group two 2 a b c\nquorum two\n"
    )
    by = Verifier(two_of_three, now_us=NOW_US)
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(3)))
        log.publish([Cosigning(WITNESS_KEY)])
        with pytest.raises(QuorumMissed, match=r"asks for two, and cosigned by .* is this: a"):
            by.verify(half_receipt(log, 1, 0))
        log.publish([Cosigning(WITNESS_KEY), Cosigning(OTHER_WITNESS_KEY)])
        proven, _open = claims(half_receipt(log, 1, 0), by)
    assert Claim.QUORUM in proven


def test_a_false_cosignature_refuses_the_receipt(log: Log) -> None:
    """A known witness's line over another text is not passed over."""
    line = WITNESS_KEY.sign("another text\n", at_s=1)
    signed = half_receipt(log, 1, 0).proof.signed
    forged = type(signed)(signed.checkpoint, signed.note.replacing([line]))
    receipt = half_receipt(log, 1, 0)
    proof = type(receipt.proof)(1, receipt.proof.hashes, forged, receipt.proof.extra)
    with pytest.raises(SignatureRefused, match=r"witness\.example/w1"):
        verifier().verify(Receipt(receipt.record, proof, receipt.other))


def test_old_receipts_outlive_a_key(tmp_path: Path) -> None:
    """After a rotation the old receipt verifies with the old key, which its holder keeps."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(3)))
        log.publish()
        old = half_receipt(log, 1, 0)
    with Log.open(tmp_path / "log", [LOG_KEY, NEXT_LOG_KEY]) as log:
        log.publish()
    with Log.open(tmp_path / "log", [NEXT_LOG_KEY]) as log:
        log.append(leaves_of([b"later"]))
        log.publish()
        new = half_receipt(log, 1, 0)
    both = Verifier(Policy((LOG_KEY.verifier, NEXT_LOG_KEY.verifier)), now_us=NOW_US)
    for receipt in (old, new):
        assert Claim.SIGNED in claims(receipt, both)[0]
    with pytest.raises(SignatureRefused):
        Verifier(Policy((NEXT_LOG_KEY.verifier,)), now_us=NOW_US).verify(old)


def test_a_log_is_held_against_what_was_seen_earlier(tmp_path: Path) -> None:
    """With a proof of consistency it is proven, without one it is said to be open."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(10)))
        earlier = log.publish().signed
        receipt_then = half_receipt(log, 3, 0)
        log.append(leaves_of([b"more"]))
        log.publish()
        receipt, shown = half_receipt(log, 3, 0), log.prove_consistency(10)
    by = verifier()
    by.remember(earlier)
    assert Claim.CONSISTENT in claims(receipt_then, by)[0]
    assert Claim.EARLIER_OPEN in claims(receipt, by)[1]
    by.remember(earlier, shown)
    assert Claim.CONSISTENT in claims(receipt, by)[0]


def test_a_fork_is_not_joined_to_what_was_seen_earlier(tmp_path: Path) -> None:
    """A rewritten log cannot be shown to continue the earlier one, of the same size or larger."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of(split_entries(10)))
        earlier = log.publish().signed
    changed = [b"rewritten", *split_entries(10)[1:]]
    with Log.open(tmp_path / "fork", [LOG_KEY]) as fork:
        fork.append(leaves_of(changed))
        fork.publish()
        same_size = half_receipt(fork, 3, 0)
        fork.append(leaves_of([b"more"]))
        fork.publish()
        larger, shown = half_receipt(fork, 3, 0), fork.prove_consistency(10)
    by = verifier()
    by.remember(earlier, shown)
    with pytest.raises(ProofRefused, match="two logs of 10 leaves with different content"):
        by.verify(same_size)
    with pytest.raises(ProofRefused, match="not shown to begin with the log of 10 leaves"):
        by.verify(larger)


def test_an_earlier_checkpoint_of_another_log_is_no_measure(tmp_path: Path, log: Log) -> None:
    """Two logs are not compared."""
    with Log.open(tmp_path / "other", [OTHER_LOG_KEY]) as elsewhere:
        earlier = elsewhere.publish().signed
    by = Verifier(Policy((LOG_KEY.verifier, OTHER_LOG_KEY.verifier)), now_us=NOW_US)
    by.remember(earlier)
    with pytest.raises(ProofRefused, match=r"of the log log\.example/counterfoil"):
        by.verify(half_receipt(log, 1, 0))


def test_a_checkpoint_s_signatures_are_verified_once(
    log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hundred receipts of one checkpoint cost two signatures, not two hundred."""
    count, verify = 0, type(LOG_KEY.verifier).verify

    def counting(*arguments: object) -> int:
        nonlocal count
        count += 1
        return verify(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(type(LOG_KEY.verifier), "verify", counting)
    by = verifier("w1")
    for number in range(100):
        by.verify(half_receipt(log, number, 0))
    assert count == 2


def test_after_erasure_guessing_is_useless() -> None:
    """With the salt key the right number is found among 10,000; without it none of them fits."""
    numbers = [f"+49 151 {number:07}" for number in range(10_000)]
    salt = derive_salt(SALT_KEYS[0], 7)
    entry = whole_entry(salt, numbers[4711].encode())

    def guess(salt: bytes) -> list[str]:
        return [number for number in numbers if whole_entry(salt, number.encode()) == entry]

    assert guess(salt) == ["+49 151 0004711"]
    # What remains once the key is destroyed: nothing, a guessed key, or another leaf's salt.
    for left in (bytes(32), derive_salt(bytes(32), 7), derive_salt(SALT_KEYS[1], 7)):
        assert guess(left) == []


def test_the_halves_of_one_leaf_hide_each_other() -> None:
    """Two payments alike to the letter have nothing in common in the log."""
    view = b"Alice pays the bakery 3.00"
    halves = {commit(derive_salt(SALT_KEYS[0], number), view) for number in range(100)}
    assert len(halves) == 100


def test_a_record_kind_brings_its_own_bytes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A registered codec turns the shown text into the bytes that were committed to."""
    monkeypatch.setattr(codec_module, "_known", {"utf-8": codec_module._known["utf-8"]})
    register_codec(Codec("cents", lambda text: int(text).to_bytes(8, "big"), from_cents))
    with Log.open(tmp_path / "log", [LOG_KEY]) as log:
        log.append(leaves_of([whole_entry(bytes(32), (350).to_bytes(8, "big"))]))
        log.publish()
        proof = log.prove(0, extra=bytes(32))
    assert Claim.INCLUDED in claims(Receipt("350", proof, codec="cents"), verifier())[0]
    for text in ("0350", "+350", " 350", "", "-1", "many"):
        with pytest.raises(TextMalformed, match="not spelled as records of the kind 'cents'"):
            verifier().verify(Receipt(text, proof, codec="cents"))
    with pytest.raises(CodecUnknown, match="'unknown' are not known here; known are: cents, utf-8"):
        verifier().verify(Receipt("350", proof, codec="unknown"))


def test_a_record_that_no_bytes_can_be_is_refused(log: Log) -> None:
    """JSON can spell half a character; UTF-8 cannot write it."""
    receipt = json.loads(str(half_receipt(log, 1, 0)))
    text = json.dumps(receipt | {"record": "\ud800"})
    with pytest.raises(TextMalformed, match="not spelled as records"):
        verifier().verify(parse_receipt(text))


def test_a_receipt_is_named_by_its_place(log: Log) -> None:
    """Two people who speak of a leaf call it by index and log."""
    assert half_receipt(log, 7, 1).id == f"7@{ORIGIN}"


def from_cents(data: bytes) -> str:
    return str(int.from_bytes(data, "big"))
