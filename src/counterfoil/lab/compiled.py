"""Numba's compiler behind a typed name, so that `mypy --strict` still sees the functions.

Compiled code is kept on disk beside the sources, or in the user's cache where that folder is
read-only: the first run on a machine compiles, later ones load.
"""

from collections.abc import Callable
from typing import Any, TypeVar

import numba
import numpy as np
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


def compiled_parallel(function: F) -> F:
    """Compile a function whose `prange` loops are shared among threads."""
    done: F = numba.njit(cache=True, nogil=True, parallel=True, error_model="numpy")(function)
    return done
