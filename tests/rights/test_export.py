"""A person's export: one file, theirs alone, whole, on record, and verifiable without us."""

import base64
import csv
import hashlib
import io
import json
import re
import resource
import zipfile
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from counterfoil.consent import Regime, RequestDecided, Right, RightsRequest, RightsRequestId, State
from counterfoil.kernel.ids import new_id
from counterfoil.ledger import AccountNumber
from counterfoil.people import ClockWentBack, NotSignedIn, PersonId, PersonNotFound, SignedIn
from counterfoil.receipts import Verifier, parse_receipt
from counterfoil.rights import ExportNotAsked, ExportUnwritten
from counterfoil.rights.export import HOLDINGS, Gathered
from counterfoil.sealing import destroying_rows
from counterfoil.sealing.bundle import MANIFEST, opened
from counterfoil.sealing.bundle_check import Checked, check
from tests.rights.exporting import SECRET_UNTIL, Office, data_of, live, office


@pytest.fixture
def here(database_url: str, tmp_path: Path) -> Iterator[Office]:
    with office(database_url, tmp_path) as opened_office:
        live(opened_office)
        yield opened_office


@pytest.fixture
def embedded(tmp_path: Path) -> Iterator[Office]:
    """Give an office on SQLite, for what is the same on both stores."""
    with office(f"sqlite:///{tmp_path}/larch.db", tmp_path) as opened_office:
        live(opened_office)
        yield opened_office


def files_of(archive: Path) -> dict[str, bytes]:
    with zipfile.ZipFile(archive) as zipped:
        return {name: zipped.read(name) for name in zipped.namelist()}


def checked(here: Office, archive: Path) -> Checked:
    with opened(archive) as bundle:
        return check(bundle, Verifier(here.policy, now_us=here.town.clock.now_us()))


def test_everything_in_it_is_listed_and_every_receipt_holds_offline(here: Office) -> None:
    """With nothing but the public keys: files whole, receipts in the logs, data as they prove it."""
    archive, given = here.give(here.town.alice)
    found = checked(here, archive)
    assert found.faults == []
    files = files_of(archive)
    assert found.files == len(files) - 1 == given.files - 1
    assert given.missing == 0
    assert found.receipts == given.receipts == found.compared
    assert given.receipts == len(data_of(archive, "payments")) + len(data_of(archive, "records"))
    assert set(found.logs) == {"larch.example/transfers", "larch.example/records"}
    (account,) = here.town.people.accounts_of(here.town.alice)
    balance = here.town.ledger.balances(AccountNumber(account)).balance
    assert found.accounts == {account: str(balance)}
    verifier = Verifier(here.policy, now_us=0)
    for name in ("payments", "records"):
        for line in files[f"receipts/{name}.jsonl"].decode().splitlines():
            verifier.verify(parse_receipt(line))


def test_the_request_is_answered_and_what_was_given_is_on_record(here: Office) -> None:
    """The clock stops, in one commit with a record of the manifest's hash; the person is told so."""
    asked = RightsRequestId(new_id())
    here.town.consent.rights.ask(asked, here.town.alice, Right.PORTABILITY, [Regime.PIPL])
    archive, given = here.give(here.town.alice, request=asked)
    assert (given.request.state, given.request.answered_by) == (State.FULFILLED, "Edda")
    (record,) = [one for one in here.town.consent.records_of(here.town.alice)
                 if one.kind == "export"]  # fmt: skip
    said = json.loads(record.body)
    manifest = files_of(archive)[MANIFEST]
    assert said["manifest_sha256"] == hashlib.sha256(manifest).hexdigest()
    assert (said["request"], said["receipts"]) == (str(asked), given.receipts)
    again, _second = here.give(here.town.alice)
    assert "export" in {row["kind"] for row in data_of(again, "records")}
    assert archive.stat().st_mode & 0o077 == 0


def test_no_secret_and_nobody_else_is_in_it(here: Office) -> None:
    """No key, no name or contact of Bob's, no id or account of his, no secret order: in no byte."""
    archive, _given = here.give(here.town.alice)
    everything = b"\n".join(files_of(archive).values())
    database, bob = here.town.database, here.town.bob
    (his,) = here.town.people.accounts_of(bob)
    for row in database.query("SELECT wrapped FROM person_keys").to_pylist():
        assert row["wrapped"].hex().encode() not in everything
    for secret in ("Bob Bauer", "+33639981234", str(bob), bob.hex, "Chloé",
                   "Criminal Procedure 101"):  # fmt: skip
        assert secret.encode() not in everything, secret
    assert not re.search(rb'account[\\": ]+%d\b' % his, everything)
    keys = [one.read_bytes() for one in (here.folder / "site" / "keys").rglob("*") if one.is_file()]
    assert len(keys) >= 4
    for key in keys:
        # A signing key's secret stands behind its name and hash; its own letters may be pluses.
        words = [word.split(b"+", 2)[-1] for word in re.findall(rb"[\w+/=-]{40,}", key)]
        words = [word for word in words if len(word) > 20]
        for secret_key in (key, key.hex().encode(), base64.b64encode(key), *words):
            assert secret_key not in everything


def test_what_a_court_keeps_silent_is_told_when_the_silence_ends(here: Office) -> None:
    """Until then no byte differs in kind; afterwards request, order, look and records are all there."""
    before, _given = here.give(here.town.alice)
    assert len(data_of(before, "authority-requests")) == 1
    here.town.clock.advance(SECRET_UNTIL - here.site.consent.rights.requests_of(
        here.town.alice)[-1].received_at + timedelta(days=1))  # fmt: skip
    after, _given = here.give(here.town.alice)
    assert len(data_of(after, "authority-requests")) == 2
    for name, more in (("bases", 1), ("looks", 1)):
        assert len(data_of(after, name)) == len(data_of(before, name)) + more
    articles = {row["secrecy_article"] for row in data_of(after, "authority-requests")}
    assert articles == {"", "Code of Criminal Procedure 101"}
    for archive in (before, after):
        assert "ordered silence" in files_of(archive)["README.txt"].decode()


def test_it_speaks_the_person_s_language(embedded: Office) -> None:
    """README and page in English, French and Chinese; another locale reads English."""
    for language, word in (("fr", "Vos paiements"), ("zh_CN", "您的付款"), ("en", "Your payments"),
                           ("pl", "Your payments")):  # fmt: skip
        archive, _given = embedded.give(embedded.town.alice, language=language)
        files = files_of(archive)
        for name in ("README.txt", "index.html"):
            assert word in files[name].decode()
        assert json.loads(files[MANIFEST])["language"] == language
    with pytest.raises(ValueError, match="no locale"):
        embedded.give(embedded.town.alice, language="klingon")


def test_every_data_file_is_of_its_schema_and_csv_says_what_json_says(embedded: Office) -> None:
    """JSON validates against the schema that lies beside it; CSV has the same rows and values."""
    archive, _given = embedded.give(embedded.town.alice)
    files = files_of(archive)
    schema = json.loads(files["schema.json"])
    for holding in HOLDINGS:
        rows = data_of(archive, holding.name)
        one = {**schema, "$ref": f"#/$defs/{holding.name}"}
        assert list(jsonschema_rs.validator_for(one).iter_errors(rows)) == [], holding.name
        table = list(csv.DictReader(io.StringIO(files[f"data/{holding.name}.csv"].decode())))
        assert table == [{name: plain(value) for name, value in row.items()} for row in rows]


def plain(value: Any) -> str:
    """Write a value as a cell."""
    if isinstance(value, list):
        return " ".join(value)
    text = "" if value is None else str(value)
    opens_a_formula = text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and not text[1:].isdigit())
    return f"'{text}" if opens_a_formula and not isinstance(value, int) else text


def test_what_strangers_typed_is_text_and_nothing_else(embedded: Office) -> None:
    """A formula in a statement does not run in a spreadsheet, nor a script in the page."""
    town = embedded.town
    mallory = town.person("<script>alert(1)</script>", "mallory@example.org")
    town.contract(mallory)
    page = files_of(embedded.give(mallory)[0])["index.html"].decode()
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)" in page
    words = files_of(embedded.give(town.alice)[0])["data/words.csv"].decode()
    assert "'=HYPERLINK(1)" in words


def test_the_same_data_at_the_same_instant_makes_the_same_files(embedded: Office) -> None:
    """Only the request and what it added to the records tell two exports apart."""
    first, second = (files_of(embedded.give(embedded.town.bob)[0]) for _ in range(2))
    assert list(first) == list(second)
    differing = {name for name in first if first[name] != second[name]}
    assert differing == {
        *(f"data/{name}.{form}" for name in ("records", "rights-requests")
          for form in ("json", "csv")),
        *("receipts/payments.jsonl", "receipts/records.jsonl"),
        *("index.html", "README.txt", MANIFEST),
    } - unchanged(first, second)  # fmt: skip


def unchanged(first: dict[str, bytes], second: dict[str, bytes]) -> set[str]:
    """Name the receipts that are the same because no log has grown in between."""
    return {name for name in ("receipts/payments.jsonl",) if first[name] == second[name]}


def test_a_person_who_was_erased_gets_what_is_kept(here: Office) -> None:
    """Payments and records without a name; receipts are gone with the keys, and each says so."""
    town, bob = here.town, here.town.bob
    (account,) = town.people.accounts_of(bob)
    money = town.ledger.balances(AccountNumber(account)).balance
    here.move(AccountNumber(account), here.till, money.minor)
    here.site.rights.erasures.erase(bob, by="Edda")
    town.ledger.write(*destroying_rows([account]))
    here.site.sealing.forget_accounts([account])
    archive, given = here.give(bob)
    assert data_of(archive, "identity") == []
    assert b"Bob Bauer" not in b"".join(files_of(archive).values())
    assert len(data_of(archive, "payments")) > 3
    assert (given.receipts, given.request.state) == (0, State.PARTLY)
    assert given.missing == len(data_of(archive, "payments")) + len(data_of(archive, "records"))
    assert checked(here, archive).faults == []


def test_a_changed_row_keeps_nobody_from_the_rest(embedded: Office) -> None:
    """The operator changes one old amount: the data is given, that receipt is not, and it is said."""
    town = embedded.town
    (account,) = town.people.accounts_of(town.alice)
    seq = data_of(embedded.give(town.alice)[0], "payments")[1]["seq"]
    town.ledger.write(_changing(seq))
    archive, given = embedded.give(town.alice)
    assert given.missing == 1
    assert (given.request.state, "1 receipts" in given.request.reasons) == (State.PARTLY, True)
    with zipfile.ZipFile(archive) as zipped:
        (missing,) = json.loads(zipped.read("receipts/missing.json"))
    assert (missing["account"], missing["number"]) == (account, seq)
    assert missing["code"] == "sealing.seal-broken"
    found = checked(embedded, archive)
    assert found.faults == []
    assert found.accounts == {account: None}
    assert "could not be given" in files_of(archive)["README.txt"].decode()


def _changing(seq: int) -> Any:
    from counterfoil.kernel.database import AttachedRow

    return AttachedRow("UPDATE transfers SET amount = amount + 1 WHERE seq = $1", (seq,))


def test_a_wrong_request_gives_nothing_and_answers_nothing(embedded: Office) -> None:
    """Another's, for something else, answered already, of nobody, or to a file that is there."""
    town = embedded.town
    his, erasing, mine = (RightsRequestId(new_id()) for _ in range(3))
    town.consent.rights.ask(his, town.bob, Right.ACCESS, [Regime.GDPR])
    town.consent.rights.ask(erasing, town.alice, Right.ERASURE, [Regime.GDPR])
    town.consent.rights.ask(mine, town.alice, Right.ACCESS, [Regime.GDPR])
    for request in (his, erasing):
        with pytest.raises(ExportNotAsked):
            embedded.give(town.alice, request=request)
    there = embedded.folder / "there.zip"
    there.write_text("mine")
    with pytest.raises(ExportUnwritten, match="File exists"):
        embedded.site.exports.give(town.alice, there, by="Edda", request=mine)
    assert there.read_text() == "mine"
    nowhere = embedded.folder / "nowhere" / "a.zip"
    with pytest.raises(ExportUnwritten, match="No such file"):
        embedded.site.exports.give(town.alice, nowhere, by="Edda", request=mine)
    with pytest.raises(PersonNotFound):
        embedded.give(PersonId(new_id()))
    assert town.consent.rights.request(mine).state is State.OPEN
    embedded.give(town.alice, request=mine)
    with pytest.raises(RequestDecided):
        embedded.give(town.alice, request=mine)
    assert len(list(embedded.folder.glob("*.zip"))) == 2  # what is there, and what was given


def test_a_full_disk_answers_nothing(embedded: Office) -> None:
    """The half-written file is gone, the request waits, and its clock runs."""
    asked = RightsRequestId(new_id())
    town = embedded.town
    town.consent.rights.ask(asked, town.alice, Right.ACCESS, [Regime.GDPR])
    whole, _given = embedded.give(town.alice)
    to = embedded.folder / "a.zip"
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to make any file longer, as it does where there is no room.
    resource.setrlimit(resource.RLIMIT_FSIZE, (whole.stat().st_size // 2, hard))
    try:
        with pytest.raises(ExportUnwritten, match="too large"):
            embedded.site.exports.give(town.alice, to, by="Edda", request=asked)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert not to.exists()
    assert town.consent.rights.request(asked).state is State.OPEN


def test_a_clock_that_went_back_gives_and_answers_nothing(embedded: Office) -> None:
    """No file stays, no request is received, and what was received before still waits."""
    town = embedded.town
    requests = town.consent.rights.requests_of(town.alice)
    town.clock.advance(timedelta(days=-2))
    with pytest.raises(ClockWentBack):
        embedded.give(town.alice)
    assert list(embedded.folder.glob("*.zip")) == []
    assert town.consent.rights.requests_of(town.alice) == requests


def test_a_writer_that_fails_at_the_answer_leaves_no_file(embedded: Office) -> None:
    """The file is written first; when the answer cannot be recorded it is taken away again."""
    town, site = embedded.town, embedded.site
    asked = RightsRequestId(new_id())
    town.consent.rights.ask(asked, town.alice, Right.ACCESS, [Regime.GDPR])
    gather = site.exports.gather

    def answered_meanwhile(proof: SignedIn | RightsRequest, at_us: int) -> Gathered:
        found = gather(proof, at_us)
        town.consent.rights.answer(asked, State.REFUSED, by="Clara", reasons="Twice asked.")
        return found

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(site.exports, "gather", answered_meanwhile)
        with pytest.raises((RequestDecided, NotSignedIn)):
            embedded.give(town.alice, request=asked)
    assert list(embedded.folder.glob("*.zip")) == []
    assert "export" not in {one.kind for one in town.consent.records_of(town.alice)}
