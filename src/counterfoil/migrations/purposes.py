"""What steps share that let the check of consent know more purposes."""

from alembic import op


def let_in(before: str, after: str) -> None:
    """Let the purposes that rest on consent alone be those of `after`, where they were `before`.

    A check that lets more in changes nothing that is stored: sqlite.org/lang_altertable.html, "Making
    Other Kinds Of Table Schema Changes". A new table would lose the triggers on this one.
    """
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint("bases_consent_only", "bases")
        op.create_check_constraint("bases_consent_only", "bases", f"(kind = 1) = ({after})")
        return
    quoted = [text.replace("'", "''") for text in (before, after)]
    op.execute("PRAGMA writable_schema = ON")
    op.execute(
        f"UPDATE sqlite_master SET sql = replace(sql, '{quoted[0]}', '{quoted[1]}') "  # noqa: S608
        "WHERE type = 'table' AND name = 'bases'"
    )
    op.execute("PRAGMA writable_schema = RESET")
