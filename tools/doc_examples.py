"""Run the examples of a Markdown page, from top to bottom, as its reader would.

Two kinds of fenced block are run: `python` (with `>>>`: as a doctest; without: as it stands), all
of a page's in one namespace; and `console`, of which the lines `$ counterfoil …` are run and what
is printed is compared with what the page shows (`...` stands for anything). Other `$` lines, such
as `$ make demo`, are for the reader alone; those that ask a server by `curl` are run where there is one
(`run_requests`). The working folder is the caller's: use an empty one.
"""

import doctest
import io
import os
import re
import shlex
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tools.program import counterfoil

_FENCE = re.compile(r"^```(python|console)\n(.*?)^```$", re.DOTALL | re.MULTILINE)
_FLAGS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE


_END = "--- end ---"
_SHELL = """\
set -eo pipefail
command -v uuidgen >/dev/null || uuidgen() { cat /proc/sys/kernel/random/uuid; }"""


class ExampleFailed(Exception):
    """A page shows something other than what happens."""


@dataclass(frozen=True, slots=True)
class Example:
    """One fenced block: its kind, its text, and its line in the page."""

    kind: str
    text: str
    line: int


def examples_in(page: str) -> list[Example]:
    """Find the blocks of a page that are run."""
    return [
        Example(found[1], found[2], page.count("\n", 0, found.start()) + 2)
        for found in _FENCE.finditer(page)
        if found[1] == "python" or "$ counterfoil " in found[2]
    ]


def run(path: Path) -> int:
    """Run a page's examples in the current folder and count them.

    Raises:
        ExampleFailed: one of them fails or prints something else.

    """
    examples = examples_in(path.read_text())
    names: dict[str, object] = {"__name__": "__main__"}
    for example in examples:
        where = f"{path}:{example.line}"
        if example.kind == "console":
            _run_console(example.text, where)
        elif ">>>" in example.text:
            _run_doctest(example.text, names, where)
        else:
            exec(compile(example.text, where, "exec"), names)  # noqa: S102
    return len(examples)


def run_requests(path: Path, server: Mapping[str, str], replaced: Mapping[str, str]) -> int:
    """Run a page's lines with `curl` against a server, in one shell, and count them.

    `server` is what the reader has exported; `replaced`: what stands in the page for something of the
    server's.

    Raises:
        ExampleFailed: one of them fails or prints something else.

    """
    steps = [step for text in _FENCE.findall(path.read_text()) for step in _requests(text[1])]
    script = [_SHELL]
    for command, _shown in steps:
        script += [_replaced(command, replaced), f"printf '%s\\n' '{_END}'"]
    done = subprocess.run(
        ["bash"], input="\n".join(script), env={**os.environ, **server}, capture_output=True,
        text=True, check=False,
    )  # fmt: skip
    printed = done.stdout.split(f"{_END}\n")
    for (command, shown), said in zip(steps, printed, strict=False):
        expected = _replaced(shown, replaced)
        if not doctest.OutputChecker().check_output(expected, said, _FLAGS):
            raise ExampleFailed(f"{path}: $ {command}\n--- shows\n{expected}--- but prints\n{said}")
    if done.returncode or done.stderr:
        raise ExampleFailed(f"{path}: exit status {done.returncode}\n{done.stderr}")
    return len(steps)


def _requests(text: str) -> Iterator[tuple[str, str]]:
    """Find the commands with `curl` in a console block, each with what is shown below it."""
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        lines = step.splitlines(keepends=True)
        end = next(k for k in range(1, len(lines) + 1) if _is_whole("".join(lines[:k])))
        if "curl" in lines[0]:
            yield "".join(lines[:end]).rstrip(), "".join(lines[end:])


def _is_whole(command: str) -> bool:
    try:
        shlex.split(command)
    except ValueError:  # a quotation goes on in the next line
        return False
    return not command.rstrip().endswith("\\") and command.count("$(") <= command.count(")")


def _replaced(text: str, replaced: Mapping[str, str]) -> str:
    for placeholder, value in replaced.items():
        text = text.replace(placeholder, value)
    return text


def _run_doctest(text: str, names: dict[str, object], where: str) -> None:
    test = doctest.DocTestParser().get_doctest(text, names, where, where, 0)
    runner = doctest.DocTestRunner(optionflags=_FLAGS)
    said = io.StringIO()
    runner.run(test, out=said.write, clear_globs=False)
    names.update(test.globs)
    if runner.failures:
        raise ExampleFailed(said.getvalue())


def _run_console(text: str, where: str) -> None:
    for step in re.split(r"^\$ ", text, flags=re.MULTILINE)[1:]:
        command, _, shown = step.partition("\n")
        name, *arguments = shlex.split(command)
        if name == "counterfoil":
            _compare(command, shown, counterfoil(*arguments, COLUMNS="100"), where)


def _compare(command: str, shown: str, done: subprocess.CompletedProcess[str], where: str) -> None:
    said = done.stdout + done.stderr
    if shown.strip():
        is_right = doctest.OutputChecker().check_output(shown, said, _FLAGS)
    else:
        is_right = done.returncode == 0
    if not is_right:
        raise ExampleFailed(
            f"{where}: $ {command}\nexit status {done.returncode}\n"
            f"--- the page shows\n{shown}--- but it prints\n{said}"
        )
