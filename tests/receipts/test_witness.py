"""A witness cosigns a log that only grows, and no other; its rules are asked in their order."""

import hashlib
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from counterfoil.kernel.clock import ManualClock, from_us
from counterfoil.receipts import (
    CheckpointRefused,
    Log,
    LogDamaged,
    LogInUse,
    LogUnavailable,
    leaves_of,
    parse_consistency_proof,
    parse_signed_checkpoint,
)
from counterfoil.receipts import witness as witness_module
from counterfoil.receipts.checkpoint import Checkpoint
from counterfoil.receipts.merkle import EMPTY_ROOT
from counterfoil.receipts.note import Note
from counterfoil.receipts.notekey import signing_key_from_seed
from counterfoil.receipts.witness import Witness
from tests.receipts.given import LOG_KEY, NOW_US, ORIGIN, WITNESS_KEY, split_entries

ORIGIN_HASH = hashlib.sha256(ORIGIN.encode()).hexdigest()


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(from_us(NOW_US))


@pytest.fixture
def witness(tmp_path: Path, clock: ManualClock) -> Iterator[Witness]:
    with Witness(tmp_path / "memory", WITNESS_KEY, [LOG_KEY.verifier], clock) as opened:
        yield opened


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Log]:
    """Hold a log of ten payments, published."""
    with Log.open(tmp_path / "log", [LOG_KEY]) as opened:
        opened.append(leaves_of(split_entries(10)))
        opened.publish()
        yield opened


@pytest.fixture
def fork(tmp_path: Path) -> Iterator[Log]:
    """Hold the same log with its first payment rewritten."""
    with Log.open(tmp_path / "fork", [LOG_KEY]) as opened:
        opened.append(leaves_of([b"rewritten", *split_entries(10)[1:]]))
        opened.publish()
        yield opened


def request(log: Log, old: int) -> bytes:
    return str(log.prove_consistency(old)).encode()


def refused(ask: Callable[[], object]) -> CheckpointRefused:
    with pytest.raises(CheckpointRefused) as refusal:
        ask()
    return refusal.value


def test_a_log_that_grows_is_cosigned_each_time(
    witness: Witness, log: Log, clock: ManualClock
) -> None:
    """The line verifies over the checkpoint, with the time at which it was seen."""
    for old in (0, 10, 11, 11):
        clock.advance(timedelta(seconds=60))
        line = witness.add_checkpoint(request(log, old))
        text = log.prove(0).signed.note.text
        assert WITNESS_KEY.verifier.verify(text, line) == clock.now_us() // 1_000_000
        if old == 0:
            log.append(leaves_of([b"more"]))
            log.publish()


def test_the_last_checkpoint_is_told_to_anyone(witness: Witness, log: Log) -> None:
    """By the hash of the log's name, with the witness's line under it; of others there is none."""
    assert witness.latest(ORIGIN_HASH) is None
    witness.add_checkpoint(request(log, 0))
    told = parse_signed_checkpoint(witness.latest(ORIGIN_HASH) or "")
    assert told.note.text == log.prove(0).signed.note.text
    assert set(told.note.verify([LOG_KEY.verifier, WITNESS_KEY.verifier])) == {
        LOG_KEY.verifier,
        WITNESS_KEY.verifier,
    }
    assert witness.latest("0" * 64) is None


def test_a_rewritten_log_is_refused(witness: Witness, log: Log, fork: Log) -> None:
    """Of the same size or grown, it does not begin with what was cosigned; the memory stays."""
    witness.add_checkpoint(request(log, 0))
    remembered = witness.latest(ORIGIN_HASH)
    refusal = refused(lambda: witness.add_checkpoint(request(fork, 10)))
    assert refusal.status == 422
    assert "two logs of 10 leaves with different content" in refusal.message
    fork.append(leaves_of([b"more"]))
    fork.publish()
    refusal = refused(lambda: witness.add_checkpoint(request(fork, 10)))
    assert refusal.status == 422
    assert "not shown to begin with the log of 10 leaves" in refusal.message
    assert witness.latest(ORIGIN_HASH) == remembered


def test_a_log_that_was_cut_is_refused(witness: Witness, log: Log, tmp_path: Path) -> None:
    """Fewer leaves than were cosigned is a rewritten log too."""
    with Log.open(tmp_path / "shorter", [LOG_KEY]) as shorter:
        shorter.append(leaves_of(split_entries(5)))
        shorter.publish()
        witness.add_checkpoint(request(log, 0))
        refusal = refused(lambda: witness.add_checkpoint(request(shorter, 0)))
        assert (refusal.status, refusal.facts["size"]) == (409, 10)
        body = request(shorter, 0).replace(b"old 0", b"old 10")
        refusal = refused(lambda: witness.add_checkpoint(body))
    assert refusal.status == 400
    assert "old size 10 is larger than the new size 5" in refusal.message


def test_the_rules_are_asked_in_their_order(witness: Witness, log: Log, fork: Log) -> None:
    """Each request breaks one rule and all after it; the first is the answer."""
    witness.add_checkpoint(request(log, 0))
    fork.append(leaves_of([b"more"]))
    fork.publish()
    right = parse_consistency_proof(request(fork, 10).decode())
    forged = Note(right.signed.note.text, (LOG_KEY.sign("another\n"),))
    stranger = Note(right.signed.note.text.replace(ORIGIN, "log.example/x"), forged.signatures)
    bodies = {
        400: str(right).replace("old 10", "old 12"),
        404: f"old 7\n\n{stranger}",
        403: f"old 7\n\n{forged}",
        409: str(right).replace("old 10", "old 7"),
        422: str(right),
    }
    answers = [refused(lambda: witness.add_checkpoint(body.encode())) for body in bodies.values()]  # noqa: B023
    assert [refusal.status for refusal in answers] == list(bodies)


@pytest.mark.parametrize("body", [b"", b"old 1", b"old 01\n\n", b"\xff", b"old 0\n\nno checkpoint"])
def test_a_request_that_is_none_is_refused(witness: Witness, body: bytes) -> None:
    """Whatever a stranger sends, the answer is a status."""
    assert refused(lambda: witness.add_checkpoint(body)).status == 400


def test_a_log_without_leaves_has_one_root(witness: Witness) -> None:
    """Size 0 with another root than that of nothing is refused; with it, it is cosigned."""
    for root, status in ((bytes(32), 422), (EMPTY_ROOT, 0)):
        text = str(Checkpoint(ORIGIN, 0, root))
        body = f"old 0\n\n{Note(text, (LOG_KEY.sign(text),))}".encode()
        if status:
            assert refused(lambda: witness.add_checkpoint(body)).status == status  # noqa: B023
        else:
            line = witness.add_checkpoint(body)
            assert WITNESS_KEY.verifier.verify(text, line) == NOW_US // 1_000_000


def test_a_new_key_of_the_log_is_believed_once_it_is_known(
    tmp_path: Path, log: Log, clock: ManualClock
) -> None:
    """A log that signs with old and new key is cosigned by who knows either."""
    new = signing_key_from_seed(ORIGIN, LOG_KEY.verifier.type, bytes(32))
    with Witness(tmp_path / "memory", WITNESS_KEY, [new.verifier], clock) as witness:
        assert refused(lambda: witness.add_checkpoint(request(log, 0))).status == 403
        log.close()
        with Log.open(tmp_path / "log", [LOG_KEY, new]) as both:
            both.publish()
            assert WITNESS_KEY.verifier.made(witness.add_checkpoint(request(both, 0)))


def test_it_remembers_across_a_restart(tmp_path: Path, log: Log, clock: ManualClock) -> None:
    """What was cosigned binds the witness whatever happens to its process."""
    memory = tmp_path / "memory"
    with Witness(memory, WITNESS_KEY, [LOG_KEY.verifier], clock) as witness:
        witness.add_checkpoint(request(log, 0))
        with pytest.raises(LogInUse):
            Witness(memory, WITNESS_KEY, [LOG_KEY.verifier], clock)
    with Witness(memory, WITNESS_KEY, [LOG_KEY.verifier], clock) as witness:
        assert refused(lambda: witness.add_checkpoint(request(log, 0))).status == 409
        assert WITNESS_KEY.verifier.made(witness.add_checkpoint(request(log, 10)))


def test_what_cannot_be_stored_is_not_cosigned(
    witness: Witness, log: Log, monkeypatch: pytest.MonkeyPatch
) -> None:
    """First the memory, then the answer: a full disk gets nobody a signature that is forgotten."""

    def full(*_arguments: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as failing:
        failing.setattr(witness_module, "write_durably", full)
        with pytest.raises(LogUnavailable, match="No space left"):
            witness.add_checkpoint(request(log, 0))
    assert WITNESS_KEY.verifier.made(witness.add_checkpoint(request(log, 0)))


def test_a_memory_that_was_changed_is_not_believed(
    witness: Witness, log: Log, fork: Log, tmp_path: Path
) -> None:
    """A checkpoint that the witness has not signed itself is no memory of its own."""
    witness.add_checkpoint(request(log, 0))
    (stored,) = (tmp_path / "memory").rglob("checkpoint")
    stored.write_text(str(fork.prove(0).signed))
    with pytest.raises(LogDamaged, match="is damaged"):
        witness.add_checkpoint(request(fork, 10))
