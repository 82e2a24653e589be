"""Every refusal of every room, for tests of what is total."""

import importlib
import pkgutil
from collections.abc import Iterator

import counterfoil
from counterfoil.kernel.errors import CounterfoilError

for _module in pkgutil.walk_packages(counterfoil.__path__, "counterfoil."):
    if not _module.name.endswith(("__main__", ".env")) and ".versions" not in _module.name:
        importlib.import_module(_module.name)


def every_error(
    kind: type[CounterfoilError] = CounterfoilError,
) -> Iterator[type[CounterfoilError]]:
    """Walk the classes of errors, below one."""
    for one in kind.__subclasses__():
        yield one
        yield from every_error(one)
