"""A client that goes away is noticed while its answer is worked out, and one that stays is left alone."""

import asyncio
from typing import Any

import pytest
from fastapi import Request

from muster.web.leaving import noticing


def request(gone: asyncio.Event) -> Request:
    """A request whose body has been read; its client leaves when `gone` is set."""

    async def receive() -> dict[str, Any]:
        await gone.wait()
        return {"type": "http.disconnect"}

    return Request({"type": "http", "method": "POST", "path": "/", "headers": []}, receive)


def test_a_client_that_leaves_is_noticed_once() -> None:
    async def run() -> list[str]:
        gone, seen = asyncio.Event(), []
        done = asyncio.Event()

        def notice() -> None:
            seen.append("gone")
            done.set()

        async with noticing(request(gone), notice):
            await asyncio.sleep(0)
            assert seen == []
            gone.set()
            await asyncio.wait_for(done.wait(), 5)
            await asyncio.sleep(0.3)
        return seen

    assert asyncio.run(run()) == ["gone"]


def test_a_client_that_stays_is_not_noticed_and_nothing_is_left_running() -> None:
    async def run() -> list[str]:
        seen: list[str] = []
        async with noticing(request(asyncio.Event()), lambda: seen.append("gone")):
            await asyncio.sleep(0.25)
        await asyncio.sleep(0)
        assert len(asyncio.all_tasks()) == 1
        return seen

    assert asyncio.run(run()) == []


def test_what_is_raised_inside_passes_through() -> None:
    async def run() -> None:
        async with noticing(request(asyncio.Event()), lambda: None):
            raise KeyError("inside")

    with pytest.raises(KeyError, match="inside"):
        asyncio.run(run())
