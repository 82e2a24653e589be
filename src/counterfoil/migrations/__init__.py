"""The database's schema, step by step (Alembic). One history for all rooms."""

HEAD = "0021"
"""The step that this version of Counterfoil reads and writes."""
