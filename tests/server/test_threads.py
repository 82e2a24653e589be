"""A server's rooms are asked by many threads at once."""

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from counterfoil.bootstrap import Site
from counterfoil.kernel.ids import new_id
from counterfoil.people import Entrance, NewPerson, PersonId, parse_contact


def test_many_browsers_at_once_tell_the_time_one_after_the_other(
    database_url: str, tmp_path: Path
) -> None:
    """Whoever writes in between, no request is told that the clock has gone back."""
    with Site.open(database_url, tmp_path / "site", origin="larch.example") as site:
        contact = parse_contact("alice@example.org")
        alice = site.people.register(
            NewPerson(id=PersonId(new_id()), name="Alice Arnaud", contact=contact)
        )
        signed_in = site.people.sessions.begin(alice, Entrance.LINK).signed_in

        def look_and_link(_place: int) -> str:
            with site.consent.gate.own(signed_in) as own:
                assert own.rows(site.readers.name) == ("Alice Arnaud",)
            return site.people.sessions.make_link(alice, by="Edda")

        with ThreadPoolExecutor(8) as threads:
            links = list(threads.map(look_and_link, range(48)))
        assert len(set(links)) == 48
