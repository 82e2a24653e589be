"""How a process that serves for long collects its garbage."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

_NEW_OBJECTS_MAX = 50_000


@contextmanager
def collecting_seldom() -> Iterator[None]:
    """Leave alone what is there already, and look through what is new less often.

    Everything that a server has imported and opened stays for as long as it serves. Looking through
    it again and again, after each 700 new objects, was a tenth of a payment's time.
    """
    before = gc.get_threshold()
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_MAX, 20, 20)
    try:
        yield
    finally:
        gc.set_threshold(*before)
        gc.unfreeze()  # or what is undone at the end of the process would be taken for lost
