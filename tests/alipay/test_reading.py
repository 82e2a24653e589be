"""What a field may be, and the answers to what it may not."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.alipay.content import decrypt, encrypt
from counterfoil.alipay.reading import (
    Json,
    objects_of,
    one_of,
    optional,
    read_fields,
    read_json,
    required,
    text,
    texts,
)
from counterfoil.alipay.refusal import Refused
from counterfoil.alipay.values import amount, check_timestamp, shown_time, time, timeout

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Goods:
    """A line of goods."""

    goods_id: str = required(text(32))
    price: Decimal = required(amount)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sale:
    """What a sale declares."""

    out_trade_no: str = required(text(64))
    total_amount: Decimal = required(amount)
    scene: str | None = optional(one_of("bar_code", "wave_code"))
    goods_detail: tuple[Goods, ...] | None = optional(objects_of(Goods, 2))
    query_options: tuple[str, ...] | None = optional(texts)


def refusal_of(content: str, prefix: str = "ACQ.") -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        read_fields(Sale, read_json(content), prefix=prefix)
    return refused.value.sub_code, refused.value.message


def sale(content: str) -> Sale:
    return read_fields(Sale, read_json(content))


@pytest.mark.parametrize(
    ("sent", "read"),
    [
        ('"12.50"', "12.50"), ("12.50", "12.50"), ("12.5", "12.5"), ("12", "12"),
        ('"0.01"', "0.01"), ("100000000", "100000000"), ("0.10", "0.10"),
    ],
)  # fmt: skip
def test_an_amount_is_text_or_a_number_and_stays_exact(sent: str, read: str) -> None:
    """0.10 is ten cents, whoever's JSON it is in: no float is between."""
    assert sale(f'{{"out_trade_no":"1","total_amount":{sent}}}').total_amount == Decimal(read)


@pytest.mark.parametrize(
    "sent",
    ["0", "0.00", "-1", '"-1"', "1.001", "1e3", '"1e3"', '""', '" 1"', '"1,00"', "true", "[]", "{}",
     '"NaN"', '"٣"', '"1."', '"+1"', "1e999999999", "9" * 5000],
)  # fmt: skip
def test_what_is_no_amount_is_refused(sent: str) -> None:
    """Nothing, less than nothing, a third decimal and an exponent are no amounts."""
    sub_code, message = refusal_of(f'{{"out_trade_no":"1","total_amount":{sent}}}')
    assert sub_code == "ACQ.INVALID_PARAMETER"
    assert message.startswith("The field total_amount is not an amount")


@pytest.mark.parametrize("sent", ["99999999999", "100000000.01", '"100000001"'])
def test_an_amount_above_every_limit_has_a_code_of_its_own(sent: str) -> None:
    """The merchant API tells too much from what is no amount."""
    assert refusal_of(f'{{"out_trade_no":"1","total_amount":{sent}}}') == (
        "ACQ.TOTAL_FEE_EXCEED", "An amount is at most 100000000.00.",
    )  # fmt: skip


@pytest.mark.parametrize(
    "content",
    ["", "{", "[]", "1", "null", "NaN", '{"a":NaN}', '{"a":Infinity}', "{'a':1}", "\x00",
     "[" * 5000, "[" * 4000, '{"a":' * 3000, "{}" * 3000],
)  # fmt: skip
def test_what_is_no_json_object_is_refused(content: str) -> None:
    """A bomb is refused by its depth or its width, before anything of it is built."""
    with pytest.raises(Refused) as refused:
        read_json(content)
    assert refused.value.sub_code == "isv.illegal-json"


@given(st.text())
def test_any_text_is_read_or_refused(content: str) -> None:
    """No content raises anything but a named refusal."""
    try:
        read_json(content)
    except Refused as refused:
        assert refused.sub_code == "isv.illegal-json"  # noqa: PT017


json_values: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(Sale.__dataclass_fields__, json_values)))
def test_any_value_of_any_field_is_read_or_refused(content: dict[str, Json]) -> None:
    """Whatever stands in a declared field is what was declared, or the request is refused."""
    try:
        read = read_fields(Sale, content)
    except Refused as refused:
        assert refused.sub_code in {"ACQ.INVALID_PARAMETER", "ACQ.TOTAL_FEE_EXCEED"}  # noqa: PT017
    else:
        assert 0 < len(read.out_trade_no) <= 64


def test_null_is_absent_and_unknown_keys_are_ignored() -> None:
    """python-alipay-sdk sends `"name": null`; an SDK of next year sends fields of next year."""
    read = sale('{"out_trade_no":7,"total_amount":"1","scene":null,"next_year":[{"a":1}]}')
    assert (read.out_trade_no, read.scene) == ("7", None)


def test_a_field_that_is_missing_is_named() -> None:
    """The developer reads which one."""
    assert refusal_of("{}") == ("ACQ.INVALID_PARAMETER", "The field out_trade_no is missing.")
    assert refusal_of("{}", prefix="")[0] == "INVALID_PARAMETER"


def test_objects_in_lists_have_declared_fields_too() -> None:
    """A list has a greatest length, and each line what it must have."""
    line = '{"goods_id":"tea","price":2}'
    content = '{{"out_trade_no":"1","total_amount":"1","goods_detail":[{}]}}'
    assert sale(content.format(line)).goods_detail == (Goods(goods_id="tea", price=Decimal(2)),)
    assert refusal_of(content.format('{"price":2}'))[1] == "The field goods_id is missing."
    assert refusal_of(content.format(",".join([line] * 3)))[0] == "ACQ.INVALID_PARAMETER"


@pytest.mark.parametrize("bad", ["\\u0000", "\\ud800"])
def test_text_that_no_database_can_hold_is_refused(bad: str) -> None:
    """PostgreSQL holds no NUL, and UTF-8 no half of a pair."""
    said = refusal_of(f'{{"out_trade_no":"a{bad}","total_amount":"1"}}')
    assert said == (
        "ACQ.INVALID_PARAMETER", "The field out_trade_no is not text of 1 to 64 characters.",
    )  # fmt: skip


def test_an_option_list_may_be_one_text() -> None:
    """Callers send `["fund_bill_list"]` or `"fund_bill_list"`."""
    content = '{{"out_trade_no":"1","total_amount":"1","query_options":{}}}'
    assert sale(content.format('["a","b"]')).query_options == ("a", "b")
    assert sale(content.format('"a, b"')).query_options == ("a", "b")


@pytest.mark.parametrize("hours", [-14, -12, 0, 8, 14])
def test_a_timestamp_is_taken_from_any_time_zone(hours: int) -> None:
    """All three SDKs send the machine's local time and do not say in which zone it is."""
    local = NOON + timedelta(hours=hours)
    check_timestamp(f"{local:%Y-%m-%d %H:%M:%S}", NOON)


@pytest.mark.parametrize(
    "sent",
    ["2026-11-27 02:11:00", "2026-11-25 21:49:00", "2016-11-26 12:00:00", "2026-11-26", "", "1",
     "2026-13-26 12:00:00", "2026-11-26T12:00:00", "0001-01-01 00:00:00", "9999-12-31 23:59:59"],
)  # fmt: skip
def test_a_timestamp_of_another_day_is_refused(sent: str) -> None:
    """A clock that is wrong by more than every zone is told so."""
    with pytest.raises(Refused) as refused:
        check_timestamp(sent, NOON)
    assert refused.value.sub_code == "isv.invalid-timestamp"


def test_times_are_written_and_read_in_gmt_plus_8() -> None:
    """The merchant API has one zone, wherever the operator is."""
    assert shown_time(NOON) == "2026-11-26 20:00:00"
    assert time("2026-11-26 20:00:00") == NOON


@pytest.mark.parametrize(
    ("sent", "until"),
    [
        ("1m", NOON + timedelta(minutes=1)), ("2h", NOON + timedelta(hours=2)),
        ("15d", NOON + timedelta(days=15)), ("1c", datetime(2026, 11, 26, 16, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_a_timeout_is_minutes_hours_days_or_the_end_of_the_day(sent: str, until: datetime) -> None:
    """The day ends in GMT+8."""
    assert timeout(sent, NOON) == until


@pytest.mark.parametrize("sent", ["0m", "16d", "1.5h", "m", "1s", "", "-1m", None, "999999d"])
def test_a_timeout_of_another_form_is_refused(sent: Json) -> None:
    """Fractions, and less than a minute or more than fifteen days, are none."""
    with pytest.raises(ValueError, match="a duration"):
        timeout(sent, NOON)


def test_encrypted_content_comes_out_as_it_went_in() -> None:
    """AES-CBC with a zero IV and PKCS#7, as the Node SDK writes it."""
    key = "MDEyMzQ1Njc4OWFiY2RlZg=="
    assert decrypt(encrypt("{茶}".encode(), key), key) == "{茶}".encode()
    for bad in ("", "?", "AAAA", encrypt(b"{}", "ZmVkY2JhOTg3NjU0MzIxMA==")):
        with pytest.raises(Refused) as refused:
            decrypt(bad, key)
        assert refused.value.sub_code == "isv.invalid-encrypt"
