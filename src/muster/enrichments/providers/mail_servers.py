"""Whether a domain takes mail, and who runs its mailboxes, as the domain name system says at the moment.

Source: RFC 5321, section 5.1 (mail servers, and the domain's own address where it names none), RFC 7505 (a domain
that says it takes no mail).
"""

import asyncio
import ipaddress
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated, Final

import pyarrow as pa
from pydantic import AfterValidator, Field

from muster.enrichments.provider import (
    Call,
    Form,
    Input,
    Keep,
    Kind,
    Outcome,
    Output,
    Provider,
    ProviderManifest,
    Settings,
    Terms,
    Where,
    answers,
)
from muster.errors import InputError
from muster.web.outgoing.addresses import is_called

if TYPE_CHECKING:
    from dns.asyncresolver import Resolver
    from dns.name import Name

_NEEDS = (
    Input(
        "domain",
        "Domain",
        "A domain; of an e-mail or web address its domain is taken.",
        ("company_domain", "domain", "email_domain"),
        Form.FOLDED,
    ),
)
_GIVES = (
    Output(
        "accepts",
        "Accepts mail",
        "Whether mail for the domain has anywhere to go. Mailboxes are not asked about.",
        "mail_accepts",
        Kind.BOOLEAN,
    ),
    Output(
        "servers", "Mail servers", "Preference and name of each, the first to try first: `10 mx.example.org`.", "mail_servers"
    ),
    Output("host", "Mail host", "Whose servers they are, where that is known by their names.", "mail_host"),
)  # fmt: skip
_KEEP: Final = Keep(found=timedelta(days=7), empty=timedelta(days=1))
_HOSTS: Final = {
    "aspmx.l.google.com": "Google", "google.com": "Google", "googlemail.com": "Google", "smtp.goog": "Google",
    "mail.protection.outlook.com": "Microsoft", "mx.microsoft": "Microsoft", "olc.protection.outlook.com": "Microsoft",
    "zoho.com": "Zoho", "zoho.eu": "Zoho", "zoho.in": "Zoho", "protonmail.ch": "Proton", "messagingengine.com": "Fastmail",
    "icloud.com": "Apple", "yandex.net": "Yandex", "yandex.ru": "Yandex", "mail.ru": "VK", "yahoodns.net": "Yahoo",
    "secureserver.net": "GoDaddy", "kundenserver.de": "IONOS", "ionos.com": "IONOS", "1and1.com": "IONOS", "ovh.net": "OVH",
    "gandi.net": "Gandi", "strato.de": "Strato", "rzone.de": "Strato", "your-server.de": "Hetzner", "hostinger.com": "Hostinger",
    "titan.email": "Titan", "registrar-servers.com": "Namecheap", "privateemail.com": "Namecheap", "emailsrvr.com": "Rackspace",
    "amazonaws.com": "Amazon", "awsapps.com": "Amazon", "mimecast.com": "Mimecast", "pphosted.com": "Proofpoint",
    "ppe-hosted.com": "Proofpoint", "barracudanetworks.com": "Barracuda", "messagelabs.com": "Broadcom", "iphmx.com": "Cisco",
    "trendmicro.com": "Trend Micro", "trendmicro.eu": "Trend Micro", "hornetsecurity.com": "Hornetsecurity",
    "antispameurope.com": "Hornetsecurity", "sophos.com": "Sophos", "mailgun.org": "Mailgun", "sendgrid.net": "SendGrid",
    "qq.com": "Tencent", "netease.com": "NetEase", "aliyun.com": "Alibaba", "forwardemail.net": "Forward Email",
    "cloudflare.net": "Cloudflare", "improvmx.com": "ImprovMX", "migadu.com": "Migadu", "mailbox.org": "mailbox.org",
}  # fmt: skip
"""Ends of the names of mail servers, and who runs them."""
_MOST_SERVERS: Final = 20
_OWN_ADDRESS: Final = 0.6
"""How sure it is that mail goes to a domain which only has an address: many of those run no mail server."""
_LOOK_SECONDS: Final = 0.2
_DNS_PORT: Final = 53


def _nameserver(text: str) -> str:
    split_nameserver(text)
    return text


def split_nameserver(text: str) -> tuple[str, int]:
    """(address, port) of `9.9.9.9`, `9.9.9.9:53`, `2620:fe::fe` or `[2620:fe::fe]:53`; raises ValueError for others."""
    host, mark, port = text.rpartition(":")
    if not mark or (":" in host and not host.endswith("]")):
        host, port = text, str(_DNS_PORT)
    if not port.isdecimal() or not 1 <= int(port) <= 65_535:
        raise ValueError("Give a nameserver by its address, such as `9.9.9.9` or `[2620:fe::fe]:53`.")
    return str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]"))), int(port)


class MailServersSettings(Settings):
    """Who is asked, and how patiently."""

    nameservers: tuple[Annotated[str, AfterValidator(_nameserver)], ...] = Field(
        default=(),
        max_length=8,
        title="Nameservers",
        description="Addresses of the resolvers to ask, such as `9.9.9.9`; otherwise those of the system.",
    )
    timeout_seconds: float = Field(
        default=5,
        ge=0.1,
        le=60,
        title="Timeout",
        description="How long to wait for the answers about one domain, in seconds.",
    )
    concurrency: int = Field(
        default=32,
        ge=1,
        le=256,
        title="At the same time",
        description="How many domains are asked about at once.",
    )


class MailServers(Provider):
    """Asks resolvers of the domain name system; they, and nobody else, learn the domain."""

    manifest = ProviderManifest(
        "mail_servers",
        "1",
        "Mail servers",
        "Asks the domain name system whether a domain takes mail and whose servers they are.",
        Where.NETWORK,
        1_024,
        Terms(_NEEDS, _GIVES, keep=_KEEP, concurrency=32, timeout_seconds=5),
        MailServersSettings,
    )

    def terms(self, settings: Settings) -> Terms:
        assert isinstance(settings, MailServersSettings)  # noqa: S101 - made from the manifest
        return Terms(
            _NEEDS,
            _GIVES,
            keep=_KEEP,
            concurrency=settings.concurrency,
            timeout_seconds=settings.timeout_seconds,
        )

    def enrich(self, batch: pa.RecordBatch, call: Call) -> pa.RecordBatch:
        """Raises InputError (`address_refused`, `nameserver_missing`)."""
        assert isinstance(call.settings, MailServersSettings)  # noqa: S101 - the runner made it from the manifest
        domains = [_ascii(text) for text in batch.column("domain").to_pylist()]
        if call.is_stopping():
            found = [_UNASKED] * len(domains)
        elif call.allow_network:
            resolver = _resolver(call.settings, call.allow_private_addresses)
            found = asyncio.run(_all(domains, resolver, call.settings.concurrency, call.is_stopping))
        else:
            found = [_NO_DOMAIN if domain is None else _NETWORK_OFF for domain in domains]
        values = {
            "accepts": [each.accepts for each in found],
            "servers": [each.servers for each in found],
            "host": [each.host for each in found],
        }
        return answers(
            _GIVES,
            len(found),
            values,
            outcomes=[each.outcome for each in found],
            reasons=[each.reason for each in found],
            confidences=[each.confidence for each in found],
        )


@dataclass(frozen=True, slots=True)
class _Found:
    """The answer about one domain. Every output has a value, wanted or not: answers are kept for other runs."""

    outcome: Outcome
    reason: str | None = None
    accepts: str | None = None
    servers: str | None = None
    host: str | None = None
    confidence: float | None = None


_NO_DOMAIN: Final = _Found(Outcome.SKIPPED, "not_a_domain")
_NETWORK_OFF: Final = _Found(Outcome.FAILED, "network_off")
_UNASKED: Final = _Found(Outcome.UNASKED)


def _takes_none(reason: str) -> _Found:
    return _Found(Outcome.FOUND, reason, "false")


def _ascii(text: str) -> str | None:
    """The domain in a text as the domain name system spells it; None when there is none."""
    # Imported at first use: a listing of providers need not wait for what knows international names.
    from muster.records.checks.domains import check_domain, host_forms  # noqa: PLC0415

    verdict = check_domain(text)
    host = text if verdict.is_ok and verdict.fixed is None else verdict.fixed
    return None if host is None else host_forms(host)[1] or None


def _resolver(settings: MailServersSettings, allow_private: bool) -> "Resolver":
    # Imported at first use: it is large, and nothing else needs it.
    from dns import asyncresolver, nameserver, resolver  # noqa: PLC0415

    servers = [split_nameserver(text) for text in settings.nameservers]
    if not all(is_called(address, allow_private=allow_private) for address, _ in servers):
        raise InputError(
            "A nameserver has an address that may not be asked from here. Name a public one, or let the operator "
            "allow those of the own network.",
            code="address_refused",
        )
    try:
        made = asyncresolver.Resolver(configure=not servers)
    except resolver.NoResolverConfiguration as error:
        raise InputError(
            "This system names no resolver. Set `nameservers` of the provider.", code="nameserver_missing"
        ) from error
    if servers:
        made.nameservers = [nameserver.Do53Nameserver(address, port) for address, port in servers]
    made.lifetime = settings.timeout_seconds
    made.timeout = min(2.0, settings.timeout_seconds)
    return made


async def _all(
    domains: Sequence[str | None], resolver: "Resolver", concurrency: int, is_stopping: Callable[[], bool]
) -> list[_Found]:
    """The answers in order; `UNASKED` for those that were not finished when it was to stop."""
    found = [_NO_DOMAIN if domain is None else _UNASKED for domain in domains]
    waiting = ((at, domain) for at, domain in enumerate(domains) if domain is not None)

    async def work() -> None:
        for at, domain in waiting:
            found[at] = await _ask(domain, resolver)

    workers = {asyncio.create_task(work()) for _ in range(min(concurrency, len(domains)))}
    running = workers
    while running:
        if is_stopping():
            for worker in running:
                worker.cancel()
        _, running = await asyncio.wait(running, timeout=_LOOK_SECONDS)
    for worker in workers:
        if not worker.cancelled():
            worker.result()
    return found


async def _ask(domain: str, resolver: "Resolver") -> _Found:
    from dns import exception, name  # noqa: PLC0415 - as in `_resolver`
    from dns.resolver import NXDOMAIN  # noqa: PLC0415

    try:
        # With its last dot: it is never tried as a name of the own network.
        absolute = name.from_text(f"{domain}.")
        async with asyncio.timeout(resolver.lifetime):
            return await _servers(absolute, resolver)
    except NXDOMAIN:
        return _takes_none("no_such_domain")
    except (exception.Timeout, TimeoutError):
        return _Found(Outcome.FAILED, "timeout")
    except (exception.DNSException, OSError):  # refused, broken, or the resolver itself failed
        return _Found(Outcome.FAILED, "nameserver_failed")


async def _servers(domain: "Name", resolver: "Resolver") -> _Found:
    from dns.resolver import NoAnswer  # noqa: PLC0415 - as in `_resolver`

    try:
        answer = await resolver.resolve(domain, "MX")
    except NoAnswer:
        return await _by_address(domain, resolver)
    servers = sorted((record.preference, _text(record.exchange)) for record in answer)
    if not any(server for _, server in servers):
        return _takes_none("null_mx")
    shown = ", ".join(f"{preference} {server}" for preference, server in servers[:_MOST_SERVERS])
    return _Found(Outcome.FOUND, None, "true", shown, _host(server for _, server in servers))


async def _by_address(domain: "Name", resolver: "Resolver") -> _Found:
    """Mail for a domain without mail servers goes to its own address."""
    from dns.resolver import NoAnswer  # noqa: PLC0415 - as in `_resolver`

    for kind in ("A", "AAAA"):
        try:
            await resolver.resolve(domain, kind)
        except NoAnswer:
            continue
        return _Found(Outcome.FOUND, None, "true", f"0 {_text(domain)}", None, _OWN_ADDRESS)
    return _takes_none("no_mail_server")


def _text(name: "Name") -> str:
    """A name without its last dot; empty for the root, which stands for nothing."""
    return name.to_text(omit_final_dot=True).lower().removesuffix(".")


def _host(servers: Iterable[str]) -> str | None:
    for server in servers:
        labels = server.split(".")
        for at in range(len(labels)):
            known = _HOSTS.get(".".join(labels[at:]))
            if known is not None:
                return known
    return None
