"""Write `requirements.lock`: one version of every dependency, with the hashes of its files.

One lock serves every Python from the oldest one supported on and every platform (uv's universal
resolution); plain pip installs from it with `--require-hashes`, so a file that was exchanged at
the index is refused. The lock names no index: where packages come from is the machine's matter.
The extra `gpu` is left out: the tests run the card's engine on Numba's simulator instead.
"""

import importlib.util
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
LOCK = ROOT / "requirements.lock"
HEADER = "# Written by `make lock` from pyproject.toml; read by tools/set_up.sh.\n"


def main() -> None:
    """Resolve the dependencies again, at their newest, and write the lock."""
    if importlib.util.find_spec("uv") is None:
        print("lock: installing uv")
        _run(sys.executable, "-m", "pip", "install", "--quiet", "uv")
    print("lock: resolving")
    resolved = _run(
        *(sys.executable, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--upgrade"),
        *("--generate-hashes", "--no-header", "--no-emit-index-url", "--no-emit-find-links"),
        *("--extra", "postgresql", "--group", "dev", "pyproject.toml"),
    )
    LOCK.write_text(HEADER + resolved)
    print(f"lock: wrote {LOCK.name}")


def _run(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True)
    return done.stdout


if __name__ == "__main__":
    main()
