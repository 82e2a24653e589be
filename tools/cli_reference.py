"""Write docs/reference/cli.md from the commands themselves, so that the two cannot differ.

A test compares the page with what this module would write (after a change: make reference).
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from typer import Typer
from typer.main import get_command

from counterfoil.kernel.i18n import use_locale

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "cli.md"
PROGRAM = "counterfoil"
HEADER = """\
# Commands

Every command of `counterfoil`, as `--help` tells it. This page is written by `make reference`.
"""


def commands(app: Typer) -> list[tuple[str, Any]]:
    """List every command with its full name, groups before what is in them."""
    return list(_walk(PROGRAM, get_command(app)))


def render(app: Typer) -> str:
    """Write the page."""
    with use_locale("en"):
        return "\n".join([HEADER, *(_section(name, command) for name, command in commands(app))])


def examples(command: Any) -> list[str]:
    """List the example lines in a command's help: those that begin with the program's name."""
    lines = (_as_typed(line) for line in _help(command).splitlines())
    return [line for line in lines if line.startswith(f"{PROGRAM} ")]


def _as_typed(line: str) -> str:
    return line.strip().removeprefix("Example: ").removeprefix("$ ")


def _walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    yield name, command
    names = command.list_commands(None) if hasattr(command, "list_commands") else ()
    for child in sorted(names):
        inner = command.get_command(None, child)
        if not inner.hidden:
            yield from _walk(f"{name} {child}", inner)


def _section(name: str, command: Any) -> str:
    prose = "\n".join(_prose(command)).strip()
    parts = [f"## {name}", prose]
    if shown := examples(command):
        parts.append("\n".join(["```console", *(f"$ {line}" for line in shown), "```"]))
    rows = [_row(parameter) for parameter in command.params if not _is_noise(parameter)]
    if rows:
        parts.append("\n".join(["| parameter | meaning | default |", "|---|---|---|", *rows]))
    return "\n\n".join(part for part in parts if part) + "\n"


def _prose(command: Any) -> Iterator[str]:
    for line in _help(command).splitlines():
        word = _as_typed(line)
        if not word.startswith(f"{PROGRAM} ") and word not in {"Example:", "Examples:"}:
            yield line


def _help(command: Any) -> str:
    return f"{command.help or ''}\n{command.epilog or ''}".replace("\b", "")


def _is_noise(parameter: Any) -> bool:
    hidden = getattr(parameter, "hidden", False)
    return hidden or parameter.name in {"help", "install_completion", "show_completion"}


def _row(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    names = [*parameter.opts, *parameter.secondary_opts] if is_option else [parameter.name.upper()]
    shown = ", ".join(f"`{name}`" for name in names)
    default = "required" if parameter.required else _default(parameter.default)
    return f"| {shown} | {(parameter.help or '').strip()} | {default} |"


def _default(value: object) -> str:
    if value is None or callable(value):
        return ""
    if isinstance(value, bool):
        return "on" if value else "off"
    return f"`{getattr(value, 'value', value)}`"


def main() -> None:
    """Write the page from the program's own commands."""
    with use_locale("en"):  # what help says is said when it is loaded
        from counterfoil.cli import app

    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(render(app))


if __name__ == "__main__":
    main()
