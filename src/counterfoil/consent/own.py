"""A person's own reads: no basis, no record, but a proof that it is they.

The proof is a session of that person's, or an open request of theirs for what is known about them,
which the operator is answering. The database confirms it when the access is opened and at each read.
A session that is bound to a till reads nothing of its person's.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, TypeVar

from counterfoil.consent.model import SubjectId
from counterfoil.consent.readers import OwnReader, PersonalReader
from counterfoil.consent.right import Right, RightsRequest, State
from counterfoil.consent.wall import Wall
from counterfoil.kernel.database import Database
from counterfoil.kernel.i18n import _
from counterfoil.people import NotSignedIn, Sessions, SignedIn

ANSWERED_WITH_DATA: Final = (Right.ACCESS, Right.PORTABILITY)

T = TypeVar("T")


class OwnAccess:
    """A person's way to their own data."""

    def __init__(self, wall: Wall, person: SubjectId, require: Callable[[], None]) -> None:
        self._wall, self.person, self._require = wall, person, require

    def rows(self, reader: PersonalReader[T] | OwnReader[T]) -> tuple[T, ...]:
        """Read one's own.

        Raises:
            NotSignedIn: the proof does not hold any more.

        """
        self._require()
        with self._wall.opened_to(self.person) as database:
            return tuple(reader._fetch(database, self.person))  # noqa: SLF001


class OwnDoor:
    """Opens it to whoever proves to be that person."""

    def __init__(self, database: Database, wall: Wall, sessions: Sessions) -> None:
        self._database, self._wall, self._sessions = database, wall, sessions

    @contextmanager
    def opened(self, proof: SignedIn | RightsRequest) -> Iterator[OwnAccess]:
        """Open a person's access to their own data.

        Raises:
            NotSignedIn: the session is not that person's, has ended, or is a till's; or the request
                is not theirs, or not open.

        """
        if isinstance(proof, SignedIn):
            access = OwnAccess(self._wall, proof.person, lambda: self._require_session(proof))
        else:
            access = OwnAccess(self._wall, proof.subject, lambda: self._require_request(proof))
        access._require()  # noqa: SLF001  # at once, so that nobody waits for a refusal
        yield access

    def _require_session(self, signed_in: SignedIn) -> None:
        if signed_in.till is not None:
            raise NotSignedIn(_("A till cannot see what is its person's own. Sign in."))
        self._sessions.require(signed_in)

    def _require_request(self, request: RightsRequest) -> None:
        found = self._database.query(
            "SELECT count(*) AS open FROM rights_requests WHERE id = $1 AND subject = $2 "
            "AND state = $3 AND right_asked IN ($4, $5)",
            (
                request.id.bytes, request.subject.bytes, State.OPEN.value,
                *(right.value for right in ANSWERED_WITH_DATA),
            ),
        )  # fmt: skip
        if not found.to_pylist()[0]["open"]:
            raise NotSignedIn(
                _("There is no open request of this person's for what is known about them.")
            )
