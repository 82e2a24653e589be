"""pain.001.001.09, the customer's credit transfers: written by us, read by the simulated bank.

One payment information block a file, from one account on one day; each payment booked by itself
(`BtchBookg` false), so that every entry of the statement names one payment. Charges are shared.
"""

from datetime import date
from typing import Final

from pyiso20022.pain.pain_001_001_09 import pain_001_001_09 as m

from counterfoil.bank.errors import MessageUnreadable
from counterfoil.bank.iban import parse_iban
from counterfoil.bank.message import (
    decimal_of,
    moment_of,
    money_of,
    read_message,
    sum_of,
    write_message,
    xml_date,
    xml_moment,
)
from counterfoil.bank.model import Party, Payment, PaymentFile
from counterfoil.kernel.i18n import _

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"
NAME: Final = "pain.001.001.09"


def write_pain001(file: PaymentFile) -> bytes:
    """Write a payment file; the same file gives the same bytes.

    Raises:
        MessageUnreadable: a name or an id does not fit its schema.

    """
    count = str(len(file.payments))
    currency = file.payments[0].amount.currency
    total = sum_of((one.amount for one in file.payments), currency)
    block = m.PaymentInstruction30(
        pmt_inf_id=file.message_id,
        pmt_mtd=m.PaymentMethod3Code.TRF,
        btch_bookg=False,
        nb_of_txs=count,
        ctrl_sum=total,
        reqd_exctn_dt=m.DateAndDateTime2Choice(dt=xml_date(file.execute_on.isoformat())),
        dbtr=m.PartyIdentification135(nm=file.debtor.name),
        dbtr_acct=_account(file.debtor, currency.code),
        dbtr_agt=_agent(file.debtor.bic),
        chrg_br=m.ChargeBearerType1Code.SLEV,
        cdt_trf_tx_inf=[_transaction(one) for one in file.payments],
    )
    header = m.GroupHeader85(
        msg_id=file.message_id,
        cre_dt_tm=xml_moment(file.made_at),
        nb_of_txs=count,
        ctrl_sum=total,
        initg_pty=m.PartyIdentification135(nm=file.debtor.name),
    )
    whole = m.CustomerCreditTransferInitiationV09(grp_hdr=header, pmt_inf=[block])
    return write_message(m.Document(cstmr_cdt_trf_initn=whole), NAMESPACE)


def read_pain001(data: bytes) -> PaymentFile:
    """Read a payment file of one block, as ours are.

    Raises:
        MessageUnreadable: it breaks its schema, or its count or its sum are not its payments'.

    """
    whole = read_message(data, m.Document).cstmr_cdt_trf_initn
    if len(whole.pmt_inf) != 1:
        raise MessageUnreadable(_("The payment file has several blocks; one is read."))
    block = whole.pmt_inf[0]
    payments = tuple(_payment(one) for one in block.cdt_trf_tx_inf)
    told = (whole.grp_hdr.nb_of_txs, whole.grp_hdr.ctrl_sum)
    total = sum(
        (decimal_of(one.amount) for one in payments), start=decimal_of(payments[0].amount) * 0
    )
    if told != (str(len(payments)), total):
        raise MessageUnreadable(_("The payment file's count or sum is not that of its payments."))
    execute_on = block.reqd_exctn_dt.dt
    if execute_on is None:
        raise MessageUnreadable(_("The payment file names no day on which to pay."))
    return PaymentFile(
        message_id=whole.grp_hdr.msg_id,
        made_at=moment_of(whole.grp_hdr.cre_dt_tm),
        execute_on=date(execute_on.year, execute_on.month, execute_on.day),
        debtor=_party(block.dbtr, block.dbtr_acct, block.dbtr_agt),
        payments=payments,
    )


def _transaction(one: Payment) -> m.CreditTransferTransaction34:
    amount = m.ActiveOrHistoricCurrencyAndAmount(
        value=decimal_of(one.amount), ccy=one.amount.currency.code
    )
    return m.CreditTransferTransaction34(
        pmt_id=m.PaymentIdentification6(
            instr_id=one.end_to_end_id, end_to_end_id=one.end_to_end_id
        ),
        amt=m.AmountType4Choice(instd_amt=amount),
        cdtr_agt=_agent(one.payee.bic) if one.payee.bic else None,
        cdtr=m.PartyIdentification135(nm=one.payee.name),
        cdtr_acct=_account(one.payee, None),
        rmt_inf=m.RemittanceInformation16(ustrd=[one.remittance]) if one.remittance else None,
    )


def _payment(one: m.CreditTransferTransaction34) -> Payment:
    amount = one.amt.instd_amt
    if amount is None or one.cdtr is None or one.cdtr_acct is None:
        raise MessageUnreadable(_("A payment names no amount or no payee."))
    return Payment(
        end_to_end_id=one.pmt_id.end_to_end_id,
        amount=money_of(amount.value, amount.ccy),
        payee=_party(one.cdtr, one.cdtr_acct, one.cdtr_agt),
        remittance=" ".join(one.rmt_inf.ustrd) if one.rmt_inf else "",
    )


def _account(party: Party, currency: str | None) -> m.CashAccount38:
    return m.CashAccount38(id=m.AccountIdentification4Choice(iban=party.iban), ccy=currency)


def _agent(bic: str) -> m.BranchAndFinancialInstitutionIdentification6:
    institution = m.FinancialInstitutionIdentification18(bicfi=bic or None)
    if not bic:  # SEPA since 2016: the bank follows from the IBAN
        institution.othr = m.GenericFinancialIdentification1(id="NOTPROVIDED")
    return m.BranchAndFinancialInstitutionIdentification6(fin_instn_id=institution)


def _party(
    who: m.PartyIdentification135,
    account: m.CashAccount38,
    agent: m.BranchAndFinancialInstitutionIdentification6 | None,
) -> Party:
    if account.id.iban is None:
        raise MessageUnreadable(_("A payment names an account that has no IBAN."))
    bic = (agent.fin_instn_id.bicfi or "") if agent else ""
    return Party(who.nm or "", parse_iban(account.id.iban), bic)
