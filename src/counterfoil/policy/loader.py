"""Finding policy files: those that ship, by name, and any other, by path."""

import copy
import tomllib
from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from counterfoil.kernel.i18n import _
from counterfoil.policy.errors import PolicyInvalid, PolicyNotForProduction, PolicyUnknown
from counterfoil.policy.model import Kind, Model, Policy
from counterfoil.policy.schema import parse_document
from counterfoil.policy.words import PRODUCTION_ENTITLEMENTS, PRODUCTION_EVENTS

_FOLDERS = ("lab", "production")


def builtin_names() -> tuple[str, ...]:
    """List the policies that ship, in the order of the gallery."""
    files = [
        item.name
        for folder in _FOLDERS
        for item in resources.files("counterfoil.policy").joinpath(folder).iterdir()
        if item.name.endswith(".toml")
    ]
    return tuple(name.split("-", 1)[1].removesuffix(".toml") for name in sorted(files))


def load(name: str | Path) -> Policy:
    """Load a policy for the lab: one that ships, by name, or a file, by path.

    Raises:
        PolicyUnknown: neither a shipped name nor a file.
        PolicyInvalid: the file cannot be read as a policy.
        PolicyTooNew: the file is in a later format.

    """
    return parse(_text(name), where=str(name))


def load_for_production(name: str | Path) -> Policy:
    """Load a policy that may run on real people.

    Raises:
        PolicyNotForProduction: its kind is `lab`, or it reads or decides what production never
            does: friends, events other than payments and repayments, a public list.
        PolicyUnknown, PolicyInvalid, PolicyTooNew: as `load`.

    """
    policy = load(name)
    for problem in _production_problems(policy):
        raise PolicyNotForProduction(
            _("Policy {policy!r} is refused in production: {problem}; run it in the lab, on "
              "synthetic residents.", policy=policy.name, problem=problem),
            policy=policy.name,
            kind=str(policy.kind),
        )  # fmt: skip
    return policy


def parse(text: str, *, where: str = "the policy") -> Policy:
    """Read a policy from the text of a TOML file.

    Raises:
        PolicyInvalid, PolicyTooNew: as `load`.

    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as problem:
        raise PolicyInvalid(
            _("{where} is not TOML: {problem}", where=where, problem=problem)
        ) from problem
    return parse_document(document)


def with_parameter(policy: Policy, parameter: str, value: float) -> Policy:
    """Make the policy's neighbor with one number changed, checked like any file.

    `parameter` is dotted, as in `listing.below`; a grade is named, as in `grade.A.from`. A
    changed weight scales the others.

    Raises:
        PolicyInvalid: no such number, or the changed policy breaks a rule.

    """
    document = copy.deepcopy(dict(policy.document))
    *path, last = parameter.split(".")
    table = _descend(document, path, parameter)
    if isinstance(table.get(last, 0.0), bool | str | list | dict):
        raise PolicyInvalid(
            _("{parameter} is not a number and cannot be swept.", parameter=parameter),
            place=parameter,
        )
    if path == ["score", "weights"]:
        _reweigh(table, last, value)
    table[last] = value
    return parse_document(document)


def _reweigh(weights: dict[str, float], changed: str, value: float) -> None:
    """Scale the other weights, in their own proportions, so that all still sum to 100."""
    if not weights:
        weights["conduct"] = 100
    others = {name: weight for name, weight in weights.items() if name != changed}
    total = sum(others.values())
    for name, weight in others.items():
        weights[name] = weight * (100 - value) / total if total else 0


def _descend(document: dict[str, object], path: list[str], parameter: str) -> dict[str, float]:
    place: object = document
    for step in path:
        if isinstance(place, dict):
            place = place.setdefault(step, {})
        elif isinstance(place, list):
            named = [item for item in place if item.get("name") == step]
            place = named[0] if named else None
    if not isinstance(place, dict):
        raise PolicyInvalid(
            _("{parameter}: there is no such place in the policy.", parameter=parameter),
            place=parameter,
        )
    return place


def _text(name: str | Path) -> str:
    root = resources.files("counterfoil.policy")
    for folder in _FOLDERS:
        for item in root.joinpath(folder).iterdir():
            if item.name.split("-", 1)[-1] == f"{name}.toml":
                return item.read_text(encoding="utf-8")
    path = Path(name)
    if not path.is_file():
        raise PolicyUnknown(
            _("There is no policy {name!r}: give a file, or one of {known}.", name=str(name),
              known=", ".join(builtin_names())),
            name=str(name),
        )  # fmt: skip
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError as problem:
        raise PolicyInvalid(_("{path} is not UTF-8 text.", path=path)) from problem


def _production_problems(policy: Policy) -> list[str]:
    foreign = [event.word for event in policy.points if event not in PRODUCTION_EVENTS]
    decided = [item for item in policy.entitlements() if item not in PRODUCTION_ENTITLEMENTS]
    checks: Mapping[str, object] = {
        _("its kind is lab"): policy.kind is Kind.LAB,
        _("its model is {model}", model=policy.model): policy.model is not Model.CONDUCT,
        _("friends count in its score"): policy.score.connections_weight > 0,
        _("friends decide its loans"): policy.loan.contacts_minimum is not None,
        _("it reads {events}", events=", ".join(foreign)): foreign,
        _("it decides {items}", items=", ".join(decided)): decided,
        _("its list is public"): policy.listing.public,
        _("it scores people by what they are"): any(
            (*policy.base.income, *policy.base.age, policy.base.child, policy.base.ill)
        ),
    }
    return [problem for problem, found in checks.items() if found]
