"""A small DNS server on the loopback address, for what asks the domain name system."""

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator

import dns.message
import dns.rcode
import dns.rrset

Answered = dns.message.Message | None
"""None: it stays silent."""


class Zone:
    """What the server says. records: (name with a dot at its end, type) to values.

    Names it has no record of at all do not exist; `fails` and `silent` are asked in vain. asked: every question,
    in the order they came.
    """

    def __init__(
        self,
        records: dict[tuple[str, str], list[str]],
        *,
        fails: frozenset[str] = frozenset(),
        silent: frozenset[str] = frozenset(),
    ) -> None:
        self.records = records
        self.fails = fails
        self.silent = silent
        self.asked: list[tuple[str, str]] = []
        self.on_question: Callable[[], None] = lambda: None

    def answer(self, query: dns.message.Message) -> Answered:
        question = query.question[0]
        name, kind = question.name.to_text().lower(), dns.rdatatype.to_text(question.rdtype)
        self.asked.append((name, kind))
        self.on_question()
        if name in self.silent:
            return None
        response = dns.message.make_response(query)
        if name in self.fails:
            response.set_rcode(dns.rcode.SERVFAIL)
        elif (name, kind) in self.records:
            response.answer.append(dns.rrset.from_text(name, 60, "IN", kind, *self.records[name, kind]))
        elif not any(known == name for known, _ in self.records):
            response.set_rcode(dns.rcode.NXDOMAIN)
        return response


@contextlib.contextmanager
def running_dns(zone: Zone) -> Iterator[str]:
    """A server for the zone; gives its address as `127.0.0.1:port`."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listening:
        listening.bind(("127.0.0.1", 0))
        listening.settimeout(0.1)
        stopped = threading.Event()

        def serve() -> None:
            while not stopped.is_set():
                try:
                    data, sender = listening.recvfrom(4096)
                except TimeoutError:
                    continue
                response = zone.answer(dns.message.from_wire(data))
                if response is not None:
                    listening.sendto(response.to_wire(), sender)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield f"127.0.0.1:{listening.getsockname()[1]}"
        finally:
            stopped.set()
            thread.join()
