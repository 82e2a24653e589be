"""`counterfoil` as a shell runs it: each call a process of its own, with its words, its output, its end.

Four fifths of a short command are Python reading its libraries. So the processes are forked from one that
has read them and nothing else; a call for which they would be read otherwise, such as one in another
language, starts afresh.
"""

import json
import multiprocessing
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

from counterfoil.cli import main

START = "import sys; sys.argv[0] = 'counterfoil'; from counterfoil.cli import main; main()"
_TAKEN_LATER = ("COUNTERFOIL_", "COLUMNS")
"""Settings that a command reads when it runs, not when its sources are read."""

_forking = multiprocessing.get_context("forkserver")
_forking.set_forkserver_preload(
    [
        "tools.program", "counterfoil.cli.app", "counterfoil.bootstrap",
        "adbc_driver_sqlite.dbapi", "adbc_driver_postgresql.dbapi", "alembic.command", "duckdb",
    ]
)  # fmt: skip


def counterfoil(*arguments: str | Path, **environment: str) -> "subprocess.CompletedProcess[str]":
    """Run a command to its end, 80 columns wide unless `environment` says otherwise."""
    words = [str(one) for one in arguments]
    given = {**os.environ, "COLUMNS": "80", "NO_COLOR": "1", **environment}
    if not all(name.startswith(_TAKEN_LATER) for name in environment):
        return subprocess.run(
            [sys.executable, "-c", START, *words], env=given,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        said = (Path(folder, "out"), Path(folder, "errors"))
        process = _forking.Process(target=_run, args=(words, given, Path.cwd(), *said))
        process.start()
        process.join()
        assert process.exitcode is not None
        out, errors = (one.read_text("utf-8") for one in said)
        return subprocess.CompletedProcess(words, process.exitcode, out, errors)


def answer(*arguments: str | Path) -> Any:
    """Give what a command says with --json; it has to succeed."""
    done = counterfoil(*arguments, "--json")
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def _run(
    words: list[str], environment: dict[str, str], place: Path, out: Path, errors: Path
) -> None:
    """Become the command; here only this process's own thread runs."""
    os.chdir(place)
    os.environ.clear()
    os.environ.update(environment)
    for path, number in ((out, 1), (errors, 2)):
        file = os.open(path, os.O_WRONLY | os.O_CREAT)
        os.dup2(file, number)
        os.close(file)
    sys.argv = ["counterfoil", *words]
    main()
