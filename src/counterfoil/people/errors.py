"""Every way the room of people says no.

PeopleError
├── ContactInvalid      what was given is neither a phone number nor an e-mail address
├── ContactTaken        somebody else has registered with it
├── PersonNotFound      there is no such person, or no longer
├── GuardianMissing     a person under 14 needs a grown-up who answers for them
├── ValueUnusable       a value or a statement is empty, too long, or about nothing known
├── NotSignedIn         there is no such session, or it has ended
├── LinkUnusable        a one-time link that was used, or is too old
├── PasskeyRefused      a passkey that does not answer what was asked
├── AccountTaken        the ledger's account belongs to somebody already, or does not exist
├── ClockWentBack       the clock reads earlier than it did before
└── KeysUnusable        a key is damaged, destroyed, or not the one that sealed the data
"""

from counterfoil.kernel.errors import CounterfoilError


class PeopleError(CounterfoilError):
    """The room of people cannot do what was asked."""

    code = "people.error"


class ContactInvalid(PeopleError):
    """What was given is neither a phone number nor an e-mail address."""

    code = "people.contact-invalid"


class ContactTaken(PeopleError):
    """Somebody has registered with this phone number or address already."""

    code = "people.contact-taken"


class PersonNotFound(PeopleError):
    """There is no such person, or no longer."""

    code = "people.not-found"


class GuardianMissing(PeopleError):
    """A person under 14 is registered with a grown-up who answers for them, or not at all."""

    code = "people.guardian-missing"


class ValueUnusable(PeopleError):
    """A value or a statement is empty, too long, or about nothing that is known."""

    code = "people.value-unusable"


class AccountTaken(PeopleError):
    """The ledger's account belongs to a person already, or there is no such account."""

    code = "people.account-taken"


class NotSignedIn(PeopleError):
    """There is no such session, it has ended, or it is another person's or a till's."""

    code = "people.not-signed-in"


class LinkUnusable(PeopleError):
    """A one-time link is none, has been used, or is too old."""

    code = "people.link-unusable"


class PasskeyRefused(PeopleError):
    """A passkey is not known, is somebody else's, or does not answer what was asked."""

    code = "people.passkey-refused"


class ClockWentBack(PeopleError):
    """The clock reads earlier than it did before; nothing was read or written."""

    code = "people.clock-went-back"
    is_transient = True


class KeysUnusable(PeopleError):
    """A key is damaged, destroyed, or not the one that sealed the data."""

    code = "people.keys-unusable"
