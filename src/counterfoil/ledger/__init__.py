"""Accounts, transfers and holds: the only place where balances change."""
