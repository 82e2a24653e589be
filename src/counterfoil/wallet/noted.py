"""What goes with an open request, sealed: who asks, what for, and whom, in the asker's own words.

It is one sealed text with the life of one request, and is emptied when that is decided. A note goes
between people who may be strangers, so it can lead nobody anywhere: no links, no addresses, no numbers
that could be dialled or paid to.
"""

import re
from dataclasses import dataclass
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.wallet.errors import NoteInvalid

NOTE_LENGTH_MAX: Final = 80
CALLED_LENGTH_MAX: Final = 254
_BETWEEN: Final = "\x1f"
"""Unit separator: no name, note or contact that is printable has one."""
_LEADS_SOMEWHERE: Final = re.compile(
    r"https?:|www\.|[@\uff20]|[^\W\d_]\.[^\W\d_]{2}|(?:\d[\s().-]*){6}"
)


@dataclass(frozen=True, slots=True)
class Noted:
    """What stands with an open request."""

    asker: str
    """The registered name of who asks."""
    note: str = ""
    called: str = ""
    """The contact by which the asker named who is asked; theirs alone to see again."""

    def __str__(self) -> str:
        return _BETWEEN.join((self.asker, self.note, self.called))


def read_noted(text: str) -> Noted:
    """Read what `str` of a `Noted` wrote; a name alone is what older requests bear.

    >>> read_noted("Bob Bauer")
    Noted(asker='Bob Bauer', note='', called='')
    """
    asker, _between, rest = text.partition(_BETWEEN)
    note, _between, called = rest.partition(_BETWEEN)
    return Noted(asker, note, called)


def checked_note(note: str) -> str:
    """Check a note as it was typed; an empty one says nothing.

    Raises:
        NoteInvalid: it is too long, no plain text, or could lead its reader somewhere.

    """
    if len(note) > NOTE_LENGTH_MAX or not (note.isprintable() or not note):
        raise NoteInvalid(
            _("A note is plain text of up to {most} characters. Shorten it.", most=NOTE_LENGTH_MAX)
        )
    if _LEADS_SOMEWHERE.search(note):
        raise NoteInvalid(
            _("A note has no links, addresses or long numbers. Say in words what it is for.")
        )
    return note
