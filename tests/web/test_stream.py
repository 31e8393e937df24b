"""Bodies handed to a thread while they come: bounded, cut short, refused, cancelled."""

import asyncio
import threading
from collections.abc import Awaitable, Callable, Iterator
from typing import Any

import pytest
from starlette.requests import ClientDisconnect, Request

from muster.errors import Overloaded, PayloadTooLarge, StorageFull
from muster.web.stream import QUEUE_BYTES, BodyCut, Streams, announced_bytes, at_most

PIECE = b"x" * 65536
SECONDS = 20


class Sender:
    """A client: sends its pieces, then ends, leaves or falls silent."""

    def __init__(self, pieces: int, then: str = "end") -> None:
        self.left = pieces
        self.then = then
        self.sent = 0
        self.silent = asyncio.Event()

    async def receive(self) -> dict[str, Any]:
        await asyncio.sleep(0)
        if self.left:
            self.left -= 1
            self.sent += len(PIECE)
            return {"type": "http.request", "body": PIECE, "more_body": True}
        if self.then == "silence":
            self.silent.set()
            await asyncio.Event().wait()
        if self.then == "leave":
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": b"", "more_body": False}

    @property
    def request(self) -> Request:
        return Request({"type": "http", "method": "POST", "headers": [], "path": "/"}, self.receive)


def run(work: Callable[[], Awaitable[Any]]) -> Any:
    async def bounded() -> Any:
        return await asyncio.wait_for(work(), SECONDS)

    return asyncio.run(bounded())


def count(pieces: Iterator[bytes]) -> int:
    return sum(len(piece) for piece in pieces)


def test_every_byte_arrives() -> None:
    assert run(lambda: Streams().feed(Sender(200).request, count)) == 200 * len(PIECE)


def test_a_body_without_bytes_is_no_pieces() -> None:
    assert run(lambda: Streams().feed(Sender(0).request, list)) == []


def test_a_client_that_leaves_is_told_apart_from_one_that_ends() -> None:
    with pytest.raises(ClientDisconnect):
        run(lambda: Streams().feed(Sender(5, "leave").request, count))


def test_work_may_keep_what_arrived_before_the_client_left() -> None:
    def keep(pieces: Iterator[bytes]) -> int:
        size = 0
        try:
            for piece in pieces:
                size += len(piece)
        except BodyCut:
            return size
        raise AssertionError("the body was whole")

    assert run(lambda: Streams().feed(Sender(5, "leave").request, keep)) == 5 * len(PIECE)


@pytest.mark.parametrize("then", ["silence", "end"])
def test_work_that_refuses_answers_at_once_even_while_the_client_is_silent(then: str) -> None:
    def refuse(pieces: Iterator[bytes]) -> None:
        next(pieces)
        raise StorageFull("no room")

    async def work() -> None:
        sender = Sender(1000, then)
        with pytest.raises(StorageFull):
            await Streams().feed(sender.request, refuse)
        assert sender.sent <= 2 * QUEUE_BYTES + len(PIECE)

    run(work)


def test_a_slow_store_slows_the_client_down_instead_of_filling_memory() -> None:
    go_on = threading.Event()

    def slow(pieces: Iterator[bytes]) -> int:
        first = next(pieces)
        assert go_on.wait(SECONDS)
        return len(first) + count(pieces)

    async def work() -> None:
        sender = Sender(500)
        feeding = asyncio.create_task(Streams().feed(sender.request, slow))
        seen = -1
        while sender.sent != seen or sender.sent < QUEUE_BYTES:
            seen = sender.sent
            await asyncio.sleep(0.02)
        assert sender.sent <= 2 * QUEUE_BYTES + len(PIECE)
        go_on.set()
        assert await feeding == 500 * len(PIECE)

    run(work)


def test_a_cancelled_request_waits_for_its_thread_to_let_go() -> None:
    ended: list[str] = []

    def work(pieces: Iterator[bytes]) -> None:
        try:
            count(pieces)
        except BodyCut:
            ended.append("cut")
            raise

    async def main() -> None:
        sender = Sender(3, "silence")
        feeding = asyncio.create_task(Streams().feed(sender.request, work))
        await sender.silent.wait()
        feeding.cancel()
        with pytest.raises(asyncio.CancelledError):
            await feeding
        assert ended == ["cut"]

    run(main)


def test_only_so_many_bodies_are_streamed_at_once_and_room_comes_back() -> None:
    async def main() -> None:
        streams = Streams(2)
        senders = [Sender(1, "silence") for _ in range(2)]
        feeding = [asyncio.create_task(streams.feed(sender.request, count)) for sender in senders]
        for sender in senders:
            await sender.silent.wait()
        with pytest.raises(Overloaded):
            await streams.feed(Sender(1).request, count)
        feeding[0].cancel()
        await asyncio.wait({feeding[0]})
        assert await streams.feed(Sender(1).request, count) == len(PIECE)
        feeding[1].cancel()
        await asyncio.wait({feeding[1]})

    run(main)


def test_a_limit_is_kept_to_the_byte() -> None:
    assert b"".join(at_most(iter([b"abc", b"de"]), 5)) == b"abcde"
    with pytest.raises(PayloadTooLarge) as refused:
        list(at_most(iter([b"abc", b"def"]), 5))
    assert "5 bytes" in refused.value.message


@pytest.mark.parametrize(
    ("header", "size"), [(b"12", 12), (b"\xb2", None), (b"-1", None), (b"", None), (b"9" * 30, int("9" * 20))]
)
def test_an_announced_length_is_a_number_or_nothing(header: bytes, size: int | None) -> None:
    scope = {"type": "http", "headers": [(b"content-length", header)]}
    assert announced_bytes(Request(scope)) == size
