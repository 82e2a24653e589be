"""The REST API in a real server: mounted, guarded, and logged without a key."""

import httpx2

from tests.server.running import Running


def test_the_api_is_there_and_asks_for_a_key(served: Running) -> None:
    """Its document is served; without a key it is a problem; the log names neither key nor path."""
    document = served.get("/api/v1/openapi.json").json()
    assert document["openapi"].startswith("3.1.")
    secret = "cfk_0123456789abcdef_" + "x" * 43
    reply = served.get("/api/v1/orders?reference=bread-7", authorization=f"Bearer {secret}")
    assert reply.status_code == 401
    assert reply.headers["content-type"] == "application/problem+json"
    kind = reply.json()["type"]
    assert 'id="api.key-unknown"' in httpx2.get(kind.partition("#")[0]).text
    written = served.log_file.read_text()
    assert "list_orders" in written
    assert secret not in written
    assert "bread-7" not in written


def test_what_is_too_large_is_a_problem_too(served: Running) -> None:
    """A megabyte is refused before it is read, in the API's own form."""
    reply = httpx2.post(f"{served.url}/api/v1/orders", content=b"x" * 1_000_000)
    assert reply.status_code == 413
    assert reply.headers["content-type"] == "application/problem+json"
    assert reply.json()["code"] == "api.too-large"
