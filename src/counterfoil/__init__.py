"""Counterfoil: a mobile wallet and a credit score in which both sides hold the record.

A tally stick was split in two: the creditor kept the stock, the debtor the foil, and neither
could change the record alone. Each package below is one room; ARCHITECTURE.md draws them.
"""

__version__ = "0.1.0"
