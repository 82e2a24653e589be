"""Curves over a measured axis, and intervals: what a validation needs beside lines over months."""

from collections.abc import Mapping, Sequence
from typing import Final

from counterfoil.charts.svg import INK, RULE, WIDTH, end_labels, opened, text, ticks_of

Point = tuple[float, float]
Curves = Mapping[str, tuple[Sequence[Point], str]]
"""A curve by name: its points in the order of x, and its color."""
_LEFT, _RIGHT, _TOP, _BOTTOM, _HEIGHT = 52, 150, 14, 40, 280
HALF: Final = 3.0


def curves(
    title: str, series: Curves, *, x_name: str, share_x: bool = False, share_y: bool = False
) -> str:
    """Draw curves over a common axis, each named at its end."""
    points = [point for one, _ink in series.values() for point in one] or [(0.0, 0.0), (1.0, 1.0)]
    x_low, x_high = min(x for x, _y in points), max(x for x, _y in points)
    y_low, y_high = min(0.0, *(y for _x, y in points)), max(y for _x, y in points)
    x_span, y_span = (x_high - x_low) or 1.0, (y_high - y_low) or 1.0

    def across(x: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * (x - x_low) / x_span

    def up(y: float) -> float:
        return _HEIGHT - _BOTTOM - (_HEIGHT - _TOP - _BOTTOM) * (y - y_low) / y_span

    parts = [opened(_HEIGHT, title)]
    for tick in ticks_of(y_low, y_high):
        parts.append(f'<line x1="{_LEFT}" x2="{WIDTH - _RIGHT}" y1="{up(tick):.1f}" '
                     f'y2="{up(tick):.1f}" stroke="{RULE}"/>')  # fmt: skip
        parts.append(text(_LEFT - 8, up(tick) + 4, _said(tick, share=share_y), anchor="end"))
    parts += [
        text(across(tick), _HEIGHT - 22, _said(tick, share=share_x), anchor="middle")
        for tick in ticks_of(x_low, x_high)
    ]
    parts.append(text((_LEFT + WIDTH - _RIGHT) / 2, _HEIGHT - 5, x_name, anchor="middle"))
    ends = []
    for name, (one, ink) in series.items():
        path = " ".join(
            f"{'L' if k else 'M'}{across(x):.1f},{up(y):.1f}" for k, (x, y) in enumerate(one)
        )
        parts.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2" '
                     'stroke-linejoin="round"/>')  # fmt: skip
        if one:
            ends.append((up(one[-1][1]), name, ink, ""))
    parts.extend(end_labels(sorted(ends), WIDTH - _RIGHT + 8, _HEIGHT))
    return "".join([*parts, "</svg>"])


def intervals(
    title: str, rows: Sequence[tuple[str, float, float, float, str]], *, mark: float | None = None,
    share: bool = False,
) -> str:  # fmt: skip
    """Draw a row for each name: a range from low to high with its value, on a common scale of shares.

    A row is name, value, low, high, color; `mark` is a line to hold them against; with `share`, values
    are told in percent.
    """
    left, right, thick = 190, 70, 22
    values = [end for _name, _value, low, high, _ink in rows for end in (low, high)]
    least, most = min([*values, 0.0]), max([*values, mark or 0.0, 1e-9])

    def across(value: float) -> float:
        return left + (WIDTH - left - right) * (value - least) / (most - least)

    height = thick * len(rows) + 10
    parts = [opened(height, title)]
    if mark is not None:
        parts.append(f'<line x1="{across(mark):.1f}" x2="{across(mark):.1f}" y1="0" y2="{height}" '
                     f'stroke="{RULE}" stroke-width="2"/>')  # fmt: skip
    for place, (name, value, low, high, ink) in enumerate(rows):
        y = 4 + thick * place + thick / 2
        parts += [
            text(left - 10, y + 4, name, anchor="end", ink=INK),
            (
                f'<line x1="{across(low):.1f}" x2="{across(high):.1f}" y1="{y}" y2="{y}" '
                f'stroke="{ink}" stroke-width="2"/>'
            ),
            f'<circle cx="{across(value):.1f}" cy="{y}" r="{HALF + 1}" fill="{ink}"/>',
            text(across(high) + 8, y + 4, f"{value:.1%}" if share else f"{value:.3f}"),
        ]
    return "".join([*parts, "</svg>"])


def _said(value: float, *, share: bool) -> str:
    return f"{value * 100:g}%" if share else f"{value:,.10g}"
