"""Whom to believe, as a text (C2SP tlog-policy): logs, witnesses, and how many must have cosigned.

    log <vkey> [url]
    witness <name> <vkey> [url]
    group <name> all|any|<k> <member> …
    quorum <name>|none

A line each, `#` begins a comment, a name is defined before it is used, and there is exactly one
quorum. A group is satisfied when so many of its members are; members are witnesses and groups.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from counterfoil.kernel.i18n import _
from counterfoil.receipts.errors import QuorumMissed, TextMalformed
from counterfoil.receipts.notekey import KeyType, VerifierKey, parse_verifier_key
from counterfoil.receipts.text import Form, check_text, decode_decimal, not_a

_NOBODY: Final = "none"
_LINES_MAX: Final = 1000


@dataclass(frozen=True, slots=True)
class KnownWitness:
    """A witness as a policy names it."""

    name: str
    key: VerifierKey
    url: str | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """So many of these must be satisfied."""

    name: str
    needed: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """The logs and witnesses that a verifier believes, and the quorum that it asks for."""

    logs: tuple[VerifierKey, ...]
    witnesses: tuple[KnownWitness, ...] = ()
    groups: tuple[Group, ...] = ()
    quorum: str | None = None
    """The witness or group that must be satisfied; None: nobody has to cosign."""

    def check_quorum(self, cosigned: Iterable[VerifierKey]) -> None:
        """Check that enough have cosigned.

        Raises:
            QuorumMissed: they have not.

        """
        keys = set(cosigned)
        satisfied = {witness.name for witness in self.witnesses if witness.key in keys}
        here = sorted(satisfied)
        for group in self.groups:
            if sum(member in satisfied for member in group.members) >= group.needed:
                satisfied.add(group.name)
        if self.quorum is not None and self.quorum not in satisfied:
            raise QuorumMissed(
                _("The policy asks for {quorum}, and cosigned by known witnesses is this: {names}.",
                  quorum=self.quorum, names=", ".join(here) or "—"),
                quorum=self.quorum,
                cosigned=here,
            )  # fmt: skip


@dataclass(slots=True)
class _Reading:
    logs: list[VerifierKey] = field(default_factory=list)
    witnesses: list[KnownWitness] = field(default_factory=list)
    groups: list[Group] = field(default_factory=list)
    names: set[str] = field(default_factory=set)
    quorums: list[str] = field(default_factory=list)

    def log(self, line: str, words: list[str]) -> None:
        if not 1 <= len(words) <= 2:
            raise not_a(Form.POLICY, line)
        _check_url(words[1:], line)
        key = parse_verifier_key(words[0])
        if key.type is not KeyType.LOG or key in self.logs:
            raise not_a(Form.POLICY, line)
        self.logs.append(key)

    def witness(self, line: str, words: list[str]) -> None:
        if not 2 <= len(words) <= 3:
            raise not_a(Form.POLICY, line)
        _check_url(words[2:], line)
        key = parse_verifier_key(words[1])
        # Under two names, one witness would count for two.
        is_known = any(known.key.public == key.public for known in self.witnesses)
        if key.type is not KeyType.WITNESS or is_known:
            raise not_a(Form.POLICY, line)
        self._define(words[0], line)
        self.witnesses.append(KnownWitness(words[0], key, words[2] if words[2:] else None))

    def group(self, line: str, words: list[str]) -> None:
        if len(words) < 3:
            raise not_a(Form.POLICY, line)
        name, how_many, *members = words
        if len(set(members)) != len(members) or not self.names.issuperset(members):
            raise not_a(Form.POLICY, line)
        spelled = {"all": len(members), "any": 1}
        needed = spelled.get(how_many) or decode_decimal(how_many, Form.POLICY)
        if not 1 <= needed <= len(members):
            raise not_a(Form.POLICY, line)
        self._define(name, line)
        self.groups.append(Group(name, needed, tuple(members)))

    def quorum(self, line: str, words: list[str]) -> None:
        if len(words) != 1 or self.quorums or words[0] not in {*self.names, _NOBODY}:
            raise not_a(Form.POLICY, line)
        self.quorums.append(words[0])

    def _define(self, name: str, line: str) -> None:
        if name in self.names or name == _NOBODY:
            raise not_a(Form.POLICY, line)
        self.names.add(name)


def parse_policy(text: str) -> Policy:
    """Read a policy.

    Raises:
        TextMalformed: a line is not understood, a name is not defined before it is used, or there
            is not exactly one quorum.
        KeyMalformed: a key is none.

    """
    check_text(text.replace("\t", " "), Form.POLICY)
    lines = text.split("\n")
    if len(lines) > _LINES_MAX:
        raise TextMalformed(_("A policy of {count} lines is too long.", count=len(lines)))
    reading = _Reading()
    readers = {
        "log": reading.log,
        "witness": reading.witness,
        "group": reading.group,
        "quorum": reading.quorum,
    }
    for line in lines:
        words = line.replace("\t", " ").split(" ")
        words = [word for word in words if word]
        if not words or words[0].startswith("#"):
            continue
        if words[0] not in readers:
            raise not_a(Form.POLICY, line)
        readers[words[0]](line, words[1:])
    if not reading.quorums:
        raise TextMalformed(_("A policy has one line that names its quorum; this one has none."))
    quorum = None if reading.quorums == [_NOBODY] else reading.quorums[0]
    return Policy(tuple(reading.logs), tuple(reading.witnesses), tuple(reading.groups), quorum)


def _check_url(words: list[str], line: str) -> None:
    for word in words:
        try:
            is_url = urlsplit(word).scheme in {"http", "https"}
        except ValueError:
            is_url = False
        if not is_url:
            raise not_a(Form.POLICY, line)
