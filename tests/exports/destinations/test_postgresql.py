"""Rows into a real PostgreSQL: tables that fit badly, names that hurt, values it cannot hold, lines that break."""

import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from psycopg import sql

from muster.exports import deliver as delivering
from muster.exports import deliver_rows
from muster.exports.connections import create_connection
from muster.exports.destinations import postgresql, postgresql_session
from muster.exports.model import Export, ExportStatus, Outcome
from muster.exports.requests import ConnectionBody
from tests.exports.exporting import Cells, Exports, assert_adds_up, numbered
from tests.support.inline_run import InlineContext
from tests.support.postgres import USER, Cluster

# Where our own rows lie makes no difference to where they go.
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


@pytest.fixture(autouse=True)
def _quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch is a portion, batches are small, and a second try comes at once."""
    monkeypatch.setattr(delivering, "_FIRST_WAIT_SECONDS", 0.0)
    monkeypatch.setattr(deliver_rows, "_PORTION_SECONDS", 0.0)
    monkeypatch.setattr(postgresql.PostgreSql, "batch_rows", lambda _self, _call: 4)


@dataclass
class Target:
    """A database of somebody else, and exports to it."""

    exports: Exports
    cluster: Cluster
    name: str
    watcher: psycopg.Connection[tuple[Any, ...]]
    connection: str = ""
    schema: str = "public"
    extra: dict[str, Any] = field(default_factory=dict)

    def run(self, statement: str) -> list[tuple[Any, ...]]:
        cursor = self.watcher.execute(statement.encode())
        return cursor.fetchall() if cursor.description else []

    def hang_up(self) -> None:
        """End the connection of the export, and wait until it is gone."""
        ended = self.run(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
            "WHERE application_name = 'muster' AND datname = current_database()"
        )
        assert ended == [(True,)]

    def allow(self, is_allowed: bool) -> None:
        """Whether anyone else may connect from now on."""
        with psycopg.connect(self.cluster.url("postgres"), autocommit=True) as door:
            statement = sql.SQL("ALTER DATABASE {} ALLOW_CONNECTIONS {}")
            door.execute(statement.format(sql.Identifier(self.name), sql.Literal(is_allowed)))

    def connect(self, **changes: Any) -> None:
        settings = {
            "host": "127.0.0.1",
            "port": self.cluster.port,
            "database": self.name,
            "user": USER,
            "password": self.cluster.password,
            "ssl": "disable",
            **changes,
        }
        body = ConnectionBody("postgresql", " ".join(["ours", *changes]), settings)
        self.connection = create_connection(self.exports.house.exports, self.exports.owner, body).id

    def make(self, upload_id: str, table: str = "people", **members: Any) -> Export:
        settings = {"schema": self.schema, "table": table, **members.pop("settings", {})}
        return self.exports.make(
            upload_id, destination="postgresql", connection=self.connection, settings=settings, **members
        )

    def send(self, cells: Cells, table: str = "people", **members: Any) -> Export:
        export = self.exports.carry_out(self.make(self.exports.table(cells), table, **members).id)
        assert_adds_up(export)
        return export

    def failed(self, export: Export) -> list[tuple[int | None, str | None]]:
        return [(row.position, row.code) for row in self.exports.outcomes(export, Outcome.FAILED)]


@pytest.fixture(scope="module")
def database_name(postgres_cluster: Cluster) -> Iterator[str]:
    name = postgres_cluster.create()
    yield name
    postgres_cluster.drop(name)


@pytest.fixture
def target(exports: Exports, postgres_cluster: Cluster, database_name: str) -> Iterator[Target]:
    with psycopg.connect(postgres_cluster.url(database_name), autocommit=True) as watcher:
        made = Target(exports, postgres_cluster, database_name, watcher)
        made.connect()
        yield made
        made.run("DROP SCHEMA public CASCADE; CREATE SCHEMA public")


def test_a_table_that_is_not_there_is_made_with_the_key_as_its_primary_key(target: Target) -> None:
    export = target.send({"email": ["a@x.de", "b@x.de"], "name": ["Ann", None]})
    assert export.status is ExportStatus.DONE
    assert target.run("SELECT email, name FROM people ORDER BY email") == [
        ("a@x.de", "Ann"),
        ("b@x.de", None),
    ]
    told = target.run(
        "SELECT column_name, data_type, is_nullable FROM information_schema.columns "
        "WHERE table_name = 'people' ORDER BY ordinal_position"
    )
    assert told == [("email", "text", "NO"), ("name", "text", "YES")]


def test_a_table_that_is_not_there_and_is_not_to_be_made_ends_the_export_before_a_row_is_sent(
    target: Target,
) -> None:
    export = target.send(numbered(3), settings={"create_table": False})
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_table_missing")
    assert (export.counts.written, export.pending) == (0, 3)
    assert target.run("SELECT to_regclass('people')") == [(None,)]


def test_a_schema_or_column_that_is_not_there_is_said_by_name(target: Target) -> None:
    target.schema = "nowhere"
    missing = target.send(numbered(3))
    assert (missing.status, missing.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert "nowhere" in (missing.reason or "")
    target.schema = "public"
    target.run("CREATE TABLE people (email text PRIMARY KEY)")
    export = target.send(numbered(3), columns=["email", "first_name"])
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_column_missing")
    assert "`first_name`" in (export.reason or "")
    assert target.run("SELECT count(*) FROM people") == [(0,)]


def test_values_a_column_cannot_hold_fail_alone_each_with_its_reason(target: Target) -> None:
    target.run(
        "CREATE TABLE people (email varchar(12) PRIMARY KEY, age integer CHECK (age < 150), born date, active boolean NOT NULL)"
    )
    export = target.send(
        {
            "email": ["a@x.de", "b@x.de", "much.too.long@x.de", "d@x.de", "e@x.de", "f@x.de", "g@x.de"],
            "age": ["31", "thirty", "32", "200", None, "33", "34"],
            "born": ["1994-02-28", None, None, None, "1994-02-30", None, "28 Feb 1994"],
            "active": ["true", "yes", "no", "f", "1", None, "on"],
        }
    )
    assert export.status is ExportStatus.DONE_WITH_FAILURES
    assert target.failed(export) == [
        (1, "sql_22p02"),  # no integer
        (2, "sql_22001"),  # too long
        (3, "sql_23514"),  # against the check
        (4, "sql_22008"),  # no such day
        (5, "sql_23502"),  # null where there must be a value
    ]
    rows = target.run("SELECT email, age, born::text, active FROM people ORDER BY email")
    assert rows == [("a@x.de", 31, "1994-02-28", True), ("g@x.de", 34, "1994-02-28", True)]


def test_of_rows_with_one_key_the_last_one_stands_and_other_columns_stay(target: Target) -> None:
    target.run(
        "CREATE TABLE people (list text, email text, name text, note text DEFAULT 'kept', UNIQUE (list, email));"
        "INSERT INTO people VALUES ('news', 'a@x.de', 'old', 'written by hand'), ('shop', 'a@x.de', 'other', 'x')"
    )
    cells = {
        "list": ["news", "news", "news", "news", "news"],
        "email": ["a@x.de", "b@x.de", "a@x.de", "c@x.de", "b@x.de"],
        "name": ["Ann", "Bob", "Anna", None, "Rob"],
    }
    export = target.send(cells, key=["list", "email"])
    assert (export.status, export.counts.written) == (ExportStatus.DONE, 5)
    assert target.run("SELECT * FROM people ORDER BY list, email") == [
        ("news", "a@x.de", "Anna", "written by hand"),
        ("news", "b@x.de", "Rob", "kept"),
        ("news", "c@x.de", None, "kept"),
        ("shop", "a@x.de", "other", "x"),
    ]


def test_keys_that_are_spelled_differently_and_mean_the_same_are_one_row(target: Target) -> None:
    target.run("CREATE TABLE people (id integer PRIMARY KEY, born date, name text)")
    cells = {"id": ["1", "01", "2", " 2"], "born": ["2001-02-03"] * 4, "name": ["Ann", "Anna", "Bob", "Rob"]}
    export = target.send(cells, key=["id"])
    assert (export.status, export.reason, export.counts.written) == (ExportStatus.DONE, None, 4)
    assert target.run("SELECT id, name FROM people ORDER BY id") == [(1, "Anna"), (2, "Rob")]


@pytest.mark.parametrize("kind", ["varchar(5)", "char(5)", "short", "bit(3)", "numeric(3, 1)"])
def test_no_value_is_cut_to_fit(target: Target, kind: str) -> None:
    target.run(
        f"CREATE DOMAIN short AS varchar(5); CREATE TABLE people (email text PRIMARY KEY, value {kind})"
    )
    fits, too_long = {"bit(3)": ("101", "1011"), "numeric(3, 1)": ("12.5", "1234.5")}.get(
        kind, ("abcde", "abcdef")
    )
    export = target.send({"email": ["a@x.de", "b@x.de"], "value": [fits, too_long]})
    assert [place for place, _ in target.failed(export)] == [1]
    assert target.run("SELECT email, value::text FROM people") == [("a@x.de", fits)]


def test_a_key_the_table_has_no_unique_index_on_is_said_with_what_to_do(target: Target) -> None:
    target.run("CREATE TABLE people (email text, first_name text, consent text)")
    export = target.send(numbered(3))
    assert (export.status, export.reason_code) == (ExportStatus.FAILED, "destination_refused")
    assert "unique index on the key" in (export.reason or "")


def test_a_row_without_its_key_fails_alone(target: Target) -> None:
    export = target.send({"email": ["a@x.de", None, "c@x.de"], "name": ["Ann", "Nobody", "Cid"]})
    assert target.failed(export) == [(1, "sql_23502")]
    assert target.run("SELECT email FROM people ORDER BY email") == [("a@x.de",), ("c@x.de",)]


NAMES = (
    'we"ird',
    "a.b",
    "select",
    "drop table people; --",
    "Ünï名",
    "%s",
    "{}",
    "a'b",
    "\\",
    "muster_stage",
    "$1",
)
VALUES = ("\\N", "\\.", '"', "'", "a\tb", "a\nb", "a\r\nb", ",", "", " ", "NULL", "\ufeffx", "😀", "e\u0301", "\\x00", "{1,2}", "%(x)s")  # fmt: skip


def test_names_and_values_arrive_as_they_are_whatever_stands_in_them(target: Target) -> None:
    target.schema = 'sch"ema.x'
    target.run('DROP SCHEMA IF EXISTS "sch""ema.x" CASCADE; CREATE SCHEMA "sch""ema.x"')
    cells = {"key": [str(at) for at in range(len(VALUES))], **{name: list(VALUES) for name in NAMES}}
    export = target.send(cells, table='ta"ble; --', key=["key"])
    assert (export.status, export.reason) == (ExportStatus.DONE, None)
    columns = sql.SQL(", ").join(map(sql.Identifier, NAMES))
    found = target.watcher.execute(
        sql.SQL("SELECT {} FROM {} ORDER BY key::integer").format(
            columns, sql.Identifier('sch"ema.x', 'ta"ble; --')
        )
    ).fetchall()
    # An empty cell and an empty text are one thing in our tables.
    assert found == [tuple([value or None] * len(NAMES)) for value in VALUES]


def test_a_character_postgresql_cannot_hold_fails_its_row_alone(target: Target) -> None:
    export = target.send({"email": ["a@x.de", "b@x.de", "c@x.de"], "name": ["Ann", "B\x00b", "Cid"]})
    assert target.failed(export) == [(1, "sql_22021")]
    assert target.run("SELECT email FROM people ORDER BY email") == [("a@x.de",), ("c@x.de",)]


def test_what_no_column_can_be_called_is_refused_before_anything_is_sent(target: Target) -> None:
    for name, code in (("x" * 64, "column_name_too_long"), ("muster_row", "column_repeated")):
        with pytest.raises(Exception, match=r".") as refused:
            target.make(
                target.exports.table({"email": ["a@x.de"]}),
                columns=["email", {"column": "email", "as": name}],
            )
        assert getattr(refused.value, "error_code", None) == code


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


def test_who_left_goes_by_the_whole_key(target: Target) -> None:
    target.run(
        "CREATE TABLE people (list text, email text, name text, PRIMARY KEY (list, email));"
        "INSERT INTO people VALUES ('shop', 'a@x.de', 'stays')"
    )
    cells = {"list": ["news"] * 3, "email": ["a@x.de", "b@x.de", "c@x.de"], "name": ["Ann", "Bob", "Cid"]}
    upload_id = target.exports.table(cells)
    members = {"key": ["list", "email"], "since": "last"}
    target.exports.carry_out(target.make(upload_id, **members).id)
    target.exports.edit(upload_id, {0: {"email": "z@x.de"}, 1: {"name": "Rob"}})
    export = target.exports.carry_out(target.make(upload_id, **members).id)
    counts = export.counts
    assert (counts.joined, counts.changed, counts.left, counts.failed) == (1, 1, 1, 0)
    assert target.run("SELECT list, email, name FROM people ORDER BY list, email") == [
        ("news", "b@x.de", "Rob"), ("news", "c@x.de", "Cid"), ("news", "z@x.de", "Ann"), ("shop", "a@x.de", "stays"),
    ]  # fmt: skip


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
