"""The few rules of style that protect correctness, each shown able to fail.

A rule is a function from one source file to the faults it finds there. `PLANTED` holds, for
each rule, a file that breaks it; a rule that lets its own planted fault pass is itself broken.
"""

import ast
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
MODULE_LINES_MAX = 400
FUNCTION_LINES_MAX = 60
CLOCK_CALLS = {
    *("time.time", "time.time_ns", "time.localtime", "time.gmtime", "time.ctime"),
    *("datetime.now", "datetime.utcnow", "datetime.today", "date.today"),
}
STOPWATCH_CALLS = {
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.perf_counter_ns",
}
STOPWATCH_PACKAGES = {"bench", "cli", "demo"}
MONEY_PACKAGES = {"money", "ledger", "bank", "wallet", "pay"}
BANNED_WORDS = {
    "blacklist": "restriction (only the lab may name what the news called so)",
    "whitelist": "allowlist",
    "sanity check": "check",
    "journal entry": "transfer",
    "double spend": "the refusal's own name",
    "customer": "person, or merchant",
}
UNFINISHED = "TODO|FIXME|XXX|HACK"
WORDS_ALLOWED_IN = {"lab", "policy", "demo", "bank"}  # ISO 20022 names its types as it likes

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, slots=True)
class Source:
    """One Python file: its path below src or tests, its text, its syntax tree."""

    path: str
    text: str

    @property
    def tree(self) -> ast.Module:
        """Its syntax."""
        return ast.parse(self.text)

    @property
    def room(self) -> str:
        """The package of counterfoil that it belongs to."""
        parts = Path(self.path).parts
        return Path(parts[1]).stem if parts[0] == "counterfoil" and len(parts) > 1 else ""


Rule = Callable[[Source], Iterator[str]]


def only_the_clock_tells_the_time(source: Source) -> Iterator[str]:
    """The domain is given the time: a replay must give the same answer tomorrow.

    Stopwatches, which cannot tell the time of day, are for benchmarks and progress bars.
    """
    if source.path == "counterfoil/kernel/clock.py":
        return
    banned = CLOCK_CALLS if source.room in STOPWATCH_PACKAGES else CLOCK_CALLS | STOPWATCH_CALLS
    origins = imported_names(source.tree)
    for node in nodes(source, ast.Attribute, ast.Name):
        name = ast.unparse(node)
        head, dot, rest = name.partition(".")
        full = origins.get(head, head) + dot + rest
        if any(full == call or full.endswith(f".{call}") for call in banned):
            yield f"{at(node)} {name}: take the time from kernel.clock"


def money_knows_no_float(source: Source) -> Iterator[str]:
    """A float cannot hold 0.10, and past 2^53 not even a whole number of cents."""
    if source.room not in MONEY_PACKAGES:
        return
    for node in nodes(source, ast.Name, ast.Attribute, ast.Constant, ast.BinOp, ast.AugAssign):
        match node:
            case ast.Name(id=name) | ast.Attribute(attr=name) if re.fullmatch(
                r"float(16|32|64|128)?|double", name
            ):
                yield f"{at(node)} {name}"
            case ast.Constant(value=float() as value):
                yield f"{at(node)} the literal {value}"
            case ast.BinOp(op=ast.Div()) | ast.AugAssign(op=ast.Div()) if not is_path(node):
                yield f"{at(node)} true division; use // and say which way it rounds"
            case _:
                pass


def nothing_is_swallowed(source: Source) -> Iterator[str]:
    """A handler for everything hides what nobody thought of, unless it passes the error on.

    It does so by raising it again, or by calling something with it: another thread's future, say.
    """
    for node in nodes(source, ast.ExceptHandler):
        assert isinstance(node, ast.ExceptHandler)
        caught = [] if node.type is None else names_in(node.type)
        if node.type is not None and not {"Exception", "BaseException"} & set(caught):
            continue
        raises = any(isinstance(inner, ast.Raise) for inner in ast.walk(node))
        if not raises and not _hands_over(node):
            yield f"{at(node)} catches everything and does not pass it on"


def _hands_over(handler: ast.ExceptHandler) -> bool:
    calls = [node for node in ast.walk(handler) if isinstance(node, ast.Call)]
    return any(handler.name in names_in(argument) for call in calls for argument in call.args)


def modules_say_what_they_are(source: Source) -> Iterator[str]:
    """A reader who opens a file learns first what it promises."""
    if not ast.get_docstring(source.tree):
        yield "1 no module docstring"


def public_functions_say_what_they_do(source: Source) -> Iterator[str]:
    """What others may call, they may read about."""
    for node in public_definitions(source.tree):
        if not ast.get_docstring(node):
            yield f"{at(node)} {node.name} has no docstring"


def files_and_functions_are_short(source: Source) -> Iterator[str]:
    """A file is one noun and a function one thought; a migration is one list of columns."""
    if (length := source.text.count("\n")) > MODULE_LINES_MAX:
        yield f"1 {length} lines; at most {MODULE_LINES_MAX}"
    if source.room == "migrations":
        return
    for node in nodes(source, ast.FunctionDef, ast.AsyncFunctionDef):
        assert isinstance(node, Function)
        if (length := lines_without_docstring(node)) > FUNCTION_LINES_MAX:
            yield f"{at(node)} {node.name} has {length} lines; at most {FUNCTION_LINES_MAX}"


def words_are_the_vocabulary_s(source: Source) -> Iterator[str]:
    """One word has one meaning, the same in code, database, screens and docs."""
    if source.room in WORDS_ALLOWED_IN:
        return
    for number, line in enumerate(source.text.splitlines(), start=1):
        for word, better in BANNED_WORDS.items():
            if re.search(rf"\b{word}", line.replace("_", " "), re.IGNORECASE):
                yield f"{number} {word}: say {better}"


def messages_stand_alone(source: Source) -> Iterator[str]:
    """A message inside an f-string is one token to the extractor, and would never be translated."""
    for node in nodes(source, ast.JoinedStr):
        for call in ast.walk(node):
            if isinstance(call, ast.Call) and ast.unparse(call.func) in {"_", "ngettext"}:
                yield f"{at(node)} {ast.unparse(call)}: say it before the f-string"


def nothing_is_left_to_do(source: Source) -> Iterator[str]:
    """What is on main is finished; what is not is an issue."""
    for number, line in enumerate(source.text.splitlines(), start=1):
        if found := re.search(rf"#.*\b({UNFINISHED})\b", line):
            yield f"{number} {found[1]}"


def nobody_is_a_number(source: Source) -> Iterator[str]:
    """Alice owns the shop and Bob pays: a reader should not have to keep a table of numbers."""
    for node in nodes(source, ast.Name, ast.arg):
        name = node.id if isinstance(node, ast.Name) else getattr(node, "arg", "")
        if re.fullmatch(r"(user|person|account|transfer|merchant|wallet|hold|payment)_?\d+", name):
            yield f"{at(node)} {name}: give it a name"


SOURCE_RULES: list[Rule] = [
    only_the_clock_tells_the_time,
    money_knows_no_float,
    nothing_is_swallowed,
    modules_say_what_they_are,
    public_functions_say_what_they_do,
    files_and_functions_are_short,
    words_are_the_vocabulary_s,
    messages_stand_alone,
    nothing_is_left_to_do,
]
TEST_RULES: list[Rule] = [nothing_is_swallowed, nothing_is_left_to_do, nobody_is_a_number]

PLANTED: list[tuple[Rule, str, str]] = [
    (only_the_clock_tells_the_time, "ledger", "import time\nnow = time.time_ns()"),
    (only_the_clock_tells_the_time, "ledger", "from time import time as t\nnow = t()"),
    (only_the_clock_tells_the_time, "pay", "import datetime as d\nd.datetime.now(d.UTC)"),
    (only_the_clock_tells_the_time, "pay", "from datetime import date\ndate.today()"),
    (only_the_clock_tells_the_time, "bench", "import datetime\nmake = datetime.datetime.utcnow"),
    (only_the_clock_tells_the_time, "ledger", "import time\ntime.perf_counter()"),
    (money_knows_no_float, "money", "def f(amount: float) -> None: ..."),
    (money_knows_no_float, "wallet", "fee = amount * 0.01"),
    (money_knows_no_float, "pay", "half = amount / 2"),
    (money_knows_no_float, "pay", "amount /= 2"),
    (money_knows_no_float, "ledger", "import numpy as np\nkind = np.float64"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept:\n    pass"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept Exception:\n    log()"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept Exception as e:\n    log()"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept (OSError, BaseException):\n    log()"),
    (modules_say_what_they_are, "pay", "X = 1"),
    (public_functions_say_what_they_do, "pay", "def pay() -> None: ..."),
    (public_functions_say_what_they_do, "pay", "class A:\n    '''A.'''\n    def b(self): ..."),
    (files_and_functions_are_short, "pay", "x = 1\n" * (MODULE_LINES_MAX + 1)),
    (files_and_functions_are_short, "pay", "def f():\n" + "    x = 1\n" * FUNCTION_LINES_MAX),
    (words_are_the_vocabulary_s, "pay", "black" + "list = []"),
    (words_are_the_vocabulary_s, "pay", "def the_custo" + "mer(): ..."),
    (messages_stand_alone, "pay", "f'<b>{_(\"Paid\")}</b>'"),
    (nothing_is_left_to_do, "pay", "x = 1  # TO" + "DO: later"),
    (nobody_is_a_number, "tests", "user1 = 1"),
    (nobody_is_a_number, "tests", "def pays(account_2): ..."),
]

HARMLESS: list[tuple[Rule, str, str]] = [
    (only_the_clock_tells_the_time, "bench", "import time\ntime.perf_counter()"),
    (only_the_clock_tells_the_time, "pay", "def f(time, order): return order.time, time"),
    (money_knows_no_float, "score", "x = 0.5 / 2"),
    (money_knows_no_float, "ledger", "import pathlib\nx = pathlib.Path(a) / 'b'\ny = 7 // 2"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept BaseException:\n    undo()\n    raise"),
    (nothing_is_swallowed, "pay", "try:\n    f()\nexcept Exception as e:\n    give(e)"),
    (messages_stand_alone, "pay", "said = _('Paid {n}', n=f'{1:,}')"),
    (public_functions_say_what_they_do, "pay", "def _pay(): ..."),
    (files_and_functions_are_short, "pay", "def f():\n    '''F." + "\n" * 99 + "'''\n    return 1"),
]


def sources(folder: str) -> list[Source]:
    base = ROOT / folder
    paths = sorted(base.rglob("*.py"))
    return [Source(path.relative_to(base).as_posix(), path.read_text()) for path in paths]


@pytest.mark.parametrize("rule", SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_the_sources_keep(rule: Rule) -> None:
    """Every file below src keeps the rule."""
    assert [f"{source.path}:{fault}" for source in sources("src") for fault in rule(source)] == []


@pytest.mark.parametrize("rule", TEST_RULES, ids=lambda rule: rule.__name__)
def test_the_tests_keep(rule: Rule) -> None:
    """Every file below tests keeps the rule."""
    assert [f"{source.path}:{fault}" for source in sources("tests") for fault in rule(source)] == []


@pytest.mark.parametrize(("rule", "room", "text"), PLANTED)
def test_a_planted_fault_is_found(rule: Rule, room: str, text: str) -> None:
    """A rule that cannot fail would be no rule."""
    assert list(rule(Source(f"counterfoil/{room}/planted.py", text)))


@pytest.mark.parametrize(("rule", "room", "text"), HARMLESS)
def test_what_only_looks_like_a_fault_passes(rule: Rule, room: str, text: str) -> None:
    """A rule that cries wolf would be worked around."""
    assert list(rule(Source(f"counterfoil/{room}/planted.py", text))) == []


def test_every_rule_has_a_planted_fault() -> None:
    """No rule joins the list without proof that it can fail."""
    assert {rule for rule, _, _ in PLANTED} == {*SOURCE_RULES, *TEST_RULES}


def nodes(source: Source, *kinds: type[ast.AST]) -> Iterator[ast.AST]:
    return (node for node in ast.walk(source.tree) if isinstance(node, kinds))


def at(node: ast.AST) -> int:
    return getattr(node, "lineno", 1)


def names_in(node: ast.AST) -> list[str]:
    return [inner.id for inner in ast.walk(node) if isinstance(inner, ast.Name)]


def imported_names(tree: ast.Module) -> dict[str, str]:
    """Map each imported name to what it stands for: {'dt': 'datetime', 'now': 'time.time'}."""
    names: dict[str, str] = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.asname or alias.name: alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names |= {a.asname or a.name: f"{node.module}.{a.name}" for a in node.names}
    return names


def is_path(node: ast.AST) -> bool:
    """Whether a `/` joins file paths: it touches Path or a string, which money never does."""
    return any(
        (isinstance(inner, ast.Constant) and isinstance(inner.value, str))
        or (isinstance(inner, ast.Name | ast.Attribute) and ast.unparse(inner).endswith("Path"))
        for inner in ast.walk(node)
    )


def public_definitions(node: ast.Module | ast.ClassDef) -> Iterator[Function | ast.ClassDef]:
    """Find the functions, classes and methods that others may use; nested ones are private."""
    for inner in node.body:
        if isinstance(inner, Function | ast.ClassDef) and not inner.name.startswith("_"):
            yield inner
            if isinstance(inner, ast.ClassDef):
                yield from public_definitions(inner)


def lines_without_docstring(node: Function) -> int:
    length = (node.end_lineno or 0) - node.lineno + 1
    if ast.get_docstring(node):
        docstring = node.body[0]
        length -= (docstring.end_lineno or 0) - docstring.lineno + 1
    return length
