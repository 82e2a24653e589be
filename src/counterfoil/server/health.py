"""Whether the server lives, whether it can serve, and what to do where it cannot.

`/livez` says that the process answers. `/readyz` says whether requests should be sent here: the
database is reachable and its schema is this version's. `/health` tells more, for a human.
"""

from dataclasses import dataclass

from counterfoil import __version__
from counterfoil.bootstrap import Site
from counterfoil.kernel import schema
from counterfoil.kernel.errors import CounterfoilError, SchemaMismatch
from counterfoil.migrations import HEAD
from counterfoil.server.jobs import Jobs


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that must be right; `to_do` is empty when it is."""

    name: str
    is_right: bool
    code: str = ""
    to_do: str = ""

    def json(self) -> dict[str, object]:
        """Write it for programs."""
        fault = {} if self.is_right else {"code": self.code, "to_do": self.to_do}
        return {"name": self.name, "ok": self.is_right, **fault}


class Health:
    """The checks of one server."""

    def __init__(self, site: Site, jobs: Jobs) -> None:
        self._site, self._jobs = site, jobs

    def ready(self) -> list[Check]:
        """Check what every request needs."""
        try:
            schema.require_current(self._site.database)
        except CounterfoilError as error:
            name = "schema" if isinstance(error, SchemaMismatch) else "database"
            return [Check(name, False, error.code, error.message)]
        return [Check("database", True), Check("schema", True)]

    def all(self) -> list[Check]:
        """Check what every request needs, and what goes on beside them."""
        trouble = self._site.sealing.state.trouble
        sealing = Check("sealing", True)
        if trouble is not None:
            sealing = Check("sealing", False, trouble.code, trouble.message)
        jobs = [
            Check(f"job {name}", not state.failed_code, state.failed_code,
                  "It is tried again by itself; its lines in the log say more.")
            for name, state in self._jobs.states.items()
        ]  # fmt: skip
        return [*self.ready(), sealing, *jobs]

    def report(self) -> dict[str, object]:
        """Tell all of it."""
        checks, sealed = self.all(), self._site.sealing.state
        return {
            "ok": all(check.is_right for check in checks),
            "version": __version__,
            "schema": HEAD,
            "rows": self._site.ledger.seq,
            "sealed": {"transfers": sealed.transfers, "records": sealed.records},
            "checks": [check.json() for check in checks],
        }
