"""A curve over a measured quantity: one line a series, each point marked."""

from collections.abc import Sequence
from typing import Final

from counterfoil.charts.svg import (
    FAINT,
    RULE,
    WIDTH,
    end_labels,
    opened,
    text,
    ticks_of,
    writers,
)

HEIGHT: Final = 300
LEFT, RIGHT, TOP, BOTTOM = 56, 150, 14, 46

Curve = tuple[str, Sequence[float], str]
"""Name, heights, color."""


def curves(
    title: str, across: tuple[str, Sequence[float]], series: Sequence[Curve], *, share: bool = False
) -> str:
    """Draw series over the same places along the bottom, which are named and need not be even."""
    name, places = across
    values = [value for _name, one, _ink in series for value in one]
    low, high = (min(values), max(values)) if values else (0.0, 1.0)
    pad = (high - low) * 0.05 or abs(high) * 0.05 or 1.0
    low, high = low - pad, high + pad
    first, last = min(places), max(places)

    def x(place: float) -> float:
        return LEFT + (WIDTH - LEFT - RIGHT) * (place - first) / ((last - first) or 1.0)

    def y(value: float) -> float:
        return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (value - low) / (high - low)

    ticks = ticks_of(low, high)
    written, exactly = writers(ticks, share=share)
    parts = [opened(HEIGHT, title)]
    for tick in ticks:
        parts.append(
            f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(tick):.1f}" y2="{y(tick):.1f}" '
            f'stroke="{RULE}"/>'
        )
        parts.append(text(LEFT - 8, y(tick) + 4, written(tick), anchor="end"))
    bottoms = ticks_of(first, last)
    said, _exactly = writers(bottoms, share=False)
    parts.extend(
        text(x(place), HEIGHT - BOTTOM + 18, said(place), anchor="middle") for place in bottoms
    )
    parts.append(text((LEFT + WIDTH - RIGHT) / 2, HEIGHT - 6, name, anchor="middle", ink=FAINT))
    ends = []
    for label, one, ink in series:
        points = sorted(zip(places, one, strict=True))
        path = " ".join(
            f"{'L' if k else 'M'}{x(place):.1f},{y(value):.1f}"
            for k, (place, value) in enumerate(points)
        )
        parts.append(f'<path d="{path}" fill="none" stroke="{ink}" stroke-width="2"/>')
        parts.extend(
            f'<circle cx="{x(place):.1f}" cy="{y(value):.1f}" r="3" fill="{ink}"/>'
            for place, value in points
        )
        ends.append((y(points[-1][1]), label, ink, exactly(points[-1][1])))
    parts.extend(end_labels(sorted(ends), WIDTH - RIGHT + 8, HEIGHT - BOTTOM))
    return "".join([*parts, "</svg>"])
