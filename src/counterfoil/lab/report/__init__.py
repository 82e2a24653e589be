"""One self-contained page a run: charts, flows, stories, assumptions, numbers to download."""

from counterfoil.lab.report.build import build_gallery
from counterfoil.lab.report.connections_page import connections_page
from counterfoil.lab.report.gallery import Entry, index_page
from counterfoil.lab.report.page import phase_page, report_page

__all__ = [
    "Entry",
    "build_gallery",
    "connections_page",
    "index_page",
    "phase_page",
    "report_page",
]
