"""Small cities, made once."""

import os
from pathlib import Path

import pytest

from counterfoil import lab

SHARED = Path(__file__).parents[3] / "shared" / "data"


@pytest.fixture(scope="session")
def town() -> lab.Population:
    """Make a city of 4,000 people, all layers."""
    return lab.generate(lab.PopulationSpec(people=4_000, seed=7))


@pytest.fixture(scope="session")
def plain() -> lab.Population:
    """Make 10,000 people who know each other at random and live by the plain calendar."""
    return lab.generate(
        lab.PopulationSpec(
            people=10_000, shape=lab.Shape.UNIFORM, calendar=lab.Calendar.PLAIN, seed=1
        )
    )


@pytest.fixture(scope="session")
def fico_folder() -> Path:
    """Find the FICO curves, or skip: they may not be shipped."""
    folder = Path(os.environ.get("COUNTERFOIL_DATA", SHARED)) / "fico"
    if not folder.is_dir():
        pytest.skip(
            f"{folder} is absent: the TransRisk curves of 2003 are public in the fairmlbook "
            "repository; put their folder's parent into COUNTERFOIL_DATA"
        )
    return folder
