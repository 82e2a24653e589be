"""Drawings and pages for reports: SVG and HTML by hand, for the lab and for the score alike.

Nothing is fetched and nothing is run: a page is one file that prints, and opens in ten years
(docs/adr/0011).
"""
