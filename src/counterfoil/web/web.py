"""The pages, put together: what is found where."""

import threading

from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount

from counterfoil.bootstrap import Site
from counterfoil.kernel.clock import Clock
from counterfoil.qr import Origin
from counterfoil.web.assets import Assets
from counterfoil.web.desk import Desk
from counterfoil.web.pages import (
    agreeing,
    asking,
    authorizing,
    banking,
    entering,
    holding,
    home,
    live,
    mine,
    past,
    paying,
    receipts,
    record,
    score,
    sending,
    shop,
    till,
    wallet,
)
from counterfoil.web.rendering import Renderer
from counterfoil.web.returning import Returning
from counterfoil.web.streams import Streams
from counterfoil.web.watching import Watching

_PAGES = (
    home, entering, mine, wallet, sending, asking, past, banking, receipts, paying, holding, agreeing, authorizing, shop, till, record, score, live,
)  # fmt: skip


class Web:
    """The pages of one operator."""

    def __init__(self, site: Site, origin: Origin, clock: Clock, returning: Returning) -> None:
        assets = Assets()
        self.streams = Streams()
        self.watching = Watching(site, self.streams)
        self.desk = Desk(site, origin, clock, Renderer(assets, origin), self.streams, returning)
        routes: list[BaseRoute] = [
            Mount("/static", app=assets),
            *(route for page in _PAGES for route in page.routes(self.desk)),
        ]
        self.app = Starlette(routes=routes, exception_handlers=self.desk.handlers)

    def watch(self, stop: threading.Event) -> None:
        """Ring the pages that payments are about, until told to stop."""
        self.watching.run(stop)

    def end_streams(self) -> None:
        """Tell whoever listens that no more will come: the server stops."""
        self.streams.end()
