"""Whether a run fits, said before it starts.

The estimates are measured peaks (docs/explanation/lab.md) with a fifth to spare.
"""

from pathlib import Path
from typing import Final

from counterfoil.kernel.i18n import _
from counterfoil.lab.errors import MemoryShort
from counterfoil.lab.population.model import PopulationSpec

BUILD_BYTES_PER_PERSON: Final = 160
BUILD_BYTES_PER_CONTACT: Final = 56
RUN_BYTES_PER_PERSON: Final = 60
RUN_BYTES_PER_CONTACT: Final = 8


def free_bytes() -> int | None:
    """Read how much memory programs can still have; None where the system does not say."""
    meminfo = Path("/proc/meminfo")
    if not meminfo.exists():
        return None
    for line in meminfo.read_text(encoding="ascii").splitlines():
        if line.startswith("MemAvailable:"):
            return int(line.split()[1]) * 1024
    return None


def peak_bytes(spec: PopulationSpec) -> int:
    """Estimate the most memory that making a population and running on it takes."""
    contacts = spec.people * spec.mean_contacts
    build = spec.people * BUILD_BYTES_PER_PERSON + contacts * BUILD_BYTES_PER_CONTACT
    run = spec.people * RUN_BYTES_PER_PERSON + contacts * RUN_BYTES_PER_CONTACT
    return int(max(build, run) * 1.2)


def check_spec(spec: PopulationSpec) -> None:
    """Refuse a population that this machine's free memory will not hold.

    Raises:
        MemoryShort: says how much is needed, how much there is, and how many people would fit.

    """
    check_memory(peak_bytes(spec), spec.people)


def check_memory(needed: int, people: int) -> None:
    """Refuse work that needs more bytes than are free.

    Raises:
        MemoryShort: as `check_spec`.

    """
    free = free_bytes()
    if free is not None and needed > free:
        fits = people * free // needed
        raise MemoryShort(
            _("{people:,} people need about {needed:.1f} GB and {free:.1f} GB are free; "
              "{fits:,} people would fit.", people=people, needed=needed / 1e9, free=free / 1e9,
              fits=fits // 1000 * 1000),
            needed=needed,
            free=free,
            fits=fits,
        )  # fmt: skip
