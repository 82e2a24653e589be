"""Each text has one form, and whatever is not in it is refused by name."""

import base64
import hashlib
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.receipts import (
    KeyMalformed,
    KeyType,
    SignatureRefused,
    TextMalformed,
    leaves_of,
    new_signing_key,
    parse_consistency_proof,
    parse_inclusion_proof,
    parse_policy,
    parse_receipt,
    parse_signed_checkpoint,
    parse_signing_key,
    parse_verifier_key,
)
from counterfoil.receipts.checkpoint import Checkpoint
from counterfoil.receipts.edge import Edge
from counterfoil.receipts.merkle import inclusion_proof, leaf_hash
from counterfoil.receipts.note import Note, parse_note, parse_signatures, signed_by_any
from counterfoil.receipts.notekey import signing_key_from_seed
from counterfoil.receipts.proof import ConsistencyProof, InclusionProof
from counterfoil.receipts.text import Form, decode_base64, decode_decimal
from tests.receipts.given import LOG_KEY, NOW_US, WITNESS_KEY
from tests.receipts.test_merkle import CT_LEAVES, Listed

# The example of the C2SP signed-note specification.
NOTE_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
NOTE = (
    "This is an example message.\n\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuwHj"
    "G1Yu72IneyaQM=\n"
)
# Certificate Transparency's test leaves, index 5, keys from the seeds 00…1f and 20…3f; its SHA-256
# was computed by an implementation that shares no code with this one.
PROOF_SHA256 = "b5355436d00a444d94801883fecf636c3a85146a8e6771b42ddc534dd8b1431f"


def make_proof() -> InclusionProof:
    hashes = [leaf_hash(entry) for entry in CT_LEAVES]
    nodes = Listed(hashes)
    text = str(Checkpoint(LOG_KEY.name, 8, nodes.node(3, 0)))
    note = Note(text, (LOG_KEY.sign(text), WITNESS_KEY.sign(text, at_s=NOW_US // 1_000_000)))
    return InclusionProof(
        5, tuple(inclusion_proof(nodes, 5, 8)), parse_signed_checkpoint(str(note))
    )


PROOF = make_proof()
CONSISTENCY = ConsistencyProof(5, PROOF.hashes, PROOF.signed)
POLICY = f"""\
# whom we believe
log {LOG_KEY.verifier} https://log.example
witness alice {WITNESS_KEY.verifier}
witness\tbob  {new_signing_key("bob.example", KeyType.WITNESS).verifier} http://bob.example:80/x

group both all alice bob
group some 1 alice both
quorum some
"""
RECEIPT = (
    '{"format": "counterfoil/receipt@v1", "kind": "half", "codec": "utf-8", "side": 1, '
    '"other": "' + base64.b64encode(bytes(32)).decode() + '", "record": "é", "proof": '
    '"c2sp.org/tlog-proof@v1\\nextra '
    + base64.b64encode(bytes(32)).decode()
    + "\\n"
    + str(PROOF).partition("\n")[2].replace("\n", "\\n")
    + '"}'
)
Parser = Callable[[str], Any]
TEXTS: list[tuple[Parser, str]] = [
    (parse_verifier_key, NOTE_KEY),
    (parse_signing_key, LOG_KEY.secret()),
    (parse_note, NOTE),
    (parse_signatures, NOTE.partition("\n\n")[2]),
    (parse_signed_checkpoint, str(PROOF.signed)),
    (parse_inclusion_proof, str(PROOF)),
    (parse_consistency_proof, str(CONSISTENCY)),
    (parse_policy, POLICY),
    (parse_receipt, RECEIPT),
]
named = pytest.mark.parametrize(("parse", "text"), TEXTS, ids=[p.__name__ for p, _ in TEXTS])


def test_the_specification_s_note_verifies() -> None:
    """The example of signed-note is read, verified, and written back the same."""
    note = parse_note(NOTE)
    key = parse_verifier_key(NOTE_KEY)
    assert signed_by_any(note, [key]) == {key: 0}
    assert (str(note), str(key)) == (NOTE, NOTE_KEY)


def test_the_worked_proof_comes_out() -> None:
    """Tree, checkpoint, signature, cosignature and proof together give the known 488 bytes."""
    data = str(PROOF).encode()
    assert (len(data), hashlib.sha256(data).hexdigest()) == (488, PROOF_SHA256)
    assert str(LOG_KEY.verifier) == (
        "log.example/counterfoil+eec9ac05+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"
    )
    assert str(WITNESS_KEY.verifier) == (
        "witness.example/w1+20324abe+BCmsuuFBvMrwsi4alNNNC8c2HlJtC/4SyJeUvJMilm3X"
    )
    signed = signed_by_any(PROOF.signed.note, [LOG_KEY.verifier, WITNESS_KEY.verifier])
    assert signed == {LOG_KEY.verifier: 0, WITNESS_KEY.verifier: 1_700_000_000}


@named
def test_a_text_that_was_read_is_written_the_same(parse: Parser, text: str) -> None:
    """There is one spelling, so reading and writing change nothing."""
    if parse in {parse_policy, parse_receipt, parse_signatures}:
        parse(text)  # comments and JSON's spacing are free
    elif parse is parse_signing_key:
        assert parse_signing_key(text).secret() == text
    else:
        assert str(parse(text)) == text


@named
@given(st.data())
def test_a_text_with_something_changed_is_read_or_refused_by_name(
    parse: Parser, text: str, data: st.DataObject
) -> None:
    """However a text is damaged, no other exception comes out than the one that is announced."""
    changed = data.draw(mutations(text))
    with suppress(TextMalformed):
        parse(changed)


@named
@given(st.one_of(st.text(), st.text('+— \n\t/=0123456789ABab{}[]":,\x00\ud800'), st.binary()))
def test_any_text_is_read_or_refused_by_name(
    parse: Parser, text: str, anything: str | bytes
) -> None:
    """Nor does a text that never was one."""
    given_text = anything if isinstance(anything, str) else anything.decode("latin-1")
    with suppress(TextMalformed):
        parse(given_text)


@pytest.mark.parametrize(
    "text", ["QR==", "QQ", "QQ=", "QQ==\n", " QQ==", "Q-==", "QQ==QQ==", "é==="]
)
def test_base64_has_one_spelling(text: str) -> None:
    """Python's own decoder takes QR== for QQ==; a signed text must not be so patient."""
    assert decode_base64("QQ==", Form.HASH) == b"A"
    with pytest.raises(TextMalformed, match="Expected a hash"):
        decode_base64(text, Form.HASH)


@pytest.mark.parametrize(
    "text", ["", "00", "01", "+1", "-1", "1 ", "1_0", "٣", "9223372036854775808"]
)
def test_a_number_has_one_spelling(text: str) -> None:
    """No sign, no leading zero, no other script's digits, and no more than signed 64 bits hold."""
    assert decode_decimal("9223372036854775807", Form.SIZE) == (1 << 63) - 1
    with pytest.raises(TextMalformed, match="the size of a log"):
        decode_decimal(text, Form.SIZE)


@pytest.mark.parametrize(
    "text",
    [
        "example.com/foo+530d903a",
        "example.com/foo+530D903A+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/bar+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example com+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AukyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k",
        "example.com/foo+530d903a+AQ==",
    ],
)
def test_a_key_that_is_not_quite_one_is_refused(text: str) -> None:
    """Another name, another id, another type, a missing part: each is refused."""
    with pytest.raises(KeyMalformed):
        parse_verifier_key(text)


def test_a_secret_key_does_not_show_itself() -> None:
    """Neither its representation nor the message about a damaged one has any of the seed in it."""
    secret = LOG_KEY.secret()
    assert secret.rpartition("+")[2] not in repr(LOG_KEY)
    with pytest.raises(KeyMalformed) as refused:
        parse_signing_key(secret[:-3])
    assert secret[30:50] not in str(refused.value)


def test_a_key_signs_under_its_own_name_alone() -> None:
    """Two keys of one seed and of two names have different ids, and neither answers for the other."""
    other = signing_key_from_seed("log.example/other", KeyType.LOG, bytes(range(32)))
    assert other.verifier.key_id != LOG_KEY.verifier.key_id
    assert not other.verifier.made(LOG_KEY.sign("text\n"))


def test_every_bit_of_a_signature_counts() -> None:
    """A known key's line that does not verify refuses the whole note."""
    text, line = PROOF.signed.note.text, PROOF.signed.note.signatures[1]
    for bit in range(len(line.blob) * 8):
        blob = bytearray(line.blob)
        blob[bit // 8] ^= 1 << bit % 8
        changed = Note(text, (type(line)(line.name, line.key_id, bytes(blob)),))
        with pytest.raises(SignatureRefused, match=r"witness\.example/w1 is not over this text"):
            changed.verify([WITNESS_KEY.verifier])


def test_unknown_signatures_are_passed_over_and_do_not_count() -> None:
    """Lines of keys and kinds that nobody knows yet are no obstacle, and no proof."""
    strange = parse_signatures("— future.example AAAAAFRoaXMgaXMgbmV3\n")
    note = parse_note(NOTE).replacing(strange * 20)
    key = parse_verifier_key(NOTE_KEY)
    assert note.verify([key]) == {key: 0}
    with pytest.raises(SignatureRefused, match="No known key"):
        signed_by_any(Note(note.text, strange), [key])


def test_a_note_s_text_may_have_empty_lines() -> None:
    """The last empty line is the border, whatever the text looks like."""
    text = "one\n\n— two AAAA\n\nthree\n"
    note = Note(text, (LOG_KEY.sign(text),))
    assert parse_note(str(note)) == note
    assert note.verify([LOG_KEY.verifier])


def test_extensions_of_a_checkpoint_are_kept() -> None:
    """Lines that a later version adds are under the signatures, so they stay."""
    checkpoint = Checkpoint("log.example", 1, bytes(32), ("more", "and more"))
    note = Note(str(checkpoint), (LOG_KEY.sign(str(checkpoint)),))
    assert parse_signed_checkpoint(str(note)).checkpoint == checkpoint


@pytest.mark.parametrize(
    ("line", "instead"),
    [
        ("quorum some", ""),
        ("quorum some", "quorum some\nquorum some"),
        ("quorum some", "quorum nobody"),
        ("group both all alice bob", "group both all alice carol"),
        ("group both all alice bob", "group both all alice alice"),
        ("group both all alice bob", "group both 3 alice bob"),
        ("group both all alice bob", "group both 0 alice bob"),
        ("group both all alice bob", "group alice all alice bob"),
        ("group both all alice bob", "group none all alice bob"),
        ("group both all alice bob", "group both all"),
        ("witness alice", f"witness eve {WITNESS_KEY.verifier}\nwitness alice"),
        (f"log {LOG_KEY.verifier}", f"log {WITNESS_KEY.verifier}"),
        ("https://log.example", "ftp://log.example"),
        ("https://log.example", "https://[log.example"),
        ("# whom", "whom"),
    ],
)
def test_a_policy_that_is_not_quite_one_is_refused(line: str, instead: str) -> None:
    """Names before use, each witness once, one quorum, and nothing that is not understood."""
    parse_policy(POLICY)
    changed = POLICY.replace(line, instead, 1)
    assert changed != POLICY
    with pytest.raises(TextMalformed):
        parse_policy(changed)


@pytest.mark.parametrize(
    ("part", "instead"),
    [
        ("receipt@v1", "receipt@v2"),
        ('"kind": "half"', '"kind": "whole"'),
        ('"side": 1', '"side": 2'),
        ('"side": 1', '"side": true'),
        ('"side": 1', '"side": 1.0'),
        ('"side": 1', '"side": 1, "side": 0'),
        ('"record": "é"', '"record": 7'),
        ('"record": "é"', '"record": "é", "more": 1'),
        ('"other": "A', '"other": "'),
        ("extra AAAA", "extra "),
        ("extra ", "other "),
        ("index 5", "index 05"),
        ('"kind"', "[" * 100_000 + '"kind"'),
    ],
)
def test_a_receipt_that_is_not_quite_one_is_refused(part: str, instead: str) -> None:
    """One format, the parts of its kind and no others, each once and of its type."""
    parse_receipt(RECEIPT)
    changed = RECEIPT.replace(part, instead, 1)
    assert changed != RECEIPT
    with pytest.raises(TextMalformed):
        parse_receipt(changed)


def test_an_edge_computes_the_root_that_a_proof_leads_to() -> None:
    """The log's own arithmetic and the texts' agree."""

    class Nowhere:
        def write_hashes(self, *_what: object) -> None: ...
        def write_entries(self, *_what: object) -> None: ...

    edge = Edge()
    edge.append(leaves_of(CT_LEAVES), Nowhere())
    assert edge.root() == PROOF.signed.checkpoint.root


def mutations(text: str) -> st.SearchStrategy[str]:
    """Cut out, double, exchange or insert something somewhere."""
    places = st.integers(0, len(text))
    snippets = st.sampled_from(
        ["", "\n", "\n\n", "A", "=", " ", "— ", "+", "0", "\x00", "é", '"', "}"]
    )
    cut = st.tuples(places, places).map(lambda it: text[: min(it)] + text[max(it) :])
    doubled = st.tuples(places, places).map(lambda it: text[: max(it)] + text[min(it) :])
    replaced = st.tuples(places, snippets, st.integers(0, 2)).map(
        lambda it: text[: it[0]] + it[1] + text[it[0] + it[2] :]
    )
    return st.one_of(cut, doubled, replaced)
