"""The look of a report: a column of text, black on paper, made to be printed."""

from html import escape
from typing import Final

from counterfoil.charts.drawing import Drawing
from counterfoil.kernel.i18n import current_locale

CSS: Final = """
:root{color-scheme:light;--ink:#1c1c1a;--faint:#6d6a62;--rule:#dedbd2;--paper:#fbfaf6;--red:#b3262e}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);
 font:17px/1.55 Georgia,"Times New Roman","DejaVu Serif",serif}
main{max-width:46rem;margin:0 auto;padding:2rem 1.25rem 4rem}
svg,.tiles,table,nav,figcaption,.small,.mark,button{
 font-family:"Helvetica Neue",Arial,"Liberation Sans",sans-serif}
svg{width:100%;height:auto;display:block}
h1{font-size:2.3rem;line-height:1.12;margin:.3rem 0 .6rem;font-weight:600;letter-spacing:-.01em}
h2{font-size:1.35rem;margin:2.6rem 0 .5rem;padding-top:.7rem;border-top:2px solid var(--ink)}
h3{font-size:1.05rem;margin:1.5rem 0 .2rem}
.lead{font-size:1.2rem;line-height:1.45;margin:0 0 1.2rem}
.mark{font-size:.74rem;letter-spacing:.09em;text-transform:uppercase;color:var(--red);
 font-weight:700;margin:0}
.small,figcaption{font-size:.83rem;color:var(--faint);line-height:1.45}
figure{margin:1.6rem 0 2.2rem}figure h3{margin:0 0 .5rem}figcaption{margin-top:.35rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9.5rem,1fr));gap:0 1.4rem;
 margin:1.4rem 0}
.tiles div{border-top:1px solid var(--rule);padding:.65rem 0 .9rem}
.tiles b{display:block;font-size:1.75rem;line-height:1.15;font-weight:600;
 font-variant-numeric:tabular-nums}
.tiles span{font-size:.84rem;color:var(--faint);line-height:1.35;display:block}
.scroll{overflow-x:auto}
table{border-collapse:collapse;width:100%;font-size:.82rem;line-height:1.35}
th,td{text-align:left;padding:.34rem .7rem .34rem 0;border-bottom:1px solid var(--rule);
 vertical-align:top}
th{font-weight:600;vertical-align:bottom}td.n,th.n{text-align:right;padding-right:0;
 padding-left:.7rem;font-variant-numeric:tabular-nums}td.n{white-space:nowrap}
td.n+td:not(.n),th.n+th:not(.n){padding-left:1rem}
ul.months{font-size:.88rem;line-height:1.45;padding-left:1.1rem}
details summary{cursor:pointer;font-size:.9rem;color:var(--faint)}
a{color:inherit;text-decoration-color:#a9a59a;text-underline-offset:2px}
nav a{margin-right:1rem;font-size:.9rem}
.card{border-top:1px solid var(--rule);padding:1rem 0;display:grid;
 grid-template-columns:1fr 11rem;gap:1.5rem}
.card h3{margin:.1rem 0 .3rem;font-size:1.2rem}.card p{margin:.2rem 0}
@media(max-width:34rem){.card{grid-template-columns:1fr}h1{font-size:1.8rem}
 figure .scroll svg{min-width:36rem}}
@media print{body{background:#fff;font-size:11pt}main{max-width:none;padding:0}
 figure,.story{break-inside:avoid}details{display:block}details>*{display:block}}
"""


def document(title: str, body: str) -> str:
    """Wrap a body in a page that needs nothing from anywhere else."""
    return (
        f'<!doctype html>\n<html lang="{current_locale().replace("_", "-")}"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width,initial-scale=1">'
        f"<title>{escape(title)}</title><style>{CSS}</style></head>"
        f"<body><main>{body}</main></body></html>\n"
    )


def heading(said: str, level: int = 2) -> str:
    """Set a heading."""
    return f"<h{level}>{escape(said)}</h{level}>"


def figure(drawing: Drawing) -> str:
    """Set a drawing between its title and its caption.

    On a telephone it keeps the size at which its words can be read, and is moved by the finger.
    """
    head = f"<h3>{escape(drawing.title)}</h3>" if drawing.title else ""
    drawn = f'<div class="scroll" tabindex="0">{drawing.svg}</div>'
    caption = f"<figcaption>{escape(drawing.caption)}</figcaption>"
    return f"<figure>{head}{drawn}{caption}</figure>"


def tiles(items: list[tuple[str, str]]) -> str:
    """Set large numbers with a line under each."""
    inner = "".join(
        f"<div><b>{escape(value)}</b><span>{escape(said)}</span></div>" for value, said in items
    )
    return f'<div class="tiles">{inner}</div>'


def table(head: list[str], rows: list[list[str]], numeric: set[int]) -> str:
    """Set a table; the columns in `numeric` are set right."""
    cells = "".join(
        f'<th class="n">{escape(name)}</th>' if k in numeric else f"<th>{escape(name)}</th>"
        for k, name in enumerate(head)
    )
    body = "".join(
        "<tr>"
        + "".join(
            f'<td class="n">{escape(cell)}</td>' if k in numeric else f"<td>{escape(cell)}</td>"
            for k, cell in enumerate(row)
        )
        + "</tr>"
        for row in rows
    )
    return f'<div class="scroll"><table><tr>{cells}</tr>{body}</table></div>'
