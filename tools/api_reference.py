"""Write docs/reference/api.md from the API's own OpenAPI and problems, so that they cannot differ.

A test compares the page with what this module would write (after a change: make reference).
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from counterfoil.api.app import MOUNT, make_app, openapi
from counterfoil.api.keys import Scope
from counterfoil.api.problems import ROOMS, ROWS

PAGE = Path(__file__).parent.parent / "docs" / "reference" / "api.md"
HEADER = f"""\
# The REST API

What merchants' programs ask below `{MOUNT}`, as its OpenAPI 3.1 document tells it, which a server serves
at `{MOUNT}/openapi.json`. This page is written by `make reference`. How to begin:
[Take payments with the REST API](../howto/take-payments-with-the-rest-api.md).

- Whoever asks gives a key, `Authorization: Bearer cfk_…`, which reaches its own merchant's rows.
- Amounts are texts with a currency: `{{"amount": "12.50", "currency": "EUR"}}`. Times are RFC 3339.
- What makes or moves something takes an `Idempotency-Key`, remembered for seven days: the same request
  is answered the same (`Idempotency-Replayed: true`), another by the same key is 422, and 409 while the
  first is not answered. A refusal is not kept.
- Lists go on with `cursor`, the `next` of the page before.
- A key that asks too fast (500 requests a second unless the operator says otherwise) is answered 429 with
  `Retry-After`, in seconds.
- A refusal is a problem (RFC 9457, `application/problem+json`); its `type` leads to the table that is
  also below. `is_transient`: the same request, with the same key, can succeed later.
- Webhooks are signed as Standard Webhooks 1.0 says: `webhook-id`, `webhook-timestamp`,
  `webhook-signature: v1,…`, HMAC-SHA256 over `id.timestamp.body`. Any 2xx is an answer; else it is told
  again after 5 s, 5 min, 30 min, 2 h, 5 h, 10 h, 14 h, 20 h and 24 h. No redirect is followed.
"""
JSON = Mapping[str, Any]


def render() -> str:
    """Write the page."""
    document = openapi(make_app())
    parts = [HEADER, _scopes(document), "## Operations\n"]
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    parts.append("## What is sent and answered\n")
    parts += [_schema(name, one) for name, one in document["components"]["schemas"].items()]
    parts.append(_problems())
    return "\n".join(parts)


def _scopes(document: JSON) -> str:
    uses: dict[str, list[str]] = {scope.value: [] for scope in Scope}
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            uses[operation["security"][0]["key"][0]].append(f"`{method.upper()} {path}`")
    rows = [f"| `{scope}` | {', '.join(named)} |" for scope, named in uses.items()]
    return "\n".join(["## Scopes", "", "| scope | lets a key |", "|---|---|", *rows, ""])


def _operation(path: str, method: str, operation: JSON) -> str:
    lines = [f"### {method.upper()} {path}", "", operation["description"], ""]
    body = operation.get("requestBody", {}).get("content", {}).get("application/json")
    if body:
        lines += [f"Send: {_type(body['schema'])}.", ""]
    good = {status: one for status, one in operation["responses"].items() if int(status) < 400}
    bad = [status for status in operation["responses"] if int(status) >= 400]
    for status, one in good.items():
        kinds = [
            f"{_type(kind['schema'])}" if name == "application/json" else f"`{name}`"
            for name, kind in one.get("content", {}).items()
        ]
        lines.append(
            f"Answer {status}: {', '.join(kinds) or 'nothing'}. Problems: {', '.join(bad)}."
        )
    if rows := [_parameter(one) for one in operation.get("parameters", [])]:
        lines += ["", "| parameter | where | meaning |", "|---|---|---|", *rows]
    return "\n".join([*lines, ""])


def _parameter(one: JSON) -> str:
    required = ", required" if one.get("required") else ""
    said = one.get("description") or _type(one["schema"])
    return f"| `{one['name']}` | {one['in']}{required} | {_cell(said)} |"


def _schema(name: str, schema: JSON) -> str:
    lines = [f"### {name}", "", schema.get("description", ""), ""]
    required = set(schema.get("required", []))
    lines += ["| field | type | meaning |", "|---|---|---|"]
    for field, one in schema.get("properties", {}).items():
        optional = "" if field in required else ", optional"
        lines.append(
            f"| `{field}` | {_type(one)}{optional} | {_cell(one.get('description', ''))} |"
        )
    return "\n".join([*lines, ""])


def _problems() -> str:
    rows = [f"| `{code}` | {row.status} | {row.title} |" for code, row in ROWS.items()]
    rooms = [f"| `{room}.…` | {row.status} | {row.title} |" for room, row in ROOMS.items()]
    return "\n".join(
        ["## Problems", "", "Whatever else is raised is 500 with its own code.", "",
         "| code | status | title |", "|---|---|---|", *rows, *rooms, ""]
    )  # fmt: skip


def _type(schema: JSON) -> str:
    return " or ".join(dict.fromkeys(_types(schema)))


def _types(schema: JSON) -> Iterator[str]:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        yield f"[{name}](#{name.lower()})"
    elif "anyOf" in schema:
        for one in schema["anyOf"]:
            yield from _types(one)
    elif schema.get("type") == "array":
        yield f"list of {_type(schema['items'])}"
    elif "enum" in schema:
        yield ", ".join(f"`{one}`" for one in schema["enum"])
    elif "const" in schema:
        yield f"`{schema['const']}`"
    else:
        shape = schema.get("format") or schema.get("pattern")
        yield (
            f"{schema.get('type', 'any')} `{_cell(shape)}`" if shape else schema.get("type", "any")
        )


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


def main() -> None:
    """Write the page."""
    PAGE.write_text(render())


if __name__ == "__main__":
    main()
