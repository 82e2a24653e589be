"""The register of models: their signed files in one folder, and which of them scores.

A model is a file that is never written again, and a row that says what role it has: one *champion*
scores, *challengers* are measured beside it and decide nothing, *retired* ones are kept, because scores
were made with them that somebody may still ask about. Every change of a role is on record.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

from counterfoil.kernel.clock import Clock, from_us
from counterfoil.kernel.database import AttachedRow, Database, Value, Writes
from counterfoil.kernel.i18n import _
from counterfoil.people.records import Json, Recorder, record_row
from counterfoil.receipts import SigningKey
from counterfoil.score.errors import ModelNotFound, ModelRefused
from counterfoil.score.features import require_allowed
from counterfoil.score.model import Model
from counterfoil.score.modelfile import read_model, write_model


class Role(StrEnum):
    """What a model does."""

    CHAMPION = "champion"
    CHALLENGER = "challenger"
    RETIRED = "retired"


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A model in the register."""

    hash: bytes
    name: str
    version: int
    role: Role
    registered_at: datetime
    role_since: datetime


class Registry:
    """The models of one operator. `key` signs what is registered and is what files must bear."""

    def __init__(
        self, folder: Path, key: SigningKey, writes: Writes, database: Database, clock: Clock
    ) -> None:
        self._folder = folder
        self._key = key
        self._database = database
        self._recorder = Recorder(writes, database, clock)
        self._loaded: dict[bytes, Model] = {}

    def register(self, model: Model) -> Registered:
        """Sign a model, keep its file, and enter it as a challenger; entering it twice does nothing.

        Raises:
            FeatureForbidden: its card reads what no score here may: school, an employer's name, friends.
            ModelRefused: another model has that name and version, or the file cannot be written.

        """
        for item in model.card.items:
            require_allowed(item.binning.name)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            same = self._where("name = $1 AND version = $2", (model.name, model.version))
            if same and same[0].hash != model.hash:
                raise ModelRefused(
                    _("{name} has a version {version} already, and it is another; give the next "
                      "number.", name=model.name, version=model.version)
                )  # fmt: skip
            if same:
                return ()
            return (
                AttachedRow(
                    "INSERT INTO score_models (hash, name, version, role, registered_at, "
                    "role_since) VALUES ($1, $2, $3, 'challenger', $4, $4)",
                    (model.hash, model.name, model.version, at_us),
                ),
                record_row("model-registered", None, at_us, _content(model)),
            )

        # The file comes first: a row without its file could not be used, a file without its row is
        # one that nobody asks for.
        path = self._path(model.hash)
        if not path.exists():
            write_model(path, model, self._key)
        self._recorder.commit(attempt)
        return self.registered(model.hash)

    def appoint(self, hash: bytes, role: Role, *, by: str) -> Registered:  # noqa: A002
        """Give a model a role; who was champion before becomes a challenger.

        Raises:
            ModelNotFound: it is not registered.
            ModelRefused: its file is not what was registered, or nobody answers for it.

        """
        if not by.strip():
            raise ModelRefused(_("Say who decides which model scores."))
        model = self.load(hash)

        def attempt(at_us: int) -> Sequence[AttachedRow]:
            if self.registered(hash).role is role:
                return ()
            before = [] if role is not Role.CHAMPION else self._where("role = 'champion'", ())
            moved = [(one.hash, Role.CHALLENGER) for one in before]
            content = _content(model) | {"role": role.value, "by": by}
            return (
                *(_role_row(one, new, at_us) for one, new in [*moved, (hash, role)]),
                record_row("model-role", None, at_us, content),
            )

        self._recorder.commit(attempt)
        return self.registered(hash)

    def champion(self) -> Model:
        """Load the model that scores.

        Raises:
            ModelNotFound: there is none.
            ModelRefused: its file is not what was registered.

        """
        found = self._where("role = 'champion'", ())
        if not found:
            raise ModelNotFound(
                _("No model has been made champion, so nobody can be scored. Register one and "
                  "appoint it.")
            )  # fmt: skip
        return self.load(found[0].hash)

    def challengers(self) -> list[Model]:
        """Load the models that are measured beside the champion.

        Raises:
            ModelRefused: a file is not what was registered.

        """
        return [self.load(one.hash) for one in self._where("role = 'challenger'", ())]

    def load(self, hash: bytes) -> Model:  # noqa: A002
        """Load a model by its hash; the file's signature is checked the first time.

        Raises:
            ModelNotFound: it is not registered.
            ModelRefused: its file is not what was registered.

        """
        if hash not in self._loaded:
            known = self.registered(hash)
            model = read_model(self._path(hash), [self._key.verifier])
            if model.hash != known.hash:
                raise ModelRefused(
                    _("The file of {name}, version {version}, holds another model; restore it.",
                      name=known.name, version=known.version)
                )  # fmt: skip
            self._loaded[hash] = model
        return self._loaded[hash]

    def registered(self, hash: bytes) -> Registered:  # noqa: A002
        """Tell what the register says of a model.

        Raises:
            ModelNotFound: it is not registered.

        """
        found = self._where("hash = $1", (hash,))
        if not found:
            raise ModelNotFound(_("No model {hash} is registered.", hash=hash.hex()))
        return found[0]

    def named(self, name: str, version: int) -> Registered:
        """Find a model by name and version.

        Raises:
            ModelNotFound: there is none.

        """
        found = self._where("name = $1 AND version = $2", (name, version))
        if not found:
            raise ModelNotFound(
                _("No version {version} of {name} is registered.", version=version, name=name)
            )
        return found[0]

    def listing(self) -> list[Registered]:
        """List every model, in the order of registration."""
        return self._where("1 = 1", ())

    def _path(self, hash: bytes) -> Path:  # noqa: A002
        return self._folder / f"{hash.hex()[:16]}.json"

    def _where(self, condition: str, parameters: tuple[Value, ...]) -> list[Registered]:
        found = self._database.query(
            "SELECT hash, name, version, role, registered_at, role_since FROM score_models "  # noqa: S608
            f"WHERE {condition} ORDER BY registered_at, name, version",
            parameters,
        )
        return [_registered(row) for row in found.to_pylist()]


def _registered(row: dict[str, Any]) -> Registered:
    return Registered(
        hash=row["hash"],
        name=row["name"],
        version=row["version"],
        role=Role(row["role"]),
        registered_at=from_us(row["registered_at"]),
        role_since=from_us(row["role_since"]),
    )


def _role_row(hash: bytes, role: Role, at_us: int) -> AttachedRow:  # noqa: A002
    return AttachedRow(
        "UPDATE score_models SET role = $1, role_since = $2 WHERE hash = $3",
        (role.value, at_us, hash),
    )


def _content(model: Model) -> dict[str, Json]:
    return {"model": model.hash.hex(), "name": model.name, "version": model.version}
