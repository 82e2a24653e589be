"""What the server says of itself: one JSON object a line, on stderr, without a word about anybody.

A line has an event and fields of a closed list; a field that nobody has declared here is dropped, and
its name is told. So a name, a number, an amount, a token or a code cannot slip in with the best of
intentions: there is no field to put it into. A request is told by its page's name, never by its path.
"""

import logging
import logging.config
import sys
from collections.abc import MutableMapping
from typing import Any, Final, TextIO

import structlog
from structlog.typing import Processor

FIELDS: Final = frozenset(
    {
        "event", "level", "at", "logger",
        "surface", "page", "method", "status", "elapsed_ms", "request", "code", "error", "where",
        "job", "origin", "database", "version", "host", "port", "signal", "rows", "count",
        "dropped",
    }
)  # fmt: skip
"""Every field that a line may have."""

Event = MutableMapping[str, Any]


def set_up(stream: TextIO | None = None, level: int = logging.INFO) -> None:
    """Send everything that is logged in this process to one stream, as JSON."""
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        _stamp,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(stream or sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=[*shared, _without_traceback],
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                only_declared,
                structlog.processors.JSONRenderer(ensure_ascii=False),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)  # what libraries tell of their own work is for nobody here
    logging.getLogger("counterfoil").setLevel(level)
    # Requests are logged by us, by their page's name; the server's own lines would hold the path.
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access", "uvicorn.asgi"):
        quiet = logging.getLogger(name)
        quiet.handlers[:] = []
        quiet.propagate = name != "uvicorn.access"
    logging.getLogger("uvicorn.access").disabled = True


def logger(name: str) -> structlog.stdlib.BoundLogger:
    """Give a logger for one part of the server."""
    bound: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return bound


def only_declared(_logger: object, _method: str, event: Event) -> Event:
    """Drop every field that is not declared; say which were dropped."""
    kept = {name: value for name, value in event.items() if name in FIELDS}
    if dropped := sorted(set(event) - set(kept)):
        kept["dropped"] = dropped
    return kept


def where(error: BaseException) -> str:
    """Tell where an error was raised, without its words: file, line and function of ours."""
    found = "unknown"
    trace = error.__traceback__
    while trace is not None:
        code = trace.tb_frame.f_code
        if "counterfoil" in code.co_filename or found == "unknown":
            _, _, path = code.co_filename.rpartition("counterfoil/")
            found = f"{path}:{trace.tb_lineno} {code.co_name}"
        trace = trace.tb_next
    return found


_stamp = structlog.processors.TimeStamper(fmt="iso", utc=True, key="at")


def _without_traceback(_logger: object, _method: str, event: Event) -> Event:
    """Keep of an error that a library logged its kind and place; its words may quote somebody."""
    error = event.pop("exc_info", None)
    if isinstance(error, tuple) and error[1] is not None:
        event["error"], event["where"] = type(error[1]).__name__, where(error[1])
    event.pop("stack_info", None)
    return event
