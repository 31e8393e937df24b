"""Rows never go to the server's own network unless the operator says so, whatever a user writes and whatever a name stands for."""

import socket
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pyarrow as pa
import pytest
from pydantic import SecretStr, ValidationError

from muster.errors import InputError, Unavailable
from muster.exports.destination import Batch, Call, NoSettings, Operation, OutColumn, RowDestination, Settings
from muster.exports.destinations.google_data import AudienceSettings, GoogleConnection, GoogleDataManager
from muster.exports.destinations.http import Http, HttpConnection, HttpSettings
from muster.exports.destinations.meta_custom_audiences import (
    CustomAudienceSettings,
    MetaConnection,
    MetaCustomAudiences,
)
from muster.exports.destinations.object_store import PathSettings
from muster.exports.destinations.postgresql import PostgreSql, TableSettings
from muster.exports.destinations.postgresql_session import PostgreSqlConnection
from muster.exports.platforms.fields import Field
from tests.exports.destinations.servers import new_service_account

NAME = "crm.example.com"
ROWS = Batch(
    "exp_x-u0", Operation.UPSERT, pa.record_batch({"email": pa.array(["0" * 64], pa.large_string())})
)
INSIDE = ["127.0.0.1", "10.1.2.3", "192.168.0.10", "172.16.0.1", "100.64.0.1", "[::1]", "[fd12:3456::1]", "localhost", "db", "db.internal"]  # fmt: skip
NEVER = [
    "169.254.169.254",
    "0.0.0.0",
    "[::ffff:127.0.0.1]",
    "[fe80::1]",
    "100.100.100.200",
    "2130706433",
    "0x7f.1",
]


def call(connection: Settings, settings: Settings | None = None, *, allow: bool = False) -> Call:
    columns = (OutColumn("email", Field.EMAIL, is_key=True),)
    return Call(settings or NoSettings(), connection, "exp_x", "x", columns, allow_private_addresses=allow)


def http(host: str, port: int = 8443, scheme: str = "https") -> tuple[RowDestination, Settings, Settings]:
    return Http(), HttpConnection(url=f"{scheme}://{host}:{port}/x"), HttpSettings()


def google(host: str, port: int = 8443, scheme: str = "https") -> tuple[RowDestination, Settings, Settings]:
    """The address of the token stands in the key's file."""
    account, _ = new_service_account(f"{scheme}://{host}:{port}/token")
    settings = AudienceSettings(account_id="1", audience_id="2", terms_accepted=True)
    return GoogleDataManager(), GoogleConnection(service_account=SecretStr(account)), settings


def meta(host: str, port: int = 8443, scheme: str = "https") -> tuple[RowDestination, Settings, Settings]:
    kept = MetaConnection(access_token=SecretStr("EAA"), api_url=f"{scheme}://{host}:{port}")
    return MetaCustomAudiences(), kept, CustomAudienceSettings(audience_id="1")


def postgresql(host: str, port: int = 5432, scheme: str = "") -> tuple[RowDestination, Settings, Settings]:
    kept = PostgreSqlConnection(host=host.strip("[]"), port=port, database="d", user="u")
    return PostgreSql(), kept, TableSettings(table="t")


EVERY = pytest.mark.parametrize("made", [http, google, meta, postgresql])


def everywhere(hosts: list[str]) -> pytest.MarkDecorator:
    """All of them for each way to connect there is; the platforms use that of HTTP, and a key of Google is slow to read."""
    pairs = [(made, host) for made in (http, postgresql) for host in hosts]
    return pytest.mark.parametrize(("made", "host"), [*pairs, (google, hosts[0]), (meta, hosts[0])])


def refused(
    destination: RowDestination, kept: Settings, settings: Settings, *, allow: bool = False
) -> list[str]:
    """The codes with which trying, preparing and delivering are refused."""
    codes = []
    lent = call(kept, settings, allow=allow)
    for act in (
        lambda: destination.probe(lent),
        lambda: destination.prepare(lent),
        lambda: destination.deliver(ROWS, lent),
    ):
        try:
            act()
        except InputError as error:
            codes.append(error.error_code)
    lent.close()
    return codes


@dataclass
class Names:
    """Name servers that answer what a test wants, differently each time if there are several answers."""

    answers: list[str]
    asked: list[str] = field(default_factory=list)

    def look_up(self, host: object, port: int, *args: Any, **_options: Any) -> list[Any]:
        name = host.decode() if isinstance(host, bytes) else str(host)
        self.asked.append(name)
        number = self.answers[min(len(self.asked), len(self.answers)) - 1]
        family = socket.AF_INET6 if ":" in number else socket.AF_INET
        return [(family, socket.SOCK_STREAM, 6, "", (number, port))]


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """Something on loopback that nobody may knock at."""
    with socket.create_server(("127.0.0.1", 0)) as made:
        made.setblocking(False)
        yield made


def nobody_came(listener: socket.socket) -> bool:
    try:
        listener.accept()
    except BlockingIOError:
        return True
    return False


@everywhere([*INSIDE, *NEVER])
def test_an_address_of_the_inside_is_refused_whatever_is_asked(
    made: Any, host: str, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Names without a meaning of their own are asked about nowhere outside.
    monkeypatch.setattr(socket, "getaddrinfo", Names(["127.0.0.1"]).look_up)
    try:
        destination, kept, settings = made(host, listener.getsockname()[1])
    except ValidationError:
        return  # not even a setting
    codes = refused(destination, kept, settings)
    assert set(codes) == {"destination_address_refused"}
    assert len(codes) >= 2
    assert nobody_came(listener)


@everywhere(NEVER)
def test_metadata_services_and_disguises_are_refused_even_where_the_own_network_is_allowed(
    made: Any, host: str
) -> None:
    try:
        destination, kept, settings = made(host)
    except ValidationError:
        return
    assert set(refused(destination, kept, settings, allow=True)) == {"destination_address_refused"}


@EVERY
@pytest.mark.parametrize("number", ["127.0.0.1", "169.254.169.254"])
def test_a_public_name_that_stands_for_an_inner_number_is_refused(
    made: Any, number: str, listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = Names([number])
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    destination, kept, settings = made(NAME, listener.getsockname()[1])
    assert set(refused(destination, kept, settings)) == {"destination_address_refused"}
    assert set(names.asked) == {NAME}
    assert nobody_came(listener)


def test_a_name_that_changes_its_mind_is_asked_once_for_one_connection(
    listener: socket.socket, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Public when it is checked, loopback when it would be connected to: whoever asks twice is led inside."""
    names = Names(["192.0.1.1", "127.0.0.1"])  # the first is public, and nobody is there
    monkeypatch.setattr(socket, "getaddrinfo", names.look_up)
    monkeypatch.setattr("muster.exports.destinations.postgresql_session._CONNECT_SECONDS", 2)
    destination, kept, settings = postgresql(NAME, listener.getsockname()[1])
    lent = call(kept, settings)
    with pytest.raises(Unavailable):
        destination.deliver(ROWS, lent)
    assert names.asked == [NAME]
    assert nobody_came(listener)


@pytest.mark.parametrize(
    "host",
    [
        "/var/run/postgresql", "@socket", "8.8.8.8,127.0.0.1", "127.0.0.1,8.8.8.8", "8.8.8.8 hostaddr=127.0.0.1", "8.8.8.8/x",
        "8.8.8.8?host=/tmp", "user@8.8.8.8", "8.8.8.8:5433", "a b", "", "8.8.8.8\x00", "ex\u3002ample.com",
    ],
)  # fmt: skip
def test_a_host_of_postgresql_is_one_name_or_number_and_nothing_else(host: str) -> None:
    try:
        destination, kept, settings = postgresql(host)
    except ValidationError:
        return
    assert set(refused(destination, kept, settings, allow=True)) == {"destination_address_refused"}


@pytest.mark.parametrize(
    "path",
    [
        "s3://crm-drop/a.csv?endpoint=http://127.0.0.1:9000", "s3://crm-drop/a.csv#x", "http://127.0.0.1:9000/crm-drop/a.csv",
        "s3+http://127.0.0.1/a.csv", "abfss://x@127.0.0.1/a.csv",
    ],
)  # fmt: skip
def test_a_path_in_a_bucket_names_no_server(path: str) -> None:
    """Where buckets are is the operator's word alone."""
    with pytest.raises(ValidationError):
        PathSettings(path=path)
