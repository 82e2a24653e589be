"""Payer codes: good once, for a minute, for one wallet; and guessing them does not pay."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import pytest

from counterfoil.kernel.database import connect
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import Transfer, TransferId, TransferRefused
from counterfoil.money import CurrencyMismatch, Money
from counterfoil.wallet import (
    AmountInvalid,
    Claim,
    PayerCodeExpired,
    PayerCodeOverLimit,
    PayerCodeRefused,
    PayerCodeUnknown,
    PayerCodeUsed,
    TillPaused,
    WalletNotFound,
    Wallets,
)
from tests.consent.world import EUR
from tests.wallet.world import JPY, Bank, euros, limits, rooms

TILL = UUID(int=7)
OTHER_TILL = UUID(int=8)


def pay(ash: Bank, claim: Claim, amount: str, *, confirmed: bool = False) -> None:
    """Pay Bob as a till would: the money, the limit and the code in one commit."""
    transfer = Transfer(
        id=TransferId(claim.payment),
        debit_account=claim.account,
        credit_account=ash.wallets.open_wallet(ash.bob, EUR).account,
        amount=euros(amount),
    )
    spent = ash.wallets.spend_rows(claim.person, euros(amount), ash.now)
    used = claim.rows(euros(amount), confirmed=confirmed)
    ash.town.ledger.post(transfer, rows=(*used, *spent))


def code(ash: Bank) -> str:
    return ash.wallets.codes.issue(ash.alice, euros("50")).digits


def claimed(ash: Bank, digits: str, payment: UUID | None = None) -> Claim:
    return ash.wallets.codes.claim(digits, till=TILL, payment=payment or new_id())


def refusals(ash: Bank) -> list[tuple[str, int]]:
    """What is on record of refused codes: why, and whose account, 0 for nobody's."""
    found = ash.town.database.query(
        "SELECT reason, account FROM payer_code_refusals ORDER BY id"
    ).to_pylist()
    return [(row["reason"].removeprefix("wallet.payer-code-"), row["account"]) for row in found]


def test_a_code_pays_once(ash: Bank) -> None:
    """It names the wallet and its limit; the second payment with it is refused and on record."""
    digits = code(ash)
    claim = claimed(ash, f" {digits[:9]} {digits[9:]}\n")
    assert (claim.person, claim.amount_max, claim.currency) == (ash.alice, euros("50"), EUR)
    pay(ash, claim, "12")
    assert ash.balance(ash.bob) == euros("12")
    with pytest.raises(PayerCodeUsed, match="has been used"):
        claimed(ash, digits)
    assert refusals(ash) == [("used", claim.account)]


def test_codes_are_eighteen_digits_that_nobody_guesses(ash: Bank) -> None:
    """They begin with 28, differ, and their digits are even: chi-squared over 16,000 of them."""
    codes = [code(ash) for _ in range(1000)]
    assert len(set(codes)) == 1000
    assert all(one.isdecimal() and len(one) == 18 and one.startswith("28") for one in codes)
    counts = Counter("".join(one[2:] for one in codes))
    expected = 16_000 / 10
    chi_squared = sum((counts[digit] - expected) ** 2 / expected for digit in "0123456789")
    assert chi_squared < 40  # 9 degrees of freedom: one run in a hundred thousand is above


def test_a_code_ends_after_a_minute(ash: Bank) -> None:
    """At its end and not before; later it is still known by name, and later still unknown."""
    shown = ash.wallets.codes.issue(ash.alice, euros("50"))
    on_time, late = shown.digits, code(ash)
    ash.wait(seconds=59)
    claimed(ash, on_time)
    ash.wait(seconds=1)
    assert shown.expires_at == ash.now
    with pytest.raises(PayerCodeExpired, match="Show a new one"):
        claimed(ash, late)
    ash.wait(seconds=600)
    with pytest.raises(PayerCodeUnknown):
        claimed(ash, late)


def test_a_payment_may_claim_its_code_again(ash: Bank) -> None:
    """A retry after its end has the same answer, and the money moves once."""
    digits, payment = code(ash), new_id()
    pay(ash, claimed(ash, digits, payment), "5")
    ash.wait(minutes=2)
    pay(ash, claimed(ash, digits, payment), "5")
    assert ash.balance(ash.bob) == euros("5")


def test_a_code_is_spent_by_being_shown(ash: Bank) -> None:
    """When its payment is refused, no other payment can have it."""
    ash.wallets.limits.change(ash.alice, limits("1", "1"))
    digits = code(ash)
    with pytest.raises(TransferRefused):
        pay(ash, claimed(ash, digits), "5")
    with pytest.raises(PayerCodeUsed):
        claimed(ash, digits)
    assert ash.balance(ash.bob) == euros("0")


def test_the_payment_s_commit_uses_a_code_up(ash: Bank) -> None:
    """Two payments that both hold its rows: one commits, the other is refused whole."""
    claim = claimed(ash, code(ash))
    pay(ash, claim, "5")
    copy = Claim(claim.id, claim.person, claim.account, claim.amount_max, new_id(),
                 claim.claimed_at)  # fmt: skip
    with pytest.raises(TransferRefused) as refused:
        pay(ash, copy, "5")
    assert refused.value.code == "ledger.attached-row-refused"
    assert ash.balance(ash.bob) == euros("5")


def test_above_its_limit_the_person_is_asked(ash: Bank) -> None:
    """Not without their own agreement; with it, yes."""
    claim = claimed(ash, code(ash))
    with pytest.raises(PayerCodeOverLimit, match=r"€50.01 is above €50.00") as refused:
        claim.rows(euros("50.01"))
    assert isinstance(refused.value, PayerCodeRefused)
    with pytest.raises(AmountInvalid):
        claim.rows(euros("0"))
    with pytest.raises(CurrencyMismatch):
        claim.rows(Money(5, JPY))
    pay(ash, claim, "50.01", confirmed=True)
    assert ash.balance(ash.bob) == euros("50.01")


def test_a_phone_has_three_codes_at_once(ash: Bank) -> None:
    """The fourth ends the first."""
    first, second, _third, fourth = (code(ash) for _ in range(4))
    with pytest.raises(PayerCodeExpired):
        claimed(ash, first)
    claimed(ash, second)
    claimed(ash, fourth)


def test_who_has_no_wallet_has_no_code(ash: Bank) -> None:
    """And a code pays something."""
    with pytest.raises(WalletNotFound):
        ash.wallets.codes.issue(ash.bob, euros("5"))
    with pytest.raises(AmountInvalid):
        ash.wallets.codes.issue(ash.alice, euros("0"))


@pytest.mark.parametrize("shown", ["", "28", "290000000000000000", "2800000000000000001", "½" * 18])
def test_what_is_no_code_is_unknown(ash: Bank, shown: str) -> None:
    """Whatever a till reads: a product, a part of a code, or nothing."""
    with pytest.raises(PayerCodeUnknown, match="is none"):
        claimed(ash, shown)
    assert refusals(ash) == [("unknown", 0)]


def guess(ash: Bank, count: int) -> None:
    for number in range(count):
        with pytest.raises(PayerCodeUnknown):
            claimed(ash, f"28{number:016}")


def test_a_till_that_guesses_is_paused(ash: Bank) -> None:
    """After ten failures not even a good code pays there; elsewhere it does; later it does again."""
    guess(ash, 9)
    ash.wait(minutes=5)
    guess(ash, 1)
    digits = code(ash)
    with pytest.raises(TillPaused, match="09:10:00 UTC") as refused:
        claimed(ash, digits)
    assert refused.value.is_transient
    assert len(refusals(ash)) == 10
    ash.wallets.codes.claim(digits, till=OTHER_TILL, payment=new_id())
    ash.wait(minutes=5)
    claimed(ash, code(ash))
    guess(ash, 9)
    with pytest.raises(TillPaused):
        claimed(ash, code(ash))


def test_a_restart_forgets_codes_and_no_guesses(ash: Bank) -> None:
    """A code that was alive is unknown afterwards; a till that guessed is still counted."""
    guess(ash, 9)
    digits = code(ash)
    with Wallets(rooms(ash.town), ash.town.ledger._url) as again:
        with pytest.raises(PayerCodeUnknown):
            again.codes.claim(digits, till=TILL, payment=new_id())
        with pytest.raises(TillPaused):
            again.codes.claim(digits, till=TILL, payment=new_id())


def test_eight_tills_at_once_and_one_gets_the_code(ash: Bank) -> None:
    """Whoever is first has it."""
    digits = code(ash)

    def show(till: int) -> bool:
        try:
            ash.wallets.codes.claim(digits, till=UUID(int=till), payment=new_id())
        except PayerCodeUsed:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(show, range(1, 9))) == 1


def test_no_code_is_in_the_database(ash: Bank) -> None:
    """Nor anything from which one could be made: what is kept is a number and the payment."""
    digits = code(ash)
    pay(ash, claimed(ash, digits), "5")
    with pytest.raises(PayerCodeUsed):
        claimed(ash, digits)
    for table in ("payer_codes", "payer_code_refusals"):
        with connect(ash.town.ledger._url, writes=False) as database:
            (row,) = database.query(f"SELECT * FROM {table}").to_pylist()
        assert digits not in str(row)
        assert int(digits) not in row.values()
