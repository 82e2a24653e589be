"""What a caller attaches commits with its transfers, or not at all."""

from collections.abc import Callable

import pytest

from counterfoil.kernel.database import Value, connect
from counterfoil.kernel.errors import StoreConflict
from counterfoil.ledger import (
    AccountRefusal,
    AccountRefused,
    AttachedRow,
    Ledger,
    Posted,
    Refusal,
    Request,
    TransferRefused,
)
from tests.ledger.given import Village, eur, new_account, one_commit, pay, village

TRIGGERS = {
    "sqlite": [
        """CREATE TRIGGER refuse BEFORE UPDATE ON shop_orders WHEN NEW.paid < 0
        BEGIN SELECT RAISE(ABORT, 'nobody is paid less'); END"""
    ],
    "postgresql": [
        """CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS
        $$ BEGIN RAISE EXCEPTION 'nobody is paid less'; END $$""",
        """CREATE TRIGGER refuse BEFORE UPDATE ON shop_orders FOR EACH ROW WHEN (NEW.paid < 0)
        EXECUTE FUNCTION refuse()""",
    ],
}
ORDERS = "CREATE TABLE shop_orders (id INTEGER PRIMARY KEY, state VARCHAR(9) NOT NULL, paid BIGINT)"


@pytest.fixture
def shop(database_url: str) -> Village:
    """Give a village with a table of orders, of which number 1 waits to be paid."""
    Ledger.open(database_url).close()
    with connect(database_url, writes=True) as database:
        for statement in (ORDERS, *TRIGGERS[database.dialect]):
            database.execute(statement)
        database.execute("INSERT INTO shop_orders VALUES (1, 'open', 0)")
        database.commit()
    v = village(database_url)
    v.fund(v.alice, 1000)
    return v


def order(number: int, state: str = "open") -> AttachedRow:
    return AttachedRow("INSERT INTO shop_orders VALUES ($1, $2, 0)", (number, state))


def paid(number: int, minor: int) -> AttachedRow:
    sql = "UPDATE shop_orders SET state = 'paid', paid = $1 WHERE id = $2 AND state = 'open'"
    return AttachedRow(sql, (minor, number))


def orders(ledger: Ledger) -> dict[int, tuple[str, int]]:
    with connect(ledger._url, writes=False) as database:
        rows = database.query("SELECT id, state, paid FROM shop_orders ORDER BY id").to_pylist()
    return {row["id"]: (row["state"], row["paid"]) for row in rows}


def test_an_order_is_paid_with_its_transfer(shop: Village) -> None:
    """The order's new state and the money are in one commit."""
    with shop.ledger as ledger:
        ledger.post(pay(shop.alice, shop.bob, 30), rows=(paid(1, 30),))
        assert orders(ledger) == {1: ("paid", 30)}
        assert ledger.balances(shop.bob).balance == eur(30)


def test_a_refused_transfer_leaves_its_order_alone(shop: Village) -> None:
    """When the money is refused, nothing of the caller's is written."""
    with shop.ledger as ledger:
        with pytest.raises(TransferRefused) as refused:
            ledger.post(pay(shop.alice, shop.bob, 1001), rows=(paid(1, 1001),))
        assert refused.value.refusal is Refusal.EXCEEDS_CREDITS
        assert orders(ledger) == {1: ("open", 0)}


BAD_ROWS: dict[str, tuple[AttachedRow, str]] = {
    "another number of rows": (paid(2, 30), "changed 0 rows and 1 were expected"),
    "too many rows": (
        AttachedRow("UPDATE shop_orders SET paid = 1 WHERE id = 1", (), 2),
        "changed 1 rows and 2",
    ),
    "a duplicate": (order(1), r"(?i)unique"),
    "an absent value": (AttachedRow("INSERT INTO shop_orders (id) VALUES (9)"), r"(?i)not.null"),
    "no such table": (AttachedRow("DELETE FROM ordres"), "ordres"),
    "bad SQL": (AttachedRow("PAY UP"), r"(?i)syntax"),
    "too few parameters": (
        AttachedRow("UPDATE shop_orders SET paid = $1 WHERE id = $2", (1,)),
        "refused a statement",
    ),
    "what a trigger forbids": (
        AttachedRow("UPDATE shop_orders SET paid = -1 WHERE id = 1"),
        "nobody is paid less",
    ),
    "a number past int64": (paid(1, 1 << 64), "no int64, text, bytes or None"),
}


@pytest.mark.parametrize("name", BAD_ROWS)
def test_a_row_that_fails_refuses_its_own_request_alone(shop: Village, name: str) -> None:
    """The request with the bad row is refused with the reason; others in the commit succeed."""
    row, reason = BAD_ROWS[name]
    with shop.ledger as ledger:
        with one_commit(ledger):
            before = ledger.submit(Request((pay(shop.alice, shop.bob, 1),), (order(11),)))
            bad = ledger.submit(
                Request((pay(shop.alice, shop.bob, 5), pay(shop.alice, shop.bob, 6)),
                        (order(12), row))
            )  # fmt: skip
            after = ledger.submit(Request((pay(shop.alice, shop.bob, 10),), (order(13),)))
        with pytest.raises(TransferRefused, match=reason) as refused:
            bad.result(20)
        assert refused.value.refusal is Refusal.ATTACHED_ROW_REFUSED
        assert [before.result(20)[0].seq, after.result(20)[0].seq] == [2, 3]
        assert list(orders(ledger)) == [1, 11, 13]
        assert ledger.balances(shop.bob).balance == eur(11)
        assert ledger.verify().is_sound


@pytest.mark.parametrize("value", [object(), [1, 2], 1 << 63], ids=["object", "list", "2^63"])
def test_a_parameter_of_no_database_type_is_refused(shop: Village, value: Value) -> None:
    """What no database can take is refused by name, without saying the value."""
    row = AttachedRow("UPDATE shop_orders SET paid = $1 WHERE id = 1", (value,))
    with shop.ledger as ledger:
        with pytest.raises(TransferRefused) as refused:
            ledger.post(pay(shop.alice, shop.bob, 1), rows=(row,))
        assert refused.value.refusal is Refusal.ATTACHED_ROW_REFUSED
        assert str(value) not in refused.value.message
        ledger.post(pay(shop.alice, shop.bob, 1), rows=(paid(1, 1),))


def test_text_for_a_number_is_refused_where_columns_have_types(shop: Village) -> None:
    """PostgreSQL refuses text for a number; SQLite stores it, as its columns may hold anything."""
    row = AttachedRow("UPDATE shop_orders SET paid = $1 WHERE id = 1", ("lots",))
    with shop.ledger as ledger:
        if ledger.durability.startswith("WAL"):
            ledger.post(pay(shop.alice, shop.bob, 1), rows=(row,))
            return
        with pytest.raises(TransferRefused, match="A row attached to transfer"):
            ledger.post(pay(shop.alice, shop.bob, 1), rows=(row,))
        assert orders(ledger) == {1: ("open", 0)}


def test_several_bad_rows_are_each_refused(shop: Village) -> None:
    """Two bad requests in one commit are both refused, each with its own reason."""
    with shop.ledger as ledger:
        with one_commit(ledger):
            duplicate = ledger.submit(Request((pay(shop.alice, shop.bob, 1),), (order(1),)))
            good = ledger.submit(Request((pay(shop.alice, shop.bob, 2),), (order(5),)))
            missing = ledger.submit(Request((pay(shop.alice, shop.bob, 4),), (paid(7, 1),)))
        for future, reason in ((duplicate, r"(?i)unique"), (missing, "changed 0 rows")):
            with pytest.raises(TransferRefused, match=reason):
                future.result(20)
        assert isinstance(good.result(20)[0], Posted)
        assert ledger.balances(shop.bob).balance == eur(2)


def test_a_repeated_request_does_not_write_its_rows_again(shop: Village) -> None:
    """Asking twice moves the money once and writes the caller's rows once."""
    count = AttachedRow("UPDATE shop_orders SET paid = paid + 1 WHERE id = 1")
    request = Request((pay(shop.alice, shop.bob, 1), pay(shop.alice, shop.bob, 2)), (count,))
    with shop.ledger as ledger:
        first = ledger.submit(request).result(20)
        with one_commit(ledger):
            futures = [ledger.submit(request) for _ in range(3)]
        assert [future.result(20) for future in futures] == [first] * 3
        assert orders(ledger) == {1: ("open", 1)}
        with one_commit(ledger):
            fresh_request = Request((pay(shop.alice, shop.bob, 4),), (count,))
            futures = [ledger.submit(fresh_request) for _ in range(2)]
        assert futures[0].result(20) == futures[1].result(20)
        assert orders(ledger) == {1: ("open", 2)}


def test_rows_can_commit_without_a_transfer(shop: Village) -> None:
    """A request of rows alone is written by the same writer, and refused by the same rule."""
    with shop.ledger as ledger:
        assert ledger.post(rows=(order(2), order(3))) == []
        assert list(orders(ledger)) == [1, 2, 3]
        with pytest.raises(TransferRefused, match=r"(?i)unique"):
            ledger.post(rows=(order(4), order(3)))
        assert list(orders(ledger)) == [1, 2, 3]


def test_rows_commit_with_the_opening_of_accounts(shop: Village) -> None:
    """Accounts and the rows that belong to them are opened together, once."""
    carol = new_account()
    with shop.ledger as ledger:
        with pytest.raises(AccountRefused, match=r"(?i)unique") as refused:
            ledger.open_account(new_account(), rows=(order(1),))
        assert refused.value.refusal is AccountRefusal.ATTACHED_ROW_REFUSED
        assert ledger.account_count == 3
        number = ledger.open_account(carol, rows=(order(2),))
        assert ledger.open_accounts([carol, carol], rows=(order(2),)) == [number, number]
        assert list(orders(ledger)) == [1, 2]


def test_rows_commit_with_a_change_of_an_account(shop: Village) -> None:
    """A freeze or closing and its record are written together, or neither is."""
    changes: list[Callable[[AttachedRow], None]] = [
        lambda row: shop.ledger.freeze(shop.bob, debits=True, rows=(row,)),
        lambda row: shop.ledger.unfreeze(shop.bob, debits=True, rows=(row,)),
        lambda row: shop.ledger.close_account(shop.bob, rows=(row,)),
        lambda row: shop.ledger.reopen_account(shop.bob, rows=(row,)),
    ]
    with shop.ledger as ledger:
        for number, change in enumerate(changes, start=2):
            before = ledger.account(shop.bob)
            with pytest.raises(AccountRefused, match=r"(?i)unique"):
                change(order(1))
            assert ledger.account(shop.bob) == before
            change(order(number))
            assert ledger.account(shop.bob) != before
        assert list(orders(ledger)) == [1, 2, 3, 4, 5]


def test_rows_without_a_transfer_commit_together(shop: Village) -> None:
    """A room that moves no money writes through the same one writer."""
    with shop.ledger as ledger:
        ledger.write(order(2), order(3))
        assert orders(ledger).keys() == {1, 2, 3}


def test_of_rows_without_a_transfer_none_is_written_when_one_is_refused(shop: Village) -> None:
    """Nothing is half done, and the refusal is named."""
    with shop.ledger as ledger:
        with pytest.raises(StoreConflict):
            ledger.write(order(2), order(1))
        assert orders(ledger).keys() == {1}
        ledger.write(order(2))
        assert orders(ledger).keys() == {1, 2}


def test_rows_of_many_callers_in_one_commit_keep_each_caller_s_order(shop: Village) -> None:
    """What is inserted and then changed by one caller is so, whatever else shares the commit."""
    with shop.ledger as ledger:
        with one_commit(ledger):
            futures = [
                ledger.submit(Request((pay(shop.alice, shop.bob, 1),), rows))
                for rows in (
                    (order(11), paid(11, 5)),
                    (paid(1, 7), order(12)),
                    (order(13), paid(13, 6), is_(13, "named")),
                    (order(14, "named"), AttachedRow("DELETE FROM shop_orders WHERE id = 14")),
                    (order(15), is_(15, "sold"), told(15)),
                    (order(16), told(16), is_(16, "sold")),
                )
            ]
        assert [future.result(20)[0].seq for future in futures] == [2, 3, 4, 5, 6, 7]
        assert orders(ledger) == {
            1: ("paid", 7), 11: ("paid", 5), 12: ("open", 0), 13: ("named", 6),
            15: ("sold!", 0), 16: ("sold", 0),
        }  # fmt: skip


def is_(number: int, state: str) -> AttachedRow:
    return AttachedRow("UPDATE shop_orders SET state = $1 WHERE id = $2", (state, number))


def told(number: int) -> AttachedRow:
    sql = "UPDATE shop_orders SET state = state || $1 WHERE id = $2"
    return AttachedRow(sql, ("!", number))


def test_of_two_callers_who_want_one_thing_one_gets_it(shop: Village) -> None:
    """A condition that the first has met is unmet for the second in the same commit."""
    with shop.ledger as ledger:
        with one_commit(ledger):
            futures = [
                ledger.submit(Request((pay(shop.alice, shop.bob, k),), (order(20 + k), paid(1, k))))
                for k in (1, 2, 3)
            ]
        assert futures[0].result(20)[0].seq == 2
        for future in futures[1:]:
            with pytest.raises(TransferRefused, match="changed 0 rows and 1 were expected"):
                future.result(20)
        assert orders(ledger) == {1: ("paid", 1), 21: ("open", 0)}
        assert ledger.balances(shop.bob).balance == eur(1)


def test_one_caller_s_surplus_does_not_make_up_for_another_s_lack(shop: Village) -> None:
    """Who expects two rows and changes one is refused, though another changes one too many."""
    sql = "UPDATE shop_orders SET paid = $1 WHERE id <= $2"
    with shop.ledger as ledger:
        ledger.write(order(5))
        with one_commit(ledger):
            futures = [
                ledger.submit(Request((pay(shop.alice, shop.bob, 1),), (row,)))
                for row in (AttachedRow(sql, (9, 2), 2), AttachedRow(sql, (9, 5), 1))
            ]
        for future, counts in zip(futures, ("1 rows and 2", "2 rows and 1"), strict=True):
            with pytest.raises(TransferRefused, match=f"changed {counts} were expected"):
                future.result(20)
        assert orders(ledger) == {1: ("open", 0), 5: ("open", 0)}
