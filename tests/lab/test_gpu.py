"""The graphics card's engine: the same bits as on a processor."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from counterfoil import lab, policy
from counterfoil.lab.errors import ExtraMissing

MONTHS = 5
PEOPLE = 60
SWITCHES = {
    "people.merged_share": 0.2,
    "people.enrolled_share": 0.8,
    "people.exempt_share": 0.1,
    "listing.error_rate": 0.1,
    "listing.correction_rate": 0.2,
    "listing.release_rate": 0.1,
    "loan.contacts_minimum": 990,
    "loan.authorized_share": 0.5,
    "loan.default_points": -50,
    "score.weights.connections": 20,
}
SIMULATED = """
import json, sys
from counterfoil.lab import gpu
from tests.lab.test_gpu import rule_of, run_with

gpu.BLOCK = 8  # a simulated thread is a thread of Python's
print(json.dumps({name: run_with("cuda", rule_of(name)) for name in sys.argv[1:]}))
"""
ROOT = Path(__file__).parents[2]


def rule_of(name: str) -> policy.Policy:
    """Load a shipped policy; the national file with every switch on."""
    rule = lab.load(name)
    for parameter, value in SWITCHES.items() if name == "national-file-2014" else ():
        rule = policy.with_parameter(rule, parameter, value)
    return rule


def run_with(engine: str, rule: policy.Policy) -> str:
    """Run a policy on a hamlet and give the checksum."""
    city = lab.generate(lab.PopulationSpec(people=PEOPLE, districts=4, seed=3))
    return lab.run(rule, city, months=MONTHS, engine=engine).checksum


@pytest.mark.slow
def test_a_card_gives_the_same_bits() -> None:
    """On Numba's simulator of a card the checksums are those of the processor."""
    names = ("national-file-2014", "spiral")
    environment = {"NUMBA_ENABLE_CUDASIM": "1", "NUMBA_DISABLE_JIT": "1"}
    done = subprocess.run(
        [sys.executable, "-c", SIMULATED, *names], cwd=ROOT, check=True, text=True,
        env={**os.environ, **environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'src'}"},
        stdout=subprocess.PIPE,
    )  # fmt: skip
    assert json.loads(done.stdout) == {name: run_with("numba", rule_of(name)) for name in names}


def test_without_a_card_the_engine_is_refused() -> None:
    """Asked for on a machine without a card, the engine says what is missing."""
    from numba import cuda

    if cuda.is_available():
        assert run_with("cuda", rule_of("spiral")) == run_with("numba", rule_of("spiral"))
        return
    with pytest.raises(ExtraMissing, match="No NVIDIA card can be used here"):
        run_with("cuda", rule_of("spiral"))
