"""An operator changes one old amount and seals everything anew: three independent eyes see it."""

import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from counterfoil.kernel.clock import SystemClock
from counterfoil.receipts import (
    KeyType,
    LogReader,
    ProofRefused,
    Receipt,
    Verifier,
    VerifierKey,
    new_signing_key,
)
from counterfoil.receipts.policy import parse_policy
from counterfoil.receipts.witness import Witness
from counterfoil.receipts.witness_client import WitnessClient
from counterfoil.receipts.witness_server import WitnessServer
from counterfoil.sealing import SealBroken, Sealing
from tests.ledger.given import damage
from tests.sealing.given import PATIENCE_MS, Place, pay_often


@contextmanager
def witness_of(place: Place, folder: Path) -> Iterator[tuple[WitnessClient, VerifierKey]]:
    """Run a witness over HTTP that watches the log of transfers."""
    secret = new_signing_key("witness.example/one", KeyType.WITNESS)
    with (
        Witness(folder, secret, [place.transfers.verifier], SystemClock()) as witness,
        WitnessServer(("127.0.0.1", 0), witness) as server,
    ):
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        try:
            yield WitnessClient(server.url, secret.verifier), secret.verifier
        finally:
            server.shutdown()
            thread.join()


def seal(place: Place, witness: WitnessClient) -> None:
    """Seal what is there, and have it cosigned."""
    with (
        place.village_again() as ledger,
        Sealing.open(ledger, place.url, place.logs, place.keys, [witness]) as sealing,
    ):
        assert sealing.wait_for(transfers=ledger.seq, timeout_ms=PATIENCE_MS)


def test_a_rewritten_log_is_refused_by_witness_receipt_and_verification(
    database_url: str, tmp_path: Path
) -> None:
    """The changed database, a kept receipt and the witness each contradict the operator."""
    place = Place(database_url, tmp_path)
    v = place.village()
    with v.ledger:
        pay_often(v, 400)
    with witness_of(place, tmp_path / "witness") as (witness, witness_key):
        seal(place, witness)
        lines = [f"log {place.transfers.verifier}", f"witness w {witness_key}", "quorum w", ""]
        verifier = Verifier(parse_policy("\n".join(lines)), now_us=SystemClock().now_us())
        with place.issuer() as issuer:
            kept = issuer.of_transfer(200, v.bob)
        verifier.verify(kept)

        damage(place.url, "UPDATE transfers SET amount = amount + 1 WHERE seq = 200")
        with place.issuer() as issuer, pytest.raises(SealBroken):
            issuer.of_transfer(200, v.bob)

        shutil.rmtree(place.logs)
        seal(place, witness)  # the database and the new log agree with each other …
        assert place.differences() == []
        new = LogReader(place.logs / "transfers").published()
        assert new is not None
        assert len(new.note.signatures) == 1, "… and the witness did not cosign it"
        assert new.checkpoint.size == kept.proof.signed.checkpoint.size
        assert new.checkpoint.root != kept.proof.signed.checkpoint.root
        proof = LogReader(place.logs / "transfers").prove(199, extra=kept.proof.extra)
        with pytest.raises(ProofRefused):
            Receipt(kept.record, proof, kept.other, kept.codec).check()
        verifier.verify(kept)  # what the person holds goes on to prove what was
