"""`counterfoil serve`: one command, everything made, nothing told to anybody else."""

import re
import signal
import socket
from collections.abc import Callable
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from counterfoil.kernel.database import connect
from counterfoil.server.guard import BODY_BYTES_MAX
from tests.server.running import Running, running
from tools.program import counterfoil


def test_one_command_makes_everything_and_prints_where_to_look(served: Running) -> None:
    """The database, the keys and the logs are made; the address is one where passkeys work."""
    assert served.url.startswith("http://localhost:")
    page = served.get("/")
    assert page.status_code == 200
    assert "<!doctype html>" in page.text
    folder = served.log_file.parent
    assert (folder / "pay.db").exists()
    assert (folder / "operator" / "keys" / "people").exists()


def test_a_probe_learns_whether_it_lives_and_can_serve(served: Running) -> None:
    """`/livez`, `/readyz` and `/health` answer; each check is named."""
    assert served.get("/livez").text == "ok\n"
    ready = served.get("/readyz").json()
    assert ready == {"ok": True, "checks": [{"name": "database", "ok": True},
                                            {"name": "schema", "ok": True}]}  # fmt: skip
    health = served.get("/health").json()
    assert health["ok"]
    assert {"database", "schema", "sealing"} <= {check["name"] for check in health["checks"]}


def test_a_schema_of_another_version_is_not_ready(tmp_path: Path) -> None:
    """A server on a database that it cannot use says so, and what to do, in place of failing."""
    with running(tmp_path) as server:
        server.stop()
    with connect(f"sqlite:///{tmp_path}/pay.db", writes=True) as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")
        database.commit()
    done = counterfoil("serve", "--port", "0", "--folder", tmp_path / "operator", "--database",
                       f"sqlite:///{tmp_path}/pay.db")  # fmt: skip
    assert done.returncode == 7
    assert "9999" in done.stderr


def test_prometheus_reads_the_numbers(served: Running) -> None:
    """Requests, rows, commits and what is not sealed yet are counted, and nobody is named."""
    served.get("/")
    text = served.get("/metrics").text
    families = {family.name: family for family in text_string_to_metric_families(text)}
    assert {
        "counterfoil_requests", "counterfoil_request_seconds", "counterfoil_transfers",
        "counterfoil_commit_seconds", "counterfoil_sealing_lag_rows", "counterfoil_payments",
        "counterfoil_outbox_backlog", "counterfoil_sealing_stopped",
    } <= set(families)  # fmt: skip
    labels = {label for family in families.values() for one in family.samples for label in one[1]}
    assert labels <= {"surface", "method", "status", "le", "log", "kind", "outbox", "job"}
    count = [one for one in families["counterfoil_requests"].samples if one.name.endswith("total")]
    assert any(one.labels == {"surface": "web", "method": "GET", "status": "200"} for one in count)


def test_every_answer_has_safe_headers(served: Running) -> None:
    """Pages may load what this server serves and nothing else, be framed by itself alone."""
    for path in ("/", "/nowhere", "/livez", "/static/counterfoil.css"):
        headers = served.get(path).headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert "server" not in headers


def test_no_page_names_another_host(served: Running) -> None:
    """Styles, scripts and pictures come from here; there is no page that loads from a network."""
    for path in ("/", "/nowhere"):
        found = re.findall(r'(?:src|href|action)="([^"]+)"', served.get(path).text)
        assert found
        assert all(one.startswith(("/", "#")) and not one.startswith("//") for one in found)
    assert served.get("/docs").status_code == served.get("/redoc").status_code == 404


def test_a_target_in_absolute_form_is_understood(served: Running) -> None:
    """A request line may name scheme and host (RFC 9112 §3.2.2), as one merchant SDK's does."""
    host, port = served.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as connection:
        line = f"GET {served.url}/livez HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
        connection.sendall(line.encode())
        answer = b"".join(iter(lambda: connection.recv(4096), b""))
    assert answer.startswith(b"HTTP/1.1 200")
    assert answer.endswith(b"ok\n")


def test_a_body_that_is_too_large_is_not_read(served: Running) -> None:
    """A form has at most 64 KiB, whether its length is told or not."""
    large = b"x" * (BODY_BYTES_MAX + 1)
    told = httpx2.post(f"{served.url}/language", content=large)
    form = {"content-type": "application/x-www-form-urlencoded"}
    parts = iter([b"back=", large[:40_000], large[40_000:]])
    untold = httpx2.post(f"{served.url}/language", content=parts, headers=form)
    assert (told.status_code, untold.status_code) == (413, 413)


def test_a_form_of_another_site_is_refused(served: Running) -> None:
    """Without the token that our own page bears, a form changes nothing."""
    answer = httpx2.post(f"{served.url}/language", data={"language": "fr", "back": "/"})
    assert answer.status_code == 403
    assert "set-cookie" not in answer.headers or "language" not in answer.headers["set-cookie"]


def test_the_language_is_the_browsers_until_the_reader_chooses(served: Running) -> None:
    """Accept-Language is honoured, and the switch is remembered; it leads back, and never away."""
    said = {"fr": "Chacun tient", "zh-CN": "双方各持", "de, fr;q=0.5": "Chacun", "de": "Both sides",
            "en;q=0.1, zh-Hans-CN": "双方", "fr-CH": "Chacun", "zh-TW": "Both"}  # fmt: skip
    for accepted, words in said.items():
        assert words in served.get("/", **{"accept-language": accepted}).text
    with httpx2.Client(base_url=served.url) as reader:
        token = re.findall(r'name="form" value="(\w+)"', reader.get("/").text)[0]
        form = {"form": token, "language": "fr", "back": "//evil.example/x?y"}
        answer = reader.post("/language", data=form)
        assert answer.headers["location"] == "/x?y"
        assert "Chacun tient" in reader.get("/").text


def test_a_signal_drains_seals_and_closes(
    empty_database: Callable[[], str], tmp_path: Path
) -> None:
    """SIGTERM ends the process in order, with status 0, and it starts again where it was."""
    url = empty_database()
    with running(tmp_path, url) as server:
        assert server.stop() == 0
        events = [line["event"] for line in server.lines]
        assert (events[0], events[-1]) == ("server-started", "server-stopped")
    with running(tmp_path, url) as server:
        assert server.get("/readyz").status_code == 200
        assert server.stop(signal.SIGINT) == 0


def test_a_port_that_is_taken_is_named(served: Running, tmp_path: Path) -> None:
    """The message says which address, why, and what to do."""
    port = served.url.rpartition(":")[2]
    done = counterfoil("serve", "--port", port, "--folder", tmp_path / "operator", "--database",
                       f"sqlite:///{tmp_path}/other.db")  # fmt: skip
    assert done.returncode == 3
    assert "server.address-taken" in done.stderr
    assert port in done.stderr


def test_the_log_is_json_and_names_pages_not_paths(served: Running) -> None:
    """A line has an event and declared fields; a path, which can hold a code, is not among them."""
    served.get("/nowhere/SECRETWORD?name=Alice")
    assert all({"event", "level", "at"} <= set(line) for line in served.lines)
    text = served.log_file.read_text()
    assert "SECRETWORD" not in text
    assert "Alice" not in text
