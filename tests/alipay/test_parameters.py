"""What a request says, however its client spells it."""

import random
from urllib.parse import quote_plus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from counterfoil.alipay.parameters import PARAMETERS_MAX, Parameters, read_parameters
from counterfoil.alipay.refusal import Refused


def refusal_of(query: bytes, form: bytes = b"") -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        read_parameters(query, form)
    return refused.value.sub_code, refused.value.message


def test_query_and_form_are_one_set_of_parameters() -> None:
    """The official Python SDK sends what is common in the query and the content in the body."""
    read = read_parameters(b"app_id=20&method=a.b&charset=utf-8", b"biz_content=%7B%7D&version=1.0")
    assert read.values == {
        "app_id": "20", "method": "a.b", "charset": "utf-8", "biz_content": "{}", "version": "1.0",
    }  # fmt: skip


def test_a_plus_is_a_space_and_an_escaped_plus_is_a_plus() -> None:
    """Base64 has pluses, and a signature with a space in it is none."""
    assert read_parameters(b"sign=a%2Bb&subject=a+b", b"").values == {
        "sign": "a+b",
        "subject": "a b",
    }


def test_an_empty_value_is_a_value() -> None:
    """Two of the three SDKs sign what they leave empty."""
    assert read_parameters(b"notify_url=&auth_token", b"").values == {
        "notify_url": "", "auth_token": "",
    }  # fmt: skip


@pytest.mark.parametrize("charset", ["GBK", "gbk", "GB2312", "gb2312"])
def test_chinese_text_is_read_in_its_charset(charset: str) -> None:
    """A shop whose database is GBK sends GBK."""
    body = f"charset={charset}&subject={quote_plus('一杯茶'.encode('gbk'))}".encode()
    assert read_parameters(b"", body) == Parameters(
        {"charset": charset, "subject": "一杯茶"}, charset.lower()
    )


def test_bytes_of_another_charset_are_refused_by_name() -> None:
    """Half a character is no character, and is not guessed at."""
    sub_code, message = refusal_of(b"charset=utf-8&subject=%B2%E8")
    assert (sub_code, message) == ("isv.invalid-charset", "The parameters are not utf-8.")
    assert refusal_of(b"charset=gbk&subject=%80%20")[0] == "isv.invalid-charset"
    assert refusal_of(b"charset=koi8-r")[0] == "isv.invalid-charset"


def test_a_name_with_two_values_is_refused() -> None:
    """Which of the two was signed is not for the gateway to choose."""
    said = ("isv.invalid-parameter", "A parameter is given twice, with two values.")
    assert refusal_of(b"app_id=1", b"app_id=2") == said
    assert refusal_of(b"app_id=1&app_id=2") == said
    assert read_parameters(b"app_id=1&app_id=1", b"app_id=1").values == {"app_id": "1"}


def test_more_parameters_than_any_client_sends_are_refused() -> None:
    """Sorting and joining a million names is work that a stranger could ask for."""
    many = "&".join(f"p{place}=1" for place in range(PARAMETERS_MAX + 1)).encode()
    assert refusal_of(many)[0] == "isv.invalid-parameter"


@given(st.binary(max_size=400), st.binary(max_size=400))
def test_any_bytes_are_read_or_refused(query: bytes, form: bytes) -> None:
    """Nobody's bytes raise anything but a named refusal."""
    try:
        read = read_parameters(query, form)
    except Refused as refused:
        assert refused.sub_code in {"isv.invalid-parameter", "isv.invalid-charset"}  # noqa: PT017
    else:
        assert read.charset in {"utf-8", "gbk", "gb2312"}


@given(st.dictionaries(st.text(min_size=1), st.text(), max_size=20), st.randoms())
def test_what_is_quoted_comes_out_as_it_was(values: dict[str, str], chance: random.Random) -> None:
    """Whatever a client puts in, in whichever half, is what is verified."""
    values = {name: value for name, value in values.items() if name != "charset"}
    pairs = [f"{quote_plus(name)}={quote_plus(value)}".encode() for name, value in values.items()]
    place = chance.randint(0, len(pairs))
    assert read_parameters(b"&".join(pairs[:place]), b"&".join(pairs[place:])).values == values
