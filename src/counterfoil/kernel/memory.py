"""How a process that serves for long collects its garbage."""

import gc

_NEW_OBJECTS_MAX = 50_000


def collect_seldom() -> None:
    """Leave alone what is there already, and look through what is new less often.

    Everything that a server has imported and opened stays for as long as it lives. Looking through
    it again and again, after each 700 new objects, was a tenth of a payment's time.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(_NEW_OBJECTS_MAX, 20, 20)
