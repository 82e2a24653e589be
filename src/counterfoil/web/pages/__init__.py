"""The pages, one file for each that a person would name."""
