"""Numba's compiler behind a typed name, so that `mypy --strict` still sees the functions.

Compiled code is kept on disk beside the sources, or in the user's cache where that folder is
read-only: the first run on a machine compiles, later ones load.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
from numba.extending import intrinsic
from numpy.typing import NDArray

F = TypeVar("F", bound=Callable[..., Any])

Bytes = NDArray[np.uint8]
Shorts = NDArray[np.int16]
Words = NDArray[np.uint32]
Ints = NDArray[np.int32]
Longs = NDArray[np.int64]


def compiled(function: F) -> F:
    """Compile a function that one thread runs; it gives up the GIL.

    NumPy's error model: a division by zero is not looked for, so callers must rule it out.
    """
    done: F = numba.njit(cache=True, nogil=True, error_model="numpy")(function)
    return done


def compiled_bare(function: F) -> F:
    """Compile a function that makes no array, without counting references to those it is given.

    Numba counts them atomically, in the arrays' own memory, at every call: two threads that walk
    the same arrays then fight over the counters (docs/adr/0051). The option is Numba's own, used
    by its runtime, and not documented; a function that makes an array fails to compile with it.
    """
    done: F = numba.njit(cache=True, nogil=True, error_model="numpy", _nrt=False)(function)
    return done


def inlined(function: F) -> F:
    """Compile a function into each of its callers, so that their loops can become wide."""
    done: F = numba.njit(nogil=True, error_model="numpy", inline="always")(function)
    return done


def written_out(function: Callable[..., Any]) -> Any:
    """Let compiled code call what a function writes in LLVM's own language."""
    return intrinsic(function)


def compiled_parallel(function: F) -> F:
    """Compile a function whose `prange` loops are shared among threads."""
    done: F = numba.njit(cache=True, nogil=True, parallel=True, error_model="numpy")(function)
    return done
