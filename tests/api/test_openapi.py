"""The API does what its OpenAPI says, whatever is sent: asked everything that the document allows."""

from collections.abc import Iterator
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from fastapi import FastAPI
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis.specs.openapi import checks
from schemathesis.specs.openapi.definitions import OPENAPI_31
from starlette.applications import Starlette
from starlette.routing import Mount

from counterfoil.api.app import MOUNT, make_app, openapi
from tests.api.world import Shop, shop
from tests.consent.world import town
from tests.pay.world import street
from tests.wallet.world import bank

DOCUMENT = openapi(make_app())
OPERATIONS = sorted(
    (path, method.upper()) for path, methods in DOCUMENT["paths"].items() for method in methods
)
EXAMPLES = 25
CHECKS = [
    schemathesis.checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_headers_conformance,
    checks.response_schema_conformance,
    checks.negative_data_rejection,
    checks.ignored_auth,
    checks.unsupported_method,
]


@pytest.fixture(scope="module", params=["sqlite", "postgresql"])
def fuzzed(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Shop]:
    """Open a bakery for all questions together; what one changes, the next one meets."""
    folder, url = tmp_path_factory.mktemp("fuzzed"), ""
    if request.param == "postgresql":
        url = request.getfixturevalue("emptied_schema")()
    with (
        town(url or f"sqlite:///{folder}/town.db", folder) as larch,
        bank(larch) as ash,
        street(ash) as market,
        shop(market, folder / "resend") as bakery,
    ):
        yield bakery


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_whatever_is_sent_is_answered_as_the_document_says(
    fuzzed: Shop, known: dict[str, str], path: str, method: str
) -> None:
    """No 500, no undocumented status, type or shape; what is wrong is refused, and so is no key."""
    mounted = Starlette(routes=[Mount(MOUNT, app=fuzzed.app)])
    schema = schemathesis.openapi.from_asgi(f"{MOUNT}/openapi.json", app=mounted)
    operation, key = schema[path][method], {"Authorization": f"Bearer {fuzzed.key}"}

    @settings(
        max_examples=EXAMPLES, deadline=None, database=None, derandomize=True,
        phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    @given(case=operation.as_strategy())
    def ask(case: "schemathesis.Case[Any]") -> None:
        case.call_and_validate(headers=key, checks=CHECKS)
        for name, value in known.items():  # the same question about something that is there
            if name in case.path_parameters:
                case.path_parameters[name] = value
                case.call_and_validate(headers=key, checks=CHECKS[:5])

    ask()


@pytest.fixture(scope="module")
def known(fuzzed: Shop) -> dict[str, str]:
    """Make something of each kind that a path can name."""
    bakery = fuzzed
    held = {"amount": {"amount": "5.00", "currency": "EUR"}, "title": "Key of room 12"}
    return {
        "order": bakery.post("/orders", bakery.bread("2.00"))["id"],
        "hold": bakery.post("/holds", held)["id"],
        "store": str(bakery.street.store.id),
        "agreement": bakery.post("/agreements", {"title": "Bread club", "currency": "EUR"})["id"],
        "webhook": bakery.post("/webhooks", {"url": "http://127.0.0.1:9/told"})["id"],
        "day": "2026-01-05",
    }


def test_the_document_is_openapi_3_1_and_complete() -> None:
    """Each operation says what it is, who may, and how each refusal looks."""
    assert DOCUMENT["openapi"].startswith("3.1.")
    jsonschema_rs.Draft202012Validator(OPENAPI_31).validate(DOCUMENT)
    for path, methods in DOCUMENT["paths"].items():
        for method, operation in methods.items():
            where = f"{method} {path}"
            assert operation["summary"], where
            assert operation["description"], where
            assert operation["security"][0]["key"], where
            refusals = {int(one) for one in operation["responses"] if int(one) >= 400}
            assert {401, 403, 422, 500, 503} <= refusals, where
            for status in refusals:
                content = operation["responses"][str(status)]["content"]
                assert list(content) == ["application/problem+json"], where
                assert content["application/problem+json"]["example"]["status"] == status


def test_what_is_made_is_the_document_s_own(fuzzed: Shop) -> None:
    """The document that is served is the one that is written down."""
    assert isinstance(fuzzed.app.app, FastAPI)
    assert fuzzed.get("/openapi.json", key=None) == DOCUMENT
