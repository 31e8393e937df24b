"""The fake on a real port of this machine, for programs in other languages and for commands."""

from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread

import httpx2

from ._server import CutOff, FakeMuster


@contextmanager
def listen(fake: FakeMuster) -> Iterator[str]:
    """Serve `fake` on 127.0.0.1, on a free port; yields its address, `http://127.0.0.1:<port>`."""

    one_at_a_time = Lock()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        # Headers and body leave in two writes; without this the second waits for an acknowledgement.
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            content = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            request = httpx2.Request(
                self.command, f"http://fake{self.path}", headers=list(self.headers.items()), content=content
            )
            try:
                with one_at_a_time:
                    answer = fake.answer(request)
            except CutOff:
                self.close_connection = True
                self.connection.close()
                return
            self.send_response(answer.status_code)
            for name, value in answer.headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(answer.content)

        do_GET = do_POST = do_PATCH = do_DELETE = _answer  # noqa: N815 (the standard library's names)

        def log_message(self, format: str, *args: object) -> None:
            """Silent: a test's output is the test's."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
