"""What a person may spend: asked and counted with the payment, lowered at once, raised with delay.

A person's own limits come from the operator's terms when the wallet opens. Lowering one holds at
once; raising one holds after the operator's delay, so that whoever takes somebody's phone cannot
empty the wallet today. Whatever a person's own limits are, the operator's ceiling holds too.

What counts is what leaves the wallet: sent, paid, withdrawn. Money that comes back (a refund, a
withdrawal that the bank returns) is uncounted in the day and the month in which it was spent, as
long as they last; yesterday's refund gives nothing back to today.
"""

from datetime import datetime
from typing import Final

from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import Message, _, lazy
from counterfoil.ledger import AccountNumber, Ledger, ReadingConnection
from counterfoil.money import Currency, Money
from counterfoil.people import PersonId
from counterfoil.people.records import Json, Recorder, record_row
from counterfoil.wallet import store
from counterfoil.wallet.accounts import Accounts
from counterfoil.wallet.day import Calendar
from counterfoil.wallet.errors import (
    AmountInvalid,
    DayLimitExceeded,
    LimitExceeded,
    LimitInvalid,
    MonthLimitExceeded,
    WalletError,
    WalletFrozen,
)
from counterfoil.wallet.model import (
    NEVER_US,
    Allowance,
    Allowances,
    FrozenBy,
    Limits,
    Period,
    Raise,
    Terms,
)
from counterfoil.wallet.said import said

_EXCEEDED: Final[dict[Period, tuple[type[LimitExceeded], Message]]] = {
    Period.DAY: (
        DayLimitExceeded,
        lazy(
            "{amount} is more than may still be spent today: {left} of {limit}. "
            "Ask for less, or wait until {resets_at}."
        ),
    ),
    Period.MONTH: (
        MonthLimitExceeded,
        lazy(
            "{amount} is more than may still be spent this month: {left} of {limit}. "
            "Ask for less, or wait until {resets_at}."
        ),
    ),
}


class Spendings:
    """Counts what people spend, and tells what they may spend."""

    def __init__(
        self,
        ledger: Ledger,
        reading: ReadingConnection,
        accounts: Accounts,
        calendar: Calendar,
        clock: Clock,
    ) -> None:
        self._ledger = ledger
        self._reading = reading
        self._accounts = accounts
        self.calendar = calendar
        """Which day and which month a spending counts for."""
        self._clock = clock

    def spend_rows(self, person: PersonId, amount: Money, at: datetime) -> tuple[AttachedRow, ...]:
        """Make the rows that count a spending against its person's limits; attach them to it.

        The request is refused with them when a limit would be exceeded or the wallet is frozen;
        `refusal` then says which.

        Raises:
            AmountInvalid: the amount is not more than nothing.
            WalletNotFound: the person has no wallet in that currency.

        """
        account = self._account(person, amount)
        return (store.spend_row(account, amount, self._counted(at), at),)

    def give_back_rows(
        self, person: PersonId, amount: Money, spent_at: datetime
    ) -> tuple[AttachedRow, ...]:
        """Make the rows that uncount what comes back, in the day and month it was spent in.

        Raises:
            AmountInvalid: the amount is not more than nothing.
            WalletNotFound: the person has no wallet in that currency.

        """
        account = self._account(person, amount)
        return (store.give_back_row(account, amount, self._counted(spent_at)),)

    def refusal(self, person: PersonId, amount: Money, at: datetime) -> WalletError | None:
        """Say why a spending is refused: the wallet is frozen, or a limit; None: it would not be.

        Raises:
            WalletNotFound: the person has no wallet in that currency.

        """
        with self._reading.lend() as database:
            wallet, terms = self._stored(database, person, amount.currency)
        if wallet.wallet.frozen_by is not FrozenBy.NOBODY:
            return wallet_frozen(wallet.wallet.frozen_by)
        allowances = self._allowances(wallet, terms, at)
        for allowance in (allowances.day, allowances.month):
            if amount > allowance.limit - allowance.spent:
                return _exceeded(allowance, amount)
        return None

    def allowances(self, person: PersonId, currency: Currency) -> Allowances:
        """Tell what a person may spend now, and what is left of it.

        Raises:
            WalletNotFound: the person has no wallet in that currency.

        """
        with self._reading.lend() as database:
            wallet, terms = self._stored(database, person, currency)
        return self._allowances(wallet, terms, from_us(self._clock.now_us()))

    def change(self, person: PersonId, limits: Limits) -> Allowances:
        """Give a person other limits of their own: what is lower holds at once, what is higher later.

        A raise that is on its way already is forgotten; this one takes its place.

        Raises:
            LimitInvalid: one is below nothing or above the operator's ceiling.
            WalletNotFound: the person has no wallet in that currency.

        """
        currency = limits.day.currency
        if limits.month.currency != currency:
            raise LimitInvalid(
                _("The limits of a wallet are in its currency, both of them."), limits=limits
            )
        with self._reading.lend() as database:

            def attempt(at_us: int) -> tuple[AttachedRow, ...]:
                wallet, terms = self._stored(database, person, currency)
                _check(limits, terms.ceiling)
                now = wallet.limits_at(at_us)
                at_once = now.least(limits)
                starts = NEVER_US
                if at_once != limits:
                    starts = to_us(from_us(at_us) + terms.raise_delay)
                content: dict[str, Json] = {
                    "currency": currency.code,
                    "day": limits.day.minor,
                    "month": limits.month.minor,
                    "from": None if starts == NEVER_US else from_us(starts).isoformat(),
                }
                return (
                    store.limits_row(wallet, at_once, limits, starts),
                    record_row("wallet-limits", person, at_us, content),
                )

            Recorder(self._ledger, database, self._clock).commit(attempt)
        return self.allowances(person, currency)

    def _account(self, person: PersonId, amount: Money) -> AccountNumber:
        if amount.minor <= 0:
            raise AmountInvalid(
                _("{amount} cannot be spent: an amount is more than nothing.", amount=said(amount)),
                amount=amount,
            )
        return self._accounts.number(person, amount.currency)

    def _counted(self, at: datetime) -> store.DayAndMonth:
        return store.DayAndMonth(self.calendar.day_number(at), self.calendar.month_number(at))

    def _stored(
        self, database: Database, person: PersonId, currency: Currency
    ) -> tuple[store.StoredWallet, Terms]:
        wallet = self._accounts.stored(database, person, currency)
        terms = store.terms_of(database, currency)
        assert terms is not None, "a wallet was opened without terms"
        return wallet, terms

    def _allowances(self, wallet: store.StoredWallet, terms: Terms, at: datetime) -> Allowances:
        limits = wallet.limits_at(to_us(at)).least(terms.ceiling)
        counted, zero = self._counted(at), Money.zero(terms.currency)
        day, month = (
            Money(minor, terms.currency) for minor in (wallet.day_spent, wallet.month_spent)
        )
        coming = None
        if to_us(at) < wallet.next_from != NEVER_US:
            coming = Raise(wallet.limits_next.least(terms.ceiling), from_us(wallet.next_from))
        return Allowances(
            Allowance(
                Period.DAY,
                limits.day,
                zero if wallet.counted.day < counted.day else day,
                self.calendar.next_day(at),
            ),
            Allowance(
                Period.MONTH,
                limits.month,
                zero if wallet.counted.month < counted.month else month,
                self.calendar.next_month(at),
            ),
            coming,
        )


def wallet_frozen(by: FrozenBy) -> WalletFrozen:
    """Make the error for a wallet that pays nothing."""
    return WalletFrozen(
        _("The wallet is frozen and pays nothing. Unfreeze it first."), frozen_by=by.name.lower()
    )


def _check(limits: Limits, ceiling: Limits) -> None:
    for limit, highest in ((limits.day, ceiling.day), (limits.month, ceiling.month)):
        if not 0 <= limit.minor <= highest.minor:
            raise LimitInvalid(
                _(
                    "{limit} is no limit; give one from nothing up to {highest}.",
                    limit=said(limit),
                    highest=said(highest),
                ),
                limit=limit,
                highest=highest,
            )


def _exceeded(allowance: Allowance, amount: Money) -> LimitExceeded:
    kind, sentence = _EXCEEDED[allowance.period]
    return kind(
        sentence(
            amount=said(amount),
            left=said(allowance.left),
            limit=said(allowance.limit),
            resets_at=f"{allowance.resets_at:%Y-%m-%d %H:%M %Z}",
        ),
        amount=amount,
        limit=allowance.limit,
        spent=allowance.spent,
        resets_at=allowance.resets_at,
    )
