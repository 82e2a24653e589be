"""Recurring debits: offered by a merchant, signed by a person, ended by either at once.

Signing and ending are records, sealed, with a receipt for the person. A debit is an order that is paid
within the rules that were signed; the rules are asked in the commit that moves the money, so that two
debits at once cannot both be the last one.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from counterfoil.kernel.clock import Clock, from_us, to_us
from counterfoil.kernel.database import AttachedRow
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.money import Money, currency_by_code
from counterfoil.pay import agreement_store as store
from counterfoil.pay.agreement import Agreement, AgreementState, Cycle, EndedBy, NewAgreement
from counterfoil.pay.commit import Change, Commits, Known
from counterfoil.pay.errors import (
    AgreementConflict,
    AgreementEnded,
    AgreementNotFound,
    AgreementRuleBroken,
    AgreementUnsigned,
    OrderConflict,
    PayerIsMerchant,
    PayerMismatch,
    RequestInvalid,
)
from counterfoil.pay.event import EventKind, event_row
from counterfoil.pay.listing import latest
from counterfoil.pay.merchant import MerchantId
from counterfoil.pay.merchants import Merchants
from counterfoil.pay.number import id_of, id_of_word, new_numbered_id
from counterfoil.pay.order import AgreementId, NewOrder, Order, Way
from counterfoil.pay.orders import EXTRA_BYTES_MAX, SUBJECT_MAX, TEXT_MAX
from counterfoil.pay.paying import Debited, Paying
from counterfoil.pay.said import checked_json, checked_number, checked_text
from counterfoil.people import PersonId
from counterfoil.people.records import Json, Recorder, record_row
from counterfoil.wallet import Wallets

SIGN_WITHIN: Final = timedelta(days=1)
FOREVER: Final = timedelta(days=36500)


class Agreements:
    """The agreements of all merchants. Its methods may be called from several threads."""

    def __init__(
        self,
        commits: Commits,
        ledger: Ledger,
        reading: ReadingConnection,
        merchants: Merchants,
        paying: Paying,
        wallets: Wallets,
        clock: Clock,
    ) -> None:
        self._commits = commits
        self._ledger = ledger
        self._reading = reading
        self._merchants = merchants
        self._paying = paying
        self._wallets = wallets
        self._clock = clock

    def offer(self, new: NewAgreement) -> Agreement:
        """Offer an agreement, or find the one that has this number and scene.

        Raises:
            RequestInvalid: a field or a rule cannot be.
            MerchantNotFound, MerchantSuspended: the merchant may not.
            AgreementConflict: the number names an agreement by other rules.

        """

        def prepare(at: datetime) -> Change[Agreement] | Known[Agreement]:
            _check(new, at)
            self._merchants.selling(new.merchant)
            if existing := self._existing(new):
                return Known(existing)
            made = _offered(new, at)
            return Change(rows=(store.created_row(made),), answer=made)

        return self._commits.make(prepare)

    def sign(self, agreement: AgreementId, person: PersonId) -> Agreement:
        """Sign an agreement; the record is the person's receipt. Signing twice signs once.

        Raises:
            AgreementNotFound: there is no such agreement.
            AgreementEnded: it can no longer be signed.
            PayerMismatch, PayerIsMerchant: it is not this person's to sign.
            WalletNotFound: the person has no wallet in its currency.

        """
        with self._reading.lend() as database:
            seen = store.agreements_where(database, "id = $1", (agreement.bytes,))
        if not seen:
            raise _not_found()
        merchant = self._merchants.merchant(seen[0].merchant)
        self._wallets.wallet(person, currency_by_code(seen[0].currency))
        if merchant.owner == person:
            raise PayerIsMerchant(_("Nobody pays their own shop. Let somebody else pay."))
        with self._reading.lend() as database:

            def attempt(at_us: int) -> Sequence[AttachedRow]:
                (found,) = store.agreements_where(database, "id = $1", (agreement.bytes,))
                if found.state is AgreementState.SIGNED and found.payer == person:
                    return ()
                _check_signable(found, person, from_us(at_us))
                until = found.valid_until or from_us(at_us) + FOREVER
                return (
                    store.signed_row(found, person, from_us(at_us), until),
                    record_row("agreement", person, at_us, _content(found, merchant.name)),
                    _event(found, EventKind.AGREEMENT_SIGNED, from_us(at_us)),
                )

            Recorder(self._ledger, database, self._clock).commit(attempt)
        return self.agreement(agreement)

    def end(
        self, agreement: AgreementId, *, by: EndedBy, person: PersonId | None = None
    ) -> Agreement:
        """End an agreement at once; ending it again changes nothing.

        `person`: who ends it, when the payer does.

        Raises:
            AgreementNotFound: there is no such agreement.
            PayerMismatch: it is somebody else's.

        """
        found = self.agreement(agreement)
        if by is EndedBy.PAYER and found.payer != person:
            raise PayerMismatch(_("This agreement is somebody else's."))
        self._ended(agreement, by)
        return self.agreement(agreement)

    def debit(self, agreement: AgreementId, new: NewOrder) -> Order:
        """Debit a person within the rules that they signed; the order's number makes it happen once.

        Raises:
            AgreementNotFound, AgreementUnsigned, AgreementEnded: there is nothing to debit by.
            AgreementRuleBroken: a rule says no; `rule` names it.
            OrderConflict: the order number has been used otherwise.
            What `Orders.create` raises, and WalletError.

        """
        asked = replace(new, way=Way.AGREEMENT)

        def rows(existing: Order | None, at: datetime) -> Debited:
            found = self.agreement(agreement, of=new.merchant)
            if existing is not None and existing.paid:
                if existing.paid.agreement != agreement:
                    raise OrderConflict(
                        _("The order number {number} is not a debit of this agreement.",
                          number=new.merchant_order_no),
                        number=new.merchant_order_no,
                    )  # fmt: skip
                assert found.payer is not None
                return found.payer, found.kind, ()
            period = self._checked(found, new.amount, at)
            assert found.payer is not None
            counted = store.debited_row(found, new.amount, period, at)
            return found.payer, found.kind, (counted,)

        return self._paying.debit(asked, agreement, rows)

    def agreement(self, id: AgreementId, *, of: MerchantId | None = None) -> Agreement:  # noqa: A002
        """Describe an agreement; with `of`, only when it is that merchant's.

        Raises:
            AgreementNotFound: there is no such agreement.

        """
        with self._reading.lend() as database:
            found = store.agreements_where(database, "id = $1", (id.bytes,))
        if not found or (of is not None and found[0].merchant != of):
            raise _not_found()
        return found[0]

    def by_number(self, number: str, *, of: MerchantId | None = None) -> Agreement:
        """Find an agreement by our number for it.

        Raises:
            AgreementNotFound: there is none.

        """
        id = id_of(number)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.agreement(AgreementId(id), of=of)

    def by_word(self, word: str) -> Agreement:
        """Find the agreement whose code says a word.

        Raises:
            AgreementNotFound: there is none.

        """
        id = id_of_word(word)  # noqa: A001
        if id is None:
            raise _not_found()
        return self.agreement(AgreementId(id))

    def by_merchant_number(self, merchant: MerchantId, number: str, scene: str = "") -> Agreement:
        """Find an agreement by its merchant's own number and scene for it.

        Raises:
            AgreementNotFound: there is none.

        """
        found = self._numbered(merchant, number, scene)
        if found is None:
            raise _not_found()
        return found

    def page(
        self,
        merchant: MerchantId,
        *,
        before: AgreementId | None = None,
        state: AgreementState | None = None,
        limit: int = 100,
    ) -> Sequence[Agreement]:
        """List a merchant's agreements, the latest first: before one, in a state."""
        rest, values = latest(
            merchant, before=before, since=None, until=None, state=state, limit=limit
        )
        with self._reading.lend() as database:
            return store.agreements_where(database, rest, values)

    def next_debit_after(self, agreement: Agreement) -> datetime | None:
        """Tell when the next period begins in which a debit may come; None: it may come now."""
        if agreement.signed_at is None or agreement.rules.cycle is Cycle.ANY:
            return None
        calendar, now = self._wallets.calendar, self._commits.now()
        day = max(calendar.day_of(now), calendar.day_of(agreement.last_debit_at or now))
        signed_on = calendar.day_of(agreement.signed_at)
        for _step in range(800):
            if agreement.rules.period(day, signed_on) > agreement.last_period:
                start = calendar.start_of(day)
                return None if start <= now else start
            day += timedelta(days=1)
        return None

    def end_due(self, now: datetime, limit: int) -> int:
        """End what is due at an instant, at most so many; for `Closing`."""
        with self._reading.lend() as database:
            due = store.agreements_where(
                database,
                "state IN ('offered', 'signed') AND expires_at <= $1 ORDER BY expires_at LIMIT $2",
                (to_us(now), limit),
            )
        for one in due:
            self._ended(one.id, EndedBy.TIME)
        return len(due)

    def _ended(self, agreement: AgreementId, by: EndedBy) -> None:
        with self._reading.lend() as database:

            def attempt(at_us: int) -> Sequence[AttachedRow]:
                (found,) = store.agreements_where(database, "id = $1", (agreement.bytes,))
                if found.state is AgreementState.ENDED:
                    return ()
                rows = [store.ended_row(found, by, from_us(at_us))]
                if found.state is AgreementState.SIGNED and found.payer is not None:
                    said: dict[str, Json] = {"agreement": found.number, "by": by.value}
                    rows.append(record_row("agreement-ended", found.payer, at_us, said))
                rows.append(_event(found, EventKind.AGREEMENT_ENDED, from_us(at_us)))
                return rows

            Recorder(self._ledger, database, self._clock).commit(attempt)

    def _checked(self, agreement: Agreement, amount: Money, at: datetime) -> int:
        """Check a debit against every rule, and tell its period."""
        if agreement.state is AgreementState.OFFERED:
            raise AgreementUnsigned(_("Nobody has signed this agreement yet."))
        if agreement.state is AgreementState.ENDED or agreement.expires_at <= at:
            raise AgreementEnded(_("This agreement has ended."))
        rules, calendar = agreement.rules, self._wallets.calendar
        if amount.currency.code != agreement.currency:
            raise RequestInvalid(_("A debit is in the currency of its agreement."), field="amount")
        if rules.single_max is not None and amount > rules.single_max:
            raise _broken("single", _("The debit is more than the agreement allows at once."))
        if rules.total_max is not None and agreement.debited + amount > rules.total_max:
            raise _broken("total", _("The debit is more than the agreement allows in all."))
        if rules.count_max is not None and agreement.debit_count >= rules.count_max:
            raise _broken("count", _("The agreement allows no further debit."))
        assert agreement.signed_at is not None
        period = rules.period(calendar.day_of(at), calendar.day_of(agreement.signed_at))
        is_early = rules.cycle is not Cycle.ANY and period <= agreement.last_period
        if is_early or period == 0:
            raise _broken("period", _("The next debit of this agreement is not due yet."))
        return period

    def _existing(self, new: NewAgreement) -> Agreement | None:
        if not new.merchant_agreement_no:
            return None
        found = self._numbered(new.merchant, new.merchant_agreement_no, new.scene)
        asked = (new.rules, new.currency, new.kind)
        if found is not None and (found.rules, found.currency, found.kind) != asked:
            raise AgreementConflict(
                _("The agreement number {number} names an agreement by other rules. Give each a "
                  "number of its own.", number=found.merchant_agreement_no),
                number=found.merchant_agreement_no,
            )  # fmt: skip
        return found

    def _numbered(self, merchant: MerchantId, number: str, scene: str) -> Agreement | None:
        with self._reading.lend() as database:
            found = store.agreements_where(
                database,
                "merchant = $1 AND merchant_agreement_no = $2 AND scene = $3 "
                "AND merchant_agreement_no <> ''",
                (merchant.bytes, number, scene),
            )
        return found[0] if found else None


def _offered(new: NewAgreement, at: datetime) -> Agreement:
    return Agreement(
        id=AgreementId(new_numbered_id(to_us(at))), merchant=new.merchant,
        merchant_agreement_no=new.merchant_agreement_no, scene=new.scene, kind=new.kind,
        state=AgreementState.OFFERED, version=1, payer=new.buyer, rules=new.rules,
        currency=new.currency, debited=Money.zero(new.currency), debit_count=0, last_period=0,
        last_debit_at=None, application=new.application, created_at=from_us(to_us(at)),
        signed_at=None, expires_at=new.sign_by or at + SIGN_WITHIN, valid_until=new.valid_until,
        ended_at=None, ended_by=None, title=new.title, notify_url=new.notify_url,
        return_url=new.return_url, extra=new.extra,
    )  # fmt: skip


def _check(new: NewAgreement, at: datetime) -> None:
    checked_text("title", new.title, SUBJECT_MAX, is_required=True)
    checked_text("scene", new.scene, 64)
    if new.merchant_agreement_no:
        checked_number("merchant_agreement_no", new.merchant_agreement_no)
    for field in ("notify_url", "return_url"):
        checked_text(field, getattr(new, field), TEXT_MAX)
    checked_json("extra", new.extra, EXTRA_BYTES_MAX, dict)
    currency_by_code(new.currency)
    ends = [end for end in (new.sign_by, new.valid_until) if end is not None]
    if any(end <= at for end in ends) or not new.rules.are_possible(new.currency):
        raise RequestInvalid(
            _(
                "The rules were refused: periods and amounts are above nothing, in the currency of "
                "the agreement, times are to come, and a month begins on a day up to the 28th."
            ),
            field="rules",
        )


def _check_signable(agreement: Agreement, person: PersonId, at: datetime) -> None:
    if agreement.state is not AgreementState.OFFERED or agreement.expires_at <= at:
        raise AgreementEnded(_("This agreement can no longer be signed."))
    if agreement.payer is not None and agreement.payer != person:
        raise PayerMismatch(_("This agreement is somebody else's."))


def _content(agreement: Agreement, name: str) -> dict[str, Json]:
    rules = agreement.rules
    return {
        "agreement": agreement.number,
        "merchant": name,
        "title": agreement.title,
        "what_for": agreement.kind.value,
        "currency": agreement.currency,
        "cycle": rules.cycle.value,
        "length": rules.length,
        "first_on": rules.first_on.isoformat() if rules.first_on else None,
        "single_max": rules.single_max.minor if rules.single_max else None,
        "total_max": rules.total_max.minor if rules.total_max else None,
        "count_max": rules.count_max,
        "until": agreement.valid_until.isoformat() if agreement.valid_until else None,
    }


def _event(agreement: Agreement, kind: EventKind, at: datetime) -> AttachedRow:
    return event_row(
        kind, at, merchant=agreement.merchant, about=agreement.id,
        amount=Money.zero(agreement.currency), application=agreement.application,
        notify_url=agreement.notify_url,
    )  # fmt: skip


def _broken(rule: str, message: str) -> AgreementRuleBroken:
    return AgreementRuleBroken(message, rule=rule)


def _not_found() -> AgreementNotFound:
    return AgreementNotFound(_("There is no such agreement. Check its number."))
