"""Where nobody watches, the demonstration's payer pays and the server ends; in a terminal it stays."""

import os
import pty
import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2
import pytest

PLAY = (
    "import sys, logging; from pathlib import Path; from rich.console import Console; "
    "from counterfoil.demo.shop import show_shop; from counterfoil.server import logs; "
    "logs.set_up(level=logging.WARNING); "
    "console = Console(width=200); "
    "show_shop(Path(sys.argv[1]), console, stays=console.is_terminal)"
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


@pytest.mark.slow
def test_in_a_terminal_the_server_stays_until_the_reader_ends_it(tmp_path: Path) -> None:
    """The link that it prints signs the till in, and then the payer beside it; Ctrl-C ends it, with 0."""
    ours, its = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-c", PLAY, str(tmp_path)], stdout=its, stderr=its, stdin=its
    )
    os.close(its)
    try:
        said = ""
        while not re.search(r"Ctrl-C", said):
            said += os.read(ours, 4096).decode()
        plain = re.sub(r"\x1b\[[0-9;]*m", "", said)
        link = re.search(r"http://localhost:\d+/in/\S+", plain)
        assert link, plain
        with httpx2.Client(follow_redirects=True) as browser:
            page = browser.get(link[0])
            assert (page.status_code, "Sign in here" in page.text) == (200, True)
        process.send_signal(signal.SIGINT)
        assert process.wait(60) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
