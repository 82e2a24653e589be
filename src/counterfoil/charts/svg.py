"""Small drawings, written as SVG by hand: lines, bars, flows and a heat map.

A chart library would bring a megabyte of JavaScript into every page or a renderer into every
installation (docs/adr/0011). These four shapes are all a report needs, they print sharply, and
a reader can open the page in ten years.
"""

from collections.abc import Callable, Mapping, Sequence
from html import escape
from typing import Final
from unicodedata import east_asian_width

import numpy as np
from numpy.typing import NDArray

from counterfoil.kernel.i18n import _, figures

WIDTH: Final = 640
INK: Final = "#1c1c1a"
FAINT: Final = "#8a877f"
RULE: Final = "#dedbd2"
RED: Final = "#b3262e"
BLUE: Final = "#2b5c8a"
OCHRE: Final = "#c48a1b"
GREEN: Final = "#4c7a4c"
SHADES: Final = (
    "#7a1f26",
    "#b8604d",
    "#d9a679",
    "#c9c6ba",
    "#8fb0b8",
    "#3f7185",
    "#24506b",
    "#143447",
)

Series = Mapping[str, tuple[Sequence[float] | NDArray[np.float64], str]]
"""A line by name: its values, month by month, and its color."""
Bar = tuple[str, float, str]
"""Name, value, color."""


def number(value: float) -> str:
    """Write a number as a newspaper would: short, with thousands apart."""
    size = abs(value)
    if size >= 1e9:
        return _("{value:,.1f} bn", value=value / 1e9)
    if size >= 1e6:
        return _("{value:,.1f} m", value=value / 1e6)
    if size >= 100 or value == int(value):
        return figures(f"{value:,.0f}")
    if size >= 1:
        return figures(f"{value:.1f}")
    return figures(f"{value:.2g}")


def percent(value: float) -> str:
    """Write a share as a percentage."""
    size = abs(value) * 100
    if 0 < size < 0.01:
        return _("<{share}%", share=figures("0.01"))
    return _(
        "{share}%", share=figures(f"{value * 100:.0f}" if size >= 20 else f"{value * 100:.2g}")
    )


def opened(height: float, title: str, width: float = WIDTH) -> str:
    """Begin a drawing."""
    return (
        f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{escape(title)}" '
        'xmlns="http://www.w3.org/2000/svg">'
    )


def text(
    x: float, y: float, said: str, *, anchor: str = "start", ink: str = FAINT, size: int = 12
) -> str:
    """Set a text."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{ink}" '
        f'font-size="{size}">{escape(said)}</text>'
    )


def ticks_of(low: float, high: float) -> list[float]:
    """Choose about four round places between two values."""
    span = (high - low) or 1.0
    step = 10.0 ** int(f"{span:e}".split("e")[1])
    for part in (0.2, 0.25, 0.5, 1.0, 2.0):
        if span / (step * part) <= 5:
            step *= part
            break
    first = -(-low // step) * step
    return [first + step * k for k in range(int((high - first) / step + 1e-9) + 1)]


def writers(
    ticks: Sequence[float], *, share: bool
) -> tuple[Callable[[float], str], Callable[[float], str]]:
    """Give how ticks are written, all with the digits they need, and values between them."""
    scale = 100 if share else 1
    step = (ticks[1] - ticks[0]) * scale if len(ticks) > 1 else 1.0
    digits = next(
        (
            n
            for n in range(9)
            if all(abs(round(t * scale, n) - t * scale) < step / 100 for t in ticks)
        ),
        9,
    )

    def fixed(places: int) -> Callable[[float], str]:
        if share:
            return lambda value: _("{share}%", share=figures(f"{value * scale:,.{places}f}"))
        return lambda value: figures(f"{value * scale:,.{places}f}")

    is_coarse = digits == 0 and step >= (1 if share else 10)
    plain = percent if share else number
    large = not share and max(map(abs, ticks), default=0) >= 1e6
    return (number if large else fixed(digits)), (plain if is_coarse else fixed(digits + 1))


def lines(title: str, series: Series, *, share: bool = False, zero: bool = True) -> str:
    """Draw months along the bottom and one line a series, named at its end."""
    values = [value for one, _ink in series.values() for value in one]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    low = min(low, 0.0) if zero else low
    if high - low < 1e-12:
        high = low + (abs(low) * 0.1 or 1.0)
    ticks = ticks_of(low, high)
    written, exactly = writers(ticks, share=share)
    said = [f"{name} {exactly(float(one[-1]))}" for name, (one, _ink) in series.items() if len(one)]
    height, left, top, bottom = 250, 62, 14, 28
    right = max([150, *(_room_of(label) + 12 for label in said)])
    months = max((len(one) for one, _ink in series.values()), default=1)

    def across(month: float) -> float:
        return left + (WIDTH - left - right) * month / max(months - 1, 1)

    def up(value: float) -> float:
        return height - bottom - (height - top - bottom) * (value - low) / (high - low)

    parts = [opened(height, title)]
    for tick in ticks:
        parts.append(
            f'<line x1="{left}" x2="{WIDTH - right}" y1="{up(tick):.1f}" y2="{up(tick):.1f}" '
            f'stroke="{RULE}"/>'
        )
        parts.append(text(left - 8, up(tick) + 4, written(tick), anchor="end"))
    years = max(1, -(-months // 72)) * 12 if months > 24 else max(1, months // 6)
    named = [1, *range(years, months + 1, years)] if years > 1 else range(1, months + 1)
    parts.extend(
        text(across(month - 1), height - 8,
              str(month) if month > 1 else _("month {month}", month=1), anchor="middle")
        for month in named
    )  # fmt: skip
    ends = []
    for name, (one, ink) in series.items():
        if not len(one):
            continue
        path = " ".join(
            f"{'M' if k == 0 else 'L'}{across(k):.1f},{up(value):.1f}"
            for k, value in enumerate(one)
        )
        parts.append(
            f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2" '
            'stroke-linejoin="round"/>'
        )
        ends.append((up(one[-1]), name, ink, exactly(float(one[-1]))))
    # Names stay above the line on which the months stand.
    parts.extend(end_labels(sorted(ends), WIDTH - right + 8, height - bottom + 8))
    parts.append("</svg>")
    return "".join(parts)


def end_labels(ends: list[tuple[float, str, str, str]], x: float, height: float) -> list[str]:
    """Name the lines at their ends, pushed apart so that no two names touch."""
    placed: list[str] = []
    free = 0.0
    room = height - 10 - 15 * (len(ends) - 1)
    for k, (y, name, ink, value) in enumerate(ends):
        at = max(min(y + 4, room + 15 * k), free)
        placed.append(text(x, at, f"{name} {value}", ink=ink, size=12))
        free = at + 15
    return placed


def bars(title: str, *groups: Sequence[Bar], share: bool = False) -> str:
    """Draw one horizontal bar a row, groups apart; negative values go left."""
    said = percent if share else number
    rows = [bar for group in groups for bar in group]
    most = max((abs(value) for _name, value, _ink in rows), default=0.0) or 1.0
    negative = any(value < 0 for _name, value, _ink in rows)
    left, right, thick, gap = (
        max([190, *(_room_of(name) + 10 for name, _value, _ink in rows)]),
        70,
        22,
        9,
    )
    width = WIDTH - left - right
    # Numbers stand outside the bars: where bars go left, their numbers need room as well.
    zero = left + ((width + right) / 2 if negative else 0)
    unit = ((width - right) / 2 if negative else width) / most
    parts = [opened(thick * len(rows) + gap * (len(groups) - 1) + 8, title)]
    y = 4.0
    for group in groups:
        for bar in group:
            parts.extend(_bar(bar, y, (left, zero, unit, thick), said))
            y += thick
        y += gap
    parts.append("</svg>")
    return "".join(parts)


def _bar(
    bar: Bar, y: float, scale: tuple[float, float, float, float], said: Callable[[float], str]
) -> list[str]:
    """Draw one bar with its name and number; `scale` is (names end, zero, unit, thickness)."""
    (name, value, ink), (left, zero, unit, thick) = bar, scale
    size = abs(value) * unit
    x = zero - size if value < 0 else zero
    edge = x - 6 if value < 0 else x + size + 6
    return [
        text(left - 10, y + 14, name, anchor="end", ink=INK),
        (
            f'<rect x="{x:.1f}" y="{y + 3:.1f}" width="{max(size, 0.5):.1f}" '
            f'height="{thick - 8:.1f}" fill="{ink}"/>'
        ),
        text(edge, y + 14, said(value), anchor="end" if value < 0 else "start"),
    ]


def flows(title: str, columns: Sequence[str], names: Sequence[str],
          moves: Sequence[Sequence[Sequence[float]]]) -> str:  # fmt: skip
    """Draw people moving between grades from one date to the next.

    `moves[k][i][j]` is the share that goes from grade i at date k to grade j at date k + 1;
    grades are listed from the lowest and drawn from the highest.
    """
    height, top, bottom, gap, bar = 320, 24, 24, 6.0, 12
    grades = len(names)
    # Seven units a letter, eleven a Chinese one, hold every name with its share on both sides.
    left = right = min(max(map(_room_of, names)) + 56, 220)
    room = height - top - bottom - gap * (grades - 1)
    step = (WIDTH - left - right - bar) / max(len(columns) - 1, 1)
    stocks = [[sum(row) for row in move] for move in moves]
    stocks.append([sum(row[j] for row in moves[-1]) for j in range(grades)])
    tops = []
    for stock in stocks:
        y, places = float(top), [0.0] * grades
        for grade in reversed(range(grades)):
            places[grade] = y
            y += stock[grade] * room + gap
        tops.append(places)
    parts = [opened(height, title)]
    for k, move in enumerate(moves):
        out, into = list(tops[k]), list(tops[k + 1])
        from_x, to_x = left + step * k + bar, left + step * (k + 1)
        middle = (from_x + to_x) / 2
        for i in reversed(range(grades)):
            for j in reversed(range(grades)):
                thick = move[i][j] * room
                from_y, to_y = out[i], into[j]
                out[i] += thick
                into[j] += thick
                if thick < 0.15:
                    continue
                parts.append(
                    f'<path d="M{from_x:.1f},{from_y:.1f} C{middle:.1f},{from_y:.1f} {middle:.1f},{to_y:.1f} '
                    f"{to_x:.1f},{to_y:.1f} L{to_x:.1f},{to_y + thick:.1f} C{middle:.1f},{to_y + thick:.1f} "
                    f'{middle:.1f},{from_y + thick:.1f} {from_x:.1f},{from_y + thick:.1f} Z" '
                    f'fill="{shade(i, grades)}" opacity="0.45"/>'
                )
    for k, stock in enumerate(stocks):
        x = left + step * k
        parts.append(text(x + bar / 2, 14, columns[k], anchor="middle"))
        parts.extend(
            f'<rect x="{x:.1f}" y="{tops[k][grade]:.1f}" width="{bar}" '
            f'height="{max(stock[grade] * room, 0.6):.1f}" fill="{shade(grade, grades)}"/>'
            for grade in range(grades)
        )
    parts.extend(_grade_names(names, stocks, tops, room, (left, WIDTH - right)))
    parts.append("</svg>")
    return "".join(parts)


def _room_of(name: str) -> int:
    return sum(11 if east_asian_width(sign) in "WF" else 7 for sign in name)


def _grade_names(
    names: Sequence[str], stocks: list[list[float]], tops: list[list[float]], room: float,
    sides: tuple[float, float],
) -> list[str]:  # fmt: skip
    parts = []
    lowest = max(max(places) for places in tops) + 22
    for side, x, anchor in ((0, sides[0] - 8, "end"), (-1, sides[1] + 8, "start")):
        free = 0.0
        for grade in reversed(range(len(names))):
            y = max(tops[side][grade] + stocks[side][grade] * room / 2 + 4, free)
            y = min(y, lowest - 13 * grade)
            free = y + 13
            said = f"{names[grade]} {percent(stocks[side][grade])}"
            parts.append(text(x, y, said, anchor=anchor, ink=INK, size=11))
    return parts


def shade(grade: int, grades: int) -> str:
    """Give a grade's color, from red (lowest) to dark blue (highest)."""
    if grades == 1:
        return SHADES[3]
    return SHADES[round(grade * (len(SHADES) - 1) / (grades - 1))]


def heat(
    title: str, across: tuple[str, Sequence[float]], up: tuple[str, Sequence[float]],
    share: Mapping[tuple[float, float], float],
) -> str:  # fmt: skip
    """Draw a phase diagram: a cell for each pair of values, darker where the share is larger."""
    left, bottom, top = 120, 52, 8
    cell = min((WIDTH - left - 20) / len(across[1]), 56.0)
    tall = min(cell, 34.0)
    height = top + tall * len(up[1]) + bottom
    parts = [opened(height, title)]
    for row, y_value in enumerate(up[1]):
        y = top + tall * (len(up[1]) - 1 - row)
        parts.append(text(left - 8, y + tall / 2 + 4, number(y_value), anchor="end"))
        for column, x_value in enumerate(across[1]):
            value = share[x_value, y_value]
            light = round(97 - 62 * min(max(value, 0.0), 1.0))
            x = left + cell * column
            parts.append(
                f'<rect x="{x:.1f}" y="{y:.1f}" width="{cell:.1f}" height="{tall:.1f}" '
                f'fill="hsl(356 55% {light}%)" stroke="#fff"/>'
            )
            ink = "#fff" if value > 0.5 else INK
            parts.append(text(x + cell / 2, y + tall / 2 + 4, percent(value), anchor="middle",
                               ink=ink, size=10))  # fmt: skip
    for column, x_value in enumerate(across[1]):
        x = left + cell * (column + 0.5)
        parts.append(text(x, height - bottom + 16, number(x_value), anchor="middle"))
    parts.append(text(left + cell * len(across[1]) / 2, height - 12, across[0], anchor="middle"))
    parts.append(text(4, top + 12, up[0], size=11))
    parts.append("</svg>")
    return "".join(parts)
