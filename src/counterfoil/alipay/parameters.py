"""From a target and a body to parameters: what was sent, decoded by the charset it names.

Query and form are one set of parameters. A name that comes twice has one value or is refused; an
empty value is a value, because two of the three SDKs sign what they leave empty.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from counterfoil.alipay.refusal import invalid

BODY_BYTES_MAX: Final = 256 * 1024
"""150 lines of goods are 26 KB in the most wasteful of the three SDKs."""
PARAMETERS_MAX: Final = 200
CHARSETS: Final = {"utf-8": "utf-8", "utf8": "utf-8", "gbk": "gbk", "gb2312": "gb2312"}
_PYTHON_CODEC: Final = {"utf-8": "utf-8", "gbk": "gb18030", "gb2312": "gb18030"}
"""GB 18030 holds GBK and GB 2312 in their own bytes; a client's GBK may have characters of neither."""
_HEX: Final = "0123456789abcdefABCDEF"
_BYTES: Final = {f"{a}{b}".encode("ascii"): bytes.fromhex(a + b) for a in _HEX for b in _HEX}


@dataclass(frozen=True, slots=True)
class Parameters:
    """What a request says, by name, `sign` included."""

    values: dict[str, str]
    charset: str

    @property
    def codec(self) -> str:
        """What Python calls the charset."""
        return _PYTHON_CODEC[self.charset]


def read_parameters(query: bytes, form: bytes) -> Parameters:
    """Read a request's query and its form.

    Raises:
        Refused: a charset is unknown or not kept to, a name has two values, or there is too much.

    """
    raw: dict[bytes, bytes] = {}
    for name, value in _pairs(query, form):
        if raw.setdefault(name, value) != value:
            raise invalid("invalid-parameter", "A parameter is given twice, with two values.")
    if len(raw) > PARAMETERS_MAX:
        raise invalid("invalid-parameter", f"There are more than {PARAMETERS_MAX} parameters.")
    named = raw.get(b"charset") or b"utf-8"
    charset = CHARSETS.get(named.decode("ascii", "replace").strip().lower())
    if charset is None:
        raise invalid("invalid-charset", "The charset is none of utf-8, gbk and gb2312.")
    codec = _PYTHON_CODEC[charset]
    try:
        values = {name.decode(codec): value.decode(codec) for name, value in raw.items()}
    except UnicodeDecodeError:
        raise invalid("invalid-charset", f"The parameters are not {charset}.") from None
    return Parameters(values, charset)


def _pairs(*texts: bytes) -> Iterator[tuple[bytes, bytes]]:
    for text in texts:
        if not text:
            continue
        for part in text.split(b"&"):
            name, _, value = part.partition(b"=")
            if name:
                yield _unquoted(name), _unquoted(value)


def _unquoted(text: bytes) -> bytes:
    if b"+" in text:
        text = text.replace(b"+", b" ")
    if b"%" not in text:
        return text
    first, *rest = text.split(b"%")
    # By a table: urllib copies each piece twice, and a signed request has a hundred and more.
    read = [_BYTES.get(part[:2]) for part in rest]
    return first + b"".join(
        b"%" + part if byte is None else byte + part[2:]
        for byte, part in zip(read, rest, strict=True)
    )
