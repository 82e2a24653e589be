"""The facts of a pack as one page to read and print, which loads nothing."""

from collections.abc import Iterable, Mapping
from html import escape
from typing import Any

from counterfoil.kernel.i18n import _, current_locale

_STYLE = """
body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#1b1b1b}
h1{font-size:1.6rem}h2{font-size:1.15rem;margin-top:2rem;border-bottom:1px solid #bbb}
table{border-collapse:collapse;width:100%;margin:.5rem 0}
th,td{text-align:left;padding:.25rem .75rem .25rem 0;vertical-align:top;border-bottom:1px solid #ddd}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
p.note{color:#444;max-width:45rem}code{overflow-wrap:anywhere}
"""
Row = Iterable[object]


def summary_of(facts: Mapping[str, Any]) -> str:
    """Write the page, in the current language."""
    period = facts["period"]
    title = escape(_("Evidence"))
    parts = [
        f"<h1>{title}</h1>",
        _paragraph(_("{origin}, made at {made_at}; reads and requests of authorities from {since} to "
                     "{until}.", origin=facts["origin"], made_at=facts["made_at"],
                     since=period["since"][:10], until=period["until"][:10])),
        _paragraph(_("This page repeats evidence.json for people. The pack is verified with "
                     "“counterfoil evidence verify” and the operator's public key; that says what is "
                     "proven and what is the operator's word.")),
        *_of_consent(facts),
        *_of_persons(facts),
        *_of_keeping(facts),
        *_of_log(facts),
    ]  # fmt: skip
    language = current_locale().replace("_", "-")
    return (
        f'<!doctype html>\n<html lang="{escape(language)}"><head><meta charset="utf-8">'
        f"<title>{title}</title><style>{_STYLE}</style></head><body>\n"
        + "\n".join(parts)
        + "\n</body></html>\n"
    )


def _of_consent(facts: Mapping[str, Any]) -> list[str]:
    return [
        _section(
            _("Purposes"), [_("Purpose"), _("Data"), _("Bases"), _("Runs")],
            ((name, ", ".join(one["categories"]), ", ".join(one["bases"]), _yes(one["runs"]))
             for name, one in facts["purposes"].items()),
        ),
        _section(
            _("Grants"), [_("Purpose"), _("Given"), _("Active"), _("Withdrawn"), _("Expired")],
            ((name, one["given"], one["active"], one["withdrawn"], one["expired"])
             for name, one in facts["grants"].items()),
        ),
        _section(
            _("Reads of personal data"), [_("Purpose"), _("Basis"), _("Reads"), _("Rows")],
            ((one["purpose"], one["basis"], one["reads"], one["rows"])
             for one in facts["accesses"]),
        ),
        _section(
            _("Certificates of collectors"), [_("State"), _("Count")],
            facts["collectors"]["certificates"].items(),
        ),
    ]  # fmt: skip


def _of_persons(facts: Mapping[str, Any]) -> list[str]:
    return [
        _section(
            _("Requests of persons"),
            [_("Right"), _("Law"), _("Received"), _("Due"), _("Answered"), _("Late")],
            ((one["right"], one["law"], one["received_at"][:10], one["due_at"][:10],
              (one["answered_at"] or "—")[:10], _yes(one["is_overdue"]))
             for one in facts["rights_requests"]),
        ),
        _section(
            _("Requests of authorities"), [_("Authority"), _("Outcome"), _("Count")],
            ((kind, outcome, count) for kind, counts in facts["authorities"]["requests"].items()
             for outcome, count in counts.items()),
        ),
        _section(
            _("Breaches"),
            [_("Known since"), _("Severity"), _("Persons"), _("Letters"), _("Authorities told")],
            ((one["discovered_at"][:16], one["severity"], one["persons"], one["letters"],
              ", ".join(f"{law} {at[:16]}" for law, at in one["told"].items()) or "—")
             for one in facts["breaches"]),
        ),
    ]  # fmt: skip


def _of_keeping(facts: Mapping[str, Any]) -> list[str]:
    return [
        _section(
            _("Retention runs"), [_("Day"), _("Record"), _("Deleted")],
            ((one["day"], one["record"],
              ", ".join(f"{gone['count']} × {gone['what']} ({gone['article']})"
                        for gone in one["deleted"]) or "—")
             for one in facts["retention_runs"]),
        ),
        _section(_("Model cards"), [_("File")], ((name,) for name in facts["models"])),
    ]  # fmt: skip


def _of_log(facts: Mapping[str, Any]) -> list[str]:
    records = facts["records"]
    return [
        _section(_("Records in the log, by kind"), [_("Kind"), _("Count")],
                 records["by_kind"].items()),
        _paragraph(_("{count} records in all; that number is the log's own.",
                     count=records["count"])),
    ]  # fmt: skip


def _section(title: str, headings: list[str], rows: Iterable[Row]) -> str:
    written = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    if not written:
        nothing = _paragraph(_("None."))
        return f"<h2>{escape(title)}</h2>{nothing}"
    head = "".join(f'<th scope="col">{escape(heading)}</th>' for heading in headings)
    return (
        f"<h2>{escape(title)}</h2><table><thead><tr>{head}</tr></thead>"
        f"<tbody>{written}</tbody></table>"
    )


def _cell(value: object) -> str:
    number = ' class="n"' if isinstance(value, int) else ""
    return f"<td{number}>{escape(str(value))}</td>"


def _paragraph(text: str) -> str:
    return f'<p class="note">{escape(text)}</p>'


def _yes(value: object) -> str:
    return _("yes") if value else _("no")
