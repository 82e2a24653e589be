"""The table of methods: every name that is answered, the fields it declares, and what does it."""

from typing import Any, Final

from counterfoil.alipay.asked import Named, Sale
from counterfoil.alipay.method import PLAIN, Method
from counterfoil.alipay.methods import (
    agreement,
    bill,
    fund,
    hold,
    refund,
    score,
    settle,
    token,
    trade,
)
from counterfoil.alipay.scoring import FAMILY

METHODS: Final[dict[str, Method[Any]]] = {
    "alipay.trade.precreate": Method(Sale, trade.precreate),
    "alipay.trade.pay": Method(trade.Pay, trade.pay),
    "alipay.trade.create": Method(Sale, trade.create),
    "alipay.trade.query": Method(Named, trade.query),
    "alipay.trade.cancel": Method(trade.Cancel, trade.cancel),
    "alipay.trade.close": Method(trade.Cancel, trade.close),
    "alipay.trade.refund": Method(refund.Asked, refund.refund),
    "alipay.trade.fastpay.refund.query": Method(refund.Query, refund.query),
    "alipay.trade.page.pay": Method(Sale, trade.page_pay, is_page=True),
    "alipay.trade.wap.pay": Method(Sale, trade.page_pay, is_page=True),
    "alipay.trade.app.pay": Method(Sale, trade.app_pay),
    "alipay.trade.order.settle": Method(settle.Settle, settle.settle),
    "alipay.trade.order.settle.query": Method(settle.Query, settle.query),
    "alipay.fund.auth.order.freeze": Method(hold.Freeze, hold.freeze),
    "alipay.fund.auth.order.unfreeze": Method(hold.Unfreeze, hold.unfreeze),
    "alipay.fund.auth.order.voucher.create": Method(hold.Voucher, hold.voucher),
    "alipay.fund.auth.order.app.freeze": Method(hold.Voucher, hold.app_freeze),
    "alipay.fund.auth.operation.detail.query": Method(hold.Named, hold.query),
    "alipay.fund.auth.operation.cancel": Method(hold.Named, hold.cancel),
    "alipay.fund.trans.uni.transfer": Method(fund.Transfer, fund.transfer, PLAIN),
    "alipay.fund.trans.common.query": Method(fund.Query, fund.query, PLAIN),
    "alipay.fund.account.query": Method(fund.Account, fund.account, PLAIN),
    "alipay.user.agreement.page.sign": Method(agreement.Sign, agreement.sign, is_page=True),
    "alipay.user.agreement.query": Method(agreement.Named, agreement.query),
    "alipay.user.agreement.unsign": Method(agreement.Named, agreement.unsign),
    "alipay.data.dataservice.bill.downloadurl.query": Method(bill.Asked, bill.download_url, PLAIN),
    "alipay.system.oauth.token": Method(token.Token, token.token, has_content=False),
    "alipay.open.app.alipaycert.download": Method(token.Certificate, token.certificate),
    "zhima.credit.score.get": Method(score.Score, score.score, FAMILY),
    "zhima.credit.score.brief.get": Method(score.Brief, score.brief, FAMILY),
}
