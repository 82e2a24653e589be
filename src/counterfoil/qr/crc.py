"""The checksum of merchants' codes: CRC-16/CCITT-FALSE.

Polynomial 0x1021, first value 0xFFFF, nothing reflected, nothing inverted. It is computed over the
UTF-8 bytes of the text, whatever encoding the symbol used, up to and including the tag and length
of the checksum itself, `6304` (EMVCo MPM, ID 63).
"""

from typing import Final

_POLYNOMIAL: Final = 0x1021
_FIRST: Final = 0xFFFF


def _row(byte: int) -> int:
    value = byte << 8
    for _bit in range(8):
        value = (value << 1 ^ _POLYNOMIAL if value & 0x8000 else value << 1) & 0xFFFF
    return value


_TABLE: Final = tuple(_row(byte) for byte in range(256))


def crc16(data: bytes) -> int:
    """Compute the checksum of bytes; `b"123456789"` gives 0x29B1, the algorithm's check value."""
    value = _FIRST
    for byte in data:
        value = (value << 8 & 0xFFFF) ^ _TABLE[value >> 8 ^ byte]
    return value


def checksum(text: str) -> str:
    """Write the checksum of a text, which ends in `6304`, as four capital hexadecimal digits."""
    return f"{crc16(text.encode()):04X}"
