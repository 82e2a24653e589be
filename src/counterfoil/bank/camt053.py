"""camt.053.001.08, the statement: read from the bank, and written for merchants and by the simulation.

A statement is believed only if it adds up: opening balance, plus credits, less debits, is the
closing balance. An entry that names several payments is taken apart into them if they add up to it.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from pyiso20022.camt.camt_053_001_08 import camt_053_001_08 as m
from xsdata.models.datatype import XmlDateTime

from counterfoil.bank.errors import IBANInvalid, MessageUnreadable
from counterfoil.bank.iban import parse_iban
from counterfoil.bank.message import (
    decimal_of,
    moment_of,
    money_of,
    read_message,
    write_message,
    xml_date,
    xml_moment,
)
from counterfoil.bank.model import Entry, Statement
from counterfoil.bank.reference import references_in
from counterfoil.kernel.i18n import _
from counterfoil.money import Money

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:camt.053.001.08"

_NOT_PROVIDED: Final = "NOTPROVIDED"
_BOOKED: Final = "BOOK"
_RETURNS: Final = frozenset({"RRTN", "RTRN"})
"""Sub-families of bank transaction codes for what comes back (ISO 20022, external code sets)."""


def read_camt053(data: bytes) -> tuple[Statement, ...]:
    """Read the statements of a file.

    Raises:
        MessageUnreadable: it breaks its schema, or a statement does not add up.

    """
    whole = read_message(data, m.Document).bk_to_cstmr_stmt
    return tuple(_statement(one, moment_of(whole.grp_hdr.cre_dt_tm)) for one in whole.stmt)


def _statement(told: m.AccountStatement9, made_at: datetime) -> Statement:
    opening, opened_on = _balance(told.bal, ("OPBD", "PRCD"))
    closing, closed_on = _balance(told.bal, ("CLBD",))
    booked = [one for one in told.ntry if one.sts.cd == _BOOKED]
    entries = _keyed(
        entry
        for place, one in enumerate(booked, 1)
        for entry in _entries(one, f"{told.id}/{place}")
    )
    statement = Statement(
        id=told.id,
        number=int(told.elctrnc_seq_nb or told.lgl_seq_nb or 0),
        made_at=moment_of(told.cre_dt_tm) if told.cre_dt_tm else made_at,
        account=parse_iban(told.acct.id.iban or ""),
        holder=(told.acct.ownr.nm or "") if told.acct.ownr else "",
        opened_on=opened_on,
        closed_on=closed_on,
        opening=opening,
        closing=closing,
        entries=entries,
        unbooked_count=len(told.ntry) - len(booked),
    )
    if any(one.amount.currency != opening.currency for one in entries):
        raise MessageUnreadable(
            _("Statement {id} has entries in another currency.", id=statement.id)
        )
    moved = sum(one.signed_minor for one in entries)
    if closing.currency != opening.currency or opening.minor + moved != closing.minor:
        raise MessageUnreadable(
            _("Statement {id} does not add up: {opening} and its entries are not {closing}.",
              id=statement.id, opening=str(opening), closing=str(closing))
        )  # fmt: skip
    return statement


def _keyed(entries: Iterator[Entry]) -> tuple[Entry, ...]:
    """Give entries of one key, which some banks write, keys of their own."""
    counts: Counter[str] = Counter()
    keyed = []
    for one in entries:
        counts[one.key] += 1
        is_first = counts[one.key] == 1
        keyed.append(one if is_first else replace(one, key=f"{one.key}/{counts[one.key]}"))
    return tuple(keyed)


def _balance(told: Sequence[m.CashBalance8], codes: Sequence[str]) -> tuple[Money, date]:
    for code in codes:
        for one in told:
            if one.tp.cd_or_prtry.cd == code:
                amount = money_of(one.amt.value, one.amt.ccy)
                is_credit = one.cdt_dbt_ind is m.CreditDebitCode.CRDT
                return amount if is_credit else -amount, _day(one.dt)
    raise MessageUnreadable(
        _("The statement has no balance {code}; nothing was read.", code=codes[0])
    )


def _entries(told: m.ReportEntry10, place: str) -> Iterator[Entry]:
    amount = money_of(told.amt.value, told.amt.ccy)
    is_credit = told.cdt_dbt_ind is m.CreditDebitCode.CRDT
    booked_on = _day(told.bookg_dt)
    # The servicer's reference is the entry's own; `NtryRef` often only counts within a statement.
    key = told.acct_svcr_ref or place
    details = [one for group in told.ntry_dtls for one in group.tx_dtls]
    sub_family = told.bk_tx_cd.domn.fmly.sub_fmly_cd if told.bk_tx_cd.domn else ""
    is_return = bool(told.rvsl_ind) or sub_family in _RETURNS

    def entry(key: str, amount: Money, detail: m.EntryTransaction10 | None) -> Entry:
        told_reason = _return_reason(detail)
        refs = detail.refs if detail else None
        end_to_end = (refs.end_to_end_id or "") if refs else ""
        texts = _texts(detail)
        return Entry(
            key=key,
            amount=amount,
            is_credit=is_credit,
            booked_on=booked_on,
            end_to_end_id="" if end_to_end == _NOT_PROVIDED else end_to_end,
            references=tuple(references_in(*texts)),
            return_reason=told_reason or "",
            is_return=is_return or told_reason is not None,
            remittance=" ".join(texts),
        )

    parts = [money_of(one.amt.value, one.amt.ccy) for one in details if one.amt]
    is_divided = len(details) > 1 and len(parts) == len(details)
    if is_divided and sum(one.minor for one in parts) == amount.minor:
        for number, (part, detail) in enumerate(zip(parts, details, strict=True), 1):
            yield entry(f"{key}#{number}", part, detail)
    else:
        # Several payments that do not add up to it name none of them.
        yield entry(key, amount, details[0] if len(details) == 1 else None)


def _return_reason(detail: m.EntryTransaction10 | None) -> str | None:
    if detail is None or detail.rtr_inf is None:
        return None
    reason = detail.rtr_inf.rsn
    return (reason.cd or reason.prtry or "") if reason else ""


def _texts(detail: m.EntryTransaction10 | None) -> list[str]:
    told = detail.rmt_inf if detail else None
    if told is None:
        return []
    structured = [one.cdtr_ref_inf.ref for one in told.strd if one.cdtr_ref_inf]
    return [*(one for one in structured if one), *told.ustrd]


def _day(told: m.DateAndDateTime2Choice | None) -> date:
    if told is None or (told.dt is None and told.dt_tm is None):
        raise MessageUnreadable(_("An entry or a balance of the statement has no day."))
    day = told.dt or told.dt_tm
    assert day is not None
    return date(day.year, day.month, day.day)


def write_camt053(statement: Statement, *, bic: str = "") -> bytes:
    """Write a statement; the same statement gives the same bytes.

    Raises:
        MessageUnreadable: a text does not fit its schema.

    """
    period = m.DateTimePeriod1(
        fr_dt_tm=_midnight(statement.opened_on),
        to_dt_tm=_midnight(statement.closed_on + timedelta(days=1)),
    )
    servicer = None
    if bic:
        institution = m.FinancialInstitutionIdentification18(bicfi=bic)
        servicer = m.BranchAndFinancialInstitutionIdentification6(fin_instn_id=institution)
    account = m.CashAccount39(
        id=_account_id(statement.account),
        ccy=statement.opening.currency.code,
        ownr=m.PartyIdentification135(nm=statement.holder) if statement.holder else None,
        svcr=servicer,
    )
    told = m.AccountStatement9(
        id=statement.id,
        elctrnc_seq_nb=Decimal(statement.number),
        cre_dt_tm=xml_moment(statement.made_at),
        fr_to_dt=period,
        acct=account,
        bal=[
            _told_balance("OPBD", statement.opening, statement.opened_on),
            _told_balance("CLBD", statement.closing, statement.closed_on),
        ],
        ntry=[_told_entry(one) for one in statement.entries],
    )
    header = m.GroupHeader81(msg_id=statement.id, cre_dt_tm=xml_moment(statement.made_at))
    whole = m.BankToCustomerStatementV08(grp_hdr=header, stmt=[told])
    return write_message(m.Document(bk_to_cstmr_stmt=whole), NAMESPACE)


def _account_id(account: str) -> m.AccountIdentification4Choice:
    try:
        return m.AccountIdentification4Choice(iban=parse_iban(account))
    except IBANInvalid:
        # A merchant's account is named by a number of ours.
        return m.AccountIdentification4Choice(othr=m.GenericAccountIdentification1(id=account))


def _midnight(day: date) -> XmlDateTime:
    return XmlDateTime.from_datetime(datetime.combine(day, time.min))


def _told_balance(code: str, amount: Money, day: date) -> m.CashBalance8:
    return m.CashBalance8(
        tp=m.BalanceType13(cd_or_prtry=m.BalanceType10Choice(cd=code)),
        amt=_amount(abs(amount)),
        cdt_dbt_ind=_side(is_credit=amount.minor >= 0),
        dt=m.DateAndDateTime2Choice(dt=xml_date(day.isoformat())),
    )


def _told_entry(one: Entry) -> m.ReportEntry10:
    day = m.DateAndDateTime2Choice(dt=xml_date(one.booked_on.isoformat()))
    family = "RCDT" if one.is_credit else "ICDT"
    sub_family = "RRTN" if one.is_return else "ESCT"
    code = m.BankTransactionCodeStructure5(
        cd="PMNT", fmly=m.BankTransactionCodeStructure6(cd=family, sub_fmly_cd=sub_family)
    )
    return m.ReportEntry10(
        ntry_ref=one.key[:35],
        amt=_amount(one.amount),
        cdt_dbt_ind=_side(is_credit=one.is_credit),
        sts=m.EntryStatus1Choice(cd=_BOOKED),
        bookg_dt=day,
        val_dt=day,
        acct_svcr_ref=one.key[:35],
        bk_tx_cd=m.BankTransactionCodeStructure4(domn=code),
        ntry_dtls=[m.EntryDetails9(tx_dtls=[_told_details(one)])],
    )


def _told_details(one: Entry) -> m.EntryTransaction10:
    strd = [
        m.StructuredRemittanceInformation16(
            cdtr_ref_inf=m.CreditorReferenceInformation2(ref=reference)
        )
        for reference in one.references
    ]
    ustrd = [one.remittance] if one.remittance and not strd else []
    returned = None
    if one.is_return:
        reason = m.ReturnReason5Choice(cd=one.return_reason) if one.return_reason else None
        returned = m.PaymentReturnReason5(rsn=reason)
    return m.EntryTransaction10(
        refs=m.TransactionReferences6(end_to_end_id=one.end_to_end_id or _NOT_PROVIDED),
        amt=_amount(one.amount),
        cdt_dbt_ind=_side(is_credit=one.is_credit),
        rmt_inf=m.RemittanceInformation16(ustrd=ustrd, strd=strd) if ustrd or strd else None,
        rtr_inf=returned,
    )


def _amount(amount: Money) -> m.ActiveOrHistoricCurrencyAndAmount:
    return m.ActiveOrHistoricCurrencyAndAmount(value=decimal_of(amount), ccy=amount.currency.code)


def _side(*, is_credit: bool) -> m.CreditDebitCode:
    return m.CreditDebitCode.CRDT if is_credit else m.CreditDebitCode.DBIT
