"""Work of the lab that dies by SIGKILL, as a program: python -m tests.lab.kill_lab WHAT FILE WHEN.

`gallery FOLDER POLICY:MONTH` dies as soon as that month of that policy is moved; `ensemble FILE
COUNT` and `alone FILE COUNT` once so many replica-months are. What is saved is saved after every
month.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any, Final

from counterfoil import lab
from counterfoil.lab.ensemble import run_replicas
from counterfoil.lab.report import build_gallery
from counterfoil.policy import Policy, with_parameter

GALLERY: Final[dict[str, Any]] = {"months": 9}
ENSEMBLE: Final[dict[str, Any]] = {"months": 14, "replicas": 19, "seed": 3}
ALONE: Final[dict[str, Any]] = {"months": 8, "replicas": 3, "seed": 3}


def people() -> lab.Population:
    """Make the city that all of them use."""
    return lab.generate(lab.PopulationSpec(people=2_000, seed=7))


def seeing_some() -> Policy:
    """Give a policy whose replicas are run one after the other."""
    return with_parameter(lab.load("friends-average"), "loan.authorized_share", 0.4)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def main(what: str, place: Path, when: str) -> None:
    """Work until the moment has come."""
    # By name: the package offers the function `run` under the name of its module.
    for module in ("counterfoil.lab.run", "counterfoil.lab.ensemble"):
        sys.modules[module].SAVE_EVERY_S = -1.0  # type: ignore[attr-defined]
    current = ""

    def begun(name: str, _done: int, _total: int) -> None:
        nonlocal current
        current = name

    def told(done: int, _total: int) -> None:
        if when in (f"{current}:{done}", str(done)):
            _die()

    if what == "gallery":
        build_gallery(people(), place, **GALLERY, begun=begun, progress=told)
    elif what == "ensemble":
        run_replicas(lab.load("spiral"), people(), **ENSEMBLE, progress=told, checkpoint=place)
    else:
        run_replicas(seeing_some(), people(), **ALONE, progress=told, checkpoint=place)


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), sys.argv[3])
