"""Where the client finds its server and its key, and that the key stays hidden."""

import pytest

from muster.client import Client, InvalidRequest, NotFound
from muster.client.fake import FakeMuster, listen

KEY = "muster_abcd1234_" + "s" * 43


def test_address_and_key_come_from_the_environment_unless_given(monkeypatch, fake):
    monkeypatch.setenv("MUSTER_URL", "http://example.org:1234/")
    monkeypatch.setenv("MUSTER_API_KEY", fake.api_key)
    with Client(transport=fake.transport) as client:
        assert client.base_url == "http://example.org:1234"
        list(client.list())
    assert str(fake.requests[0].url).startswith("http://example.org:1234/api/audience/batch-upload")
    with Client("http://other.example", transport=fake.transport, api_key=KEY) as client:
        assert client.base_url == "http://other.example"


def test_the_default_address_is_this_machine(monkeypatch):
    monkeypatch.delenv("MUSTER_URL", raising=False)
    with Client() as client:
        assert client.base_url == "http://localhost:3000"


@pytest.mark.parametrize("key", [KEY, "a-jwt." + "x" * 60, "short-secret"])
def test_the_key_is_masked(key):
    with Client("http://example.org", api_key=key) as client:
        assert key not in repr(client)
        assert key[-10:] not in repr(client)
    with Client("http://example.org", api_key=KEY) as client:
        assert "muster_abcd1234" in repr(client)


def test_a_path_in_front_of_the_address_is_kept(fake):
    below = Client("http://example.org/muster", transport=fake.transport, api_key=fake.api_key)
    with below as client, pytest.raises(NotFound):
        client.find("upl_1_A")
    assert fake.requests[0].url.path == "/muster/api/audience/batch-upload/upl_1_A"


def test_a_key_that_cannot_be_a_header_is_refused_at_once():
    with pytest.raises(InvalidRequest):
        Client("http://example.org", api_key="sch\u00f6n\n")


def test_the_fake_can_be_reached_over_a_real_port():
    fake = FakeMuster()
    with listen(fake) as url, Client(url, api_key=fake.api_key) as client:
        report = client.upload([{"email": "a@example.org"}] * 3, name="Over a port")
        assert len(list(client.records(report.upload_ids[0]))) == 3
        fake.cut_next(after_storing=True)
        client.upload([{"email": "b@example.org"}], name="Cut")
    assert [one.upload_name for one in fake.uploads] == ["Over a port", "Cut"]
