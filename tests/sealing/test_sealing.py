"""Everything that is written is sealed, once, in its order, and each party can prove its half."""

from pathlib import Path

import pytest

from counterfoil.kernel.database import connect
from counterfoil.receipts import Policy, ProofRefused, Receipt, Verifier, parse_receipt
from counterfoil.receipts.policy import parse_policy
from counterfoil.sealing import HalfBlinded, NotSealed, SealBroken, destroying_rows
from tests.ledger.given import damage, hold, pay
from tests.sealing.given import PATIENCE_MS, Place, pay_often, register


@pytest.fixture
def place(database_url: str, tmp_path: Path) -> Place:
    (tmp_path / "keys").mkdir()
    return Place(database_url, tmp_path / "keys")


def policy(place: Place) -> Policy:
    lines = [f"log {key.verifier}" for key in (place.transfers, place.records)]
    return parse_policy("\n".join([*lines, "quorum none", ""]))


def test_payments_are_sealed_as_they_are_made(place: Place) -> None:
    """What was made before sealing began, while it went on, and after a restart: each once."""
    v = place.village()
    with v.ledger as ledger:
        pay_often(v, 300)
        with place.sealing(ledger) as sealing:
            assert sealing.wait_for(transfers=301, timeout_ms=PATIENCE_MS)
            pay_often(v, 500)
            ledger.post(hold(v.bob, v.alice, 5))
            assert sealing.wait_for(transfers=803, timeout_ms=PATIENCE_MS)
        pay_often(v, 7)
        with place.sealing(ledger) as sealing:
            assert sealing.wait_for(transfers=811, timeout_ms=PATIENCE_MS)
            assert sealing.state.trouble is None
    assert place.differences() == []


def test_each_party_proves_its_half_and_shows_nothing_of_the_other(place: Place) -> None:
    """Both receipts hold offline, for one leaf; neither has the other's account or balance."""
    v = place.village()
    with v.ledger as ledger, place.sealing(ledger) as sealing:
        v.fund(v.alice, 1000)
        payment = pay(v.alice, v.bob, 30)
        (posted,) = ledger.post(payment)
        assert sealing.wait_for(transfers=posted.seq, timeout_ms=PATIENCE_MS)
    with place.issuer() as issuer:
        texts = [str(issuer.of_transfer(posted.seq, account)) for account in (v.alice, v.bob)]
        with pytest.raises(NotSealed):
            issuer.of_transfer(posted.seq, v.mint)
        with pytest.raises(NotSealed):
            issuer.of_transfer(99, v.alice)
    verifier = Verifier(policy(place), now_us=0)
    hers, his = (parse_receipt(text) for text in texts)
    for receipt in (hers, his):
        verifier.verify(receipt)
        assert str(payment.id) in receipt.record
        assert '"amount":"0.30","currency":"EUR"' in receipt.record
    assert hers.entry() == his.entry()
    assert '"balance":"9.70"' in hers.record
    assert '"balance":"0.30"' in his.record
    assert '"balance":"9.70"' not in texts[1]
    with pytest.raises(ProofRefused):
        verifier.verify(parse_receipt(texts[0].replace("9.70", "9.71")))


def test_records_are_sealed_and_blinded_with_their_person(place: Place) -> None:
    """A record's receipt holds; after the person is erased, nobody can open it any more."""
    v = place.village()
    with v.ledger as ledger, place.people(ledger) as people, place.sealing(ledger) as sealing:
        persons = [register(people, number) for number in range(3)]
        assert sealing.wait_for(records=3, timeout_ms=PATIENCE_MS)
        with place.issuer() as issuer:
            kept = issuer.of_record(2)
        assert str(persons[1]) in kept.record
        people.erase(persons[1])
        assert sealing.wait_for(records=4, timeout_ms=PATIENCE_MS)
    with place.issuer() as issuer:
        with pytest.raises(HalfBlinded):
            issuer.of_record(2)
        with pytest.raises(HalfBlinded):
            issuer.of_record(4)
        issuer.of_record(1)
    Verifier(policy(place), now_us=0).verify(kept)
    assert place.differences() == []


def test_a_changed_amount_is_found_by_the_receipt_and_by_the_audit(place: Place) -> None:
    """An operator who changes one old amount contradicts the log: whoever asks, hears it."""
    v = place.village()
    with v.ledger as ledger, place.sealing(ledger):
        pay_often(v, 600)
    with place.issuer() as issuer:
        kept = issuer.of_transfer(300, v.alice)
    damage(place.url, "UPDATE transfers SET amount = amount + 1 WHERE seq = 300")
    with place.issuer() as issuer, pytest.raises(SealBroken):
        issuer.of_transfer(300, v.alice)
    assert place.differences() == [
        "transfers, number 300: the database does not say what was sealed"
    ]
    Verifier(policy(place), now_us=0).verify(kept)


def test_a_changed_row_keeps_nobody_from_the_others(place: Place) -> None:
    """Of many receipts asked for at once, the changed, the foreign and the missing are told as such."""
    v = place.village()
    with v.ledger as ledger, place.sealing(ledger):
        pay_often(v, 600)
    damage(place.url, "UPDATE transfers SET amount = amount + 1 WHERE seq = 300")
    with place.issuer() as issuer:
        alone = issuer.of_transfer(299, v.alice)
        asked = [299, 300, 301, 299, 5000]
        issued = list(issuer.of_transfers(asked, v.alice))
    assert [type(one) for one in issued] == [Receipt, SealBroken, Receipt, Receipt, NotSealed]
    assert issued[0] == issued[3] == alone
    verifier = Verifier(policy(place), now_us=0)
    for one in issued:
        if isinstance(one, Receipt):
            verifier.verify(one)


def test_a_changed_record_is_found(place: Place) -> None:
    """Records are guarded by the database, and by the log when somebody takes the guard away."""
    v = place.village()
    with v.ledger as ledger, place.people(ledger) as people, place.sealing(ledger):
        register(people, 1)
        register(people, 2)
    with connect(place.url, writes=True) as database:
        guards = {
            "sqlite": "DROP TRIGGER records_no_update",
            "postgresql": "DROP TRIGGER records_are_kept ON records",
        }
        database.execute(guards[database.dialect])
        database.execute("UPDATE records SET body = '{}' WHERE number = 2")
        database.commit()
    assert place.differences() == ["records, number 2: the database does not say what was sealed"]


def test_an_erased_account_is_blinded_and_the_other_party_keeps_its_half(place: Place) -> None:
    """Destroying one account's key leaves the payments of everybody else provable."""
    v = place.village()
    with v.ledger as ledger, place.sealing(ledger) as sealing:
        pay_often(v, 20)
        assert sealing.wait_for(transfers=21, timeout_ms=PATIENCE_MS)
        ledger.write(*destroying_rows([v.alice]))
        sealing.forget_accounts([v.alice])
        ledger.post(pay(v.bob, v.alice, 5))
    with place.issuer() as issuer:
        for seq in (5, 22):
            with pytest.raises(HalfBlinded):
                issuer.of_transfer(seq, v.alice)
            Verifier(policy(place), now_us=0).verify(issuer.of_transfer(seq, v.bob))
    assert place.differences() == []
    with place.village_again() as ledger, place.sealing(ledger) as sealing:
        ledger.post(pay(v.bob, v.alice, 1))
        assert sealing.wait_for(transfers=23, timeout_ms=PATIENCE_MS)
    assert place.differences() == []


def test_asking_too_early_is_answered_with_when(place: Place) -> None:
    """A transfer that is not published yet has no receipt yet."""
    v = place.village()
    with v.ledger as ledger:
        with place.sealing(ledger):
            pay_often(v, 3)
        ledger.post(pay(v.bob, v.alice, 1))
        with place.issuer() as issuer, pytest.raises(NotSealed, match="again in a second"):
            issuer.of_transfer(5, v.alice)


def test_sealing_goes_on_when_the_ledger_has_failed_for_a_while(place: Place) -> None:
    """A logs' folder that cannot be written is said, and taken up where it ended."""
    v = place.village()
    with v.ledger as ledger, place.sealing(ledger) as sealing:
        pay_often(v, 5)
        assert sealing.wait_for(transfers=6, timeout_ms=PATIENCE_MS)
        away = place.logs.with_name("away")
        place.logs.rename(away)
        place.logs.touch()
        pay_often(v, 5)
        assert not sealing.wait_for(transfers=7, timeout_ms=500)
        place.logs.unlink()
        away.rename(place.logs)
        assert sealing.wait_for(transfers=12, timeout_ms=PATIENCE_MS)
    assert place.differences() == []
