"""Which addresses are called: the form of a URL, names, ports, and the networks behind a name.

A user may write any address, and the server stands where the user does not: beside databases, metadata services
and printers. So the form is read once, strictly, and never handed to a second parser that may read it another way;
and what decides is not the name but every single number it stands for (`line` connects to those and no others).
Sources: IANA's registries of special-purpose IPv4 and IPv6 addresses (RFC 6890 and later), RFC 6761 and 6762
(names), the Fetch standard's list of blocked ports, and the published addresses of clouds' metadata services.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

MAX_URL_CHARACTERS: Final = 4000

_URL = re.compile(
    r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<authority>[^/?#]*)(?P<target>[^#]*)(?P<fragment>#.*)?"
)
_HOST_AND_PORT = re.compile(r"(?P<host>\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+)(?::(?P<port>[0-9]{1,5}))?")
_LABEL = re.compile(r"[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9_])?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")
_VISIBLE = re.compile(r"[\x21-\x5b\x5d-\x7e]*")  # without the backslash, a slash to some

_DEFAULT_PORTS: Final = {"https": 443, "http": 80}
# From 1024 on; https://fetch.spec.whatwg.org/#port-blocking
_BLOCKED_PORTS: Final = frozenset(
    {1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6566, *range(6665, 6670), 6679, 6697, 10080}
)
_INTERNAL_NAMES: Final = frozenset(
    {
        "localhost",
        "local",
        "internal",
        "intranet",
        "lan",
        "home",
        "corp",
        "private",
        "localdomain",
        "onion",
        "alt",
    }
    | {"arpa", "invalid", "test"}
)

_METADATA_V4: Final = frozenset(
    map(IPv4Address, ("169.254.169.254", "100.100.100.200", "168.63.129.16", "192.0.0.192"))
)
_METADATA_V6: Final = frozenset(map(IPv6Address, ("fd00:ec2::254", "fd20:ce::254")))
_PRIVATE_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "10.0.0.0/8",
        "100.64.0.0/10",  # behind a carrier's NAT
        "127.0.0.0/8",
        "172.16.0.0/12",
        "192.168.0.0/16",
        "198.18.0.0/15",  # benchmarks
    )
)
_NEVER_V4: Final = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",
        "169.254.0.0/16",  # link-local
        "192.0.0.0/24",  # protocol assignments
        "192.0.2.0/24",  # documentation, this and the two below
        "198.51.100.0/24",
        "203.0.113.0/24",
        "192.88.99.0/24",  # relays of 6to4
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, broadcast
    )
)
_PRIVATE_V6: Final = (IPv6Network("::1/128"), IPv6Network("fc00::/7"))
_GLOBAL_V6: Final = IPv6Network("2000::/3")
# What carries an IPv4 address outside of 2000::/3 (mapped, compatible, translated, NAT64) is not global, and so is
# refused as well.
_NEVER_V6: Final = tuple(
    IPv6Network(network)
    for network in (
        "2001::/23",  # Teredo and other protocol assignments
        "2001:db8::/32",  # documentation, and the last one too
        "2002::/16",  # 6to4
        "3fff::/20",
    )
)


class AddressRefused(ValueError):
    """An address that is not called; the message says why and what to write, and never quotes it."""


@dataclass(frozen=True, slots=True)
class Address:
    """Where a call goes. host: lower case ASCII, a name or a number without brackets."""

    scheme: str
    host: str
    port: int

    @property
    def authority(self) -> str:
        """The `Host` header: the port only where it is not the scheme's own."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == _DEFAULT_PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def origin(self) -> str:
        return f"{self.scheme}://{self.authority}"


def parse_url(url: str, *, allow_private: bool = False) -> tuple[Address, str]:
    """The address and the target (path and query, at least `/`) of an absolute URL.

    allow_private: the operator lets the own network be called: plain http, names without a dot and internal names
    pass as well. What a name stands for is not looked up here. Raises AddressRefused.
    """
    if len(url) > MAX_URL_CHARACTERS:
        raise AddressRefused(f"An address has at most {MAX_URL_CHARACTERS} characters.")
    if not _VISIBLE.fullmatch(url):
        raise AddressRefused(
            "An address has no blanks, control characters or letters beyond ASCII; write a foreign name in its "
            "form with `xn--`, everything else with `%`."
        )
    parts = _URL.fullmatch(url)
    if parts is None:
        raise AddressRefused("Write a whole address, such as `https://api.example.com/v1/companies`.")
    scheme = parts["scheme"].lower()
    if scheme not in _DEFAULT_PORTS or (scheme == "http" and not allow_private):
        raise AddressRefused("Only https is called; the address must begin with `https://`.")
    if parts["fragment"] is not None:
        raise AddressRefused("Leave out `#` and what follows; it is never sent.")
    if "@" in parts["authority"]:
        raise AddressRefused("An address holds no user and no password; give them as a secret.")
    found = _HOST_AND_PORT.fullmatch(parts["authority"])
    if found is None:
        raise AddressRefused("The host of the address cannot be read.")
    port = int(found["port"]) if found["port"] else _DEFAULT_PORTS[scheme]
    if port != _DEFAULT_PORTS[scheme] and (not 1024 <= port <= 65535 or port in _BLOCKED_PORTS):
        raise AddressRefused("This port belongs to another kind of service and is not called.")
    target = parts["target"]
    address = Address(scheme, _host(found["host"].lower(), allow_private), port)
    return address, target if target.startswith("/") else f"/{target}"


def is_called(number: str, *, allow_private: bool) -> bool:
    """Whether this network address, as the resolver gives it, may be connected to.

    Metadata services, link-local, multicast, reserved and documentation addresses and every form that carries an
    IPv4 address inside an IPv6 one are never called, whatever the operator allows.
    """
    try:
        parsed = ip_address(number)
    except ValueError:
        return False
    if isinstance(parsed, IPv4Address):
        if parsed in _METADATA_V4 or any(parsed in network for network in _NEVER_V4):
            return False
        return allow_private or not any(parsed in network for network in _PRIVATE_V4)
    if parsed in _METADATA_V6 or parsed.scope_id is not None:
        return False
    if any(parsed in network for network in _PRIVATE_V6):
        return allow_private
    return parsed in _GLOBAL_V6 and not any(parsed in network for network in _NEVER_V6)


def _host(host: str, allow_private: bool) -> str:
    """The host as it is connected to. Raises AddressRefused."""
    if host.startswith("["):
        number = host[1:-1]
        try:
            number = str(IPv6Address(number))
        except ValueError as error:
            raise AddressRefused("The host of the address cannot be read.") from error
        return _number(number, allow_private)
    labels = host.split(".")
    if _NUMBER.fullmatch(labels[-1]):
        # Decimal, octal, hexadecimal and shortened numbers: every resolver reads them its own way.
        try:
            number = str(IPv4Address(host))
        except ValueError as error:
            raise AddressRefused("Write a number as four decimal parts, such as `198.51.100.7`.") from error
        return _number(number, allow_private)
    if len(host) > 253 or not all(map(_LABEL.fullmatch, labels)):
        raise AddressRefused("The host of the address cannot be read.")
    if not allow_private and (len(labels) == 1 or labels[-1] in _INTERNAL_NAMES):
        raise AddressRefused(_INTERNAL)
    return host


def _number(number: str, allow_private: bool) -> str:
    if not is_called(number, allow_private=allow_private):
        raise AddressRefused(_INTERNAL)
    return number


_INTERNAL: Final = (
    "This address is reserved, or lies in the server's own network, which is called only where the operator set "
    "MUSTER_ALLOW_PRIVATE_ADDRESSES."
)
