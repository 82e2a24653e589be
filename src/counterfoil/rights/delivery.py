"""Handing a notice over: a port, and the way that needs nobody's agreement, a folder for each.

A file is named by its notice and written whole or not at all, so that handing over twice, after a
crash in between, is harmless. With a key it is a signed note (C2SP signed-note), without one plain
JSON.
"""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol

from counterfoil.kernel.clock import to_us
from counterfoil.kernel.i18n import _
from counterfoil.people.records import moment
from counterfoil.receipts import SigningKey
from counterfoil.receipts.errors import LogUnavailable
from counterfoil.receipts.folder import named_failures, write_durably
from counterfoil.receipts.note import Note
from counterfoil.rights.errors import DeliveryFailed
from counterfoil.rights.notice import TO_DO, Notice

FORMAT: Final = "counterfoil/notice@v1"


class Delivery(Protocol):
    """A way to hand notices over."""

    def deliver(self, notice: Notice) -> str:
        """Hand one over, and say where it went; asked twice, it goes to the same place.

        Raises:
            DeliveryFailed: it did not go; it is asked again later.

        """


@dataclass(frozen=True, slots=True)
class FolderDelivery:
    """Writes each notice into a folder of its recipient's, for whatever fetches or sends it."""

    folder: Path
    key: SigningKey | None = None

    def deliver(self, notice: Notice) -> str:
        """Write the file; give its path below the folder.

        Raises:
            DeliveryFailed: the folder cannot be written.

        """
        text = text_of(notice)
        ending, data = ".json", text
        if self.key is not None:
            ending, data = ".note", str(Note(text, (self.key.sign(text),)))
        # Ids only: a recipient's name is free text, and no path is made of it.
        place = Path(f"{notice.recipient_kind}-{notice.recipient}") / f"{notice.id}{ending}"
        try:
            with named_failures(self.folder):
                write_durably(self.folder / place, data.encode())
        except LogUnavailable as error:
            raise DeliveryFailed(
                _("Notice {notice} could not be written: {reason}", notice=notice.id,
                  reason=error.message),
                notice=notice.id,
            ) from error  # fmt: skip
        return place.as_posix()


def text_of(notice: Notice) -> str:
    """Write a notice as JSON, which ends in a newline and is the same each time."""
    return (
        json.dumps(
            {
                "format": FORMAT,
                "notice": str(notice.id),
                "kind": notice.kind.value,
                "person": str(notice.subject),
                "field": notice.field,
                "about": str(notice.about),
                "recipient": {"kind": notice.recipient_kind.value, "name": notice.recipient_name},
                "at": moment(to_us(notice.queued_at)),
                "due_at": moment(to_us(notice.due_at)),
                "to_do": str(TO_DO[notice.kind]),
            },
            ensure_ascii=False,
            indent=1,
        )
        + "\n"
    )
