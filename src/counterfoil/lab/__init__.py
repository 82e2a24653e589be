"""The lab: run a scoring policy on a synthetic city and measure what it does to people.

Nobody here is real. Policies come as files (`counterfoil.policy`), residents from the lab's own
generator, and nothing in this package can move money or write a record about a person.
"""
