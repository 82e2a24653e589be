"""The pages that people see: server-rendered, in their language, and whole without JavaScript.

One handler a page, one domain call a handler. A handler gets an `Asked` (the form, who has signed in,
the language) in a worker thread and gives a response; only this surface is asynchronous. Our own
stylesheet and modules are served from here; nothing is asked of any other host.
"""

from counterfoil.web.web import Web

__all__ = ["Web"]
