"""Signing in, where a test is about something else."""

from counterfoil.consent import Wall
from counterfoil.consent.own import OwnAccess
from counterfoil.people import Entrance, People, PersonId, SignedIn


def signed_in(people: People, person: PersonId) -> SignedIn:
    """Begin a session of a person's."""
    return people.sessions.begin(person, Entrance.LINK).signed_in


def past_the_gate(wall: Wall, person: PersonId) -> OwnAccess:
    """Read as somebody who can have no session any more, to see that there is nothing to read."""
    return OwnAccess(wall, person, lambda: None)
