"""The laws of the bank rail, against a page of plain Python: any commands, any order, any repetition."""

import shutil
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from counterfoil.bank import Instructions, OrderState
from counterfoil.kernel.ids import new_id
from counterfoil.wallet import LimitExceeded
from tests.bank.world import ALICE_IBAN, Street, street
from tests.consent.world import EUR, town
from tests.wallet.world import euros

AMOUNTS = st.integers(1, 40)


class TheBankMayDoAnything(RuleBasedStateMachine):
    """Alice withdraws and tops up; the bank rejects, returns, repeats, reorders; the books hold."""

    opened: Callable[[], Street]

    @initialize()
    def start(self) -> None:
        """Open a street, and let 500 EUR in for Alice."""
        self.street = type(self).opened()
        self.reference = self.street.banking.top_up(self.street.alice, EUR).reference
        self.stray = 0
        self.in_from_bank = 500
        self.pay_ins = [self.street.pay_in("500", self.reference)]
        self.lives_through_a_day(fate="pays")

    @rule(amount=AMOUNTS)
    def withdraws(self, amount: int) -> None:
        """Withdraw, or be told of a limit."""
        try:
            self.street.withdraw(str(amount), id=new_id())
        except LimitExceeded:
            self.street.ash.wait(days=1)

    @rule(amount=AMOUNTS, is_known=st.booleans())
    def is_paid_in(self, amount: int, *, is_known: bool) -> None:
        """Pay in tomorrow, with the reference or with a mistyped one."""
        text = self.reference if is_known else "for Alice"
        self.pay_ins.append(self.street.pay_in(str(amount), text))
        if is_known:
            self.in_from_bank += amount
        else:
            self.stray += amount

    @rule(fate=st.sampled_from(["pays", "rejects", "returns"]))
    def lives_through_a_day(self, fate: str) -> None:
        """Let the bank answer, book, and write its files."""
        told = Instructions(
            rejects={ALICE_IBAN: "AC04"} if fate == "rejects" else {},
            returns={ALICE_IBAN: "AC01"} if fate == "returns" else {},
            pay_ins=self.pay_ins,
        )
        self.pay_ins = []
        self.street.bank_day(told)

    @rule(data=st.data())
    def takes_in(self, data: st.DataObject) -> None:
        """Take in the files, in any order, and some of them again under other names."""
        folder = self.street.folder / "from-bank"
        paths = sorted(folder.glob("*.xml"))
        if not paths:
            return
        for path, place in zip(paths, data.draw(st.permutations(range(len(paths)))), strict=True):
            path.rename(folder / f"{place:04}-{path.name.rpartition('-')[2][-30:]}")
        again = data.draw(st.sampled_from(sorted(folder.glob("*.xml"))))
        shutil.copy(again, folder / f"a-{again.name}")
        self.street.receive()

    @invariant()
    def money_is_conserved(self) -> None:
        """Debits are credits, whatever has been taken in and whatever has not."""
        lines = self.street.town.ledger.trial_balance()
        assert sum(one.debits_posted for one in lines) == sum(one.credits_posted for one in lines)

    def teardown(self) -> None:
        """When all has been taken in, the books are the bank's, and every order is somewhere."""
        if not hasattr(self, "street"):
            return
        self.lives_through_a_day(fate="pays")
        self.lives_through_a_day(fate="pays")
        self.street.receive()
        books = self.street.books()
        assert books["nostro"] == self.street.other.balance
        assert books["suspense"] == euros(str(self.stray))
        orders = self.street.bank.orders_of(
            self.street.banking.kind, self.street.wallets.wallet(self.street.alice, EUR).account
        )
        assert {one.state for one in orders} <= {
            OrderState.PAID, OrderState.REJECTED, OrderState.RETURNED,
        }  # fmt: skip
        assert books["in transit"] == euros("0")
        gone = sum(one.amount.minor for one in orders if one.state is OrderState.PAID)
        assert books["alice"].minor == 100_000 + self.in_from_bank * 100 - gone


@pytest.mark.slow
@pytest.mark.parametrize(("store", "examples"), [("sqlite", 12), ("postgresql", 5)])
def test_whatever_the_bank_does_the_books_are_its_books(
    request: pytest.FixtureRequest, tmp_path: Path, store: str, examples: int
) -> None:
    """Rejected, returned, doubled, out of order: money is conserved, and each order ends once."""
    with ExitStack() as previous:

        def opened() -> Street:
            previous.close()
            folder = Path(previous.enter_context(TemporaryDirectory(dir=tmp_path)))
            url = f"sqlite:///{folder}/town.db"
            if store == "postgresql":
                url = request.getfixturevalue("emptied_schema")()
            place = previous.enter_context(town(url, folder))
            return previous.enter_context(street(place, folder))

        class OnThisStore(TheBankMayDoAnything):
            pass

        OnThisStore.opened = staticmethod(opened)
        OnThisStore.TestCase.settings = settings(
            max_examples=examples, stateful_step_count=15, deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        OnThisStore.TestCase().runTest()
