"""What every life has in common: how it begins, and what it says to a command nobody knows."""

from collections.abc import Sequence
from typing import Final, Protocol

from counterfoil.kernel.i18n import _, translated
from counterfoil.lab.errors import RunInvalid
from counterfoil.lab.population.model import Population
from counterfoil.lab.stories import NAMES, describe
from counterfoil.policy.model import Policy

TOWN: Final = 2_000
MONTHS: Final = 12


class Life(Protocol):
    """A year in somebody's place."""

    month: int

    def introduce(self) -> list[str]:
        """Say who the reader is and what they can do."""

    def act(self, command: str) -> list[str]:
        """Do one thing and say what came of it.

        Raises:
            RunInvalid: no such command; the message lists them.

        """


def introduction(policy: Policy, town: Population, who: int) -> list[str]:
    """Say who the reader is and what the town lives under."""
    return [
        _(
            "You are {name}, resident {who} of a town of {town:,}: {about}.",
            name=name_of(who), who=who, town=TOWN, about=describe(town, who),
        ),
        _("The town lives under: {policy}.", policy=translated(policy.title)),
    ]  # fmt: skip


def abilities(commands: Sequence[str]) -> str:
    """Say what the reader can do."""
    return _("You can: {commands}.", commands=", ".join(commands))


def unknown(command: str, commands: Sequence[str]) -> RunInvalid:
    """Make the error for a command nobody knows; the caller raises it."""
    return RunInvalid(
        _("There is no command {command!r}; you can: {commands}.",
          command=command.strip(), commands=", ".join(commands)),
        command=command,
    )  # fmt: skip


def name_of(who: int) -> str:
    """Give a resident's name."""
    return NAMES[who % len(NAMES)]
