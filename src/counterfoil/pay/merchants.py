"""Who may sell: open a merchant, its stores and tills; suspend and reinstate; set terms.

A person may open a shop of their own; the operator opens shops for anybody. What is opened twice with
one id is one, so that a request, or a file of seven thousand stores, can be sent again.
"""

from collections.abc import Callable, Sequence
from typing import TypeVar

from counterfoil.kernel.clock import Clock
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.kernel.i18n import _
from counterfoil.ledger import Ledger, ReadingConnection
from counterfoil.pay import merchant_store as tables
from counterfoil.pay import opening
from counterfoil.pay.errors import (
    MerchantSuspended,
    StoreClosed,
    StoreNotFound,
)
from counterfoil.pay.merchant import (
    FeeTerms,
    Merchant,
    MerchantId,
    NewMerchant,
    NewStore,
    NewTill,
    Standing,
    Store,
    StoreId,
    Till,
    TillId,
)
from counterfoil.pay.missing import no_merchant, no_store, no_till, remember
from counterfoil.pay.said import checked_text
from counterfoil.people import PersonId
from counterfoil.people.records import Recorder

K = TypeVar("K")
V = TypeVar("V")


class Merchants:
    """The merchants of one operator. Its methods may be called from several threads."""

    def __init__(self, ledger: Ledger, reading: ReadingConnection, clock: Clock) -> None:
        self._ledger = ledger
        self._reading = reading
        self._clock = clock
        # One process writes, and it is this one: what was read stays true until it is changed here.
        self._merchants: dict[MerchantId, Merchant] = {}
        self._stores: dict[StoreId, Store] = {}
        self._tills: dict[TillId, Till] = {}
        # What has a number keeps it.
        self._store_numbers: dict[tuple[MerchantId, str], StoreId] = {}
        self._till_numbers: dict[tuple[StoreId, str], TillId] = {}

    def open(self, new: NewMerchant) -> Merchant:
        """Open a merchant; the record goes to its owner, where it has one.

        Raises:
            RequestInvalid: the name is missing or too long, or a part of its place is none.
            NumberTaken: another merchant has this reference.
            ReceiverNotFound: there is no such owner.

        """
        self.open_all([new], [], [])
        return self.merchant(new.id)

    def open_store(self, new: NewStore) -> Store:
        """Open a store.

        Raises:
            RequestInvalid, NumberTaken: as for a merchant.
            MerchantNotFound: there is no such merchant.

        """
        self.merchant(new.merchant)
        self.open_all([], [new], [])
        return self.store(new.id)

    def open_till(self, new: NewTill) -> Till:
        """Open a till.

        Raises:
            RequestInvalid, NumberTaken: as for a merchant.
            StoreNotFound: the merchant has no such store.

        """
        self.store(new.store, of=new.merchant)
        self.open_all([], [], [new])
        return self.till(new.id)

    def open_all(
        self, merchants: Sequence[NewMerchant], stores: Sequence[NewStore], tills: Sequence[NewTill]
    ) -> None:
        """Open many in one commit; those that are there already are left as they are.

        Raises:
            RequestInvalid: a name, number or place is none.
            NumberTaken: a number or reference is another's.
            ReceiverNotFound: there is no such owner.
            StoreConflict: a store names no merchant, or a till no store; nothing was opened.

        """
        for merchant in merchants:
            opening.check_merchant(merchant)
        for place in stores:
            opening.check_store(place)
        for till in tills:
            opening.check_till(till)
        with self._reading.lend() as database:

            def attempt(at_us: int) -> Sequence[AttachedRow]:
                return (
                    *opening.merchant_rows(database, merchants, at_us),
                    *opening.store_rows(database, stores, at_us),
                    *opening.till_rows(database, tills, at_us),
                )

            Recorder(self._ledger, database, self._clock).commit(attempt)

    def merchant(self, merchant: MerchantId) -> Merchant:
        """Describe a merchant.

        Raises:
            MerchantNotFound: there is no such merchant.

        """
        given = (merchant.bytes,)
        return self._known(self._merchants, merchant, tables.merchants, given, no_merchant)

    def by_number(self, number: str) -> Merchant:
        """Find a merchant by its 16 digits.

        Raises:
            MerchantNotFound: there is none.

        """
        return self._picked(tables.merchants, "number = $1", (number,), no_merchant)

    def by_reference(self, reference: str) -> Merchant:
        """Find a merchant by the operator's own number for it.

        Raises:
            MerchantNotFound: there is none.

        """
        condition = "reference = $1 AND reference <> ''"
        return self._picked(tables.merchants, condition, (reference,), no_merchant)

    def of_owner(self, person: PersonId) -> Sequence[Merchant]:
        """List the shops of a person, for that person."""
        with self._reading.lend() as database:
            return tables.merchants(
                database, "owner = $1 AND length(owner) > 0 ORDER BY id", (person.bytes,)
            )

    def page(self, after: MerchantId | None = None, limit: int = 100) -> Sequence[Merchant]:
        """List merchants in the order in which they were opened, from after one on."""
        with self._reading.lend() as database:
            return tables.merchants(
                database, "id > $1 ORDER BY id LIMIT $2", (after.bytes if after else b"", limit)
            )

    def store(self, id: StoreId, *, of: MerchantId | None = None) -> Store:  # noqa: A002
        """Describe a store; with `of`, only when it is that merchant's.

        Raises:
            StoreNotFound: there is no such store.

        """
        found = self._known(self._stores, id, tables.stores, (id.bytes,), no_store)
        if of is not None and found.merchant != of:
            raise no_store()
        return found

    def store_by_word(self, word: str) -> Store:
        """Find the store whose static code says a word.

        Raises:
            StoreNotFound: there is none.

        """

        def missing() -> StoreNotFound:
            return StoreNotFound(_("This code is no store's. Scan it again."))

        return self._picked(tables.stores, "word = $1", (word,), missing)

    def store_by_number(self, merchant: MerchantId, number: str) -> Store:
        """Find a store by its merchant's own number for it.

        Raises:
            StoreNotFound: there is none.

        """
        key = (merchant, number)
        if known := self._store_numbers.get(key):
            return self.store(known)
        given = (merchant.bytes, number)
        found = self._picked(tables.stores, "merchant = $1 AND number = $2", given, no_store)
        remember(self._store_numbers, key, found.id)
        return found

    def stores(
        self, merchant: MerchantId, after: StoreId | None = None, limit: int = 1000
    ) -> Sequence[Store]:
        """List a merchant's stores by their ids, from after one on."""
        with self._reading.lend() as database:
            return tables.stores(
                database,
                "merchant = $1 AND id > $2 ORDER BY id LIMIT $3",
                (merchant.bytes, after.bytes if after else b"", limit),
            )

    def till(self, id: TillId, *, of: MerchantId | None = None) -> Till:  # noqa: A002
        """Describe a till; with `of`, only when it is that merchant's.

        Raises:
            TillNotFound: there is no such till.

        """
        found = self._known(self._tills, id, tables.tills, (id.bytes,), no_till)
        if of is not None and found.merchant != of:
            raise no_till()
        return found

    def till_by_number(self, place: StoreId, number: str) -> Till:
        """Find a till by its merchant's own number for it.

        Raises:
            TillNotFound: there is none.

        """
        key = (place, number)
        if known := self._till_numbers.get(key):
            return self.till(known)
        given = (place.bytes, number)
        found = self._picked(tables.tills, "store = $1 AND number = $2", given, no_till)
        remember(self._till_numbers, key, found.id)
        return found

    def tills(self, place: StoreId) -> Sequence[Till]:
        """List a store's tills."""
        with self._reading.lend() as database:
            return tables.tills(database, "store = $1 ORDER BY id", (place.bytes,))

    def selling(
        self, merchant: MerchantId, place: StoreId | None = None, till: TillId | None = None
    ) -> Merchant:
        """Give a merchant that may sell now, and check where it sells.

        Raises:
            MerchantNotFound, StoreNotFound, TillNotFound: one of them is not there.
            MerchantSuspended, StoreClosed: it may not.

        """
        found = self.merchant(merchant)
        if found.standing is not Standing.ACTIVE:
            raise MerchantSuspended(
                _("{name} cannot be paid now. Ask the operator.", name=found.name),
                reason=found.reason,
            )
        if place is not None and self.store(place, of=merchant).standing is not Standing.ACTIVE:
            raise StoreClosed(_("This store of {name} is closed.", name=found.name))
        if till is not None:
            self.till(till, of=merchant)
        return found

    def look_again(self, merchant: MerchantId, place: StoreId | None = None) -> None:
        """Forget what was read of a merchant and a store: a sale of theirs was refused."""
        self._merchants.pop(merchant, None)
        if place is not None:
            self._stores.pop(place, None)

    def suspend(self, merchant: MerchantId, reason: str) -> Merchant:
        """Stop a merchant from being paid, with a reason that its owner can read.

        Raises:
            MerchantNotFound: there is no such merchant.
            RequestInvalid: there is no reason.

        """
        checked_text("reason", reason, 256, is_required=True)
        return self._stand(merchant, Standing.SUSPENDED, reason)

    def reinstate(self, merchant: MerchantId) -> Merchant:
        """Let a suspended merchant be paid again.

        Raises:
            MerchantNotFound: there is no such merchant.

        """
        return self._stand(merchant, Standing.ACTIVE, "")

    def close_store(self, place: StoreId, reason: str = "") -> Store:
        """Close a store: its codes can no longer be paid.

        Raises:
            StoreNotFound: there is no such store.

        """
        return self._store_stands(place, Standing.CLOSED, reason)

    def reopen_store(self, place: StoreId) -> Store:
        """Open a closed store again.

        Raises:
            StoreNotFound: there is no such store.

        """
        return self._store_stands(place, Standing.ACTIVE, "")

    def set_terms(self, merchant: MerchantId, terms: FeeTerms) -> Merchant:
        """Give a merchant other terms, for orders that are created from now on.

        Raises:
            MerchantNotFound: there is no such merchant.
            RequestInvalid: the fee is below nothing, or above a tenth.

        """
        opening.check_terms(terms)
        self.merchant(merchant)
        self._ledger.write(tables.terms_row(merchant, terms))
        self._merchants.pop(merchant, None)
        return self.merchant(merchant)

    def rename(self, merchant: MerchantId, name: str) -> Merchant:
        """Register a merchant under another name: what payers are shown from now on.

        Raises:
            MerchantNotFound: there is no such merchant.
            RequestInvalid: it is no name.

        """
        checked_text("name", name, opening.NAME_MAX, is_required=True)
        self.merchant(merchant)
        self._ledger.write(tables.name_row(merchant, name))
        self._merchants.pop(merchant, None)
        return self.merchant(merchant)

    def _stand(self, merchant: MerchantId, standing: Standing, reason: str) -> Merchant:
        with self._reading.lend() as database:

            def attempt(at_us: int) -> Sequence[AttachedRow]:
                found = tables.merchants(database, "id = $1", (merchant.bytes,))
                if not found:
                    raise no_merchant()
                if found[0].standing is standing and found[0].reason == reason:
                    return ()
                kind = "merchant-suspended" if reason else "merchant-reinstated"
                return (
                    tables.standing_row("merchants", merchant, found[0].standing, standing, reason),
                    *opening.told(found[0].owner, kind, found[0].name, at_us, reason),
                )

            Recorder(self._ledger, database, self._clock).commit(attempt)
        self._merchants.pop(merchant, None)
        return self.merchant(merchant)

    def _store_stands(self, place: StoreId, standing: Standing, reason: str) -> Store:
        checked_text("reason", reason, 256)
        old = self.store(place)
        if old.standing is not standing:
            self._ledger.write(tables.standing_row("stores", place, old.standing, standing, reason))
            self._stores.pop(place, None)
        return self.store(place)

    def _picked(
        self,
        read: Callable[[Database, str, tuple[tables.Parameter, ...]], list[V]],
        condition: str,
        parameters: tuple[tables.Parameter, ...],
        missing: Callable[[], Exception],
    ) -> V:
        with self._reading.lend() as database:
            found = read(database, condition, parameters)
        if not found:
            raise missing()
        return found[0]

    def _known(
        self,
        known: dict[K, V],
        key: K,
        read: Callable[[Database, str, tuple[tables.Parameter, ...]], list[V]],
        parameters: tuple[tables.Parameter, ...],
        missing: Callable[[], Exception],
    ) -> V:
        if (one := known.get(key)) is not None:
            return one
        found = self._picked(read, "id = $1", parameters, missing)
        remember(known, key, found)
        return found
