"""A merchant's downloadable bill: a ZIP of two CSVs in GBK, as shops' own programs read it.

The layout is the merchant API's (`trade`: what was sold and given back; `signcustomer`: every movement
on the account, with the balance after it). Text ids end in a TAB, so that a spreadsheet keeps their
digits; names in the ZIP are GBK, with the UTF-8 flag clear. The columns of the summary files are ours:
their published form was not to be had.
"""

import io
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from counterfoil.alipay.method import shown
from counterfoil.alipay.values import TIME_FORMAT, ZONE
from counterfoil.money import Currency, Money

_TRADE_HEAD: Final = (
    "支付宝交易号,商户订单号,业务类型,商品名称,创建时间,完成时间,门店编号,门店名称,操作员,终端号,"
    "对方账户,订单金额（元）,商家实收（元）,支付宝红包（元）,集分宝（元）,支付宝优惠（元）,商家优惠（元）,"
    "券核销金额（元）,券名称,商家红包消费金额（元）,卡消费金额（元）,退款批次号/请求号,服务费（元）,分润（元）,备注"
)  # the layout's own signs
_ACCOUNT_HEAD: Final = (
    "账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,"
    "账户余额（元）,交易渠道,业务类型,备注"
)
_SHOWN: Final = "%Y年%m月%d日 %H:%M:%S"
_NOTHING: Final = "0.00"
_DATE: Final = (1980, 1, 1, 0, 0, 0)
"""The same bill is the same bytes whenever it is made."""


@dataclass(frozen=True, slots=True)
class Period:
    """Whose bill it is, and of which time, half-open."""

    pid: str
    since: datetime
    until: datetime
    day: str
    """yyyyMMdd or yyyyMM, for the files' names."""
    made_at: datetime
    currency: Currency


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeLine:
    """A payment, or a refund: then its amounts are below nothing."""

    trade_no: str
    out_trade_no: str
    is_refund: bool
    subject: str
    created_at: datetime
    done_at: datetime
    store_no: str
    store_name: str
    operator: str
    till_no: str
    buyer: str
    amount: Money
    request_no: str
    fee: Money
    remark: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountLine:
    """A movement on the merchant's account."""

    number: str
    business_no: str
    out_trade_no: str
    subject: str
    at: datetime
    moved: Money
    balance: Money
    kind: str


def trade_bill(period: Period, lines: Sequence[TradeLine]) -> bytes:
    """Write the bill of what was sold and given back."""
    paid = [line for line in lines if not line.is_refund]
    back = [line for line in lines if line.is_refund]
    rows = [
        _opening("业务明细查询", "业务明细列表", period),
        _TRADE_HEAD,
        *map(_trade_row, lines),
        _line("业务明细列表结束"),
        f"#交易合计：{len(paid)}笔，商家实收共{_sum(paid, period)}元，商家优惠共0.00元",
        f"#退款合计：{len(back)}笔，商家实收退款共{_sum(back, period)}元，商家优惠退款共0.00元",
        _made(period),
    ]
    summary = [
        _opening("业务汇总查询", "业务汇总列表", period),
        "门店编号,门店名称,交易订单总笔数,退款订单总笔数,订单金额（元）,服务费（元）,实收净额（元）",
        *_by_store(lines, period),
        _line("业务汇总列表结束"),
        _made(period),
    ]
    return _zip(period, "业务明细", rows, summary)


def account_bill(period: Period, lines: Sequence[AccountLine]) -> bytes:
    """Write the bill of every movement on the account."""
    zero = Money.zero(period.currency)
    came = [line.moved for line in lines if line.moved > zero]
    went = [-line.moved for line in lines if line.moved < zero]
    rows = [
        _opening("账务明细查询", "账务明细列表", period),
        _ACCOUNT_HEAD,
        *map(_account_row, lines),
        _line("账务明细列表结束"),
        f"#支出合计：{len(went)}笔，共{shown(sum(went, start=zero))}元",
        f"#收入合计：{len(came)}笔，共{shown(sum(came, start=zero))}元",
        _made(period),
    ]
    summary = [
        _opening("账务汇总查询", "账务汇总列表", period),
        "类型,笔数,金额（元）",
        f"收入,{len(came)},{shown(sum(came, start=zero))}",
        f"支出,{len(went)},{shown(sum(went, start=zero))}",
        _line("账务汇总列表结束"),
        _made(period),
    ]
    return _zip(period, "账务明细", rows, summary)


def _trade_row(line: TradeLine) -> str:
    sign = -1 if line.is_refund else 1
    amount = shown(line.amount * sign)
    # A fee was taken from the shop; with a refund it came back to it.
    fee = shown(line.fee * -sign)
    return _csv(
        _id(line.trade_no), _id(line.out_trade_no), "退款" if line.is_refund else "交易",
        line.subject, _time(line.created_at), _time(line.done_at), _id(line.store_no),
        line.store_name, line.operator, _id(line.till_no), line.buyer, amount, amount,
        *[_NOTHING] * 5, "", *[_NOTHING] * 2, _id(line.request_no), fee, _NOTHING, line.remark,
    )  # fmt: skip


def _account_row(line: AccountLine) -> str:
    zero = Money.zero(line.moved.currency)
    came = shown(line.moved) if line.moved > zero else ""
    went = shown(line.moved) if line.moved < zero else ""
    return _csv(
        _id(line.number), _id(line.business_no), _id(line.out_trade_no), line.subject,
        _time(line.at), "", came, went, shown(line.balance), "", line.kind, "",
    )  # fmt: skip


def _by_store(lines: Sequence[TradeLine], period: Period) -> Iterable[str]:
    stores = sorted({(line.store_no, line.store_name) for line in lines})
    for number, name in stores:
        mine = [line for line in lines if line.store_no == number]
        gross = Decimal(_sum([line for line in mine if not line.is_refund], period))
        fees = sum(
            (Decimal(shown(line.fee)) * (1 if line.is_refund else -1) for line in mine), Decimal(0)
        )
        back = Decimal(_sum([line for line in mine if line.is_refund], period))
        refunds = sum(line.is_refund for line in mine)
        yield _csv(
            _id(number), name, str(len(mine) - refunds), str(refunds), f"{gross:.2f}",
            f"{fees:.2f}", f"{gross - back + fees:.2f}",
        )  # fmt: skip


def _sum(lines: Sequence[TradeLine], period: Period) -> str:
    return shown(sum((line.amount for line in lines), start=Money.zero(period.currency)))


def _opening(what: str, listed: str, period: Period) -> str:
    since, until = (f"{at.astimezone(ZONE):{_SHOWN}}" for at in (period.since, period.until))
    return "\r\n".join(
        (
            f"#支付宝{what}",
            f"#账号：[{period.pid}0156]",
            f"#起始日期：[{since}]   终止日期：[{until}]",
            _line(listed),
        )
    )


def _line(what: str) -> str:
    return (
        f"#-----------------------------------------{what}----------------------------------------"
    )


def _made(period: Period) -> str:
    return f"#导出时间：[{period.made_at.astimezone(ZONE):{_SHOWN}}]"


def _time(at: datetime) -> str:
    return f"{at.astimezone(ZONE):{TIME_FORMAT}}"


def _id(text: str) -> str:
    return f"{text}\t"


def _csv(*cells: str) -> str:
    return ",".join(map(_cell, cells))


def _cell(text: str) -> str:
    plain = " ".join(text.splitlines()) if not text.endswith("\t") else text
    # A spreadsheet runs what begins so as a formula, and the subject is the payer's or shop's text.
    if plain[:1] in {"=", "@"} or (plain[:1] in {"+", "-"} and not _is_number(plain)):
        plain = f"'{plain}"
    return '"' + plain.replace('"', '""') + '"' if {",", '"'} & set(plain) else plain


def _is_number(text: str) -> bool:
    return text.lstrip("+-").replace(".", "", 1).isdecimal()


class _Named(zipfile.ZipInfo):
    """An entry whose name is GBK: the format's own flag for UTF-8 stays clear."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:  # noqa: N802  # the name it overrides
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


def _zip(period: Period, what: str, rows: Iterable[str], summary: Iterable[str]) -> bytes:
    start = f"{period.pid}0156_{period.day}_{what}"
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as packed:
        for name, lines in ((f"{start}.csv", rows), (f"{start}(汇总).csv", summary)):
            entry = _Named(name, _DATE)
            entry.compress_type = zipfile.ZIP_DEFLATED
            packed.writestr(entry, ("\r\n".join(lines) + "\r\n").encode("gb18030"))
    return file.getvalue()
