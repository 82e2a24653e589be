"""The API as an ASGI application: FastAPI with our own words for everything that goes wrong."""

import json
import logging
from collections.abc import Sequence
from typing import Any, Final

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.types import Receive, Scope, Send

from counterfoil import __version__
from counterfoil.api import (
    agreements,
    days,
    deliveries,
    deposits,
    orders,
    scores,
    shops,
    telling,
)
from counterfoil.api.errors import (
    APIError,
    FieldsInvalid,
    MethodWrong,
    NotHere,
    TooLarge,
    Unexpected,
)
from counterfoil.api.problems import (
    FieldProblem,
    Problem,
    problem_of,
    problem_response,
    problems_page,
    row_of,
)
from counterfoil.api.rooms import Rooms
from counterfoil.kernel.errors import CounterfoilError
from counterfoil.kernel.i18n import SOURCE_LANGUAGE, use_locale
from counterfoil.qr import Origin

MOUNT: Final = "/api/v1"
_DESCRIPTION: Final = """\
The operator's own API for merchants: orders that phones pay, refunds, deposits, settlements, events; and live scores
of people who have granted them.

Amounts are texts with a currency, never numbers. What moves or makes something takes an
`Idempotency-Key`. Every refusal is a problem (RFC 9457) with a stable `code`. Lists go on with the
cursor in `next`. A key reaches its own merchant's rows, within its scopes; one that asks too fast is
answered 429 and told when to ask again (`Retry-After`).
"""
_KEY_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"}
_PARTS: Final = tuple(
    one.router for one in (orders, deposits, agreements, shops, days, telling, deliveries, scores)
)
_log = logging.getLogger(__name__)


class APIApp:
    """Answers below `/api/v1`."""

    def __init__(self, rooms: Rooms, parts: Sequence[APIRouter] | None = None) -> None:
        """Take the rooms, and what is answered about; None: everything."""
        self.rooms = rooms
        self.app = make_app(rooms, parts)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; what nobody thought of is told in the log, by its kind and place."""
        try:
            with use_locale(
                SOURCE_LANGUAGE
            ):  # programs read it, whatever the server's own language
                await self.app(scope, receive, send)
        except HTTPException:
            raise
        except Exception as error:  # noqa: BLE001  # it has been answered; the log is told of it
            _log_unexpected(error)

    def close(self) -> None:
        """Answer what is being worked on."""
        self.rooms.close()


def make_app(rooms: Rooms | None = None, parts: Sequence[APIRouter] | None = None) -> FastAPI:
    """Make the application; without rooms, only to describe it; without parts, all of it."""
    origin = rooms.origin if rooms else Origin("https://pay.example")
    app = FastAPI(
        title="Counterfoil", version=__version__, description=_DESCRIPTION,
        openapi_url="/openapi.json", docs_url=None, redoc_url=None, redirect_slashes=False,
        servers=[{"url": MOUNT}], root_path_in_servers=False,
        generate_unique_id_function=lambda route: route.name,
    )  # fmt: skip
    app.state.rooms = rooms

    def refuse(_request: Request, error: Exception) -> Response:
        said = _in_our_words(error)
        wait = said.facts.get("retry_after_s")
        return problem_response(problem_of(said, origin), wait if isinstance(wait, int) else None)

    for kind in (CounterfoilError, RequestValidationError, HTTPException, Exception):
        app.add_exception_handler(kind, refuse)

    @app.get("/problems", include_in_schema=False)
    async def problems() -> Response:
        return HTMLResponse(problems_page())

    for router in parts if parts is not None else _PARTS:
        app.include_router(router)
    app.openapi = lambda: openapi(app)  # type: ignore[method-assign]
    return app


def openapi(app: FastAPI) -> dict[str, Any]:
    """Describe the API as OpenAPI 3.1."""
    if app.openapi_schema is None:
        made = FastAPI.openapi(app)
        components = made["components"]
        components["securitySchemes"] = {
            "key": {"type": "http", "scheme": "bearer", "description": "A merchant's key: cfk_…"}
        }
        components["schemas"] = {
            name: schema
            for name, schema in components["schemas"].items()
            if name not in {"HTTPValidationError", "ValidationError"}
        }
        made["paths"] = {
            path: {
                method: _with_problems(operation) for method, operation in operations.items()
            }
            for path, operations in made["paths"].items()
        }  # fmt: skip
        inner = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        components["schemas"] |= inner.pop("$defs") | {"Problem": inner}
        app.openapi_schema = json.loads(json.dumps(made))
    return app.openapi_schema


def _with_problems(operation: dict[str, Any]) -> dict[str, Any]:
    for parameter in operation.get("parameters", []):
        if parameter["name"] == "Idempotency-Key":  # its lack is answered in our own words
            parameter["required"] = True
            parameter["schema"] = {**_KEY_SCHEMA, "examples": parameter["schema"]["examples"]}
    for status, response in operation["responses"].items():
        if int(status) >= 400:
            content = response["content"]
            content.pop("application/json", None)
            content["application/problem+json"]["schema"] = {"$ref": "#/components/schemas/Problem"}
    return operation


def _in_our_words(error: Exception) -> CounterfoilError:
    match error:
        case CounterfoilError():
            if row_of(error.code).status >= 500:
                _log.warning("api: answered %s", error.code)
            return error
        case RequestValidationError():
            return _invalid(error)
        case HTTPException():
            return _of_status(error.status_code)
        case _:
            return Unexpected("Something failed that nobody thought of.")


def _of_status(status: int) -> APIError:
    match status:
        case 404:
            return NotHere("There is nothing at this address. Look at /api/v1/openapi.json.")
        case 405:
            return MethodWrong("Nothing is done by this method here. Look at /api/v1/openapi.json.")
        case 413:
            return TooLarge("The request is larger than any may be.")
        case 400:
            return FieldsInvalid("The body cannot be read: send JSON.")
        case _:
            return Unexpected("Something failed that nobody thought of.")


def _invalid(error: RequestValidationError) -> FieldsInvalid:
    found = [_field(one) for one in error.errors()]
    named = ", ".join(dict.fromkeys(one.pointer for one in found))
    return FieldsInvalid(f"These cannot be what they are: {named}.", fields=found)


def _field(one: dict[str, Any]) -> FieldProblem:
    where, *path = (str(part) for part in one["loc"])
    if where != "body":
        return FieldProblem(pointer=path[0] if path else where, detail=one["msg"])
    if one["type"] == "json_invalid":
        return FieldProblem(pointer="/", detail="The body is no JSON.")
    return FieldProblem(pointer="/" + "/".join(path), detail=one["msg"])


def _log_unexpected(error: Exception) -> None:
    """Tell what nobody thought of: its kind and its place. Its words may quote somebody."""
    trace, place = error.__traceback__, ""
    while trace is not None:
        place = f"{trace.tb_frame.f_code.co_filename}:{trace.tb_lineno}"
        trace = trace.tb_next
    _log.error("api: %s at %s", type(error).__name__, place)
