"""A small town's money, made up on the spot: what a ledger does, to watch."""
