"""The three SDKs, each unmodified in an environment of its own, pinned, below `.cache/conformance`.

Both Python ones claim the top-level package `alipay`, so that they can never be in one environment.
"""

import fcntl
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

ROOT = Path(__file__).parent.parent.parent
CACHE = ROOT / ".cache" / "conformance"
DRIVERS = Path(__file__).parent / "drivers"
INSTALL_S = 300


class Unavailable(Exception):
    """An SDK cannot be installed here, and why."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """One SDK, and how it is installed and driven."""

    name: str
    version: str
    driver: str
    make: Callable[["Sdk", Path], None]
    start: Callable[["Sdk", Path], list[str]]
    only_ports: tuple[int, ...] = ()
    """The only ports it can reach; none: any."""

    @property
    def folder(self) -> Path:
        """Where it is installed."""
        return CACHE / f"{self.name}-{self.version}"

    def command(self) -> list[str]:
        """Install it if it is not there yet, and tell how its driver is started.

        Raises:
            Unavailable: it cannot be installed here.

        """
        CACHE.mkdir(parents=True, exist_ok=True)
        with (CACHE / f"{self.name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # tests run in several processes; one installs
            self._install()
        return self.start(self, self.folder)

    def _install(self) -> None:
        ready = self.folder / "ready"
        if ready.exists():
            return
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir(parents=True)
        try:
            self.make(self, self.folder)
        except (subprocess.SubprocessError, OSError) as error:
            raise Unavailable(f"{self.name} {self.version} cannot be installed: {error}") from error
        ready.touch()


def _run(*command: str | Path, cwd: Path) -> None:
    subprocess.run(
        [str(part) for part in command], cwd=cwd, check=True, capture_output=True, timeout=INSTALL_S
    )


def _pip(sdk: Sdk, folder: Path) -> None:
    _run(sys.executable, "-m", "venv", folder / "venv", cwd=folder)
    _run(
        folder / "venv/bin/python", "-m", "pip", "install", "--quiet",
        "--disable-pip-version-check", f"{sdk.name}=={sdk.version}", cwd=folder,
    )  # fmt: skip


def _python(sdk: Sdk, folder: Path) -> list[str]:
    return [str(folder / "venv/bin/python"), "-W", "ignore", str(DRIVERS / sdk.driver)]


def _npm(sdk: Sdk, folder: Path) -> None:
    if shutil.which("node") is None or shutil.which("npm") is None:
        raise OSError("there is no Node here")
    (folder / "package.json").write_text('{"private": true}')
    _run(
        "npm", "install", "--silent", "--no-audit", "--no-fund", f"{sdk.name}@{sdk.version}",
        cwd=folder,
    )  # fmt: skip


def _node(sdk: Sdk, folder: Path) -> list[str]:
    return ["node", str(DRIVERS / sdk.driver), str(folder)]


SDKS = (
    Sdk("python-alipay-sdk", "3.4.0", "python_alipay_sdk.py", _pip, _python),
    Sdk("alipay-sdk-python", "3.7.1411", "alipay_sdk_python.py", _pip, _python, (80, 443)),
    Sdk("alipay-sdk", "4.14.0", "alipay_sdk_node.mjs", _npm, _node),
)


class Driven:
    """An SDK at work, in a process of its own."""

    def __init__(self, command: list[str], config: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self._write(config)

    def call(self, method: str, content: Mapping[str, Any], **extra: str) -> dict[str, Any]:
        """Ask a method; the node, which the SDK has verified.

        Raises:
            AssertionError: the SDK raised.

        """
        return dict(self._ask({"do": "call", "method": method, "content": content, "extra": extra}))

    def page(self, method: str, content: Mapping[str, Any], **extra: str) -> dict[str, Any]:
        """Make what a browser is sent to the cashier's page with."""
        return dict(self._ask({"do": "page", "method": method, "content": content, "extra": extra}))

    def believes(self, notice: Mapping[str, str]) -> bool:
        """Tell whether the SDK itself finds a notice's signature right."""
        self._write({"do": "verify", "notice": notice})
        return self._read().get("answer") is True

    def _ask(self, asked: Mapping[str, Any]) -> Any:
        self._write(asked)
        said = self._read()
        assert "error" not in said, said["error"]
        return said["answer"]

    def _write(self, line: Mapping[str, Any]) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(line) + "\n")
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "the driver has ended"
        return dict(json.loads(line))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()
