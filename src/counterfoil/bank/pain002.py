"""pain.002.001.10, the bank's answer to a payment file: read by us, written by the simulated bank."""

from typing import Final

from pyiso20022.pain.pain_002_001_10 import pain_002_001_10 as m

from counterfoil.bank.message import moment_of, read_message, write_message, xml_moment
from counterfoil.bank.model import PaymentStatus, StatusReport
from counterfoil.bank.pain001 import NAME as PAIN001

NAMESPACE: Final = "urn:iso:std:iso:20022:tech:xsd:pain.002.001.10"


def read_pain002(data: bytes) -> StatusReport:
    """Read a status report.

    Raises:
        MessageUnreadable: it breaks its schema.

    """
    whole = read_message(data, m.Document).cstmr_pmt_sts_rpt
    group = whole.orgnl_grp_inf_and_sts
    statuses = [
        PaymentStatus(
            one.orgnl_end_to_end_id,
            one.tx_sts or block.pmt_inf_sts or group.grp_sts or "",
            _reason(one.sts_rsn_inf) or _reason(block.sts_rsn_inf),
        )
        for block in whole.orgnl_pmt_inf_and_sts
        for one in block.tx_inf_and_sts
        if one.orgnl_end_to_end_id
    ]
    # Our files have one block, so that a block's status without payments is the file's.
    blocks = [one for one in whole.orgnl_pmt_inf_and_sts if not one.tx_inf_and_sts]
    of_block = blocks[0].pmt_inf_sts if blocks else None
    return StatusReport(
        message_id=whole.grp_hdr.msg_id,
        made_at=moment_of(whole.grp_hdr.cre_dt_tm),
        original_message_id=group.orgnl_msg_id,
        group_status=group.grp_sts or of_block or "",
        reason=_reason(group.sts_rsn_inf) or (_reason(blocks[0].sts_rsn_inf) if blocks else ""),
        statuses=tuple(statuses),
    )


def write_pain002(report: StatusReport) -> bytes:
    """Write a status report, as the simulated bank does.

    Raises:
        MessageUnreadable: an id does not fit its schema.

    """
    transactions = [
        m.PaymentTransaction105(
            orgnl_end_to_end_id=one.end_to_end_id,
            tx_sts=one.status,
            sts_rsn_inf=_reasons(one.reason),
        )
        for one in report.statuses
    ]
    block = m.OriginalPaymentInstruction32(
        orgnl_pmt_inf_id=report.original_message_id, tx_inf_and_sts=transactions
    )
    whole = m.CustomerPaymentStatusReportV10(
        grp_hdr=m.GroupHeader86(msg_id=report.message_id, cre_dt_tm=xml_moment(report.made_at)),
        orgnl_grp_inf_and_sts=m.OriginalGroupHeader17(
            orgnl_msg_id=report.original_message_id,
            orgnl_msg_nm_id=PAIN001,
            grp_sts=report.group_status or None,
            sts_rsn_inf=_reasons(report.reason),
        ),
        orgnl_pmt_inf_and_sts=[block] if transactions else [],
    )
    return write_message(m.Document(cstmr_pmt_sts_rpt=whole), NAMESPACE)


def _reason(told: list[m.StatusReasonInformation12]) -> str:
    for one in told:
        if one.rsn is not None:
            return one.rsn.cd or one.rsn.prtry or ""
    return ""


def _reasons(code: str) -> list[m.StatusReasonInformation12]:
    if not code:
        return []
    return [m.StatusReasonInformation12(rsn=m.StatusReason6Choice(cd=code))]
