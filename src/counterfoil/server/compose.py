"""The surfaces, composed into one application: what answers where."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from starlette.requests import Request
from starlette.responses import JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route, Router
from starlette.types import ASGIApp

from counterfoil.alipay.surface import BILL_PATH, PATH, Surface, open_surface
from counterfoil.alipay.surface import Settings as GatewaySettings
from counterfoil.api.surface import MOUNT
from counterfoil.api.surface import Surface as APISurface
from counterfoil.api.surface import open_surface as open_api
from counterfoil.bootstrap import Site
from counterfoil.courier import Guard
from counterfoil.kernel.clock import Clock
from counterfoil.pay import EventKind
from counterfoil.qr import Origin
from counterfoil.server.guard import Guard as RequestGuard
from counterfoil.server.health import Health
from counterfoil.server.jobs import Job, Jobs
from counterfoil.server.metrics import CONTENT_TYPE, Counts, Metrics
from counterfoil.web import Web


@dataclass(frozen=True, slots=True)
class Composed:
    """A server that can be run: the application, and what goes on beside it."""

    app: ASGIApp
    jobs: Jobs
    end_streams: Callable[[], None]
    """Tells whoever listens that no more will come."""
    closing: Sequence[Callable[[], None]]

    def close(self) -> None:
        """Answer what is being worked on, and close the surfaces."""
        for close in self.closing:
            close()


def compose(
    site: Site,
    origin: Origin,
    clock: Clock,
    settings: GatewaySettings | None = None,
    *,
    api_rate: int = 0,
) -> Composed:
    """Put the surfaces of one operator together; an API key may ask so often a second."""
    settings = settings or GatewaySettings()
    api = open_api(site, origin, clock, Guard.opened(settings.opened), api_rate)
    gateway = open_surface(site, origin, clock, settings, [api.channel])
    web = Web(site, origin, clock, gateway.returning)
    jobs = Jobs(
        [*jobs_of(site), *jobs_of_api(api), *jobs_of_gateway(gateway), Job("pages", web.watch)],
        clock,
    )
    metrics = Metrics(site, lambda: jobs.states, counts_of(web, gateway))
    routes: list[BaseRoute] = [
        *_own_routes(Health(site, jobs), metrics),
        *surfaces_of(gateway),
        Mount(MOUNT, app=api.app),
        Mount("/", app=web.app),
    ]
    guard = RequestGuard(Router(routes=routes), metrics, is_secure=origin.url.startswith("https:"))
    return Composed(guard, jobs, web.end_streams, [gateway.close, api.close])


def compose_scores(site: Site, origin: Origin, clock: Clock, *, api_rate: int = 0) -> Composed:
    """Compose a server that answers about scores alone, beside health and measurements."""
    api = open_api(site, origin, clock, Guard.opened(()), api_rate, scores_only=True)
    daily = Job("daily", site.daily.do_due, every=timedelta(seconds=30))
    jobs = Jobs([daily, *jobs_of_api(api)], clock)
    metrics = Metrics(site, lambda: jobs.states, Counts(payments={}, backlog={}))
    routes = [*_own_routes(Health(site, jobs), metrics), Mount(MOUNT, app=api.app)]
    guard = RequestGuard(Router(routes=routes), metrics, is_secure=origin.url.startswith("https:"))
    return Composed(guard, jobs, lambda: None, [api.close])


def surfaces_of(gateway: Surface) -> list[BaseRoute]:
    """List where the merchant gateway answers."""
    return [Route(PATH, endpoint=gateway.app), Route(BILL_PATH, endpoint=gateway.app)]


def jobs_of(site: Site) -> list[Job]:
    """List what the rooms do by themselves."""

    def close_what_is_due(_stop: threading.Event) -> None:
        site.pay.closing.run_due()

    return [
        Job("orders", close_what_is_due, every=timedelta(seconds=2)),
        Job("daily", site.daily.do_due, every=timedelta(seconds=30)),
    ]


def jobs_of_api(api: APISurface) -> list[Job]:
    """List what the REST API does by itself."""
    return [Job("answers", lambda _stop: api.forget_answers(), every=timedelta(minutes=10))]


def jobs_of_gateway(gateway: Surface) -> list[Job]:
    """List what the merchant gateway does by itself."""
    return [
        Job("notices", gateway.courier.run),
        Job("codes", lambda _stop: gateway.forget_codes(), every=timedelta(minutes=10)),
    ]


def counts_of(web: Web, gateway: Surface) -> Counts:
    """List what the rooms count for Prometheus; from this server's start, as counters do."""
    counts = web.watching.counts
    return Counts(
        payments={
            "paid": lambda: counts[EventKind.ORDER_PAID],
            "refunded": lambda: counts[EventKind.ORDER_REFUNDED],
        },
        backlog={"notices": lambda: gateway.courier.backlog},
    )


def _own_routes(health: Health, metrics: Metrics) -> list[BaseRoute]:
    def livez(_request: Request) -> Response:
        return PlainTextResponse("ok\n")

    def readyz(_request: Request) -> Response:
        checks = health.ready()
        is_ready = all(check.is_right for check in checks)
        answer = {"ok": is_ready, "checks": [check.json() for check in checks]}
        return JSONResponse(answer, 200 if is_ready else 503)

    def full(_request: Request) -> Response:
        report = health.report()
        return JSONResponse(report, 200 if report["ok"] else 503)

    def numbers(_request: Request) -> Response:
        return Response(metrics.text(), headers={"content-type": CONTENT_TYPE})

    return [
        Route("/livez", livez),
        Route("/readyz", readyz),
        Route("/health", full),
        Route("/metrics", numbers),
    ]
