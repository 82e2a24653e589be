"""Mesa beside the lab: in an environment of its own, made the first time that it is asked for.

Mesa brings libraries that this project neither needs nor pins, so it is never installed beside
them. What Mesa runs is `mesa_model`, at 10,000 people at most; for more people its seconds are
multiplied by how many more there are, which favors it: objects of a million people do not fit a
cache.
"""

import json
import os
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Any, Final

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import ExtraMissing

VERSION: Final = "3.3.1"
PEOPLE_MAX: Final = 10_000
_MODEL: Final = Path(__file__).with_name("mesa_model.py")


@dataclass(frozen=True, slots=True)
class MesaSpeed:
    """Seconds that Mesa took, and what they come to for the lab's own number of people."""

    version: str
    people: int
    months: int
    seconds: float
    agent_steps_per_second: float
    to_people: int
    extrapolated: bool
    """Whether the lab ran more people than Mesa did."""
    seconds_at_to_people: float


def default_folder() -> Path:
    """Tell where Mesa's environment is kept: the user's folder for what can be made again."""
    cache = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(cache) / "counterfoil" / f"mesa-{VERSION}"


def measure_mesa(*, people: int, months: int, folder: Path | None = None) -> MesaSpeed:
    """Run the spiral in Mesa for so many months, at 10,000 people at most.

    Raises:
        ExtraMissing: Mesa's environment could not be made; says what pip said last.

    """
    few = min(people, PEOPLE_MAX)
    python = _environment(folder or default_folder())
    # -I: neither this project's folder nor its variables reach Mesa's interpreter.
    told = subprocess.run(  # noqa: S603 - our own file in our own environment
        [python, "-I", _MODEL, str(few), str(months)],
        check=True, stdout=subprocess.PIPE, text=True,
    ).stdout  # fmt: skip
    found: dict[str, Any] = json.loads(told)
    seconds = float(found["seconds"])
    return MesaSpeed(
        version=found["version"],
        people=few,
        months=months,
        seconds=seconds,
        agent_steps_per_second=few * months / seconds,
        to_people=people,
        extrapolated=people > few,
        seconds_at_to_people=seconds * people / few,
    )


def _environment(folder: Path) -> Path:
    """Give the interpreter that has Mesa; make its environment if it is not there yet.

    It is made beside its place and moved there whole, so that one cut off half way is made again.
    """
    if not folder.exists():
        partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
        try:
            venv.create(partial, with_pip=False)
            _install(partial / "bin" / "python")
            partial.replace(folder)
        finally:
            rmtree(partial, ignore_errors=True)
    return folder / "bin" / "python"


def _install(python: Path) -> None:
    pip = [sys.executable, "-m", "pip", "--python", str(python), "--disable-pip-version-check"]
    done = subprocess.run(  # noqa: S603 - fixed words and our own path
        [*pip, "install", "--quiet", f"mesa=={VERSION}"],
        check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    if done.returncode:
        last = done.stderr.strip().splitlines()[-1:] or [str(done.returncode)]
        raise ExtraMissing(
            _("Mesa {version} could not be installed into an environment of its own ({problem}); "
              "make its package reachable for pip, or leave --mesa out.", version=VERSION,
              problem=last[0])
        )  # fmt: skip
