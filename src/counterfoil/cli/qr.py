"""`counterfoil qr`: show any text as a symbol, read what a code says, write a merchant's code."""

from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from counterfoil.cli.options import JSONOption, example
from counterfoil.cli.printing import console, facts, money, money_json, print_json, printable, table
from counterfoil.kernel.i18n import _, lazy

if TYPE_CHECKING:
    from counterfoil.qr import CardCode, Inspection, Symbol

app = typer.Typer(help=_("Show, read and write codes to pay by."), no_args_is_help=True)

_LINK = "https://pay.example/s/7KM2Q9ZD"
_STANDARD_INPUT = "-"

TextArgument = Annotated[
    str,
    typer.Argument(
        metavar="TEXT",
        help=_("What the code says; - reads it from standard input."),
        show_default=False,
    ),
]
OriginOption = Annotated[
    str,
    typer.Option(
        metavar="URL",
        help=_("Where the operator's links lead, such as https://pay.example."),
        show_default=False,
    ),
]


class Kind(StrEnum):
    """What a code stands for, as the command line names it."""

    STORE = "store"
    ORDER = "order"
    REQUEST = "request"
    WALLET = "wallet"


@app.command(
    help=_("Show a text as a QR symbol, or as bars, in the terminal or as a picture."),
    epilog=example(f"counterfoil qr show {_LINK}", f"counterfoil qr show {_LINK} --to sticker.svg"),
)
def show(
    text: TextArgument,
    *,
    bars: Annotated[bool, typer.Option("--bars", help=_("Code 128 in place of QR."))] = False,
    to: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            dir_okay=False,
            help=_("Write a picture, .svg or .png."),
            show_default=False,
        ),
    ] = None,
    scale: Annotated[
        int, typer.Option(min=1, max=64, help=_("Pixels a module is wide in a .png."))
    ] = 8,
) -> None:
    """Draw it."""
    from counterfoil.qr import make_bars, make_qr

    text = _given(text)
    if bars and not (text.isascii() and text.isprintable()):
        raise typer.BadParameter(_("Bars hold printable ASCII alone; leave out --bars."))
    symbol = make_bars(text) if bars else make_qr(text)
    if to is not None:
        _write(symbol, to, text, scale)
        console().print(_("Wrote {file}.", file=to))
        return
    shown = console()
    if shown.width < symbol.width:
        raise typer.BadParameter(
            _(
                "The symbol is {width} columns wide and the terminal has {columns}; "
                "widen it, or give --to FILE.",
                width=symbol.width,
                columns=shown.width,
            )
        )
    # White on black whatever the terminal's colors are, since not every camera reads the inverse.
    lines = symbol.characters().splitlines()
    for line in lines[_BARS_LINES] if bars else lines:
        shown.print(Text(line, style="white on black"), soft_wrap=True)
    shown.print(Text(printable(text)))


@app.command(
    help=_("Read what a code says, field by field, and name whatever deviates from the standard."),
    epilog=example(f"counterfoil qr read {_LINK} --origin https://pay.example"),
)
def read(
    text: TextArgument,
    *,
    origin: Annotated[
        str | None,
        typer.Option(
            metavar="URL",
            help=_("Whose links and accounts are ours, such as https://pay.example."),
            show_default=False,
        ),
    ] = None,
    as_json: JSONOption = False,
) -> None:
    """Tell what it is, and what it says."""
    from counterfoil.qr import (
        inspect_merchant_code,
        is_card_code,
        is_merchant_code,
        read_card_code,
    )

    text = _given(text)
    if is_merchant_code(text):
        inspected = inspect_merchant_code(text)
        pay_code = _ours(inspected, origin)
        if as_json:
            print_json(_inspection_json(inspected, pay_code))
        else:
            _show_inspection(inspected, pay_code)
    elif is_card_code(text):
        _show_card(read_card_code(text), as_json=as_json)
    else:
        _show_other(text, origin, as_json=as_json)


@app.command(
    help=_("Write a merchant's code of EMVCo's standard that leads to us, and print its text."),
    epilog=example(
        "counterfoil qr write 7KM2Q9ZD --origin https://pay.example --name 'Alice Bakes' "
        "--city Lyon --country FR --category 5462 --currency EUR --amount 12.50"
    ),
)
def write(
    word: Annotated[str, typer.Argument(metavar="WORD", help=_("The code's word."),
                                        show_default=False)],
    *,
    origin: OriginOption,
    kind: Annotated[Kind, typer.Option(help=_("What it stands for."))] = Kind.STORE,
    name: Annotated[str, typer.Option(help=_("The store's name."), show_default=False)],
    city: Annotated[str, typer.Option(help=_("Its city."), show_default=False)],
    country: Annotated[str, typer.Option(help=_("ISO 3166, two letters."), show_default=False)],
    category: Annotated[
        str, typer.Option(help=_("What it sells: ISO 18245, four digits."), show_default=False)
    ],
    currency: Annotated[str, typer.Option(help=_("ISO 4217, three letters."), show_default=False)],
    amount: Annotated[
        str | None, typer.Option(help=_("The amount; the payer enters it if left out."),
                                 show_default=False)
    ] = None,
    reference: Annotated[
        str | None, typer.Option(help=_("The order's reference."), show_default=False)
    ] = None,
    language: Annotated[
        str, typer.Option(help=_("The name's language, where it is not in Latin letters."))
    ] = "zh",
) -> None:  # fmt: skip
    """Write it, strictly."""
    from counterfoil.money import Money, currency_by_code
    from counterfoil.qr import (
        AdditionalData,
        Initiation,
        LocalName,
        MerchantCode,
        Origin,
        PayCode,
        PayKind,
        common_text,
        read_word,
        shown_text,
        write_merchant_code,
    )

    place, unit = Origin(origin), currency_by_code(currency)
    code = PayCode(PayKind[kind.name], read_word(word))
    is_common = common_text(name, 25) == shown_text(name, 25)
    written = write_merchant_code(
        MerchantCode(
            initiation=Initiation.STATIC if amount is None else Initiation.DYNAMIC,
            accounts=(place.account(code),),
            category=category,
            currency=unit,
            amount=None if amount is None else Money.of(amount, unit),
            country=country,
            # A name without one Latin letter is told apart by its word.
            name=common_text(name, 25) or code.word[:25],
            city=common_text(city, 15) or country,
            additional=AdditionalData(reference=reference) if reference else None,
            local_name=None
            if is_common
            else LocalName(language, shown_text(name, 25), shown_text(city, 15)),
        )
    )
    typer.echo(written)


_BARS_LINES = slice(5, 13)
"""Below the quiet zone; so many that a hand-held reader finds them on a screen."""
_NAMES = {
    "00": lazy("format"),
    "01": lazy("static or dynamic"),
    "52": lazy("category"),
    "53": lazy("currency"),
    "54": lazy("amount"),
    "55": lazy("tip or fee"),
    "56": lazy("fixed fee"),
    "57": lazy("fee in percent"),
    "58": lazy("country"),
    "59": lazy("name"),
    "60": lazy("city"),
    "61": lazy("postal code"),
    "62": lazy("additional data"),
    "63": lazy("checksum"),
    "64": lazy("name in its own script"),
}
_ACCOUNT = lazy("account")
_OTHER = lazy("other")


def _name(id: str) -> str:  # noqa: A002  # the standard's word
    is_account = "02" <= id <= "51"
    return str(_NAMES.get(id, _ACCOUNT if is_account else _OTHER))


def _given(text: str) -> str:
    if text != _STANDARD_INPUT:
        return text
    return typer.get_text_stream("stdin").read(10_000).strip("\r\n")


def _write(symbol: "Symbol", to: Path, text: str, scale: int) -> None:
    if to.suffix == ".svg":
        to.write_text(symbol.svg(text), encoding="utf-8")
    elif to.suffix == ".png":
        to.write_bytes(symbol.png(scale))
    else:
        raise typer.BadParameter(_("{file} is neither .svg nor .png.", file=to))


def _ours(inspected: "Inspection", origin: str | None) -> str | None:
    from counterfoil.qr import Origin

    if origin is None or inspected.code is None:
        return None
    place = Origin(origin)
    found = place.code_of_account(inspected.code)
    return place.link(found) if found else None


def _show_inspection(inspected: "Inspection", link: str | None) -> None:
    shown = console()
    code = inspected.code
    rows = {_("kind"): _("a merchant's code, EMVCo merchant-presented")}
    if link:
        rows[_("pays")] = link
    if code:
        rows[_("amount")] = money(code.amount) if code.amount else _("the payer enters it")
        rows[_("currency")] = code.currency.code
    rows[_("safe to pay")] = _("yes") if inspected.is_safe else _("no")
    shown.print(facts(rows))
    listing = table(_("Fields"))
    listing.add_column(_("ID"))
    listing.add_column(_("meaning"))
    listing.add_column(_("value"), overflow="fold")
    for field in inspected.fields:
        listing.add_row(field.id, _name(field.id), Text(printable(field.value)))
    shown.print(listing)
    if inspected.deviations:
        told = table(_("Deviations"))
        for heading in (_("ID"), _("name"), _("what")):
            told.add_column(heading, overflow="fold")
        for found in inspected.deviations:
            style = "red" if found.deviation.is_grave else "yellow"
            told.add_row(
                found.where, Text(found.deviation.label, style), str(found.deviation.sentence)
            )
        shown.print(told)


def _inspection_json(inspected: "Inspection", link: str | None) -> dict[str, object]:
    code = inspected.code
    return {
        "kind": "merchant-code",
        "is_safe": inspected.is_safe,
        "link": link,
        "currency": code.currency.code if code else None,
        "amount": money_json(code.amount) if code and code.amount else None,
        "fields": [{"id": field.id, "value": field.value} for field in inspected.fields],
        "deviations": [
            {
                "name": found.deviation.label,
                "where": found.where,
                "is_grave": found.deviation.is_grave,
            }
            for found in inspected.deviations
        ],
    }


def _show_card(code: "CardCode", *, as_json: bool) -> None:
    """Show the schemes, and never a card's number or its holder's name."""
    if as_json:
        print_json({"kind": "card-code", "application_ids": list(code.application_ids)})
        return
    rows = {_("kind"): _("a payer's card code, EMVCo consumer-presented")}
    rows[_("applications")] = ", ".join(code.application_ids) or _("none")
    console().print(facts(rows))


def _show_other(text: str, origin: str | None, *, as_json: bool) -> None:
    from counterfoil.qr import CodeUnreadable, Origin, PayCode, PayerCode, read_scanned

    if origin is None and not text.isdigit():
        raise CodeUnreadable(
            "This is no merchant's, card or payer's code; if it is a link of yours, give --origin"
        )
    found = read_scanned(text, Origin(origin or "https://none.invalid"))
    if isinstance(found, PayCode):
        kind = Kind[found.kind.name].value
        answer = {"kind": "pay-code", "stands_for": kind, "word": found.word}
        rows = {_("kind"): _("our own link"), _("stands for"): kind, _("word"): found.word}
    else:
        assert isinstance(found, PayerCode)
        answer = {"kind": "payer-code", "digits": found.digits}
        rows = {_("kind"): _("a payer's code"), _("digits"): found.digits}
    if as_json:
        print_json(answer)
    else:
        console().print(facts(rows))
