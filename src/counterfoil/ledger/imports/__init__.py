"""Other people's books, brought into the ledger: one folder per format."""
