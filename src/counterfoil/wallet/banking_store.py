"""References for topping up: one for each wallet, found by what a payer wrote."""

from counterfoil.kernel.database import AttachedRow, Database, single
from counterfoil.ledger import AccountNumber
from counterfoil.money import Currency


def reference_row(
    reference: str, account: AccountNumber, currency: Currency, at_us: int
) -> AttachedRow:
    """Make the statement that gives a wallet its reference; there is one for each."""
    return AttachedRow(
        "INSERT INTO top_up_references (reference, account, currency, made_at) "
        "VALUES ($1, $2, $3, $4)",
        (reference, account, currency.numeric, at_us),
    )


def reference_of(database: Database, account: AccountNumber) -> str | None:
    """Read the reference of a wallet."""
    found = single(
        database.query("SELECT reference FROM top_up_references WHERE account = $1", (account,))
    )
    return None if found is None else str(found)


def account_of(database: Database, reference: str, currency: Currency) -> AccountNumber | None:
    """Find the wallet that a reference belongs to, if it is in that currency."""
    found = single(
        database.query(
            "SELECT account FROM top_up_references WHERE reference = $1 AND currency = $2",
            (reference, currency.numeric),
        )
    )
    return None if found is None else AccountNumber(found)
