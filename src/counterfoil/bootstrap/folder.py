"""What an operator keeps beside the database: keys, and the receipt logs.

    keys/people           what wraps each person's key, and hashes contacts
    keys/salts/           what wraps each account's salt key
    keys/transfers.key    what signs the log of transfers
    keys/records.key      what signs the log of records
    keys/gateway.pem      what signs for the merchant gateway, and makes its names for payers
    notify/               notices that somebody asked for again
    logs/transfers/       the log of transfers
    logs/records/         the log of records
    keys/models.key       what signs the models that score
    copies/               copies of payments for jobs
    models/               the models that score, each a signed file

Whoever has `keys` and the database has everything; back them up, and apart from each other.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _
from counterfoil.people import LocalKeys as PeopleKeys
from counterfoil.receipts import LocalKeys, SigningKey, new_signing_key
from counterfoil.receipts.keyfile import read_signing_key, write_signing_key
from counterfoil.sealing import Keys

LOGS: Final = ("transfers", "records")


class OriginMissing(CounterfoilError):
    """The logs of a new folder need a name, and none was given."""

    code = "bootstrap.origin-missing"


@dataclass(frozen=True, slots=True)
class SiteFolder:
    """The folder of one operator."""

    path: Path

    @property
    def logs(self) -> Path:
        """Where the receipt logs are."""
        return self.path / "logs"

    @property
    def keys_folder(self) -> Path:
        """Where the keys are."""
        return self.path / "keys"

    @property
    def resend(self) -> Path:
        """Where whoever wants a notice sent again says so."""
        return self.path / "notify"

    @property
    def copies(self) -> Path:
        """Where copies of payments are."""
        return self.path / "copies"

    @property
    def models(self) -> Path:
        """Where the models are."""
        return self.path / "models"

    def model_key(self, origin: str | None) -> SigningKey:
        """Read the key that signs models; make it if it is not there yet.

        Raises:
            OriginMissing: there is none yet, and no name for it.
            KeyMalformed: the file is no key, or others may read it.
            LogUnavailable: the folder cannot be written.

        """
        folder = self.path / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        logs = folder / f"{LOGS[0]}.key"
        if origin is None and logs.exists():  # a folder from before there were models
            origin = read_signing_key(logs).name.rpartition("/")[0]
        return _signing_key(folder / "models.key", "models", origin)

    def keys(self, origin: str | None) -> Keys:
        """Read the keys; make those that are not there yet.

        `origin` names the operator to those who verify, such as `bank.example`; it is needed once.

        Raises:
            OriginMissing: there are no signing keys yet, and no name for them.
            KeyMalformed, KeysUnusable: a file is no key, or others may read it.
            LogUnavailable: the folder cannot be written.

        """
        folder = self.path / "keys"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        transfers, records = (_signing_key(folder / f"{log}.key", log, origin) for log in LOGS)
        return Keys(
            transfers=[transfers],
            records=[records],
            salts=LocalKeys(folder / "salts"),
            people=PeopleKeys(folder / "people"),
        )


def _signing_key(path: Path, log: str, origin: str | None) -> SigningKey:
    if not path.exists():
        if origin is None:
            raise OriginMissing(
                _("There are no keys in {folder} yet. Give the name that your receipts shall bear, "
                  "such as --origin bank.example.", folder=path.parent),
                folder=str(path.parent),
            )  # fmt: skip
        write_signing_key(path, new_signing_key(f"{origin}/{log}"))
    return read_signing_key(path)
