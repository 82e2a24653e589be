"""Write docs/reference/refusals.md from the ledger's own table of rules.

A test compares the page with what this module would write (after a change: make reference).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from counterfoil.kernel.i18n import use_locale
from counterfoil.ledger.refusal import ACCOUNT_RULES, RULES, Rule

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "refusals.md"
HEADER = """\
# Refusals

Every way in which the ledger says no. The rules are asked from the top, and the first that is broken
is the answer; nothing is written for what is refused, and a refused id is not remembered. In code
the name is `TransferRefused.refusal.code` (or `AccountRefused`'s), and the error's own `code` has
`ledger.` before it. Names are never used again for anything else.

*Again?* says whether the same request can succeed later without being changed.

This page is written by `make reference`.
"""


def render() -> str:
    """Write the page."""
    with use_locale("en"):
        return "\n".join(
            [
                HEADER,
                "## Transfers\n",
                *_table(RULES),
                "\n## Accounts\n",
                *_table(ACCOUNT_RULES),
                "",
            ]
        )


def _table(rules: Mapping[Any, Rule]) -> Iterator[str]:
    yield "| | name | says | what to do | again? |"
    yield "|---|---|---|---|---|"
    for refusal, rule in sorted(rules.items()):
        again = "yes" if rule.is_transient else "no"
        says, advice = rule.sentence.template, rule.advice.template
        yield f"| {int(refusal)} | `{refusal.code}` | {says} | {advice} | {again} |"


def main() -> None:
    """Write the page from the rules."""
    PAGE.write_text(render())


if __name__ == "__main__":
    main()
