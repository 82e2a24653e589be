"""A credit score that a person can add up: bins, weights of evidence, whole points."""
