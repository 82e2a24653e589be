"""A day on which data got out, at the command line; and what the regulator is handed afterwards."""

import json
from pathlib import Path

import pytest

from counterfoil.kernel.errors import CounterfoilError
from tests.breach.test_breach import CASE
from tests.cli.test_people_commands import Desk


@pytest.fixture
def site(database_url: str, tmp_path: Path) -> Desk:
    """Give a site where Bob, who reads French, has registered."""
    desk = Desk(tmp_path, database_url)
    desk.where = ("--keys", f"{tmp_path}/site/keys/people", "--database", database_url)
    (tmp_path / "site" / "keys").mkdir(parents=True, mode=0o700)
    desk.open_purpose("run-wallet")
    desk.says("person", "add", "Bob Bauer", "bob@example.org", "--locale", "fr", "--terms", "1")
    desk.where = ("--site", f"{tmp_path}/site", "--database", database_url)
    desk.says("log", "seal", "--origin", "larch.example")
    return desk


def test_a_leak_is_told_paid_and_handed_over_as_evidence(site: Desk, tmp_path: Path) -> None:
    """Open, count, write, tell, compute, list, close; pack, verify, flip a bit."""
    (tmp_path / "case.toml").write_text(CASE)
    (tmp_path / "leaked.csv").write_text("table,id\npersons,*\n")
    case = site.answers("breach", "open", f"{tmp_path}/case.toml", "--by", "Edda")["case"]
    told = site.answers("breach", "affected", case, "--rows", f"{tmp_path}/leaked.csv")
    assert (told["persons"], told["letters_missing"]) == (1, 1)
    site.says("breach", "list", status=1)
    site.says("breach", "letters", case, "--to", f"{tmp_path}/letters")
    (letter,) = (tmp_path / "letters").glob("*/*.txt")
    assert "Certaines de vos données ont fui" in letter.read_text()
    for law in ("gdpr", "pipl"):
        site.says("breach", "notify", case, "--law", law, "--authority", "CNIL",
                  "--to", f"{tmp_path}/{law}.txt", "--delay-reasons", "We were asleep.")  # fmt: skip
    assert "We were asleep." in (tmp_path / "gdpr.txt").read_text()
    assert site.answers("breach", "claims", case)["claimed"] == {"EUR": "60.00"}
    assert "60.00 EUR" in site.says("breach", "report", case)
    site.says("breach", "close", case, "--by", "Edda", "--conclusion", "Mended.")
    assert site.answers("breach", "list")["overdue"] == 0
    check_evidence(site, tmp_path)


def check_evidence(site: Desk, tmp_path: Path) -> None:
    """Pack, verify with the printed key, and refuse a changed one."""
    pack = tmp_path / "evidence.zip"
    keys = site.answers("evidence", "pack", "--out", str(pack))["keys"]
    again = tmp_path / "again.zip"
    site.says("evidence", "pack", "--out", str(again), "--since-pack", str(pack))
    where, site.where = site.where, ()
    try:
        found = site.answers("evidence", "verify", str(pack), "--key", keys[0])
        assert found["holds"]
        said = site.says(
            "evidence", "verify", str(again), "--key", keys[0], "--since-pack", str(pack)
        )
        assert "nothing was changed" in " ".join(said.split())
        data = bytearray(pack.read_bytes())
        data[len(data) // 2] ^= 1
        pack.write_bytes(data)
        with pytest.raises(CounterfoilError):
            site.says("evidence", "verify", str(pack), "--key", keys[0])
    finally:
        site.where = where


def test_what_cannot_be_done_has_its_exit_status(site: Desk, tmp_path: Path) -> None:
    """Bad files and what is not there are told apart."""
    from counterfoil.cli.failure import exit_status

    (tmp_path / "case.toml").write_text("title = 1")
    nobody = "01890a5d-ac96-774b-bcce-b302099a8057"
    for arguments, status in (
        (("breach", "open", f"{tmp_path}/case.toml", "--by", "Edda"), 6),
        (("breach", "report", nobody), 5),
    ):
        with pytest.raises(CounterfoilError) as refused:
            site.says(*arguments)
        assert exit_status(refused.value.code) == status
    assert json.loads(site.says("breach", "list", "--json"))["cases"] == []
