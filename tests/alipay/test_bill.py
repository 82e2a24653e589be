"""The bill that a shop downloads: its frame, its charset, and sums that agree with the ledger."""

import io
import zipfile
from urllib.parse import parse_qs, urlsplit

from tests.alipay.world import Shop

BILL = "alipay.data.dataservice.bill.downloadurl.query"


def token_of(bakery: Shop, kind: str, day: str) -> str:
    found = bakery.ask(BILL, {"bill_type": kind, "bill_date": day})
    assert found["code"] == "10000", found
    return str(parse_qs(urlsplit(found["bill_download_url"]).query)["token"][0])


def files_of(bakery: Shop, kind: str, day: str) -> dict[str, list[str]]:
    reply = bakery.gateway.bill(token_of(bakery, kind, day))
    assert reply is not None
    with zipfile.ZipFile(io.BytesIO(reply.body)) as packed:
        # Without the UTF-8 flag, zipfile reads names as cp437.
        return {
            name.encode("cp437").decode("gbk"): packed.read(name).decode("gbk").split("\r\n")
            for name in packed.namelist()
        }


def test_a_day_s_bill_says_what_was_sold_given_back_and_taken_as_a_fee(bakery: Shop) -> None:
    """Two CSVs in GBK, names too; refunds below nothing; ids end in a TAB; a formula is disarmed."""
    day = f"{bakery.street.now:%Y-%m-%d}"
    paid = bakery.pay("10.00", "bread_1", subject='=1+1, "fresh"', store_id="1", terminal_id="A")
    back = {"out_trade_no": "bread_1", "out_request_no": "r1", "refund_amount": "4.00"}
    bakery.ask("alipay.trade.refund", back)
    assert bakery.ask(BILL, {"bill_type": "trade", "bill_date": day})["sub_code"] == (
        "INVAILID_ARGUMENTS"
    )
    bakery.street.wait(days=2)
    (name, lines), (summary, _) = sorted(
        files_of(bakery, "trade", day).items(), key=lambda one: len(one[0])
    )
    assert name.endswith(f"0156_{day.replace('-', '')}_业务明细.csv")
    assert summary.endswith("_业务明细(汇总).csv")
    assert lines[0] == "#支付宝业务明细查询"
    sold, refunded = lines[5], lines[6]
    assert sold.startswith(f'{paid["trade_no"]}\t,bread_1\t,交易,"\'=1+1, ""fresh""",')
    assert ",10.00,10.00," in sold
    assert ",-0.06," in sold
    assert ",退款," in refunded
    assert ",-4.00,-4.00," in refunded
    assert "r1\t" in refunded
    assert any(line.startswith("#交易合计：1笔，商家实收共10.00元") for line in lines)  # noqa: RUF001


def test_the_account_s_bill_ends_with_the_ledger_s_balance(bakery: Shop) -> None:
    """Every movement with the balance after it; the last is what the merchant has."""
    day = f"{bakery.street.now:%Y-%m-%d}"
    bakery.pay("10.00")
    bakery.pay("5.00")
    bakery.street.wait(days=2)
    lines = next(iter(files_of(bakery, "signcustomer", day).values()))
    rows = [line.split(",") for line in lines[5:] if not line.startswith("#") and line]
    assert len(rows) == 4
    assert rows[-1][8] == bakery.street.purse().plain


def test_a_bill_s_address_is_good_for_thirty_seconds_and_for_nobody_s_other_bill(
    bakery: Shop,
) -> None:
    """It is signed, and it is over soon."""
    day = f"{bakery.street.now:%Y-%m-%d}"
    bakery.pay("10.00")
    bakery.street.wait(days=2)
    token = token_of(bakery, "trade", day)
    assert bakery.gateway.bill(token) is not None
    for wrong in ("", "A", token[:-4], token.replace(token[50], "A" if token[50] != "A" else "B")):
        assert bakery.gateway.bill(wrong) is None
    bakery.street.wait(seconds=31)
    assert bakery.gateway.bill(token) is None


def test_a_day_on_which_nothing_was_sold_has_no_bill(bakery: Shop) -> None:
    """Each refusal by its own code, as the API spells it."""
    for asked, expected in (
        ({"bill_type": "trade", "bill_date": "2020-01-01"}, "BILL_NOT_EXIST"),
        ({"bill_type": "trade", "bill_date": "2020-13"}, "INVAILID_ARGUMENTS"),
        ({"bill_type": "zft_acc", "bill_date": "2020-01-01"}, "TYPE_NOT_SUPPORTED"),
    ):
        assert bakery.ask(BILL, asked)["sub_code"] == expected
