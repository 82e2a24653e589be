"""The event loop that a server and its notices run on: libuv's."""

import asyncio

import uvloop


def runner() -> asyncio.Runner:
    """Make what runs a coroutine on a loop of its own, and closes it."""
    return asyncio.Runner(loop_factory=uvloop.new_event_loop)
