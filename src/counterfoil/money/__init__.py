"""Amounts, currencies, rounding and exchange rates; integers only."""
