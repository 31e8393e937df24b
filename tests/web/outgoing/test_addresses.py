"""What a user may not make the server call: every way to write an address of the inside, and of nowhere."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from muster.web.outgoing.addresses import Address, AddressRefused, is_called, parse_url

PUBLIC = [
    "1.1.1.1", "8.8.8.8", "93.184.215.14", "100.63.255.255", "100.128.0.0", "172.15.255.255", "172.32.0.0",
    "192.0.1.0", "198.17.255.255", "198.20.0.0", "223.255.255.255", "9.255.255.255", "11.0.0.0",
    "2606:4700:4700::1111", "2a00:1450:4001:80b::200e", "2001:200::1", "2001:4860:4860::8888", "2003::1",
]  # fmt: skip
PRIVATE = [
    "10.0.0.0", "10.255.255.255", "100.64.0.1", "100.127.255.255", "127.0.0.1", "127.255.255.255", "172.16.0.1",
    "172.31.255.255", "192.168.0.1", "192.168.255.255", "198.18.0.1", "198.19.255.255", "::1", "fc00::1",
    "fd12:3456::1",
]  # fmt: skip
NEVER = [
    "0.0.0.0", "0.1.2.3", "169.254.0.1", "169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16",
    "192.0.0.1", "192.0.0.192", "192.0.2.1", "192.88.99.1", "198.51.100.1", "203.0.113.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255",
    "::", "::2", "::ffff:127.0.0.1", "::ffff:8.8.8.8", "::ffff:a9fe:a9fe", "::127.0.0.1", "::8.8.8.8",
    "::ffff:0:8.8.8.8", "64:ff9b::127.0.0.1", "64:ff9b::8.8.8.8", "64:ff9b:1::8.8.8.8", "100::1", "2001::1",
    "2001:0:5ef5:79fd:0:59d:a0e5:ba1", "2001:2::1", "2001:10::1", "2001:20::1", "2001:db8::1", "2002:7f00:1::1",
    "2002:808:808::1", "3fff::1", "5f00::1", "fe80::1", "fe80::1%eth0", "2606:4700::1%1", "fec0::1", "ff02::1",
    "ff0e::1", "fd00:ec2::254", "fd20:ce::254", "4000::1", "localhost", "", "1.2.3", "0x7f.1", "2130706433",
]  # fmt: skip


@pytest.mark.parametrize("number", PUBLIC)
def test_the_public_network_is_called(number: str) -> None:
    assert is_called(number, allow_private=False)
    assert is_called(number, allow_private=True)


@pytest.mark.parametrize("number", PRIVATE)
def test_the_own_network_is_called_only_where_the_operator_says_so(number: str) -> None:
    assert not is_called(number, allow_private=False)
    assert is_called(number, allow_private=True)


@pytest.mark.parametrize("number", NEVER)
def test_metadata_services_reserved_and_disguised_addresses_are_never_called(number: str) -> None:
    assert not is_called(number, allow_private=False)
    assert not is_called(number, allow_private=True)


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=6, network="::/3"))
def test_no_form_that_carries_another_address_passes(number: object) -> None:
    assert not is_called(str(number), allow_private=False)


@settings(max_examples=100, deadline=None)
@given(st.ip_addresses(v=4))
def test_wrapped_in_six_an_address_of_four_is_never_called(number: object) -> None:
    for prefix in ("::ffff:", "::", "64:ff9b::", "64:ff9b:1::"):
        assert not is_called(f"{prefix}{number}", allow_private=True) or f"{prefix}{number}" == "::0.0.0.1"


@pytest.mark.parametrize(
    ("url", "address", "target"),
    [
        ("https://api.example.com", Address("https", "api.example.com", 443), "/"),
        ("https://API.Example.com/v1?q=1", Address("https", "api.example.com", 443), "/v1?q=1"),
        ("HTTPS://api.example.com:8443/a%2Fb", Address("https", "api.example.com", 8443), "/a%2Fb"),
        ("https://api.example.com?q=1", Address("https", "api.example.com", 443), "/?q=1"),
        ("https://8.8.8.8/x", Address("https", "8.8.8.8", 443), "/x"),
        ("https://[2606:4700::1111]:8443/x", Address("https", "2606:4700::1111", 8443), "/x"),
        ("https://[2606:4700:0:0:0:0:0:1111]/", Address("https", "2606:4700::1111", 443), "/"),
        ("https://xn--bcher-kva.example/", Address("https", "xn--bcher-kva.example", 443), "/"),
        ("https://a_b.example.com/", Address("https", "a_b.example.com", 443), "/"),
    ],
)
def test_an_address_is_read(url: str, address: Address, target: str) -> None:
    assert parse_url(url) == (address, target)


def test_the_host_header_names_the_port_only_where_it_is_not_the_usual_one() -> None:
    shown = {
        "https://a.example/": "a.example",
        "https://a.example:443/": "a.example",
        "https://a.example:8443/": "a.example:8443",
        "https://[2606:4700::1]:8443/": "[2606:4700::1]:8443",
        "https://[2606:4700::1]/": "[2606:4700::1]",
    }
    assert {url: parse_url(url)[0].authority for url in shown} == shown
    assert parse_url("http://intranet:8080/", allow_private=True)[0].origin == "http://intranet:8080"


REFUSED_ALWAYS = [
    "", "api.example.com", "//api.example.com/", "https:api.example.com", "https:/api.example.com", "https://",
    "https:///x", "ftp://a.example/", "file:///etc/passwd", "gopher://a.example/", "javascript:alert(1)",
    "data:text/plain,x", "https+unix://a.example/", "https://user@a.example/", "https://user:pw@a.example/",
    "https://@a.example/", "https://a.example@127.0.0.1/", "https://127.0.0.1\\@a.example/",
    "https://a.example\\.evil.example/", "https://a.example/#x", "https://a.example#@127.0.0.1/",
    "https://a.example:0/", "https://a.example:22/", "https://a.example:25/", "https://a.example:80/",
    "https://a.example:3659/", "https://a.example:6667/", "https://a.example:65536/", "https://a.example:99999/",
    "https://a.example:/", "https://a.example:+443/", "https://a.example:44 3/", "https://a.example:4_43/",
    "https://2130706433/", "https://0x7f000001/", "https://0x7f.0.0.1/", "https://0177.0.0.1/", "https://127.1/",
    "https://127.0.1/", "https://0/", "https://127.0.0.1.1/", "https://1.2.3.4.5/", "https://256.1.1.1/",
    "https://01.1.1.1/", "https://a.example.1/", "https://a.0x1/", "https://a.example./", "https://.example/",
    "https://a..example/", "https://-a.example/", "https://a-.example/", "https://a.example%2e/",
    "https://%61.example/", "https://a.example%00.evil/", "https://[::1/", "https://::1/", "https://[fe80::1%25eth0]/",
    "https://[::ffff:7f00:1]/", "https://[::ffff:127.0.0.1]/", "https://[64:ff9b::7f00:1]/", "https://[2002:7f00:1::]/",
    "https://[v1.x]/", "https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/", "https://255.255.255.255/",
    "https://bücher.example/", "https://127。0。0。1/", "https://①②⑦.⓪.⓪.①/", "https://ⓛocalhost/",
    "https://a.example/\r\nX: y", "https://a.example/ b", "https://a.example/\tb", "\x00https://a.example/",
    " https://a.example/", "https://a.example/é", "https://a.example/\u2028", "https://a.example/\x7f",
    "https://" + "a" * 64 + ".example/", "https://" + "a." * 130 + "example/", "https://a.example/" + "x" * 4000,
]  # fmt: skip
INTERNAL = [
    "https://localhost/", "https://LOCALHOST/", "https://a.localhost/", "https://metadata/", "https://printer.local/",
    "https://metadata.google.internal/", "https://db.svc.cluster.local/", "https://x.corp/", "https://x.lan/",
    "https://x.home.arpa/", "https://x.intranet/", "https://10.0.0.1/", "https://127.0.0.1/", "https://100.64.0.1/",
    "https://192.168.1.1/", "https://[::1]/", "https://[fd00::1]/", "http://a.example/", "http://8.8.8.8/",
    "https://1.1.168.192.in-addr.arpa/",
]  # fmt: skip


@pytest.mark.parametrize("url", REFUSED_ALWAYS)
def test_what_no_operator_can_allow(url: str) -> None:
    for allow_private in (False, True):
        with pytest.raises(AddressRefused) as refused:
            parse_url(url, allow_private=allow_private)
        assert "a.example" not in str(refused.value)


@pytest.mark.parametrize("url", INTERNAL)
def test_what_only_the_operator_can_allow(url: str) -> None:
    with pytest.raises(AddressRefused):
        parse_url(url)
    parse_url(url, allow_private=True)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=60))
def test_whatever_is_written_it_is_refused_or_read_the_way_it_is_sent(text: str) -> None:
    for url in (text, f"https://{text}", f"https://a.example{text}", f"https://a.example/{text}"):
        try:
            address, target = parse_url(url)
        except AddressRefused:
            continue
        assert address.scheme == "https"
        assert target.startswith("/")
        assert target.isascii()
        assert not set(target) & set("\r\n\t #\x00\x7f")
        # Written out again it is read as the same: no second reader can mean another host.
        assert parse_url(address.origin + target) == (address, target)
