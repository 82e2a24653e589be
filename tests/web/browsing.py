"""A real browser: Debian's Chromium, one fresh profile, and a watch on every request it makes."""

import io
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Locator, Page, sync_playwright

from counterfoil.qr import read_symbols

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
_PROGRAM = re.compile(r"\w\(\w+=|datetime\.|UUID\(|Fraction\(|<\w+\.\w+ ")
"""What only programs say: how Python shows a value that nobody has put into words."""
LOOKING_S = 15
"""How long somebody holds a phone before a code, on a busy machine."""
SMALL = {"width": 360, "height": 740}
PHONE = {"width": 390, "height": 844}
TILL = {"width": 1024, "height": 900}


def find_chromium() -> str:
    """Find the browser; without one these tests fail, they do not skip."""
    found = next((path for name in CHROMIUM if (path := shutil.which(name))), None)
    assert found, "There is no Chromium: apt-get install chromium"
    return found


@dataclass(slots=True)
class Device:
    """One person's browser window, apart from every other."""

    url: str
    context: BrowserContext
    page: Page
    elsewhere: list[str] = field(default_factory=list)
    """Requests to any other host."""

    def open(self, path: str) -> None:
        """Open a page of the server's."""
        self.page.goto(f"{self.url}{path}")

    def click(self, name: str, *, exact: bool = False) -> None:
        """Press a button or a link by what it says."""
        by_role = self.page.get_by_role("button", name=name, exact=exact)
        link = self.page.get_by_role("link", name=name, exact=exact)
        by_role.or_(link).first.click()

    def heading(self) -> str:
        """Tell the page's heading."""
        return self.page.locator("h1").first.inner_text()

    def check(self) -> None:
        """Hold the page against the rules of accessibility, and its width against the screen."""
        found: dict[str, Any] = Axe().run(self.page).response
        assert [(one["id"], [node["html"] for node in one["nodes"]])
                for one in found["violations"]] == []  # fmt: skip
        shown = self.page.locator("body").inner_text()
        assert not _PROGRAM.search(shown), _PROGRAM.search(shown)
        widths = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert widths[0] <= widths[1], self.page.url


def read(code: Locator) -> str:
    """Read the symbol that the browser has drawn, as a camera would: it looks until it sees it.

    The page may be drawn anew at any moment, so that the picture is cut from the whole screen.
    """
    found: Sequence[str] = ()
    end = time.monotonic() + LOOKING_S
    while time.monotonic() < end:
        found = read_symbols(_picture_of(code))
        if len(found) == 1:
            return found[0]
    raise AssertionError((found, code.page.locator("main").inner_text()))


def _picture_of(code: Locator) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    code.evaluate("shown => shown.scrollIntoView({block: 'center'})")
    box = code.bounding_box()
    screen = Image.open(io.BytesIO(code.page.screenshot())).convert("L")
    if box is None:  # drawn anew between the two
        return np.asarray(screen)
    scale = code.page.evaluate("devicePixelRatio")
    left, top = box["x"] * scale, box["y"] * scale
    cut = (left, top, left + box["width"] * scale, top + box["height"] * scale)
    return np.asarray(screen.crop(tuple(round(edge) for edge in cut)))


@contextmanager
def browser() -> Iterator[Browser]:
    """Start a browser that tells nobody anything."""
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield started
        started.close()


@contextmanager
def device(
    started: Browser, url: str, *, size: dict[str, int] | None = None, **options: Any
) -> Iterator[Device]:
    """Open a window of its own."""
    given = {"viewport": size or PHONE, "device_scale_factor": 2, "locale": "en-GB", **options}
    context = started.new_context(**given)
    page = context.new_page()
    page.set_default_timeout(15_000)
    opened = Device(url, context, page)
    own = urlsplit(url).netloc

    def watch(request: Any) -> None:
        parts = urlsplit(request.url)
        if parts.scheme not in {"data", "blob"} and parts.netloc != own:
            opened.elsewhere.append(request.url)

    context.on("request", watch)
    yield opened
    assert opened.elsewhere == []
    context.close()


def picture(page: Page, name: str) -> None:
    """Keep a picture of a page where a human asked for it, to be looked at."""
    if folder := os.environ.get("COUNTERFOIL_PICTURES"):
        page.screenshot(path=f"{folder}/{name}.png", full_page=True)


def in_every_language(shown: Device, path: str, name: str) -> None:
    """Hold a page against the rules in each language, as its reader would switch to it."""
    for tag in ("fr", "zh-CN", "en"):
        shown.context.add_cookies([{"name": "language", "value": tag, "url": shown.url}])
        shown.open(path)
        assert shown.page.locator("html").get_attribute("lang") == tag
        shown.check()
        picture(shown.page, f"{name}-{tag}")
