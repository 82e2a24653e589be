"""The laws of wallets, held against a page of plain Python: any commands, any order, any time."""

from collections import defaultdict
from collections.abc import Callable
from contextlib import ExitStack
from datetime import date, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import UUID

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from counterfoil.kernel.ids import new_id
from counterfoil.ledger import TransferId
from counterfoil.people import PersonId
from counterfoil.wallet import (
    DayLimitExceeded,
    FrozenBy,
    FundsMissing,
    Limits,
    MonthLimitExceeded,
    WalletError,
    WalletFrozen,
)
from tests.consent.world import EUR, START, town
from tests.wallet.world import TERMS, Bank, bank, euros

NAMES = st.sampled_from(["alice", "bob"])
AMOUNTS = st.integers(1, 700)
_RAISE_DELAY = TERMS.raise_delay


class Model:
    """What should be: balances, what each day and month saw spent, and the limits in force."""

    def __init__(self) -> None:
        self.balance = {"alice": 1000, "bob": 0}
        self.by_day: dict[tuple[str, date], int] = defaultdict(int)
        self.limits = dict.fromkeys(self.balance, (500, 2000))
        self.coming: dict[str, tuple[timedelta, tuple[int, int]]] = {}
        self.frozen: set[str] = set()
        self.elapsed = timedelta()

    @property
    def today(self) -> date:
        """Tell the day."""
        return (START + self.elapsed).date()

    def spent(self, name: str) -> tuple[int, int]:
        """Tell what somebody has spent today and this month."""
        month = (self.today.year, self.today.month)
        in_month = sum(
            spent
            for (who, day), spent in self.by_day.items()
            if who == name and (day.year, day.month) == month
        )
        return self.by_day[name, self.today], in_month

    def limits_of(self, name: str) -> tuple[int, int]:
        """Tell somebody's limits now."""
        coming = self.coming.get(name)
        return coming[1] if coming and coming[0] <= self.elapsed else self.limits[name]

    def change(self, name: str, day: int, month: int) -> None:
        """Lower at once and raise later."""
        now = self.limits_of(name)
        self.limits[name] = (min(now[0], day), min(now[1], month))
        self.coming.pop(name, None)
        if self.limits[name] != (day, month):
            self.coming[name] = (self.elapsed + _RAISE_DELAY, (day, month))

    def refusal(self, name: str, amount: int) -> type[WalletError] | None:
        """Say what is refused; the ledger's rules are asked before the wallet's."""
        if name in self.frozen:
            return WalletFrozen
        if amount > self.balance[name]:
            return FundsMissing
        limits, spent = self.limits_of(name), self.spent(name)
        if spent[0] + amount > limits[0]:
            return DayLimitExceeded
        return MonthLimitExceeded if spent[1] + amount > limits[1] else None


class WalletsAreTheModel(RuleBasedStateMachine):
    """Two people send, change limits, freeze and wait; nothing differs from the model."""

    opened: Callable[[], Bank]

    @initialize()
    def start(self) -> None:
        """Open a bank."""
        self.model = Model()
        self.bank = type(self).opened()
        self.bank.wallets.open_wallet(self.bank.bob, EUR)
        self.sent: list[tuple[UUID, str, int]] = []

    def person(self, name: str) -> PersonId:
        """Find a person by name."""
        return self.bank.alice if name == "alice" else self.bank.bob

    def other(self, name: str) -> str:
        """Name the other one."""
        return "bob" if name == "alice" else "alice"

    def send(self, id: UUID, name: str, amount: int) -> None:  # noqa: A002
        """Send to the other one."""
        to = self.person(self.other(name))
        self.bank.wallets.send(TransferId(id), self.person(name), to, euros(str(amount)))

    @rule(name=NAMES, amount=AMOUNTS)
    def sends(self, name: str, amount: int) -> None:
        """Send, or be refused for the reason that the model names."""
        once, expected = new_id(), self.model.refusal(name, amount)
        if expected is not None:
            with pytest.raises(expected):
                self.send(once, name, amount)
            return
        self.send(once, name, amount)
        self.sent.append((once, name, amount))
        self.model.balance[name] -= amount
        self.model.balance[self.other(name)] += amount
        self.model.by_day[name, self.model.today] += amount

    @rule(data=st.data())
    def sends_again(self, data: st.DataObject) -> None:
        """Repeat a request, to which nothing happens."""
        if self.sent:
            self.send(*data.draw(st.sampled_from(self.sent)))

    @rule(name=NAMES, day=st.integers(0, 1000), month=st.integers(0, 5000))
    def changes_limits(self, name: str, day: int, month: int) -> None:
        """Ask for other limits."""
        asked = Limits(euros(str(day)), euros(str(month)))
        self.bank.wallets.limits.change(self.person(name), asked)
        self.model.change(name, day, month)

    @rule(name=NAMES, freezes=st.booleans())
    def freezes(self, name: str, *, freezes: bool) -> None:
        """Freeze or unfreeze one's own."""
        freezing = self.bank.wallets.freezing
        change = freezing.freeze_wallet if freezes else freezing.unfreeze_wallet
        change(self.person(name), EUR, FrozenBy.OWNER)
        (self.model.frozen.add if freezes else self.model.frozen.discard)(name)

    @rule(hours=st.sampled_from([1, 9, 24, 24 * 27]))
    def waits(self, hours: int) -> None:
        """Let time pass: past a raise, a midnight, a month."""
        self.model.elapsed += timedelta(hours=hours)
        self.bank.wait(hours=hours)

    @invariant()
    def nothing_differs(self) -> None:
        """Compare balances, limits and what is counted."""
        for name, balance in self.model.balance.items():
            assert self.bank.balance(self.person(name)) == euros(str(balance))
            allowances = self.bank.wallets.limits.allowances(self.person(name), EUR)
            limits, spent = self.model.limits_of(name), self.model.spent(name)
            told = [(one.limit, one.spent) for one in (allowances.day, allowances.month)]
            expected = zip(limits, spent, strict=True)
            assert told == [tuple(euros(str(part)) for part in pair) for pair in expected]


@pytest.mark.slow
def test_wallets_are_what_the_model_says(tmp_path: Path) -> None:
    """Money is conserved, limits hold and are counted once, whatever happens in whatever order."""
    with ExitStack() as previous:

        def opened() -> Bank:
            previous.close()
            folder = Path(previous.enter_context(TemporaryDirectory(dir=tmp_path)))
            place = previous.enter_context(town(f"sqlite:///{folder}/town.db", folder))
            return previous.enter_context(bank(place))

        class OnSQLite(WalletsAreTheModel):
            pass

        OnSQLite.opened = staticmethod(opened)
        OnSQLite.TestCase.settings = settings(
            max_examples=25, stateful_step_count=30, deadline=None,
            suppress_health_check=list(HealthCheck),
        )  # fmt: skip
        OnSQLite.TestCase().runTest()
