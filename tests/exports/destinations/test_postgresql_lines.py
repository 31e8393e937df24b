"""Who a PostgreSQL server lets in, and lines to it that break: nothing is lost, nothing is sent twice."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from muster.exports.destinations import postgresql_session
from muster.exports.model import ExportStatus
from tests.exports.destinations.postgresql_target import Target
from tests.exports.exporting import assert_adds_up, numbered
from tests.support.inline_run import InlineContext

# Where our own rows lie makes no difference to where they go.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.mark.parametrize(
    "changes", [{"password": "wrong"}, {"database": "nowhere"}, {"user": "nobody"}], ids=lambda each: next(iter(each))
)  # fmt: skip
def test_who_is_not_let_in_is_told_so_and_not_for_minutes(target: Target, changes: dict[str, str]) -> None:
    target.connect(**changes)
    export = target.send(numbered(2))
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert target.cluster.password not in (export.reason or "")


def test_a_table_one_may_not_write_to_ends_the_export(target: Target) -> None:
    target.run(
        "CREATE TABLE people (email text PRIMARY KEY, first_name text, consent text);"
        "DROP ROLE IF EXISTS reader; CREATE ROLE reader LOGIN PASSWORD 'reader'; GRANT SELECT ON people TO reader"
    )
    target.connect(user="reader", password="reader")
    export = target.send(numbered(2))
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert "permission denied" in (export.reason or "")
    target.run("REVOKE ALL ON people FROM reader; DROP ROLE reader")


class Stormy(InlineContext):
    """Ends the connection of the export each time another number of rows is reported."""

    def __init__(self, break_line: Callable[[], None], at: Sequence[int]) -> None:
        super().__init__()
        self._break_line = break_line
        self._at = list(at)

    def report(self, progress: Any) -> None:
        super().report(progress)
        if self._at and progress.done >= self._at[0]:
            self._at.pop(0)
            self._break_line()


def test_a_connection_that_breaks_again_and_again_loses_nothing_and_sends_nothing_twice(
    target: Target,
) -> None:
    # Every insert and every update leaves a line, so that what came twice is seen even where the key hides it.
    target.run(
        "CREATE TABLE people (email text PRIMARY KEY, first_name text, consent text);"
        "CREATE TABLE seen (email text, op text);"
        "CREATE FUNCTION note() RETURNS trigger LANGUAGE plpgsql AS "
        "$$BEGIN INSERT INTO public.seen VALUES (NEW.email, TG_OP); RETURN NEW; END$$;"
        "CREATE TRIGGER noted AFTER INSERT OR UPDATE ON people FOR EACH ROW EXECUTE FUNCTION note()"
    )
    upload_id = target.exports.table(*(numbered(5, start) for start in range(0, 40, 5)))

    export = target.exports.carry_out(target.make(upload_id).id, Stormy(target.hang_up, (4, 13, 20, 33)))
    assert (export.status, export.counts.written) == (ExportStatus.DONE, 40)
    assert target.run("SELECT count(*) FROM people") == [(40,)]
    assert target.run("SELECT count(*), count(DISTINCT email) FROM seen WHERE op = 'INSERT'") == [(40, 40)]
    assert target.run("SELECT count(*) FROM seen WHERE op = 'UPDATE'") == [(0,)]


def test_a_batch_that_was_cut_in_its_middle_left_nothing_of_it_behind(target: Target) -> None:
    # The server ends the connection while it is at the third row of the second batch, the first time only.
    target.run(
        "CREATE TABLE people (email text PRIMARY KEY, first_name text, consent text);"
        "CREATE SEQUENCE times;"
        "CREATE FUNCTION cut() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN "
        "IF NEW.email = 'person6@example.com' AND nextval('public.times') = 1 THEN "
        "PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(5); END IF; RETURN NEW; END$$;"
        "CREATE TRIGGER cutting BEFORE INSERT ON people FOR EACH ROW EXECUTE FUNCTION cut()"
    )
    there: list[int] = []

    class Watching(InlineContext):
        def report(self, progress: Any) -> None:
            super().report(progress)
            there.append(target.run("SELECT count(*) FROM people")[0][0])

    export = target.exports.carry_out(target.make(target.exports.table(numbered(12))).id, Watching())
    assert (export.status, export.counts.written, export.counts.failed) == (ExportStatus.DONE, 12, 0)
    assert target.run("SELECT last_value FROM times") == [(2,)]
    assert set(there) <= {0, 4, 8, 12}


def test_a_database_that_is_gone_for_good_ends_the_export_with_what_arrived_counted(target: Target) -> None:
    target.run("CREATE TABLE people (email text PRIMARY KEY, first_name text, consent text)")
    upload_id = target.exports.table(numbered(12))

    def close_the_door() -> None:
        target.allow(False)
        target.hang_up()

    export = target.exports.carry_out(target.make(upload_id).id, Stormy(close_the_door, (4,)))
    assert_adds_up(export)
    assert (export.status, export.counts.written, export.pending) == (ExportStatus.FAILED, 4, 8)
    assert target.run("SELECT count(*) FROM people") == [(4,)]
    target.allow(True)


class Tls:
    """Says what a PostgreSQL server says up to the password, over TLS with a certificate of its own making."""

    def __init__(self, directory: Path, name: str) -> None:
        key = ec.generate_private_key(ec.SECP256R1())
        subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
        now = datetime.now(UTC)
        certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=1))
            .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.pem = directory / "certificate.pem"
        secret = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
        self.pem.write_bytes(secret + certificate.public_bytes(Encoding.PEM))
        self.passwords_asked = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join(timeout=10)

    def _serve(self) -> None:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.pem)
        while True:
            try:
                plain, _ = self._listener.accept()
            except OSError:
                return
            try:
                plain.recv(8)  # may we speak TLS?
                plain.sendall(b"S")
                with context.wrap_socket(plain, server_side=True) as secured:
                    if not secured.recv(4096):  # who, which database
                        continue
                    self.passwords_asked += 1
                    secured.sendall(b"R" + struct.pack(">II", 8, 3))  # a password in plain text, please
                    secured.recv(4096)
                    said = b"SFATAL\0VFATAL\0C28P01\0Mpassword authentication failed\0\0"
                    secured.sendall(b"E" + struct.pack(">I", len(said) + 4) + said)
            except OSError:
                plain.close()


@pytest.mark.parametrize(
    ("mode", "host", "is_vouched_for", "is_asked"),
    [
        ("verify-full", "localhost", True, True),
        ("verify-full", "localhost", False, False),
        ("verify-full", "127.0.0.1", True, False),  # the certificate is for another name
        ("require", "localhost", False, True),
    ],
)
def test_a_password_goes_only_to_whom_the_certificate_vouches_for(
    target: Target,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    mode: str,
    host: str,
    is_vouched_for: bool,
    is_asked: bool,
) -> None:
    server = Tls(tmp_path, "localhost")
    monkeypatch.setattr(postgresql_session, "resolve_by_system", lambda _host, _port: ["127.0.0.1"])
    if is_vouched_for:
        monkeypatch.setenv("SSL_CERT_FILE", str(server.pem))
    target.connect(host=host, port=server.port, ssl=mode)
    export = target.send(numbered(2))
    server.close()
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert bool(server.passwords_asked) is is_asked
