"""Where nobody watches, the demonstration's payer pays by the pages, and the server ends by itself."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

PLAY = (
    "import sys, logging; from pathlib import Path; from rich.console import Console; "
    "from counterfoil.demo.shop import show_shop; from counterfoil.server import logs; "
    "logs.set_up(level=logging.WARNING); "
    "show_shop(Path(sys.argv[1]), Console(width=200), stays=False)"
)


@pytest.mark.slow
def test_the_payer_pays_and_the_server_ends(tmp_path: Path) -> None:
    """One sentence tells what happened, with the code that both sides show; the status is 0."""
    done = subprocess.run(
        [sys.executable, "-c", PLAY, str(tmp_path)], capture_output=True, text=True, timeout=120,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    said = " ".join(done.stdout.split())
    assert re.search(r"both show \w{4}, and his receipt verifies", said), said
    assert done.stderr == ""
