"""What every room stands on: errors, the clock, ids, the database. A closed list."""
