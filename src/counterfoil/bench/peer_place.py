"""The environment of the peers that scores are measured beside: their own, made when first asked for.

They bring a gigabyte of libraries that nothing here needs, and pandas of another version. What is
installed is pinned, so that figures can be compared; another list makes the environment anew.
"""

import subprocess
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Final

from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import _

PACKAGES: Final = (
    "featuretools==1.31.0",
    "optbinning==1.0.0",
    "pandas==2.3.3",
    "scikit-learn==1.9.1",
    "scorecardpy==0.1.9.7",
    "setuptools==80.9.0",
)
_READY: Final = "ready"
_LINES_SHOWN: Final = 3
Say = Callable[[str], None]


class PeersMissing(CounterfoilError):
    """The peers' environment could not be made."""

    code = "bench.peers-missing"
    is_transient = True


def python_of(folder: Path, say: Say) -> Path:
    """Give the Python of the environment in a folder; it is made where it is not there, or not whole.

    Raises:
        PeersMissing: it could not be made: no network, no room, or nowhere to write.

    """
    python, ready = folder / "bin" / "python", folder / _READY
    wanted = "\n".join(PACKAGES)
    if ready.exists() and ready.read_text("utf-8") == wanted and python.exists():
        return python
    say(_("Making the peers' environment in {folder}; this takes minutes.", folder=folder))
    try:
        venv.create(folder, with_pip=True)
        done = subprocess.run(  # noqa: S603
            [str(python), "-m", "pip", "install", "--disable-pip-version-check", "--retries", "2",
             "-q", *PACKAGES],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    except (OSError, subprocess.CalledProcessError) as error:
        raise _missing(folder, str(error)) from error
    if done.returncode:
        raise _missing(folder, "\n".join(done.stderr.strip().splitlines()[-_LINES_SHOWN:]))
    ready.write_text(wanted, "utf-8")
    return python


def _missing(folder: Path, why: str) -> PeersMissing:
    return PeersMissing(
        _("The peers could not be installed in {folder}: {why} Connect to the network and ask again, or "
          "leave --peers out.", folder=folder, why=why),
        folder=str(folder),
    )  # fmt: skip
