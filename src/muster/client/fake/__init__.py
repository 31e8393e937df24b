"""A Muster server in memory, for tests of programs that use one.

    from muster.client import Client
    from muster.client.fake import FakeMuster

    def test_my_program_uploads_its_list():
        fake = FakeMuster()
        with Client(transport=fake.transport, api_key=fake.api_key) as muster:
            my_program(muster)
        assert fake.uploads[0].upload_name == "My list"

It answers create, list, get, rename, delete, bulk delete, validate, rejects and health as the documented API
does, with the same limits, codes and idempotency, and forgets everything when it is gone. The client's own
tests run against it and against the real server. It can be told to fail: see `fail_next` and `cut_next`.

It is a fake of batches only. It makes no tables and runs no jobs: `files`, `tables`, `rules`, `mappings`,
enrichment, events, cancelling and reprocessing answer 404 `not_found` here. A program that uses those is tested against a real
server, which needs no more than a directory: `MUSTER_DATA_DIR=$(mktemp -d) muster serve --port 0`.
For programs in other languages `listen()` opens it on a port of this machine.
"""

from ._listen import listen
from ._server import FakeMuster, FakeUpload

__all__ = ["FakeMuster", "FakeUpload", "listen"]
