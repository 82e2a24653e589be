"""The table of agreements: statements that go in, rows that come out."""

import json
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from counterfoil.kernel.clock import from_us, to_us
from counterfoil.kernel.database import AttachedRow, Database
from counterfoil.money import Money, currency_by_code, currency_by_numeric
from counterfoil.pay.agreement import (
    Agreement,
    AgreementKind,
    AgreementState,
    Cycle,
    EndedBy,
    Rules,
)
from counterfoil.pay.merchant import ApplicationId, MerchantId
from counterfoil.pay.order import AgreementId
from counterfoil.people import PersonId
from counterfoil.people.records import Json, canonical

_FIELDS: Final = (
    "id, merchant, merchant_agreement_no, scene, state, version, payer, currency, period, "
    "period_length, first_on, single_max, total_max, count_max, debited, debit_count, last_period, "
    "last_debit_at, application, created_at, signed_at, expires_at, ended_at, ended_by, details"
)
_TEXTS: Final = ("title", "notify_url", "return_url", "extra")


def created_row(agreement: Agreement) -> AttachedRow:
    """Make the statement that adds an agreement that is offered."""
    rules = agreement.rules
    details: dict[str, Json] = {name: text for name in _TEXTS if (text := getattr(agreement, name))}
    if agreement.kind is not AgreementKind.OTHER:
        details["kind"] = agreement.kind.value
    if agreement.valid_until:
        details["valid_until"] = to_us(agreement.valid_until)
    return AttachedRow(
        f"INSERT INTO agreements ({_FIELDS}) VALUES ($1, $2, $3, $4, $5, 1, $6, $7, $8, $9, $10, "  # noqa: S608
        "$11, $12, $13, 0, 0, 0, 0, $14, $15, 0, $16, 0, '', $17)",
        (
            agreement.id.bytes, agreement.merchant.bytes, agreement.merchant_agreement_no,
            agreement.scene, agreement.state.value, agreement.payer.bytes if agreement.payer else b"",
            currency_by_code(agreement.currency).numeric, rules.cycle.value, rules.length,
            rules.first_on.toordinal() if rules.first_on else 0,
            rules.single_max.minor if rules.single_max else 0,
            rules.total_max.minor if rules.total_max else 0, rules.count_max or 0,
            agreement.application or "", to_us(agreement.created_at), to_us(agreement.expires_at),
            canonical(details),
        ),
    )  # fmt: skip


def signed_row(old: Agreement, person: PersonId, at: datetime, expires_at: datetime) -> AttachedRow:
    """Make the statement that signs an agreement, if it still is as it was read."""
    return AttachedRow(
        "UPDATE agreements SET state = 'signed', version = version + 1, payer = $1, signed_at = $2, "
        "expires_at = $3 WHERE id = $4 AND version = $5 AND state = 'offered'",
        (person.bytes, to_us(at), to_us(expires_at), old.id.bytes, old.version),
    )


def ended_row(old: Agreement, by: EndedBy, at: datetime) -> AttachedRow:
    """Make the statement that ends an agreement, if it still is as it was read."""
    return AttachedRow(
        "UPDATE agreements SET state = 'ended', version = version + 1, ended_at = $1, ended_by = $2 "
        "WHERE id = $3 AND version = $4 AND state <> 'ended'",
        (to_us(at), by.value, old.id.bytes, old.version),
    )


def debited_row(old: Agreement, amount: Money, period: int, at: datetime) -> AttachedRow:
    """Make the statement that counts a debit, if the agreement is as it was checked."""
    return AttachedRow(
        "UPDATE agreements SET version = version + 1, debited = debited + $1, "
        "debit_count = debit_count + 1, last_period = $2, last_debit_at = $3 "
        "WHERE id = $4 AND version = $5 AND state = 'signed'",
        (amount.minor, period, to_us(at), old.id.bytes, old.version),
    )


def agreements_where(
    database: Database, rest: str, parameters: tuple[int | str | bytes, ...]
) -> list[Agreement]:
    """Read the agreements that a condition of this room's chooses."""
    found = database.query(f"SELECT {_FIELDS} FROM agreements WHERE {rest}", parameters)  # noqa: S608
    return [_agreement(row) for row in found.to_pylist()]


def _agreement(row: dict[str, Any]) -> Agreement:
    currency = currency_by_numeric(row["currency"])
    details = json.loads(row["details"])
    until = details.get("valid_until")
    rules = Rules(
        cycle=Cycle(row["period"]),
        length=row["period_length"],
        first_on=date.fromordinal(row["first_on"]) if row["first_on"] else None,
        single_max=Money(row["single_max"], currency) if row["single_max"] else None,
        total_max=Money(row["total_max"], currency) if row["total_max"] else None,
        count_max=row["count_max"] or None,
    )
    return Agreement(
        id=AgreementId(UUID(bytes=row["id"])),
        merchant=MerchantId(UUID(bytes=row["merchant"])),
        merchant_agreement_no=row["merchant_agreement_no"],
        scene=row["scene"],
        kind=AgreementKind(details.get("kind", AgreementKind.OTHER)),
        state=AgreementState(row["state"]),
        version=row["version"],
        payer=PersonId(UUID(bytes=row["payer"])) if row["payer"] else None,
        rules=rules,
        currency=currency.code,
        debited=Money(row["debited"], currency),
        debit_count=row["debit_count"],
        last_period=row["last_period"],
        last_debit_at=from_us(row["last_debit_at"]) if row["last_debit_at"] else None,
        application=ApplicationId(row["application"]) if row["application"] else None,
        created_at=from_us(row["created_at"]),
        signed_at=from_us(row["signed_at"]) if row["signed_at"] else None,
        expires_at=from_us(row["expires_at"]),
        valid_until=from_us(until) if until else None,
        ended_at=from_us(row["ended_at"]) if row["ended_at"] else None,
        ended_by=EndedBy(row["ended_by"]) if row["ended_by"] else None,
        **{name: details.get(name, "") for name in _TEXTS},
    )
