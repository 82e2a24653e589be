"""Codes to pay by: written, read, drawn and printed. Pure but for the fonts that sheets are set in.

Words: a *code* is a text that says what is paid; a *symbol* is the picture of a text; a *sheet* is
the page with a store's symbol that hangs at its counter. `PayCode` is ours, as a link or inside an
EMV merchant's code; `MerchantCode` is EMVCo's merchant-presented code of whatever network;
`CardCode` is EMVCo's consumer-presented code.

Invariants: what is written is strict and is read back to the same before it leaves; what is read
from strangers is told apart by name, deviation by deviation, and nothing is given to be paid where
a deviation puts money at risk. No name in a code is ever believed: a wallet shows the registered
one.
"""

from counterfoil.qr.cpm import CardCode, is_card_code, read_card_code
from counterfoil.qr.deviation import Deviation, Found, grave
from counterfoil.qr.errors import (
    CodeUnreadable,
    CodeUnsafe,
    CodeUnwritable,
    GlyphMissing,
    QRError,
    SymbolTooLong,
)
from counterfoil.qr.link import ALPHABET, Origin, PayCode, PayKind, read_word
from counterfoil.qr.merchant import (
    Account,
    AdditionalData,
    Initiation,
    LocalName,
    MerchantCode,
    Tip,
    TipKind,
)
from counterfoil.qr.outline import Letters
from counterfoil.qr.reading import (
    Inspection,
    inspect_merchant_code,
    is_merchant_code,
    read_merchant_code,
)
from counterfoil.qr.scan import ForeignCode, PayerCode, Scanned, read_scanned
from counterfoil.qr.sheet import Press, Sheet, sheet_pdf
from counterfoil.qr.symbol import Run, Symbol, make_bars, make_qr, read_symbols
from counterfoil.qr.tlv import Field, read_fields, write_fields
from counterfoil.qr.writing import common_text, shown_text, write_merchant_code

__all__ = [
    "ALPHABET",
    "Account",
    "AdditionalData",
    "CardCode",
    "CodeUnreadable",
    "CodeUnsafe",
    "CodeUnwritable",
    "Deviation",
    "Field",
    "ForeignCode",
    "Found",
    "GlyphMissing",
    "Initiation",
    "Inspection",
    "Letters",
    "LocalName",
    "MerchantCode",
    "Origin",
    "PayCode",
    "PayKind",
    "PayerCode",
    "Press",
    "QRError",
    "Run",
    "Scanned",
    "Sheet",
    "Symbol",
    "SymbolTooLong",
    "Tip",
    "TipKind",
    "common_text",
    "grave",
    "inspect_merchant_code",
    "is_card_code",
    "is_merchant_code",
    "make_bars",
    "make_qr",
    "read_card_code",
    "read_fields",
    "read_merchant_code",
    "read_scanned",
    "read_symbols",
    "read_word",
    "sheet_pdf",
    "shown_text",
    "write_fields",
    "write_merchant_code",
]
