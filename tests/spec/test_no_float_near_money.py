"""No float comes near money: neither written, nor named, nor made by a division."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

import counterfoil

SOURCE = Path(counterfoil.__file__).parent
ROOMS = ("money", "ledger", "wallet", "pay")
FLOAT_NAMES = {"float", "complex", "float16", "float32", "float64", "double", "inf", "nan"}


def floats(source: str, *, divisions: bool) -> Iterator[str]:
    """Find every float literal and float type, and every true division where asked."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Constant(value=float() | complex()):
                yield f"line {node.lineno}: the literal {node.value!r}"
            case ast.Name(id=name) | ast.Attribute(attr=name) if name in FLOAT_NAMES:
                yield f"line {node.lineno}: {name}"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()) if divisions:
                yield f"line {node.lineno}: a division, which makes a float of two ints"


def test_no_float_in_the_rooms_that_hold_money() -> None:
    """Money is integers and exact fractions, in every module of every room that holds it."""
    rooms = [SOURCE / room for room in ROOMS if (SOURCE / room).is_dir()]
    assert SOURCE / "money" in rooms
    found = [
        f"{path.relative_to(SOURCE)}, {what}"
        for room in rooms
        for path in sorted(room.rglob("*.py"))
        for what in floats(path.read_text(encoding="utf-8"), divisions=room.name == "money")
    ]
    assert found == []


@pytest.mark.parametrize(
    "planted",
    ["fee = 0.029", "x: float = y", "np.float64(minor)", "math.inf", "minor / 100", "minor /= 2"],
)
def test_the_check_sees_a_float(planted: str) -> None:
    """Each way in which a float could enter is seen."""
    assert list(floats(planted, divisions=True))


@pytest.mark.parametrize("exact", ["minor // 100", "Fraction('0.029')", "'1.5'", "1 + 2"])
def test_the_check_lets_exact_numbers_pass(exact: str) -> None:
    """What is exact is not reported."""
    assert not list(floats(exact, divisions=True))
