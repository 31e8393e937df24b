import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pydantic import ValidationError

from muster.enrichments.provider import Call
from muster.enrichments.providers.mail_servers import MailServers, MailServersSettings, split_nameserver
from muster.errors import InputError
from tests.enrichments.providers.asking import ask, ask_one, batch_of
from tests.support.dns_server import Zone, running_dns

MAIL = MailServers()
RECORDS = {
    ("acme.test.", "MX"): ["20 mx2.acme.test.", "10 MX1.acme.test."],
    ("google.example.", "MX"): ["1 smtp.google.com."],
    ("outlook.example.", "MX"): ["0 outlook-example.mail.protection.outlook.com."],
    ("nomail.example.", "MX"): ["0 ."],
    ("old.example.", "A"): ["192.0.2.1"],
    ("six.example.", "AAAA"): ["2001:db8::1"],
    ("empty.example.", "TXT"): ["nothing"],
    ("xn--mller-kva.example.", "MX"): ["10 mx.example."],
    ("many.example.", "MX"): [f"{at} mx{at}.example." for at in range(40)],
    ("nasty.example.", "MX"): ["10 =cmd\\|'\\032/c'!A0.example."],
}


@pytest.fixture(scope="module")
def zone() -> Zone:
    return Zone(RECORDS, fails=frozenset({"broken.example."}), silent=frozenset({"silent.example."}))


@pytest.fixture(scope="module")
def nameserver(zone: Zone) -> Iterator[str]:
    with running_dns(zone) as address:
        yield address


def look_up(nameserver: str, domain: str, **settings: Any) -> dict[str, Any]:
    chosen = MailServersSettings(
        nameservers=(nameserver,), timeout_seconds=settings.pop("timeout_seconds", 5)
    )
    return ask_one(MAIL, domain, settings=chosen, allow_private_addresses=True, **settings)


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        (
            "acme.test",
            {"accepts": "true", "servers": "10 mx1.acme.test, 20 mx2.acme.test", "outcome": "found"},
        ),
        ("google.example", {"accepts": "true", "host": "Google", "servers": "1 smtp.google.com"}),
        ("outlook.example", {"accepts": "true", "host": "Microsoft"}),
        ("nomail.example", {"accepts": "false", "reason": "null_mx", "outcome": "found"}),
        ("nowhere.example", {"accepts": "false", "reason": "no_such_domain", "outcome": "found"}),
        ("empty.example", {"accepts": "false", "reason": "no_mail_server", "outcome": "found"}),
        ("m\u00fcller.example", {"accepts": "true", "servers": "10 mx.example"}),
        ("jane@acme.test", {"accepts": "true"}),
        ("https://acme.test/about", {"accepts": "true"}),
        ("not a domain", {"outcome": "skipped", "reason": "not_a_domain"}),
        ("192.0.2.1", {"outcome": "skipped", "reason": "not_a_domain"}),
        ("broken.example", {"outcome": "failed", "reason": "nameserver_failed"}),
    ],
)
def test_a_domain_is_judged_by_what_the_domain_name_system_says(
    nameserver: str, domain: str, expected: dict[str, str]
) -> None:
    assert expected.items() <= look_up(nameserver, domain).items()


@pytest.mark.parametrize("domain", ["old.example", "six.example"])
def test_mail_for_a_domain_without_mail_servers_goes_to_its_address_which_is_less_sure(
    nameserver: str, domain: str
) -> None:
    found = look_up(nameserver, domain)
    assert found["accepts"] == "true"
    assert found["servers"] == f"0 {domain}"
    assert found["confidence"] == pytest.approx(0.6)


def test_a_server_that_says_nothing_is_given_up_in_time(nameserver: str) -> None:
    started = time.monotonic()
    found = look_up(nameserver, "silent.example", timeout_seconds=0.3)
    assert (found["outcome"], found["reason"]) == ("failed", "timeout")
    assert time.monotonic() - started < 3


def test_a_nameserver_nobody_runs_is_a_failure_of_the_input_and_no_exception() -> None:
    zone = Zone({})
    with running_dns(zone) as address:
        gone = address
    found = look_up(gone, "acme.test", timeout_seconds=0.5)
    assert found["outcome"] == "failed"
    assert found["reason"] in {"timeout", "nameserver_failed"}


def test_a_long_list_of_servers_is_cut(nameserver: str) -> None:
    assert len(look_up(nameserver, "many.example")["servers"].split(", ")) == 20


def test_names_are_asked_for_as_they_are_and_never_inside_the_own_network(
    nameserver: str, zone: Zone
) -> None:
    zone.asked.clear()
    look_up(nameserver, "nowhere2.example")
    assert zone.asked == [("nowhere2.example.", "MX")]


def test_what_a_hostile_server_says_is_only_text(nameserver: str) -> None:
    servers = look_up(nameserver, "nasty.example")["servers"]
    assert servers.startswith("10 ")
    assert servers.isprintable()


def test_many_domains_are_asked_about_at_once_and_answered_in_order(zone: Zone) -> None:
    domains = ["acme.test", "nomail.example", "nowhere.example"] * 40
    slow = Zone(zone.records)
    with running_dns(slow) as address:
        settings = MailServersSettings(nameservers=(address,), concurrency=16)
        answered = ask(
            MAIL, [(domain,) for domain in domains], settings=settings, allow_private_addresses=True
        )
    assert [row["accepts"] for row in answered] == ["true", "false", "false"] * 40
    assert len(slow.asked) == len(domains)


def test_a_run_that_is_to_stop_is_left_within_a_second_and_says_what_it_did_not_ask() -> None:
    stop = threading.Event()
    zone = Zone(RECORDS, silent=frozenset({f"silent{at}.example." for at in range(50)}))
    zone.on_question = lambda: stop.set() if len(zone.asked) > 3 else None
    with running_dns(zone) as address:
        settings = MailServersSettings(nameservers=(address,), timeout_seconds=30, concurrency=4)
        domains = [("acme.test",), *((f"silent{at}.example",) for at in range(50))]
        started = time.monotonic()
        answered = ask(
            MAIL, domains, settings=settings, is_stopping=stop.is_set, allow_private_addresses=True
        )
    assert time.monotonic() - started < 5
    assert answered[0]["_outcome"] == "found"
    assert {row["_outcome"] for row in answered[1:]} == {"unasked"}


def test_without_network_nothing_is_asked_and_nothing_else_is_said_of_what_is_no_domain() -> None:
    zone = Zone(RECORDS)
    with running_dns(zone) as address:
        settings = MailServersSettings(nameservers=(address,))
        answered = ask(MAIL, [("acme.test",), ("no domain",)], settings=settings, allow_network=False)
    assert [(row["_outcome"], row["_reason"]) for row in answered] == [
        ("failed", "network_off"),
        ("skipped", "not_a_domain"),
    ]
    assert zone.asked == []


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.1:53", "[::1]:53", "169.254.169.254"])
def test_nameservers_of_a_private_network_are_refused_unless_the_operator_allows_them(address: str) -> None:
    settings = MailServersSettings(nameservers=(address,))
    call = Call(settings, frozenset({"accepts"}))
    with pytest.raises(InputError) as refused:
        MAIL.enrich(batch_of(MAIL, settings, [("acme.test",)]), call)
    assert refused.value.error_code == "address_refused"


def test_addresses_of_metadata_services_are_refused_whoever_allows_what() -> None:
    settings = MailServersSettings(nameservers=("169.254.169.254",))
    call = Call(settings, frozenset({"accepts"}), allow_private_addresses=True)
    with pytest.raises(InputError):
        MAIL.enrich(batch_of(MAIL, settings, [("acme.test",)]), call)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("9.9.9.9", ("9.9.9.9", 53)),
        ("9.9.9.9:5353", ("9.9.9.9", 5353)),
        ("2620:fe::fe", ("2620:fe::fe", 53)),
        ("[2620:fe::fe]:5353", ("2620:fe::fe", 5353)),
        ("[2620:fe::fe]", ("2620:fe::fe", 53)),
    ],
)
def test_a_nameserver_is_written_with_or_without_a_port(text: str, expected: tuple[str, int]) -> None:
    assert split_nameserver(text) == expected


@pytest.mark.parametrize(
    "text", ["", "dns.example", "9.9.9", "9.9.9.9:0", "9.9.9.9:70000", "9.9.9.9:x", "http://9.9.9.9"]
)
def test_a_nameserver_that_is_no_address_is_refused_when_it_is_set(text: str) -> None:
    with pytest.raises(ValidationError):
        MailServersSettings(nameservers=(text,))


def test_the_terms_follow_the_settings() -> None:
    terms = MAIL.terms(MailServersSettings(concurrency=7, timeout_seconds=1.5))
    assert (terms.concurrency, terms.timeout_seconds) == (7, 1.5)
    assert terms.keep is not None
    assert (terms.keep.found.days, terms.keep.empty.days) == (7, 1)
